// A finger on a phone.
import assert from 'node:assert/strict';

import { digits } from './digits.mjs';
import { visits } from './visitor.mjs';

visits('phone', (visit) => {
  visit('drawing scrolls neither page nor panels', { size: 'phone' }, async (visitor) => {
    const { y } = await visitor.rectangle('pad');
    await visitor.click('clear');
    await visitor.draw(digits[1]);
    const { pad, prediction, layout } = await visitor.state();
    assert.equal(pad.strokes, 1);
    assert.equal(prediction.digit, 1);
    assert.equal(layout.pad.y, y);
    assert.equal(await visitor.page.evaluate(() => scrollY + visualViewport.pageTop), 0);
  });

  visit('dragging beside the controls scrolls the panels', { size: 'phone' }, async (visitor) => {
    const { y } = (await visitor.state()).layout.pad;
    await visitor.scroll(200);
    const scrolled = (await visitor.state()).layout.pad.y;
    assert(y - scrolled > 120 && y - scrolled < 240, `scrolled by ${y - scrolled}`);
    assert.equal(await visitor.page.evaluate(() => scrollY), 0);
    await visitor.scroll(-300);
    assert.equal((await visitor.state()).layout.pad.y, y);
  });

  const sharp = { size: 'phone', context: { deviceScaleFactor: 3 } };
  visit('draws, attacks and inoculates by touch, at three pixels to one', sharp, async (visitor) => {
    await visitor.click('digit_7');
    assert.equal((await visitor.state()).pad.label, 7);
    await visitor.stroke('epsilon', [[0.1, 0.5], [0.4, 0.5], [0.7, 0.5]]);
    const { settings, result } = (await visitor.state()).attack;
    assert(settings.epsilon > 0.25 && settings.epsilon < 0.45, `epsilon ${settings.epsilon}`);
    assert.equal(result.success, true);
    await visitor.click('inoculation_count', [0.02, 0.5]);
    await visitor.click('inoculate_button');
    await visitor.until(({ inoculation }) => inoculation.rounds.length === 1);
    await visitor.click('reset');
    assert.equal((await visitor.state()).model.inoculated, false);
  });

  visit('turned sideways and back, it fits', { size: 'phone' }, async (visitor) => {
    const { page } = visitor;
    for (const viewport of [{ width: 844, height: 390 }, { width: 390, height: 844 }]) {
      await page.setViewportSize(viewport);
      await visitor.frames(4);
      const { layout } = await visitor.state();
      for (const name of ['draw', 'attack', 'inoculate']) {
        assert(layout[name].x >= 0 && layout[name].x + layout[name].width <= viewport.width, name);
      }
      assert(layout.draw.width > viewport.width * 0.9);
    }
  });
});
