// Digits and adversaries as NumPy's and MNIST's files, out and in again; and networks of one's own,
// which the digits' room hands to the room of photographs together with the digit.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { linearOnnx } from './onnx.mjs';
import { command, sampleFolder, site, visits } from './visitor.mjs';

const pixels = 28 * 28;
const idxImages = readFileSync(join(sampleFolder, 't10k-images-idx3-ubyte'));
const idxLabels = readFileSync(join(sampleFolder, 't10k-labels-idx1-ubyte'));
const labels = idxLabels.subarray(8);
const levelsOf = (index) => [...idxImages.subarray(16 + index * pixels, 16 + (index + 1) * pixels)];

/** The first `count` images of the sample as an IDX file. */
function firstImages(count) {
  const file = Buffer.from(idxImages.subarray(0, 16 + count * pixels));
  file.writeUInt32BE(count, 4);
  return file;
}

/** A .npy file of that type and shape. */
function npy(descr, shape, values) {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`.padEnd(117) + '\n';
  return Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY\x01\x00'), Buffer.from([header.length, 0]),
                        Buffer.from(header), Buffer.from(values.buffer)]);
}

const image = ({ page }) => page.evaluate(async () => [...await inoculate.image()]);
const drop = ({ page }, files) => page.evaluate((list) => {
  const data = new DataTransfer();
  for (const [name, bytes] of list) data.items.add(new File([Uint8Array.from(bytes)], name));
  document.getElementById('canvas').dispatchEvent(
    new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
}, files.map(([name, bytes]) => [name, [...bytes]]));
const open = ({ page }, bytes, index, name) => page.evaluate(([list, number, fileName]) => {
  const array = Uint8Array.from(list);
  return inoculate.openPicture(fileName ? new File([array], fileName) : array.buffer, number)
    .catch(({ message }) => ({ refused: message }));
}, [[...bytes], index, name]);
const saved = ({ page }, settings) => page.evaluate(async (given) =>
  [...new Uint8Array(await inoculate.saveImage(given))], settings).then(Buffer.from);

/** With a folder that is gone afterwards. */
async function inFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), 'inoculate-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const run = (...args) => execFileSync(command, args, { stdio: 'ignore' });

visits('digit files', (visit) => {
  visit('arrays are dropped, gzipped or not, and their images chosen by number', {}, async (visitor) => {
    await drop(visitor, [['t10k-images-idx3-ubyte', firstImages(40)]]);
    const { notice } = await visitor.until(({ pad }) => pad.name === 't10k-images-idx3-ubyte', 'dropped');
    assert.equal(notice.text, 't10k-images-idx3-ubyte is on the pad: image 0 of 0 to 39, as it is.');
    assert.deepEqual(await image(visitor), levelsOf(0));
    await visitor.click('notice_ok');
    await visitor.click('next_image');
    assert.equal((await visitor.state()).pad.image, 1);
    await visitor.click('image_number', [0.999, 0.5]);
    assert.equal((await visitor.state()).pad.image, 39);
    await visitor.press(',');
    assert.equal((await visitor.state()).pad.image, 38);
    assert.deepEqual(await image(visitor), levelsOf(38));
    await visitor.picture('an array of digits, desktop');
    await visitor.chooseFile(() => visitor.click('open_picture'), 'images.gz', gzipSync(firstImages(3)));
    await visitor.until(({ pad }) => pad.name === 'images.gz', 'chosen');
    const { how, image: number, images, prediction } = await open(visitor, firstImages(20), 7);
    assert.deepEqual([how, number, images], ['image 7 of 0 to 19, as it is', 7, 20]);
    assert.equal(prediction.digit, labels[7]);
    const floats = Float32Array.from({ length: 2 * pixels }, (_, i) => levelsOf(11 + Math.floor(i / pixels))[i % pixels]);
    assert.match((await open(visitor, npy('<f4', [2, 28, 28, 1], floats), 1)).how, /divided by 255/);
    assert.deepEqual(await image(visitor), levelsOf(12));
    const taken = await visitor.page.evaluate(() => inoculate.takeImage(0));
    assert.deepEqual([taken.image, taken.prediction.digit], [0, labels[11]]);
    assert.deepEqual(await image(visitor), levelsOf(11));
  });

  visit('what is no array of digits is refused, and nothing is lost', {}, async (visitor) => {
    await visitor.page.evaluate(() => inoculate.takeDigit(5));
    const before = (await visitor.state()).pad;
    const bad = [
      ['cut.npy', npy('<f4', [1, 28, 28], new Float32Array(700)), /holds 700 of the 784 values/],
      ['wide.npy', npy('<i8', [1, 28, 28], new BigInt64Array(pixels)), /integers that are not uint8/],
      ['colour.npy', npy('|u1', [1, 32, 32, 3], new Uint8Array(3072)), /reshape it to \[N, 28, 28\]/],
      ['two.npz', Buffer.from('PK\x03\x04 and more'), /ZIP archive/],
      ['labels-idx1-ubyte', idxLabels, /holds labels where images are wanted/],
      ['broken.gz', gzipSync(firstImages(2)).subarray(0, 300), /broken\.gz/],
      ['notes.idx', Buffer.from('no array, I am afraid'), /not an IDX file/],
    ];
    for (const [name, bytes, reason] of bad) {
      await drop(visitor, [[name, bytes]]);
      const { notice } = await visitor.until((state) => state.notice.text.includes(name), name);
      assert.equal(notice.error, true);
      assert.match(notice.text, reason);
      assert.match((await open(visitor, bytes, 0, name)).refused, reason);
      assert.deepEqual((await visitor.state()).pad, before);
      await visitor.press('Escape');
    }
    assert.match((await open(visitor, firstImages(2), 2)).refused, /has no image 2; they are 0 to 1/);
    const { page } = visitor;
    await assert.rejects(page.evaluate(() => inoculate.openPicture(new File([new Uint8Array(33 << 20)], 'big.npy'))),
      /big\.npy is too large/);
    await assert.rejects(page.evaluate(() => inoculate.takeImage(1)), /no array of digits is open/);
    await assert.rejects(page.evaluate(() => inoculate.saveImage({ format: 'gif' })), /png, npy or idx/);
    // A small file of many zeros does not fill the memory.
    assert.match((await open(visitor, gzipSync(Buffer.alloc(80 << 20)), 0)).refused, /unpacks to more than/);
  });

  visit('an adversary goes out, the command reads in it what the page says, and it comes in again', {}, async (visitor) => {
    const { page } = visitor;
    for (const index of [1500, 1501, 1502]) {
      await page.evaluate((i) => inoculate.takeDigit(i), index);
      await visitor.settled();
      const { adversary, prediction } = await page.evaluate(() => inoculate.attack({ method: 'fgsm', epsilon: 0.1 })
        .then(({ adversary: values, prediction: read }) => ({ adversary: [...values], prediction: read })));
      for (const [format, name] of [['npy', 'adversary.npy'], ['idx', 'adversary-idx3-ubyte']]) {
        const { name: file, bytes } = await visitor.download(async () => {
          await visitor.click('files');
          await visitor.click(`save_adversary_${format}`);
        });
        assert.equal(file, name);
        assert.deepEqual(await saved(visitor, { format }), bytes);
        const values = format === 'npy' ? [...new Float32Array(new Uint8Array(bytes.subarray(-4 * pixels)).buffer)]
          : [...bytes.subarray(16)].map((level) => Math.fround(level / 255));
        assert.deepEqual(values, adversary);
        const again = await open(visitor, bytes, 0);
        assert.equal(again.how, 'as it is');
        assert.deepEqual(again.prediction, prediction);
        await visitor.press('z');
      }
    }
    // An array of the command's, and one for it.
    await inFolder(async (folder) => {
      const out = join(folder, 'out.npy');
      run('attack', 'fgsm', '--model', join(site, 'standard.safetensors'), '--epsilon', '0.1', '--data', sampleFolder,
        '--count', '3', '--out', out);
      const { how, images } = await open(visitor, readFileSync(out), 2);
      assert.equal(images, 3);
      assert.match(how, /^image 2 of 0 to 2/);
    });
  });
});

visits('networks in the digits\' room', (visit) => {
  visit('an ONNX network is asked about the digit, and reads what ours of the same weights reads', {}, async (visitor) => {
    const { page } = visitor;
    const onnx = await inFolder((folder) => {
      const file = join(folder, 'standard.onnx');
      run('convert', join(site, 'standard.safetensors'), '--out', file);
      return readFileSync(file);
    });
    await page.evaluate(() => inoculate.takeDigit(1507));
    const ours = (await visitor.state()).prediction.probabilities;
    await drop(visitor, [['standard.onnx', onnx]]);
    const there = ({ network, result, running }) => network === 'standard.onnx' && result && !running;
    const { photo, settings, result } = await visitor.until(there, 'it is attacked there');
    assert.equal(photo.name, 'your digit');
    assert(Math.abs(settings.epsilon - 26 / 255) < 1e-9, 'as strongly as in the digits\' room');
    assert.equal(result.how, 'as it is');
    const { guesses } = await page.evaluate(() => inoculate.classify());
    for (const { class: digit, probability } of guesses) {
      assert(Math.abs(probability - ours[digit]) < 1e-4, `${digit}: ${probability}, and ours says ${ours[digit]}`);
    }
    assert.equal(result.success, result.adversary.best !== guesses[0].class);
    await visitor.picture('a network of one\'s own for a digit, desktop');
    // Another digit is taken there by the list in the attack's panel.
    await page.evaluate(() => inoculate.room('digits'));
    await page.evaluate(() => inoculate.takeDigit(1508));
    const second = (await visitor.state()).prediction;
    await visitor.click('files');
    await visitor.click('ask_networks');
    await visitor.until((state) => state.room === 'photographs' && there(state), 'the other digit');
    const best = (await page.evaluate(() => inoculate.classify())).guesses[0];
    assert.equal(best.class, second.digit);
  });

  visit('a grey network of 32 x 32 sees the whole digit, and reads what its matrix gives', {}, async (visitor) => {
    const { page } = visitor;
    const weight = (pixel, digit) => ((pixel * 7 + digit * 13) % 11 - 5) / 50;
    await page.evaluate(() => inoculate.takeDigit(1509));
    await visitor.chooseFile(() => visitor.click('load_weights'), 'linear.onnx', linearOnnx(32, 10, weight));
    await visitor.until(({ network, result, running }) => network === 'linear.onnx' && result && !running, 'attacked');
    const { facts } = (await visitor.state()).networks.find(({ name }) => name === 'linear.onnx');
    assert.deepEqual([facts.width, facts.height, facts.channels], [32, 32, 1]);
    const { original, pictures } = await page.evaluate(() => inoculate.attack({ method: 'fgsm', epsilon: 20 / 255 })
      .then((result) => ({ original: result.original, pictures: { width: result.pictures.original.width,
                                                                 pixels: [...result.pictures.original.pixels] } })));
    assert.equal(pictures.width, 32);
    const logits = Array(10).fill(0);
    for (let i = 0; i < 1024; ++i) {
      for (let digit = 0; digit < 10; ++digit) logits[digit] += pictures.pixels[4 * i] / 255 * weight(i, digit);
    }
    const most = Math.max(...logits), sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
    for (const { class: digit, probability } of original.guesses) {
      assert(Math.abs(probability - Math.exp(logits[digit] - most) / sum) < 1e-4, `class ${digit}`);
    }
    const edge = (x, y) => pictures.pixels[4 * (32 * y + x)];
    for (let i = 0; i < 32; ++i) assert.equal(edge(i, 0) + edge(i, 31) + edge(0, i) + edge(31, i), 0, 'nothing is cut off');
  });

  visit('what is no network is refused there in words', {}, async (visitor) => {
    await visitor.page.evaluate(() => inoculate.takeDigit(1));
    await drop(visitor, [['broken.onnx', Buffer.from('no network')]]);
    const { problem } = await visitor.until((state) => state.room === 'photographs' && state.problem.includes('broken'), 'refused');
    assert.match(problem, /broken\.onnx/);
    assert.equal((await visitor.state()).photo.name, 'your digit');
  });
});
