// Links that carry drawing and attack, and links that were damaged.
import assert from 'node:assert/strict';

import { digits } from './digits.mjs';
import { visits } from './visitor.mjs';

const fragment = ({ page }) => page.evaluate(() => location.hash);

visits('link', (visit) => {
  visit('restores drawing, attack and seed', {}, async (visitor) => {
    await visitor.click('clear');
    await visitor.draw(digits[2]);
    await visitor.page.evaluate(() => inoculate.attack(
      { method: 'bim', epsilon: 0.21, steps: 7, target: 3, seed: 5, loss: 'mse' }));
    await visitor.click('link');
    const made = await visitor.state();
    const hash = await fragment(visitor);
    assert.match(hash, /^#v=1&epsilon=0.21&/);
    await visitor.page.reload();
    await visitor.page.evaluate(() => inoculate.complete);
    const opened = await visitor.state();
    assert.equal(opened.pad.source, 'drawing');
    assert.equal(opened.pad.strokes, 1);
    assert.deepEqual(opened.attack.settings, made.attack.settings);
    opened.prediction.probabilities.forEach((p, digit) =>
      assert(Math.abs(p - made.prediction.probabilities[digit]) < 0.02));
  });

  visit('restores a taken digit with a line', {}, async (visitor) => {
    await visitor.page.evaluate(() => inoculate.takeDigit(1509));
    await visitor.press('l');
    await visitor.stroke('adversary', [[0.2, 0.2], [0.8, 0.8]]);
    await visitor.press('k');
    const made = await visitor.state();
    const hash = await fragment(visitor);
    await visitor.press('f');
    await visitor.click('clear');
    await visitor.page.evaluate((text) => { location.hash = ''; location.hash = text; }, hash);
    const { attack, pad } = await visitor.until((state) => state.pad.sample === 1509);
    assert.equal(pad.label, made.pad.label);
    assert.equal(attack.settings.method, 'line');
    assert(Math.abs(attack.result.l2 - made.attack.result.l2) < 0.05);
  });

  visit('damaged links are refused with the reason', {}, async (visitor) => {
    const { pad, attack } = await visitor.settled();
    const damaged = ['v', 'v=2', 'v=1&epsilon=7', 'v=1&epsilon=x', 'v=1&method=magic', 'v=1&what=1',
                     'v=1&digit=99999', 'v=1&digit=-1', 'v=1&digit=1x', 'v=1&strokes=!!!',
                     'v=1&strokes=AAAA', 'v=1&strokes=LQAF', 'v=1&pixels=AAAA', 'v=1&target=12',
                     'v=1&steps=1.5', 'v=1&line=LQD__w', `v=1&strokes=${'A'.repeat(250000)}`,
                     '%00%ff', 'v=1&&&=', '<script>injected = 1</script>'];
    for (const fragment of damaged) {
      await visitor.page.evaluate((text) => { location.hash = text; }, fragment);
      const { notice } = await visitor.until((state) => state.notice.error, fragment.slice(0, 40));
      assert.match(notice.text, /^[^\n]+$/);
      await visitor.press('Escape');
    }
    const after = await visitor.state();
    assert.deepEqual([after.pad, after.attack], [pad, attack]);
    assert.equal(await visitor.page.evaluate(() => window.injected), undefined);
  });
});
