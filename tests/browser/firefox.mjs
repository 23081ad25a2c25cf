// The main path in Firefox, by Marionette, and whether its threads are used.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { it } from 'node:test';

import { serve } from '../../web/serve.mjs';
import { mainPath } from './main_path.mjs';
import { needs } from './skip.mjs';
import { pictures, site } from './visitor.mjs';
import { WebDriver } from './webdriver.mjs';

const program = process.env.FIREFOX || '/usr/bin/firefox-esr';
needs(program);

it('the main path in Firefox', async () => {
  const { server, port } = await serve(site, 0);
  // Without a window Firefox has no WebGL; with one it draws it in software only if it must.
  const driver = await WebDriver.firefox(program, { 'webgl.force-enabled': true });
  try {
    await driver.size(1280, 800);
    await driver.open(`http://127.0.0.1:${port}/`);
    await driver.evaluate(() => localStorage.setItem('toured', '1'));
    await driver.open(`http://127.0.0.1:${port}/?again`);
    await mainPath(driver);
    const { threads, most } = await driver.evaluate(async () => {
      const { threads } = await inoculate.state();  // of the room where the path ends, the photographs'
      return { threads, most: Math.min(8, navigator.hardwareConcurrency) };
    });
    assert.equal(threads, most);
    mkdirSync(pictures, { recursive: true });
    writeFileSync(`${pictures}/firefox.png`, await driver.picture());
  } finally {
    await driver.stop();
    server.close();
  }
});
