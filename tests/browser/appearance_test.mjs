// How the page looks to whom: light and dark, more contrast, larger letters, small screens. Pictures
// of all of it are kept in build/screenshots.
import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';

import { sizes, visits } from './visitor.mjs';

/** How bright, 0..255, the page is at a place. */
async function brightness({ page }, x, y) {
  const png = await page.screenshot({ clip: { x, y, width: 1, height: 1 } });
  const parts = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const [, ...rgb] = inflateSync(Buffer.concat(parts)).subarray(0, 4);  // the first byte is the filter
  return (rgb[0] + rgb[1] + rgb[2]) / 3;
}

/** Within a panel's padding, where nothing is drawn: the attack's, or the pad's where that fills a phone. */
async function panelBrightness(visitor) {
  await visitor.frames(4);
  const { attack, draw } = (await visitor.state()).layout;
  const panel = attack.y + 60 < visitor.page.viewportSize().height ? attack : draw;
  return brightness(visitor, Math.round(panel.x + 6), Math.round(panel.y + 40));
}

const small = { width: 1024, height: 768 };

visits('appearance', (visit) => {
  for (const size of ['desktop', 'large', 'small', 'phone']) {
    const context = { colorScheme: 'light', ...(size === 'small' ? { viewport: small } : {}) };
    visit(`light at ${size} size`, { size: size in sizes ? size : 'desktop', context }, async (visitor) => {
      const { page } = visitor;
      assert.equal(await page.evaluate(() => matchMedia('(prefers-color-scheme: light)').matches), true);
      assert(await panelBrightness(visitor) > 240);
      await page.evaluate(() => inoculate.takeDigit(1509));
      await page.evaluate(() => inoculate.attack({ epsilon: 0.2 }));
      await page.evaluate(() => inoculate.inoculate({ count: 100, epochs: 1 }));
      await visitor.picture(`light, ${size}`);
      await page.emulateMedia({ colorScheme: 'dark' });  // at once, without opening it anew
      assert(await panelBrightness(visitor) < 60);
      await visitor.picture(`dark, ${size}`);
    });
  }

  visit('more contrast, in both', {}, async (visitor) => {
    const { page } = visitor;
    await page.evaluate(() => inoculate.takeDigit(1509));
    await page.emulateMedia({ contrast: 'more', colorScheme: 'dark' });
    assert.equal(await panelBrightness(visitor), 0);
    await visitor.picture('more contrast, dark');
    await page.emulateMedia({ contrast: 'more', colorScheme: 'light' });
    assert.equal(await panelBrightness(visitor), 255);
    await visitor.picture('more contrast, light');
  });

  visit('letters of 100 to 200 %', {}, async (visitor) => {
    const { page } = visitor;
    const heights = [];
    for (const share of [1, 1.25, 1.5, 2]) {
      // As the browser's own setting does.
      await page.evaluate((by) => { document.documentElement.style.fontSize = `${17 * by}px`; }, share);
      await visitor.frames(4);
      const { layout } = await visitor.state();
      heights.push(layout.clear.height);
      for (const name of ['draw', 'attack', 'inoculate']) {
        assert(layout[name].x >= 0 && layout[name].x + layout[name].width <= 1280.5, `${share}: ${name}`);
      }
      await visitor.picture(`letters of ${100 * share} %`);
    }
    for (const i of [1, 2, 3]) assert(heights[i] > heights[i - 1] * 1.1, heights.join());
    await page.evaluate(() => { document.documentElement.style.fontSize = ''; });
    await visitor.frames(4);
    assert.equal((await visitor.state()).layout.clear.height, heights[0]);
  });

  visit('two fingers scroll and draw nothing; one still draws', { size: 'phone' }, async (visitor) => {
    const { page } = visitor;
    const fingers = await visitor.fingers;
    const send = (type, ...points) => fingers.send('Input.dispatchTouchEvent', {
      type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
    const before = await visitor.state();
    const { x, y, width, height } = before.layout.pad;
    const [a, b] = [[x + 0.3 * width, y + 0.9 * height], [x + 0.7 * width, y + 0.9 * height]];
    const up = (points, by) => points.map(([u, v]) => [u, v - by]);
    await send('touchStart', a);
    await visitor.frames(2);
    await send('touchStart', a, b);
    for (let by = 40; by <= 200; by += 40) {
      await send('touchMove', ...up([a, b], by));
      await visitor.frames(1);
    }
    await send('touchEnd');
    await visitor.frames(3);
    const after = await visitor.state();
    assert(y - after.layout.pad.y > 150, `scrolled by ${y - after.layout.pad.y}`);
    assert.deepEqual(after.pad, before.pad);
    assert.deepEqual(after.attack.settings, before.attack.settings);
    await visitor.scroll(-400);
    await page.evaluate(() => inoculate.clear());
    await visitor.stroke('pad', [[0.3, 0.3], [0.6, 0.3], [0.5, 0.8]]);
    assert.equal((await visitor.state()).pad.strokes, 1);
  });
});
