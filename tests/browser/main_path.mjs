// What every browser must do: read a drawn digit, attack it, inoculate, take weights out and in, and
// attack a photograph of one's own on a network of one's own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { digits } from './digits.mjs';
import { linearOnnx } from './onnx.mjs';
import { greyPng } from './png.mjs';

const patience = 120000;  // ms: machines that test are busy, and draw without a GPU

/**
 * Goes the main path in any browser that has the page open. `visitor` has evaluate(function,
 * argument), which runs in the page and gives what it resolves to, and drag(points), which presses
 * the mouse at the first of the points [x, y] and lifts it at the last.
 */
export async function mainPath(visitor) {
  const state = () => visitor.evaluate(() => inoculate.state());
  const until = async (told, what) => {
    const end = Date.now() + patience;
    for (;;) {
      const now = await state();
      if (told(now)) return now;
      assert(Date.now() < end, `never: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const on = async (name, points) => {
    const { layout } = await until((now) => now.layout[name], `the page shows '${name}'`);
    const { x, y, width, height } = layout[name];
    await visitor.drag(points.map(([u, v]) => [x + u * width, y + v * height]));
  };

  await visitor.evaluate(() => inoculate.complete);
  for (const points of digits[7]) await on('pad', points);
  const drawn = await until(({ pad, prediction }) => pad.strokes === 1 && prediction, 'a digit drawn');
  assert.equal(drawn.prediction.digit, 7);

  await on('epsilon', [[0.2, 0.5], [0.5, 0.5], [0.6, 0.5]]);
  const { attack } = await until(({ attack: { settings } }) => settings.epsilon > 0.2, 'epsilon is set');
  assert.equal(attack.result.success, true);

  await visitor.evaluate(() => inoculate.takeDigit(1509));
  await on('inoculation_count', [[0.01, 0.5]]);
  await on('inoculate_button', [[0.5, 0.5]]);
  const after = await until(({ inoculation: { rounds } }) => rounds.length === 1, 'inoculated');
  const [{ before, after: bought }] = after.inoculation.rounds;
  assert(bought.fresh.accuracy > before.fresh.accuracy,
         `fresh: ${before.fresh.accuracy} before, ${bought.fresh.accuracy} after`);

  const { same, network } = await visitor.evaluate(async () => {
    const { prediction } = await inoculate.state();
    const weights = await inoculate.saveWeights();
    await inoculate.reset();
    await inoculate.loadWeights(weights);
    const loaded = await inoculate.state();
    return { same: JSON.stringify(loaded.prediction) === JSON.stringify(prediction), network: loaded.model.name };
  });
  assert(same, 'weights loaded again read the digit otherwise');
  assert.equal(network, 'loaded');

  // The room of photographs. Networks: one in colour, of convolutions, and a matrix.
  const photo = [...greyPng(64, 48, (x, y) => (7 * x + 3 * y) % 256)];
  const networks = [
    ['resnet.onnx', readFileSync(new URL('../golden/onnx/resnet.onnx', import.meta.url)), 7],
    ['matrix.onnx', linearOnnx(32, 5, (pixel, of) => ((pixel * 7 + of * 13) % 11 - 5) / 50), 5],
  ];
  await visitor.evaluate(() => inoculate.room('photographs'));
  for (const [name, file, classes] of networks) {
    const facts = await visitor.evaluate(([title, bytes]) =>
      inoculate.loadNetwork(Uint8Array.from(bytes).buffer, {}, title), [name, [...file]]);
    assert.equal(facts.classes, classes);
    await visitor.evaluate((bytes) => inoculate.setPhoto(new Blob([Uint8Array.from(bytes)])), photo);
    const { success, levels, before, adversary } = await visitor.evaluate(() =>
      inoculate.attack({ method: 'pgd', epsilon: 32 / 255, steps: 10 }).then((result) => ({
        success: result.success, levels: result.largest_change, before: result.class, adversary: result.adversary.best })));
    assert(levels <= 32);
    assert.equal(success, adversary !== before);
    assert(success, `${name} withstands 32 levels`);
  }
  const shown = await state();
  assert.equal(shown.network, 'matrix.onnx');
  assert.match(shown.verdict, /^Fooled/);
}
