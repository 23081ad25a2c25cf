// The inoculation panel: from the first button to what it bought, and back.
import assert from 'node:assert/strict';

import { digits } from './digits.mjs';
import { visits } from './visitor.mjs';

visits('inoculation', (visit) => {
  visit('buys accuracy under a fresh attack; reset takes it back', {}, async (visitor) => {
    await visitor.page.evaluate(() => inoculate.takeDigit(1509));
    const { prediction } = await visitor.state();
    await visitor.click('inoculation_count', [0.08, 0.5]);
    const { count } = (await visitor.state()).inoculation.settings;
    assert(count > 120 && count < 320, `${count} adversaries, not about 200`);
    await visitor.click('inoculate_button');
    await visitor.until(({ inoculation }) => inoculation.rounds.length === 1);
    const { inoculation, model, prediction: after } = await visitor.state();
    assert.equal(model.inoculated, true);
    const [{ before, after: bought }] = inoculation.rounds;
    assert(bought.fresh.accuracy > before.fresh.accuracy + 0.05,
           `fresh: ${before.fresh.accuracy} before, ${bought.fresh.accuracy} after`);
    assert(bought.clean.accuracy > 0.9);
    for (const score of [before.clean, bought.clean, bought.replayed, bought.fresh]) {
      assert.equal(score.n, 1000);
      assert(score.interval[0] <= score.accuracy && score.accuracy <= score.interval[1]);
    }
    // What is called replayed stands still, fresh follows the weights: before, they are the same.
    assert.equal(before.replayed.accuracy, before.fresh.accuracy);
    assert.notDeepEqual(after, prediction);
    assert.match(await visitor.live(), /Inoculated\. On 1000 held-out digits|The network reads/);

    await visitor.click('inoculate_button');  // the second round begins where the first ended
    await visitor.until(({ inoculation: { rounds } }) => rounds.length === 2);
    const [, second] = (await visitor.state()).inoculation.rounds;
    assert.equal(second.before.clean.accuracy, bought.clean.accuracy);

    await visitor.click('reset');
    const back = await visitor.state();
    assert.equal(back.model.inoculated, false);
    assert.deepEqual(back.prediction, prediction);
    assert.deepEqual(back.inoculation.rounds, []);
  });

  visit('pauses, goes on, stops; drawing and attacking work meanwhile', {}, async (visitor) => {
    await visitor.click('inoculation_count', [0.99, 0.5]);
    await visitor.click('inoculation_epochs', [0.99, 0.5]);
    assert.deepEqual((({ count, epochs }) => ({ count, epochs }))(
      (await visitor.state()).inoculation.settings), { count: 2000, epochs: 20 });
    await visitor.click('inoculate_button');
    await visitor.until(({ inoculation }) => inoculation.progress > 0);
    await visitor.draw(digits[0]);
    const state = await visitor.state();
    assert.equal(state.prediction.digit, 0);
    assert(state.attack.result !== null);
    assert.equal(state.inoculation.running, true);

    await visitor.click('pause');
    assert.equal((await visitor.state()).inoculation.paused, true);
    const progressAfter = async (ms) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return (await visitor.state()).inoculation.progress;
    };
    // A slice that was under way may still report, late on a busy machine.
    const progress = await progressAfter(2500);
    assert.equal(await progressAfter(1500), progress);
    await visitor.click('pause');  // now it says: go on
    await visitor.until((state) => state.inoculation.progress > progress);

    await visitor.click('stop');
    await visitor.until(({ inoculation }) => !inoculation.running);
    const { model, inoculation, notice } = await visitor.state();
    assert.equal(model.inoculated, false);
    assert.deepEqual(inoculation.rounds, []);
    assert.match(notice.text, /stopped/);
  });

  visit('another network is chosen; curves over epsilon are measured', {}, async (visitor) => {
    await visitor.click('network');
    await visitor.click('network_1');
    assert.equal((await visitor.state()).model.name, 'mixed_batch');
    await visitor.click('charts', [0.85, 0.5]);
    await visitor.click('measure_curves');
    const { robustCurves } = await visitor.until(({ robustCurves: curves }) =>
      curves.length === 3 && curves.every(({ scores }) => scores.length === 11));
    const accuracy = (network, i) =>
      robustCurves.find((curve) => curve.network === network).scores[i].accuracy;
    assert(accuracy('Standard', 0) > 0.95 && accuracy('Mixed batch', 0) > 0.95);
    const at = (epsilon) => robustCurves[0].epsilons.findIndex((e) => Math.abs(e - epsilon) < 1e-6);
    assert(accuracy('Mixed batch', at(0.1)) > accuracy('Standard', at(0.1)) + 0.3);
    // What withstands one step does not withstand many.
    assert(accuracy('Mixed batch', at(0.3)) < 0.05 && accuracy('Robust', at(0.3)) > 0.8);
  });
});
