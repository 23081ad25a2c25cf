// A picture that a visitor brings, decoded by the browser. Files are untrusted: what they would take of
// memory is bounded before they are decoded.
'use strict';

/** Whether a file holds an array of digits (.npy, IDX, either gzipped) and is no picture. */
const holdsDigits = async (blob, name) => {
  const head = String.fromCharCode(...new Uint8Array(await blob.slice(0, 6).arrayBuffer()));
  return /^(\x93NUMPY|\x1f\x8b|\0\0[\x08-\x0e][\x01-\x04])/.test(head) ||
    (blob.size > 0 && /\.(np[yz]|idx|gz)$|-ubyte$/i.test(name));
};

/**
 * decodePicture(blob, name), readBitmap(ImageBitmap, name): {width, height, pixels}, four bytes a pixel; an
 * Error says why not.
 */
const { decodePicture, readBitmap } = (() => {
  const mostBytes = 50e6;
  const mostPixels = 100e6;  // a small file can claim any number of them
  const longestSide = 2048;  // larger pictures are reduced: a digit is found in less
  const headerBytes = 1 << 20;

  const textAt = (view, at, length) => view.byteLength < at + length ? ''
    : String.fromCharCode(...new Uint8Array(view.buffer, at, length));

  /** A JPEG's size is in the segment that starts its frame, after others of any length. */
  function jpegSize(view) {
    for (let at = 2; at + 9 <= view.byteLength && view.getUint8(at) === 0xff;) {
      const marker = view.getUint8(at + 1);
      const startsFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
      if (startsFrame) return [view.getUint16(at + 7), view.getUint16(at + 5)];
      at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
    }
    return [];
  }

  function bmpSize(view) {
    const old = view.getUint32(14, true) === 12;  // OS/2's header
    return old ? [view.getUint16(18, true), view.getUint16(20, true)]
      : [view.getInt32(18, true), Math.abs(view.getInt32(22, true))];
  }

  function webpSize(view) {
    const low14 = (at) => view.getUint16(at, true) & 0x3fff;
    const low24 = (at) => view.getUint16(at, true) | view.getUint8(at + 2) << 16;
    switch (textAt(view, 12, 4)) {
      case 'VP8 ': return [low14(26), low14(28)];
      case 'VP8L': return [1 + low14(21), 1 + (view.getUint32(21, true) >>> 14 & 0x3fff)];
      case 'VP8X': return [1 + low24(24), 1 + low24(27)];
      default: return [];
    }
  }

  // By their first bytes. The sizes of what is not among them are the browser's to bound.
  const kinds = [
    { kind: 'PNG', is: (view) => textAt(view, 1, 3) === 'PNG',
      size: (view) => [view.getUint32(16), view.getUint32(20)] },
    { kind: 'JPEG', is: (view) => textAt(view, 0, 2) === '\xff\xd8', size: jpegSize },
    { kind: 'GIF', is: (view) => textAt(view, 0, 4) === 'GIF8',
      size: (view) => [view.getUint16(6, true), view.getUint16(8, true)] },
    { kind: 'BMP', is: (view) => textAt(view, 0, 2) === 'BM', size: bmpSize },
    { kind: 'WebP', is: (view) => textAt(view, 8, 4) === 'WEBP', size: webpSize },
    { kind: 'HEIC', is: (view) => /^ftyp(hei|hev|mif1|msf1)/.test(textAt(view, 4, 8)), size: () => [] },
  ];

  function kindAndSize(view) {
    const found = kinds.find(({ is }) => is(view));
    try {
      const [width = 0, height = 0] = found?.size(view) ?? [];
      return { kind: found?.kind, width, height };
    } catch {
      return { kind: found.kind, width: 0, height: 0 };  // it ends too early: the browser will not open it
    }
  }

  function whyNotDecoded(name, kind) {
    if (kind === 'HEIC') return texts.heic(name);
    return kind ? texts.damaged(name, kind) : texts.unknownPicture(name);
  }

  function readBitmap(bitmap, name) {
    const scale = Math.min(1, longestSide / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(scale * bitmap.width));
    canvas.height = Math.max(1, Math.round(scale * bitmap.height));
    try {
      const context = canvas.getContext('2d', { willReadFrequently: true });
      if (context === null) throw new Error(texts.noMemoryForPicture(name));
      context.imageSmoothingQuality = 'high';
      context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      return { width: canvas.width, height: canvas.height, pixels: new Uint8Array(data.buffer) };
    } finally {
      canvas.width = 0;  // frees its pixels now
    }
  }

  async function decodePicture(blob, name) {
    const refuse = (why) => { throw new Error(why); };
    if (blob.size === 0) refuse(texts.empty(name));
    if (blob.size > mostBytes) refuse(texts.pictureTooLarge(name));
    const header = new DataView(await blob.slice(0, headerBytes).arrayBuffer());
    const { kind, width, height } = kindAndSize(header);
    if (width * height > mostPixels) refuse(texts.tooManyPixels(name, width, height));
    // Turned as its EXIF says, which is what browsers do unless they are told otherwise.
    const bitmap = await createImageBitmap(blob).catch(() => refuse(whyNotDecoded(name, kind)));
    try {
      return readBitmap(bitmap, name);
    } finally {
      bitmap.close();
    }
  }

  return { decodePicture, readBitmap };
})();
