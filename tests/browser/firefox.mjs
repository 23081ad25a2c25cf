// The main path in Firefox, by WebDriver BiDi, and whether its threads are used.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { it } from 'node:test';

import { firefox } from '../../build/npm/playwright-core/index.mjs';
import { serve } from '../../web/serve.mjs';
import { mainPath } from './main_path.mjs';
import { needs } from './skip.mjs';
import { pictures, site } from './visitor.mjs';

const program = process.env.FIREFOX || '/usr/bin/firefox-esr';
needs(program);

it('the main path in Firefox', async () => {
  const { server, port } = await serve(site, 0);
  // Without a window Firefox has no WebGL; with one it draws it in software only if it must.
  const browser = await firefox.launch({
    channel: 'moz-firefox', executablePath: program, headless: false,
    firefoxUserPrefs: { 'webgl.force-enabled': true }, timeout: 300000 });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.addInitScript(() => localStorage.setItem('toured', '1'));
    await page.goto(`http://127.0.0.1:${port}/`);
    const frame = () => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve())));
    await mainPath({
      evaluate: (act, argument) => page.evaluate(act, argument),
      async drag(points) {
        await page.mouse.move(...points[0]);
        await frame();
        await page.mouse.down();
        await frame();
        for (const point of points.slice(1)) await page.mouse.move(...point);
        await frame();
        await page.mouse.up();
        await frame();
      },
    });
    const { threads, most } = await page.evaluate(async () => {
      const { threads } = await inoculate.state();  // of the room where the path ends, the photographs'
      return { threads, most: Math.min(8, navigator.hardwareConcurrency) };
    });
    assert.equal(threads, most);
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: `${pictures}/firefox.png` });
  } finally {
    await browser.close();
    server.close();
  }
});
