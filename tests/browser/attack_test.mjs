// The attack panel, by mouse.
import assert from 'node:assert/strict';

import { visits } from './visitor.mjs';

const seven = 1509;  // among the page's digits

/** Moves a slider to a share of its length. */
const slide = (visitor, name, share) => visitor.stroke(name, [[0.5, 0.5], [(0.5 + share) / 2, 0.5], [share, 0.5]]);

/** Chooses an entry of a list that opens. */
async function choose(visitor, list, entry) {
  await visitor.click(list);
  await visitor.click(entry);
}

visits('attack', (visit) => {
  visit('epsilon by mouse, its effect seen while it moves', {}, async (visitor) => {
    await visitor.click('digit_7');
    await slide(visitor, 'epsilon', 0.01);
    let { settings, result } = (await visitor.state()).attack;
    assert(settings.epsilon < 0.01, `epsilon ${settings.epsilon}`);
    assert.equal(result.success, false);
    assert.equal(result.label, 7);

    await visitor.stroke('epsilon', [[0.02, 0.5], [0.3, 0.5], [0.6, 0.5]], {
      hold: async () => {
        const { attack } = await visitor.state();
        assert(Math.abs(attack.settings.epsilon - 0.3) < 0.02, `epsilon ${attack.settings.epsilon}`);
        assert.equal(attack.result.success, true);
        assert.notEqual(attack.result.prediction.digit, 7);
        // As many whole grey levels as epsilon has.
        const spare = attack.settings.epsilon - attack.result.linf;
        assert(spare > -1e-5 && spare < 1 / 255, `${spare} left of epsilon`);
      },
    });
    assert.match(await visitor.live(), /^The network reads 7 .*Fooled: it now reads \d .* instead of 7/);

    await visitor.stroke('sweep', [[0.9, 0.5], [0.3, 0.5]]);  // the chart is a slider, too
    assert((await visitor.state()).attack.settings.epsilon < 0.2);
  });

  visit('random noise of the same size hardly disturbs', {}, async (visitor) => {
    await visitor.page.evaluate(() => inoculate.attack({ epsilon: 0.15 }));
    let fooled = 0, disturbed = 0;
    for (const digit of [0, 2, 3, 4, 5, 6, 7, 8]) {
      await visitor.click(`digit_${digit}`);
      const { result } = (await visitor.state()).attack;
      fooled += result.prediction.digit !== digit;
      disturbed += result.noise.digit !== digit;
    }
    assert(fooled >= 6, `fooled ${fooled} of 8`);
    assert(disturbed <= 1, `noise disturbed ${disturbed} of 8`);
  });

  visit('the smallest epsilon fools, and a smaller one does not', {}, async (visitor) => {
    await visitor.page.evaluate((index) => inoculate.takeDigit(index), seven);
    await visitor.click('smallest_epsilon');
    const { attack, notice } = await visitor.state();
    const { epsilon } = attack.settings;
    assert.equal(attack.result.success, true);
    assert(epsilon > 0 && epsilon < 0.5);
    assert.match(notice.text, /^Epsilon 0\.\d{3} is enough/);
    const less = await visitor.page.evaluate((e) => inoculate.attack({ epsilon: e }), epsilon - 0.002);
    assert.equal(less.success, false);
  });

  visit('iterated, it needs less; towards a chosen digit', {}, async (visitor) => {
    await visitor.page.evaluate((index) => inoculate.takeDigit(index), seven);
    await visitor.click('smallest_epsilon');
    const once = (await visitor.state()).attack.settings.epsilon;
    await visitor.click('method', [0.5, 0.5]);
    assert.equal((await visitor.state()).attack.settings.method, 'bim');
    await slide(visitor, 'steps', 0.9);
    assert((await visitor.state()).attack.settings.steps > 10);
    await visitor.click('smallest_epsilon');
    assert((await visitor.state()).attack.settings.epsilon < once);

    await choose(visitor, 'target', 'target_3');
    assert.equal((await visitor.state()).attack.settings.target, 3);
    await slide(visitor, 'epsilon', 0.6);
    const { result } = (await visitor.state()).attack;
    assert.equal(result.prediction.digit, 3);
    assert.equal(result.success, true);
    await choose(visitor, 'target', 'target_any');
    assert.equal((await visitor.state()).attack.settings.target, null);
  });

  visit('a line by hand', {}, async (visitor) => {
    await visitor.click('digit_1');
    await visitor.click('method', [0.85, 0.5]);
    assert.equal((await visitor.state()).attack.settings.method, 'line');
    assert.equal((await visitor.state()).attack.result.l2, 0);
    await visitor.stroke('adversary', [[0.15, 0.2], [0.5, 0.2], [0.85, 0.2]]);
    const { result } = (await visitor.state()).attack;
    assert(result.l2 > 1, `L2 ${result.l2}`);
    assert((await visitor.state()).pad.strokes === 0, 'the line is not on the pad');
    await visitor.click('clear_line');
    assert.equal((await visitor.state()).attack.result.l2, 0);
  });

  visit('adversary and sheet are saved as PNG', {}, async (visitor) => {
    const signature = Buffer.from('89504e470d0a1a0a', 'hex');
    const size = (png) => [png.readUInt32BE(16), png.readUInt32BE(20)];
    const adversary = await visitor.download(() => visitor.click('save_adversary'));
    assert.equal(adversary.name, 'adversary.png');
    assert.deepEqual(adversary.bytes.subarray(0, 8), signature);
    assert.deepEqual(size(adversary.bytes), [28, 28]);
    const sheet = await visitor.download(() => visitor.click('save_sheet'));
    assert.equal(sheet.name, 'attack-sheet.png');
    assert.deepEqual(sheet.bytes.subarray(0, 8), signature);
    assert(size(sheet.bytes)[0] > 200);
  });
});
