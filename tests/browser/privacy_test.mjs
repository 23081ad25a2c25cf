// Nothing leaves the machine; how much comes to it; what browsers that lack something are told.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { site, visits } from './visitor.mjs';

const zipped = (name) => gzipSync(readFileSync(join(site, name)), { level: 9 }).length;

visits('privacy', (visit) => {
  visit('the policy keeps foreign code and foreign addresses out', {}, async (visitor) => {
    const { page } = visitor;
    const refused = await page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'window.injected = 1';
      document.body.append(script);
      const picture = new Image();
      const elsewhere = `http://127.0.0.2:${location.port}/`;
      const pictureFailed = new Promise((resolve) => { picture.onerror = () => resolve(true); });
      picture.src = `${elsewhere}icon.svg`;
      document.body.append(picture);
      const fails = (promise) => promise.then(() => false, () => true);
      setTimeout('window.injected = 2');
      return {
        fetch: await fails(fetch(elsewhere)),
        picture: await pictureFailed,
        beacon: await fails(new Promise((resolve, reject) => {
          document.addEventListener('securitypolicyviolation', reject);
          navigator.sendBeacon(elsewhere, 'a digit');
          setTimeout(resolve, 2000);
        })),
      };
    });
    assert.deepEqual(refused, { fetch: true, picture: true, beacon: true });
    assert.equal(await page.evaluate(() => window.injected), undefined);
    visitor.expectProblems(/Content Security Policy|127\.0\.0\.2/);
  });

  visit('the page is whole: every file is of its own origin and small enough', { opened: false }, async (visitor) => {
    const asked = new Set();
    visitor.page.on('request', (request) => asked.add(new URL(request.url()).pathname.slice(1) || 'index.html'));
    await visitor.open();
    // The other rooms' folders come when they are opened.
    const files = readdirSync(site, { withFileTypes: true }).filter((file) => file.isFile()).map(({ name }) => name);
    for (const name of asked) assert(files.includes(name), `${name} is not in the page's folder`);
    for (const name of ['LICENSE.txt', 'THIRD_PARTY_NOTICES.txt']) assert(files.includes(name), name);
    // A browser loads the workers' module with threads, or the one without.
    const one = files.filter((name) => !name.startsWith('lab_module.'));
    assert(one.length < files.length && one.includes('lab_threads_module.wasm'));
    const all = one.reduce((sum, name) => sum + zipped(name), 0);
    assert(all <= 2500000, `all of it: ${all} bytes compressed`);
    const code = one.filter((name) => /\.(js|wasm|html|css)$/.test(name))
      .reduce((sum, name) => sum + zipped(name), 0);
    assert(code <= 800000, `its code: ${code} bytes compressed`);
  });

  visit('no storage but the mark of the tour', { first: true }, async (visitor) => {
    await visitor.click('tour_skip');
    const stored = await visitor.page.evaluate(async () => ({
      local: Object.keys(localStorage), session: Object.keys(sessionStorage), cookie: document.cookie,
      databases: (await indexedDB.databases()).length,
    }));
    assert.deepEqual(stored, { local: ['toured'], session: [], cookie: '', databases: 0 });
  });

  const told = async ({ page, origin }, pattern) => {
    await page.goto(origin);
    const problem = page.locator('#problem');
    await problem.waitFor({ state: 'visible' });
    assert.match(await problem.textContent(), pattern);
    assert.equal(await page.locator('#canvas').isVisible(), false);
    assert.equal(await page.locator('#loading').isVisible(), false);
  };

  visit('a browser without SIMD is told so', { opened: false }, async (visitor) => {
    await visitor.page.addInitScript(() => { WebAssembly.validate = () => false; });
    await told(visitor, /WebAssembly SIMD/);
    await visitor.picture('no SIMD, desktop');
  });

  visit('a browser without WebAssembly is told so', { opened: false }, async (visitor) => {
    await visitor.page.addInitScript(() => { delete window.WebAssembly; });
    await told(visitor, /WebAssembly/);
  });

  visit('a browser without JavaScript is told so', { opened: false, context: { javaScriptEnabled: false } },
    async ({ page, origin }) => {
      await page.goto(origin);
      assert.match(await page.locator('noscript').innerText(), /needs JavaScript/);
    });
});
