// Pictures that a visitor brings: opened by dialogue, drop, paste and script; refused with the reason.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { greyPng } from './png.mjs';
import { command, sampleFolder, site, visits } from './visitor.mjs';

const pixels = 28 * 28;
const images = readFileSync(join(sampleFolder, 't10k-images-idx3-ubyte')).subarray(16);
const labels = readFileSync(join(sampleFolder, 't10k-labels-idx1-ubyte')).subarray(8);

/** How much ink a digit of the sample has at x, y of its 28 x 28 pixels: 0..1, smooth in between. */
function ink(index, x, y) {
  const at = (u, v) => u < 0 || v < 0 || u > 27 || v > 27 ? 0
    : images[index * pixels + 28 * v + u] / 255;
  const [left, top] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
  const [s, t] = [x - 0.5 - left, y - 0.5 - top];
  return (1 - t) * ((1 - s) * at(left, top) + s * at(left + 1, top)) +
    t * ((1 - s) * at(left, top + 1) + s * at(left + 1, top + 1));
}

/** A digit written in dark ink on light paper, smaller than the page and not in its middle. */
const onPaper = (index, [width, height] = [640, 480], side = 300) =>
  greyPng(width, height, (x, y) =>
    222 - (222 - 45) * ink(index, 28 * (x - 90) / side, 28 * (y - 120) / side));

/** The pixels that the command makes of a picture: its adversary at epsilon 0. */
function preparedByCommand(png) {
  const folder = mkdtempSync(join(tmpdir(), 'inoculate-'));
  try {
    const [picture, out] = [join(folder, 'picture.png'), join(folder, 'out.npy')];
    writeFileSync(picture, png);
    execFileSync(command, ['attack', 'fgsm', '--epsilon', '0', '--model', join(site, 'standard.safetensors'),
                           '--out', out, picture], { stdio: 'ignore' });
    const npy = readFileSync(out);
    const begin = npy.length - 4 * pixels;
    return Array.from({ length: pixels }, (_, i) => npy.readFloatLE(begin + 4 * i));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs in the page: gives the picture to openPicture, or says why it was refused. */
const open = ({ page }, bytes, type) => page.evaluate(([list, mime]) => {
  const array = Uint8Array.from(list);
  return inoculate.openPicture(mime === undefined ? array.buffer : new Blob([array], { type: mime }))
    .catch(({ message }) => ({ refused: message }));
}, [[...bytes], type]);

const image = ({ page }) => page.evaluate(async () => [...await inoculate.image()]);

/** Runs in the page: a file as a drop or a paste brings it. */
const bring = ({ page }, event, files) => page.evaluate(([kind, list]) => {
  const data = new DataTransfer();
  for (const { name, type, bytes } of list) data.items.add(new File([Uint8Array.from(bytes)], name, { type }));
  const target = document.getElementById('canvas');
  return target.dispatchEvent(kind === 'drop'
    ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
    : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}, [event, files.map(({ bytes, ...file }) => ({ ...file, bytes: [...bytes] }))]);

/** A 24-bit BMP with OS/2's short header, rows from the bottom up. */
function oldBmp(width, height, grey) {
  const stride = 4 * Math.ceil(3 * width / 4);
  const bmp = Buffer.alloc(26 + stride * height);
  bmp.write('BM');
  bmp.writeUInt32LE(bmp.length, 2);
  bmp.writeUInt32LE(26, 10);
  bmp.writeUInt32LE(12, 14);
  [width, height, 1, 24].forEach((value, i) => bmp.writeUInt16LE(value, 18 + 2 * i));
  for (let y = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x) {
      bmp.fill(Math.round(grey(x, height - 1 - y)), 26 + stride * y + 3 * x, 26 + stride * y + 3 * x + 3);
    }
  }
  return bmp;
}

visits('picture', (visit) => {
  visit('a digit on paper becomes what the command makes of it', {}, async (visitor) => {
    let right = 0;
    const indices = [3, 1500, 1501, 1502, 1503, 1504, 1505, 1506];
    for (const index of indices) {
      const png = onPaper(index);
      const { how, prediction } = await open(visitor, png);
      assert.match(how, /dark ink on light ground/);
      const { pad, prediction: shown } = await visitor.state();
      assert.deepEqual(prediction, shown);
      assert.equal(pad.source, 'picture');
      assert.equal(pad.how, how);
      right += prediction.digit === labels[index];
      const expected = preparedByCommand(png);
      (await image(visitor)).forEach((byte, i) => assert(Math.abs(byte / 255 - expected[i]) < 1 / 255,
        `digit ${index}, pixel ${i}: ${byte} in the page, ${255 * expected[i]} by the command`));
    }
    assert(right >= indices.length - 1, `${right} of ${indices.length} are read`);
  });

  visit('by button, by key, by drop and by paste', {}, async (visitor) => {
    const shows = async (name, index) => {
      const { pad, notice } = await visitor.until((state) => state.pad.name === name, name);
      assert.equal(pad.source, 'picture');
      assert.equal(notice.error, false);
      assert.match(notice.text, new RegExp(`^${name} is on the pad`));
      assert.equal(await visitor.read(), labels[index]);
    };
    await visitor.chooseFile(() => visitor.click('open_picture'), 'button.png', onPaper(1500));
    await shows('button.png', 1500);
    await visitor.chooseFile(() => visitor.press('u'), 'key.png', onPaper(1501));
    await shows('key.png', 1501);
    const file = (name, index) => ({ name, type: 'image/png', bytes: onPaper(index) });
    assert.equal(await bring(visitor, 'drop', [file('dropped.png', 1502)]), false, 'or the page would be left');
    await shows('dropped.png', 1502);
    await bring(visitor, 'paste', [file('pasted.png', 1503)]);
    await shows('pasted.png', 1503);
    await visitor.press('z');  // as a taken digit is
    assert.equal((await visitor.state()).pad.name, 'dropped.png');

    await bring(visitor, 'drop', [{ name: 'mine.SafeTensors', type: '',
                                    bytes: readFileSync(join(site, 'robust.safetensors')) }]);
    await visitor.until(({ model }) => model.name === 'loaded');
    for (const [event, reason] of [['drop', /file/], ['paste', /no picture on the clipboard/]]) {
      await visitor.press('Escape');
      await bring(visitor, event, []);
      assert.match((await visitor.until(({ notice }) => notice.error, event)).notice.text, reason);
    }
  });

  visit('Ctrl+V pastes from the clipboard', { context: { permissions: ['clipboard-read', 'clipboard-write'] } },
    async (visitor) => {
      await visitor.page.evaluate((list) => navigator.clipboard.write([new ClipboardItem(
        { 'image/png': new Blob([Uint8Array.from(list)], { type: 'image/png' }) })]), [...onPaper(1504)]);
      await visitor.press('Control+v');
      await visitor.until(({ pad }) => pad.source === 'picture', 'pasted');
      assert.equal(await visitor.read(), labels[1504]);
    });

  visit('a JPEG is turned as its EXIF says', {}, async (visitor) => {
    const index = 1502, side = 400;
    // Lying on its left side; EXIF's orientation 6 says: turn it right by 90 degrees.
    const lying = greyPng(side, side, (x, y) => 255 - 210 * ink(index, 28 - 28 * y / side, 28 * x / side));
    const [plain, turned] = await visitor.page.evaluate(async (list) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(list)]));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      canvas.getContext('2d').drawImage(bitmap, 0, 0);
      const jpeg = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 })).arrayBuffer());
      const exif = [0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1,
                    1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
      const shown = [];
      for (const parts of [[jpeg], [jpeg.slice(0, 2), Uint8Array.from(exif), jpeg.slice(2)]]) {
        await inoculate.openPicture(new Blob(parts, { type: 'image/jpeg' }));
        shown.push([...await inoculate.image()]);
      }
      return shown;
    }, [...lying]);
    assert.equal(await visitor.read(), labels[index]);
    // The same pixels, a quarter of a turn apart.
    let difference = 0;
    for (let y = 0; y < 28; ++y) {
      for (let x = 0; x < 28; ++x) difference += Math.abs(turned[28 * y + x] - plain[28 * (27 - x) + y]);
    }
    assert(difference / pixels < 12, `mean difference ${difference / pixels} of 255`);
    assert.notDeepEqual(plain, turned);
  });

  visit('what is no picture of a digit is refused, and nothing drawn is lost', {}, async (visitor) => {
    const huge = onPaper(3);
    huge.writeUInt32BE(30000, 16);
    huge.writeUInt32BE(30000, 20);
    const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic'), Buffer.alloc(100)]);
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, 0xff, 0xff, 0xff, 0xff]),
                                Buffer.alloc(50)]);
    const bad = {
      'blank.png': [greyPng(200, 200, () => 250), /shows no digit/],
      'notes.txt': [Buffer.from('no picture, I am afraid'), /is not a picture that this browser can open/],
      'photo.heic': [heic, /HEIC picture, which this browser cannot open/],
      'huge.png': [huge, /30000 x 30000 pixels/],
      'huge.jpg': [jpeg, /65535 x 65535 pixels/],
      'cut.png': [onPaper(3).subarray(0, 60), /is damaged, or a PNG picture/],
      'empty.png': [Buffer.alloc(0), /is empty/],
    };
    await visitor.press('c');
    await visitor.stroke('pad', [[0.5, 0.2], [0.5, 0.8]]);
    const { pad, prediction } = await visitor.state();
    for (const [name, [bytes, reason]] of Object.entries(bad)) {
      await bring(visitor, 'drop', [{ name, type: '', bytes }]);
      const { notice } = await visitor.until((state) => state.notice.text.includes(name), name);
      assert.equal(notice.error, true);
      assert.match(notice.text, reason);
      assert.equal(await visitor.live(), notice.text);
      assert.match((await open(visitor, bytes)).refused, reason);
      const after = await visitor.state();
      assert.deepEqual([after.pad, after.prediction], [pad, prediction]);
      await visitor.press('Escape');
    }
    const { page } = visitor;
    await assert.rejects(page.evaluate(() => inoculate.openPicture(new Blob([new Uint8Array(50e6 + 1)]))),
      /up to 50 MB/);
    for (const nothing of [null, 'text', 7, {}]) {
      await assert.rejects(page.evaluate((given) => inoculate.openPicture(given), nothing), /Blob/);
    }
    // A name is shown, whatever it is, and cut.
    await bring(visitor, 'drop', [{ name: `\u0007${'long'.repeat(60)}`, type: '', bytes: Buffer.from('text') }]);
    const { notice } = await visitor.until((state) => state.notice.error, 'a long name');
    assert(notice.text.length < 250 && !notice.text.includes('\u0007'), notice.text);
  });

  visit('large and transparent pictures, and an old format', {}, async (visitor) => {
    const [large, transparent] = await visitor.page.evaluate(async (list) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(list)]));
      const canvas = new OffscreenCanvas(5000, 4000);
      const context = canvas.getContext('2d');
      context.fillStyle = 'rgb(222 222 222)';
      context.fillRect(0, 0, 5000, 4000);
      context.drawImage(bitmap, 500, 500, 3200, 2400);
      const large = await inoculate.openPicture(await canvas.convertToBlob({ type: 'image/webp' }));
      const clear = new OffscreenCanvas(400, 400);
      const pen = clear.getContext('2d');
      pen.lineWidth = 40;
      pen.beginPath();
      pen.moveTo(210, 60);
      pen.lineTo(190, 340);
      pen.stroke();
      return [large, await inoculate.openPicture(await clear.convertToBlob())];
    }, [...onPaper(1501)]);
    assert.equal(large.prediction.digit, labels[1501]);
    assert.equal(transparent.prediction.digit, 1);
    const bmp = oldBmp(401, 400, (x, y) => 240 - 200 * ink(1502, 28 * x / 400, 28 * y / 400));
    assert.equal((await open(visitor, bmp)).prediction?.digit, labels[1502]);
  });

  visit('the smallest epsilon saves a picture that is misread when it is opened again', {}, async (visitor) => {
    let tried = 0;
    for (let index = 1520; tried < 25; ++index) {
      await visitor.page.evaluate((i) => inoculate.takeDigit(i), index);
      if (await visitor.read() !== labels[index]) continue;
      ++tried;
      await visitor.press('s');
      const { attack } = await visitor.until((state) => state.attack.result?.success, `digit ${index}`);
      const { bytes } = await visitor.download(() => visitor.press('a'));
      const { how, prediction } = await open(visitor, bytes, 'image/png');
      assert.equal(how, 'as it is');
      assert.notEqual(prediction.digit, labels[index]);
      assert.deepEqual(prediction, attack.result.prediction);
    }
  });

  visit('a link carries the picture', {}, async (visitor) => {
    await open(visitor, onPaper(1503));
    const [before, link] = [await image(visitor), await visitor.page.evaluate(() => inoculate.link())];
    await visitor.press('c');
    await visitor.page.evaluate((fragment) => inoculate.openLink(fragment), link);
    assert.deepEqual(await image(visitor), before);
  });
});
