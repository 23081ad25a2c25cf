"""Makes photos.json: pictures, made by a formula, as Pillow resizes them and their centre.

    pip install -r requirements_onnx.txt && python make_photos.py
"""

import base64
import json
import pathlib

import numpy as np
import PIL
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}

# Width and height of the picture; height, width and channels of the network; size of the shorter
# side before the cut (0: the usual); filter; whether the picture is partly transparent.
CASES = [
    (64, 48, 16, 16, 3, 0, "bilinear", False),
    (64, 48, 16, 16, 3, 0, "bicubic", False),
    (47, 65, 16, 16, 3, 16, "bicubic", False),
    (47, 66, 15, 15, 3, 20, "bilinear", False),
    (9, 7, 16, 16, 3, 0, "bilinear", False),
    (9, 7, 16, 16, 3, 0, "bicubic", False),
    (18, 31, 16, 16, 3, 18, "bicubic", False),
    (50, 41, 12, 20, 3, 0, "bilinear", False),
    (41, 50, 12, 20, 3, 14, "bicubic", False),
    (33, 21, 14, 14, 1, 0, "bilinear", False),
    (3, 200, 8, 8, 3, 0, "bicubic", False),
    (1, 1, 4, 4, 3, 0, "bilinear", False),
    (300, 2, 8, 8, 1, 9, "bicubic", False),
    (24, 24, 24, 24, 1, 0, "bilinear", False),
    (30, 25, 12, 12, 3, 0, "bicubic", True),
]


def fmix32(h):
    """MurmurHash3's finaliser, of each number."""
    h = h.astype(np.uint64)
    for shift, factor in [(16, 0x85EBCA6B), (13, 0xC2B2AE35)]:
        h = ((h ^ (h >> np.uint64(shift))) * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    return h ^ (h >> np.uint64(16))


def picture(width, height, transparent):
    """RGBA: noise, and opaque unless it is to be transparent."""
    bytes_ = (fmix32(np.arange(width * height * 4)) & np.uint64(255)).astype(np.uint8)
    bytes_ = bytes_.reshape(height, width, 4)
    if not transparent:
        bytes_[..., 3] = 255
    return Image.fromarray(bytes_, "RGBA")


def prepared(image, h, w, channels, resize, filter_name):
    ground = Image.new("RGBA", image.size, "white")
    image = Image.alpha_composite(ground, image).convert("RGB")
    if channels == 1:
        image = image.convert("L")
    if image.size != (w, h):
        side = min(h, w)
        shorter = resize or round(side / 0.875)
        wide, high = round(shorter * w / side), round(shorter * h / side)
        # The smaller of the two sizes of the picture's form that cover wide x high.
        if image.width * high <= image.height * wide:
            size = (wide, wide * image.height // image.width)
        else:
            size = (high * image.width // image.height, high)
        image = image.resize(size, FILTERS[filter_name])
        left, top = round((size[0] - w) / 2), round((size[1] - h) / 2)
        image = image.crop((left, top, left + w, top + h))
    return np.asarray(image)


def main():
    cases = []
    for width, height, h, w, channels, resize, filter_name, transparent in CASES:
        result = prepared(picture(width, height, transparent), h, w, channels, resize, filter_name)
        cases.append({
            "picture": [width, height], "transparent": transparent, "network": [h, w, channels],
            "resize": resize, "interpolation": filter_name,
            "pixels": base64.urlsafe_b64encode(result.tobytes()).decode().rstrip("="),
        })
    lines = ",\n".join(json.dumps(case) for case in cases)
    text = f'{{"pillow": "{PIL.__version__}", "cases": [\n{lines}\n]}}\n'
    (HERE / "photos.json").write_text(text)


if __name__ == "__main__":
    main()
