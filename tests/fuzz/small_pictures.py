"""Small pictures as bytes, by hand: PNG, BMP, GIF, PNM, and JPEG by Pillow."""

import base64
import struct
import zlib


def chunk(kind, content):
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png(width, height, depth, colour, rows, *chunks, interlace=0):
    head = struct.pack(">2I5B", width, height, depth, colour, 0, 0, interlace)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + b"".join(chunk(*c) for c in chunks)
        + chunk(b"IDAT", pixels)
        + chunk(b"IEND", b"")
    )


TIFF = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
DIGIT = [
    bytes(200 if 8 < x < 12 or (y < 4 and 8 < x < 20) else 0 for x in range(28)) for y in range(28)
]
PNG = {
    "grey.png": png(28, 28, 8, 0, DIGIT),
    "palette.png": png(
        3, 2, 2, 3, [b"\x18", b"\x60"], (b"PLTE", bytes(range(9))), (b"tRNS", b"\x80")
    ),
    "deep.png": png(
        2, 2, 16, 6, [bytes(range(16)), bytes(16)], (b"sBIT", b"\x0c" * 4), (b"eXIf", TIFF)
    ),
    "interlaced.png": png(
        1, 1, 8, 2, [b"\1\2\3"], (b"gAMA", b"\0\0\xb1\x8f"), (b"tRNS", b"\0\1\0\2\0\3"), interlace=1
    ),
}
# By Pillow: grey, in colour with scans and EXIF, of four inks.
JPEG = {
    name + ".jpg": base64.b64decode(code)
    for name, code in {
        "grey": """
/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAKBueIx4ZKCMgoy0qqC+8P//8Nzc8P//////////////////////////////////
////////////////////////wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAv/EABQQAQAAAAAAAAAAAAAAAAAA
AAD/2gAIAQEAAD8Ab//Z""",
        "scans": """
/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDAKBueIx4ZKCMgoy0
qqC+8P//8Nzc8P//////////////////////////////////////////////////////////2wBDAaq0tPDS8P//////////
////////////////////////////////////////////////////////////////////wgARCAAFAAkDASIAAhEBAxEB/8QA
FQABAQAAAAAAAAAAAAAAAAAAAAH/xAAVAQEBAAAAAAAAAAAAAAAAAAAAAv/aAAwDAQACEAMQAAABgV//xAAUEAEAAAAAAAAA
AAAAAAAAAAAQ/9oACAEBAAEFAj//xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oACAEDAQE/AX//xAAUEQEAAAAAAAAAAAAAAAAA
AAAA/9oACAECAQE/AX//xAAUEAEAAAAAAAAAAAAAAAAAAAAQ/9oACAEBAAY/Aj//xAAUEAEAAAAAAAAAAAAAAAAAAAAQ/9oA
CAEBAAE/IT//2gAMAwEAAgADAAAAEAP/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oACAEDAQE/EH//xAAUEQEAAAAAAAAAAAAA
AAAAAAAA/9oACAECAQE/EH//xAAUEAEAAAAAAAAAAAAAAAAAAAAQ/9oACAEBAAE/ED//2Q==""",
        "inks": """
/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwCgbniMeGSgjIKMtKqgvvD///Dc3PD/////////////////////////////////////
/////////////////////8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EABQAAQAAAAAAAAAAAAAAAAAAAAP/xAAUEAEAAAAAAAAA
AAAAAAAAAAAA/9oADgRDAE0AWQBLAAA/AGGUj//Z""",
    }.items()
}


def bmp(bits, width, height, palette, pixels, compression=0, masks=b""):
    offset = 54 + len(masks) + len(palette)
    return (
        b"BM"
        + struct.pack(
            "<IIIIiiHHIIiiII",
            offset + len(pixels),
            0,
            offset,
            40,
            width,
            height,
            1,
            bits,
            compression,
            0,
            0,
            0,
            0,
            0,
        )
        + masks
        + palette
        + pixels
    )


OTHERS = {
    "grey.bmp": bmp(8, 4, -2, bytes(1024), bytes(8)),
    "masks.bmp": bmp(16, 2, 2, b"", bytes(8), 3, struct.pack("<3I", 0xF800, 0x7E0, 0x1F)),
    "colour.bmp": bmp(24, 2, 2, b"", bytes(16)),
    "a.gif": b"GIF89a\2\0\2\0\x80\0\0\0\0\0\xff\xff\xff"
    b"!\xf9\4\1\0\0\1\0,\0\0\0\0\2\0\2\0\0\2\2\x84Q\0;",
    "p1.pnm": b"P1 # a comment\n4 2\n1010 1100",
    "p2.pnm": b"P2 2 2 9\n1 2 3 9",
    "p3.pnm": b"P3 1 1 99\n1 2 99",
    "p4.pnm": b"P4 9 1 \x5a\x80",
    "p5.pnm": b"P5 2 2 255\n\0\1\2\3",
    "p6.pnm": b"P6 1 1 4095\n\0\1\0\2\0\3",
    "tiff": TIFF,
}
