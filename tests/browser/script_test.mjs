// window.inoculate, as teachers and notebooks use it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { sampleFolder, visits } from './visitor.mjs';

const pixels = 28 * 28;
/** The bytes of one of the page's digits, from the file it was made from. */
const digit = (index) => {
  const begin = 16 + index * pixels;
  return [...readFileSync(join(sampleFolder, 't10k-images-idx3-ubyte')).subarray(begin, begin + pixels)];
};

visits('script', (visit) => {
  visit('setImage, image and takeDigit agree', {}, async ({ page }) => {
    const { taken, bytes, set } = await page.evaluate(async (image) => {
      await inoculate.takeDigit(42);
      const { prediction } = await inoculate.state();
      const read = [...await inoculate.image()];
      await inoculate.setImage(Uint8Array.from(image));
      return { taken: prediction, bytes: read, set: (await inoculate.state()).prediction };
    }, digit(42));
    assert.deepEqual(bytes, digit(42));
    assert.deepEqual(set, taken);
    assert.equal(taken.probabilities.length, 10);
    assert(Math.abs(taken.probabilities.reduce((a, b) => a + b) - 1) < 1e-5);
  });

  visit('attack keeps to epsilon and to valid pixels', {}, async ({ page }) => {
    const image = digit(1509);
    for (const settings of [{ epsilon: 0.1 }, { method: 'bim', epsilon: 0.05, steps: 5, target: 3 },
                            { epsilon: 0.2, loss: 'mse' }]) {
      const { adversary, probabilities, prediction } = await page.evaluate(async (asked) => {
        await inoculate.takeDigit(1509);
        const result = await inoculate.attack(asked);
        return { ...result, adversary: [...result.adversary] };
      }, settings);
      assert.equal(adversary.length, pixels);
      assert.equal(probabilities.length, 10);
      assert.equal(prediction.digit, probabilities.indexOf(Math.max(...probabilities)));
      adversary.forEach((value, i) => {
        assert(value >= 0 && value <= 1);
        assert(Math.abs(value - image[i] / 255) <= settings.epsilon + 1e-6);
      });
      // What the attack says of the adversary is what the network says of it once it was stored.
      const again = await page.evaluate(async (values) => {
        await inoculate.setImage(Uint8Array.from(values, (value) => Math.round(255 * value)));
        return (await inoculate.state()).prediction.probabilities;
      }, adversary);
      assert.deepEqual(again, probabilities);
    }
  });

  visit('evaluate and inoculate', {}, async ({ page }) => {
    const { scores, round, again } = await page.evaluate(async () => {
      const asked = { epsilon: 0.2, count: 200 };
      const scores = await inoculate.evaluate(asked);
      const round = await inoculate.inoculate({ count: 200, epsilon: 0.2, epochs: 2 });
      return { scores, round, again: await inoculate.evaluate(asked) };
    });
    assert(scores.clean.accuracy > 0.95);
    assert(scores.fresh.accuracy < 0.5);
    assert(again.fresh.accuracy > scores.fresh.accuracy);
    assert(round.after.fresh.accuracy > round.before.fresh.accuracy);
  });

  visit('the same seed gives the same weights', {}, async ({ page }) => {
    const [one, same, other] = await page.evaluate(async () => {
      const sums = [];
      for (const seed of [1, 1, 2]) {
        await inoculate.inoculate({ count: 100, epochs: 1, seed });
        const hash = await crypto.subtle.digest('SHA-256', await inoculate.saveWeights());
        sums.push(new Uint8Array(hash).join());
        await inoculate.reset();
      }
      return sums;
    });
    assert.equal(one, same);
    assert.notEqual(one, other);
  });

  visit('nonsense is refused with the reason, and nothing changes', {}, async (visitor) => {
    const { page } = visitor;
    const wrong = [
      ['attack', { epsilon: 2 }, /epsilon/], ['attack', { epsilon: 'a tenth' }, /epsilon/],
      ['attack', { method: 'magic' }, /method/], ['attack', { target: 10 }, /target/],
      ['attack', { strength: 1 }, /strength/], ['attack', 7, /object/],
      ['attack', { steps: 0 }, /steps/], ['attack', { loss: 'zero' }, /loss/],
      ['inoculate', { count: 5 }, /count/], ['inoculate', { epochs: 1e9 }, /epochs/],
      ['inoculate', { learning_rate: 0 }, /learning_rate/], ['inoculate', { fresh: 1 }, /fresh/],
      ['evaluate', { count: 0 }, /count/], ['evaluate', { epsilon: -1 }, /epsilon/],
      ['takeDigit', 5000, /5000/], ['takeDigit', -1, /-1/], ['takeDigit', 'seven', /number/],
      ['setImage', [1, 2, 3], /784/], ['openLink', 'v=9', /link/], ['openLink', null, /fragment/],
      ['loadWeights', null, /weights/],
    ];
    const before = await visitor.settled();
    for (const [name, argument, reason] of wrong) {
      await assert.rejects(page.evaluate(([call, given]) => inoculate[call](given), [name, argument]), reason,
        `${name}(${JSON.stringify(argument)})`);
    }
    const { prediction, attack, pad, model } = await page.evaluate(() => inoculate.state());
    assert.deepEqual({ prediction, attack, pad, model },
      { prediction: before.prediction, attack: before.attack, pad: before.pad, model: before.model });
    await assert.rejects(page.evaluate(async () => { await inoculate.clear(); await inoculate.attack(); }), /empty/);
  });
});
