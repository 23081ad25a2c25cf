// Weights: saved, loaded, refused, and the same in the command.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { command, sampleFolder, site, visits } from './visitor.mjs';

/** The rows of a two-dimensional float32 array in a file of NumPy's. */
function readRows(path) {
  const bytes = readFileSync(path);
  const begin = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, begin);
  assert.match(header, /'descr': '<f4'.*'fortran_order': False/);
  const [, rows, columns] = header.match(/\((\d+), (\d+)\)/).map(Number);
  return Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (_, column) =>
    bytes.readFloatLE(begin + 4 * (row * columns + column))));
}

function softmax(logits) {
  const most = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** What the command predicts for the page's first digits. */
function predictedByCommand(weights, count) {
  const folder = mkdtempSync(join(tmpdir(), 'inoculate-'));
  try {
    const [model, logits] = [join(folder, 'saved.safetensors'), join(folder, 'logits.npy')];
    writeFileSync(model, weights);
    execFileSync(command, ['predict', '--model', model, '--data', sampleFolder, '--split', 'test',
                           '--count', String(count), '--logits', logits]);
    return readRows(logits).map(softmax);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

visits('weights', (visit) => {
  visit('saved by the page, they predict the same in the command', {}, async (visitor) => {
    const count = 20;
    for (const inoculated of [false, true]) {
      if (inoculated) await visitor.page.evaluate(() => inoculate.inoculate({ count: 100, epochs: 1 }));
      const { name, bytes } = await visitor.download(() => visitor.click('save_weights'));
      assert.equal(name, 'inoculated.safetensors');
      const expected = predictedByCommand(bytes, count);
      for (let i = 0; i < count; ++i) {
        await visitor.page.evaluate((index) => inoculate.takeDigit(index), i);
        const { probabilities } = (await visitor.state()).prediction;
        probabilities.forEach((p, digit) => assert(Math.abs(p - expected[i][digit]) < 1e-4,
          `digit ${i}: the page says ${p} for ${digit}, the command ${expected[i][digit]}`));
      }
    }
  });

  visit('loaded again, they are the network', {}, async (visitor) => {
    await visitor.page.evaluate(() => inoculate.takeDigit(1509));
    await visitor.page.evaluate(() => inoculate.inoculate({ count: 100, epochs: 1 }));
    const { prediction } = await visitor.state();
    const { bytes } = await visitor.download(() => visitor.press('w'));
    await visitor.click('reset');
    assert.notDeepEqual((await visitor.state()).prediction, prediction);
    await visitor.chooseFile(() => visitor.click('load_weights'), 'mine.safetensors', bytes);
    const { model, notice } = await visitor.until((state) => state.model.name === 'loaded');
    assert.deepEqual(model.available.sort(), ['loaded', 'mixed_batch', 'robust', 'standard']);
    assert.equal(notice.error, false);
    assert.deepEqual((await visitor.state()).prediction, prediction);
  });

  visit('bad files are refused with the reason, and the page goes on', {}, async (visitor) => {
    const good = readFileSync(join(site, 'standard.safetensors'));
    const header = good.readUInt32LE(0);
    const renamed = Buffer.from(good);
    renamed.write('konv1', renamed.indexOf('conv1'));
    const huge = Buffer.from(good);
    huge.writeUInt32LE(0xffffffff, 4);
    const bad = {
      'empty.safetensors': [Buffer.alloc(0), /too few/],
      'text.safetensors': [Buffer.from('this is no network, I am afraid'), /is text/],
      'cut.safetensors': [good.subarray(0, good.length - 1000), /tensor|short|end|bytes/],
      'longer.safetensors': [Buffer.concat([good, Buffer.alloc(7)]), /bytes|trailing|end/],
      'header.safetensors': [huge, /header/],
      'json.safetensors': [Buffer.concat([good.subarray(0, 8), Buffer.alloc(header, '{'),
                                          good.subarray(8 + header)]), /JSON|header/],
      'renamed.safetensors': [renamed, /conv1/],
      'large.safetensors': [Buffer.alloc((1 << 25) + 1), /too large/],
    };
    const { prediction, model } = await visitor.state();
    for (const [name, [bytes, reason]] of Object.entries(bad)) {
      await visitor.chooseFile(() => visitor.click('load_weights'), name, bytes);
      const { notice } = await visitor.until((state) => state.notice.text.startsWith(name), name);
      assert.equal(notice.error, true);
      assert.match(notice.text, reason);
      assert.equal(await visitor.live(), notice.text);
      await visitor.click('notice_ok');
      const after = await visitor.state();
      assert.deepEqual([after.prediction, after.model, after.notice.text], [prediction, model, '']);
      await assert.rejects(visitor.page.evaluate((list) =>
        inoculate.loadWeights(Uint8Array.from(list).buffer, 'script'), [...bytes.subarray(0, 3000)]),
        /script/);
      await visitor.press('Escape');
    }
    await visitor.click('digit_5');  // the page goes on
    assert.equal((await visitor.state()).pad.label, 5);
  });
});
