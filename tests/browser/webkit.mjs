// The main path in WebKit, by WebKitGTK's driver and its small browser.
import { mkdirSync, writeFileSync } from 'node:fs';
import { it } from 'node:test';

import { serve } from '../../web/serve.mjs';
import { mainPath } from './main_path.mjs';
import { needs } from './skip.mjs';
import { pictures, site } from './visitor.mjs';
import { WebDriver } from './webdriver.mjs';

const driverProgram = process.env.WEBKIT_DRIVER || '/usr/bin/WebKitWebDriver';
const browserProgram = process.env.WEBKIT_BROWSER;
needs(driverProgram, browserProgram);

it('the main path in WebKit', async () => {
  const { server, port } = await serve(site, 0);
  const driver = await WebDriver.start(driverProgram, {
    'webkitgtk:browserOptions': { binary: browserProgram, args: ['--automation'] } });
  try {
    await driver.size(1280, 800);
    await driver.open(`http://127.0.0.1:${port}/`);
    await driver.evaluate(() => localStorage.setItem('toured', '1'));
    await driver.open(`http://127.0.0.1:${port}/?again`);
    await mainPath(driver);
    mkdirSync(pictures, { recursive: true });
    writeFileSync(`${pictures}/webkit.png`, await driver.picture());
  } finally {
    await driver.stop();
    server.close();
  }
});
