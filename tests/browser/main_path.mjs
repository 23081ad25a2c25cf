// What every browser must do: read a drawn digit, attack it, inoculate, and take weights out and in.
import assert from 'node:assert/strict';

import { digits } from './digits.mjs';

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
}
