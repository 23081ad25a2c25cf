// What comes from outside the page: links of any length, arguments of any type, weights that overflow,
// a browser that refuses something.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

import { site, visits } from './visitor.mjs';

const errorOf = ({ page }, name, ...given) => page.evaluate(async ([call, list]) => {
  try {
    await inoculate[call](...list);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : `no Error: ${error}`;
  }
}, [name, given]);

/** The fragment of a link with strokes: lists of points [x, y] in 0..65535. */
const linkTo = (strokes, radius = 45) => {
  const words = strokes.flatMap((points) => [radius, points.length, ...points.flat()]);
  return `v=1&strokes=${Buffer.from(Uint16Array.from(words).buffer).toString('base64url')}`;
};

visits('outside', (visit) => {
  visit('a link of 1.4 million characters is refused, and the page goes on', {}, async (visitor) => {
    const { page } = visitor;
    const before = (await visitor.settled()).prediction;
    for (const length of [200001, 1320000, 1400000]) {
      await page.evaluate((n) => { location.hash = `v=1&strokes=${'A'.repeat(n)}`; }, length);
      const { notice } = await visitor.until((state) => state.notice.error, `${length} characters`);
      assert.match(notice.text, /too long/);
      await visitor.press('Escape');
      assert.match(await errorOf(visitor, 'openLink', 'A'.repeat(length)), /too long/);
    }
    assert.deepEqual((await visitor.state()).prediction, before);
    await page.evaluate(() => { location.hash = 'v=1&digit=1509'; });
    await visitor.until((state) => state.pad.sample === 1509);
  });

  visit('opened with such a link the page comes up and says so', { opened: false }, async (visitor) => {
    await visitor.open(`/#v=1&strokes=${'A'.repeat(1400000)}`);
    assert.match((await visitor.state()).notice.text, /too long/);
    await visitor.click('digit_5');
    assert.equal((await visitor.state()).pad.label, 5);
  });

  visit('a link that would hold the tab up is refused at once; the longest sound one opens', {}, async (visitor) => {
    const { page } = visitor;
    const across = (points) => Array.from({ length: points }, (_, i) => (i % 2 ? [65535, 65535] : [0, 0]));
    assert.match(await errorOf(visitor, 'openLink', linkTo([across(1000)])), /too long/);
    assert.match(await errorOf(visitor, 'openLink', linkTo([across(37000)])), /too many points/);
    assert.match(await errorOf(visitor, 'openLink', linkTo(Array(501).fill([[0, 0]]))), /too many strokes/);
    // A scribble of 10,000 points, then more ink by hand: it is told, and everything still works.
    const scribble = Array.from({ length: 9990 }, (_, i) =>
      [32768 + 20000 * Math.cos(i / 20) | 0, 32768 + 20000 * Math.sin(i / 23) | 0]);
    assert.equal(await errorOf(visitor, 'openLink', linkTo([scribble])), null);
    const { pad } = await visitor.until((state) => state.pad.strokes === 1);
    assert.equal(pad.empty, false);
    await visitor.picture('a scribble of 10,000 points, desktop');
    await visitor.stroke('pad', Array.from({ length: 20 }, (_, i) => [0.1 + i / 25, 0.9]));
    const { notice } = await visitor.until((state) => state.notice.error);
    assert.match(notice.text, /No more can be drawn/);
    const link = await page.evaluate(() => inoculate.link());
    assert.equal(await errorOf(visitor, 'openLink', link), null);
  });

  visit('arguments of every wrong kind are refused with an Error', {}, async (visitor) => {
    const { page } = visitor;
    const { prediction } = await visitor.settled();
    const problems = await page.evaluate(async () => {
      const odd = [NaN, Infinity, -1, 0.5, 1e300, 4294967297, 2 ** 64, '3', '', true, [], [1], {}, { a: 1 }, null,
                   undefined, new Uint8Array(784), 'A'.repeat(400000)];
      const nested = []; let inner = nested;
      for (let i = 0; i < 5000; ++i) { inner.push([]); inner = inner[0]; }
      const circular = {}; circular.self = circular;
      const given = [...odd, nested, circular, 10n, Symbol('s'), () => 1];
      const found = [];
      const refused = async (what, promise) => {
        try {
          await promise;
          found.push(`${what}: accepted`);
        } catch (error) {
          if (!(error instanceof Error)) found.push(`${what}: no Error`);
          if (!error.message || error.message.length > 600) found.push(`${what}: ${error.message.length}`);
        }
      };
      for (const [i, value] of given.entries()) {
        await refused(`takeDigit ${i}`, inoculate.takeDigit(value));
        await refused(`openLink ${i}`, inoculate.openLink(value));
        if (!(value instanceof Uint8Array)) await refused(`setImage ${i}`, inoculate.setImage(value));
        await refused(`loadWeights ${i}`, inoculate.loadWeights(value));
        if (value !== null && value !== undefined) {
          for (const key of ['target', 'steps', 'queries', 'pixel_budget', 'seed', 'epsilon', 'method', 'loss']) {
            const sound = (key === 'epsilon' && value === 0.5) || (key === 'seed' && value === 4294967297);
            if (!sound) {
              await refused(`attack ${key} ${i}`, inoculate.attack({ [key]: value }));
            }
          }
        }
      }
      await refused('setImage 785', inoculate.setImage(new Uint8Array(785)));
      await refused('a large image', inoculate.setImage(new Uint8Array(33 * 1024 * 1024)));
      await refused('large weights', inoculate.loadWeights(new ArrayBuffer(33 * 1024 * 1024)));
      await refused('a name', inoculate.loadWeights(new ArrayBuffer(8), 'n'.repeat(100000)));
      return found;
    });
    assert.deepEqual(problems, []);
    assert.deepEqual((await visitor.state()).prediction, prediction);
  });

  visit('the picture\'s own class is no target', {}, async (visitor) => {
    await visitor.page.evaluate(() => inoculate.takeDigit(1509));
    const { pad, attack } = await visitor.settled();
    for (const method of ['fgsm', 'pgd', 'square']) {
      assert.match(await errorOf(visitor, 'attack', { method, target: pad.label }), /target, 7, is what the picture/);
    }
    assert.deepEqual((await visitor.state()).attack.settings, attack.settings);
    await visitor.page.evaluate(() => inoculate.attack({ target: 3 }));
    await visitor.click('digit_3');
    assert.match(await visitor.live(), /Choose another digit/);
    assert.equal((await visitor.state()).attack.result, null);
    await visitor.press('t');
    assert.notEqual((await visitor.state()).attack.result, null);
  });

  visit('weights that overflow are refused, by file and by script', {}, async (visitor) => {
    const bytes = await visitor.page.evaluate(async () => new Uint8Array(await inoculate.saveWeights()).join());
    const weights = Buffer.from(bytes.split(',').map(Number));
    const begin = 8 + weights.readUInt32LE(0);
    // A third of the greatest float, where it is no variance; all of them are finite.
    for (let at = begin; at + 4 <= weights.length; at += 4) weights.writeFloatLE(1e38, at);
    const { model } = await visitor.state();
    await visitor.chooseFile(() => visitor.click('load_weights'), 'large.safetensors', weights);
    const { notice } = await visitor.until((state) => state.notice.error);
    assert.match(notice.text, /large\.safetensors.*not finite/);
    assert.deepEqual((await visitor.state()).model, model);
    await visitor.press('Escape');
    const result = await visitor.page.evaluate(() => inoculate.attack({ method: 'pgd', epsilon: 0.3 }));
    assert.equal(result.adversary.length, 784);
  });

  visit('a worker that cannot start is an error for whoever waits', { opened: false }, async (visitor) => {
    await visitor.page.route('**/lab.js', (route) => route.abort());
    await visitor.open();
    assert.match(await errorOf(visitor, 'attack', { method: 'pgd' }), /attacker/);
    assert.match(await errorOf(visitor, 'evaluate', {}), /^Training and measuring failed/);
    assert.match(await errorOf(visitor, 'inoculate', { count: 100 }), /^Training and measuring failed/);
    visitor.problems = visitor.problems.filter((text) => !/lab\.js|ERR_FAILED/.test(text));  // the browser's own
  });

  visit('memory that runs out is an error, and the page goes on', {}, async (visitor) => {
    const { page } = visitor;
    // As if the browser gave no more: whatever grows the memory fails.
    await page.evaluate(() => { WebAssembly.Memory.prototype.grow = () => { throw new RangeError('no'); }; });
    const messages = [];
    for (let i = 0; i < 4; ++i) {
      messages.push(await page.evaluate(() =>
        inoculate.loadWeights(new ArrayBuffer(31 * 1024 * 1024)).then(() => '', (error) => error.message)));
    }
    for (const message of messages) assert.match(message, /memory/);
    await visitor.click('digit_5');
    assert.equal((await visitor.state()).pad.label, 5);
    visitor.problems = visitor.problems.filter((text) => !/grow|memory/i.test(text));
  });

  visit('the clipboard is spoken of only when it was written', {}, async (visitor) => {
    const { page } = visitor;
    for (const [answer, told] of [['yes', /on the clipboard/], ['no', /copy it from there/],
                                  [null, /copy it from there/]]) {
      await page.evaluate((given) => {
        const writeText = () => (given === 'yes' ? Promise.resolve() : Promise.reject(new Error('denied')));
        const value = given === null ? undefined : { writeText };
        Object.defineProperty(navigator, 'clipboard', { configurable: true, value });
      }, answer);
      await visitor.press('Escape');
      await visitor.click('link');
      await visitor.until(({ notice }) => told.test(notice.text), String(told));
    }
  });

  visit('without SIMD scripts that wait are told why', { opened: false }, async ({ page, origin }) => {
    await page.addInitScript(() => { WebAssembly.validate = () => false; });
    await page.goto(origin);
    const told = await page.evaluate(() => Promise.all([inoculate.ready, inoculate.complete].map((promise) =>
      promise.then(() => 'there', (error) => error.message))));
    for (const message of told) assert.match(message, /SIMD/);
  });

  for (const [name, file, reason] of [['module', 'page_module.wasm', /could not start/],
                                      ['module\'s script', 'page_module.js', /page_module\.js/],
                                      ['list of networks', 'models.json', /missing on the server/]]) {
    visit(`without the ${name} the page says so, and so do its promises`, { opened: false }, async (visitor) => {
      const { page, origin } = visitor;
      await page.route(`**/${file}`, (route) => route.fulfill({ status: 404 }));
      await page.goto(origin);
      const told = await page.evaluate(() => Promise.all([inoculate.ready, inoculate.complete].map((promise) =>
        promise.then(() => 'there', (error) => error.message))));
      for (const message of told) assert.match(message, reason);
      assert.equal(await page.locator('#problem').innerText(), told[0]);
      assert.equal(await page.locator('#loading').isVisible(), false);
      visitor.problems = [];  // the browser's own of the missing file
    });
  }

  visit('where no memory is to be had the page says so', { opened: false }, async (visitor) => {
    const { page, origin } = visitor;
    await page.addInitScript(() => {
      WebAssembly.Memory = function Memory() { throw new RangeError('could not allocate memory'); };
      WebAssembly.instantiate = WebAssembly.instantiateStreaming = () =>
        Promise.reject(new RangeError('could not allocate memory'));
    });
    await page.goto(origin);
    assert.match(await page.evaluate(() => inoculate.complete.catch((error) => error.message)), /memory/);
    assert.equal(await page.locator('#problem').isVisible(), true);
    visitor.problems = [];
  });

  visit('a server that lacks a file is told of, and scripts that wait hear it', { opened: false }, async (visitor) => {
    const { page, origin } = visitor;
    await page.route('**/standard.safetensors', (route) => route.fulfill({ status: 404 }));
    await page.goto(origin);
    assert.match(await page.evaluate(() => inoculate.ready.catch((error) => error.message)), /missing on the server/);
    assert.equal(await page.locator('#problem').isVisible(), true);
    visitor.expectProblems(/404/);
  });

  visit('opened as a file the page says how to serve it', { opened: false }, async (visitor) => {
    await visitor.page.goto(pathToFileURL(join(site, 'index.html')).href);
    const problem = visitor.page.locator('#problem');
    await problem.waitFor({ state: 'visible' });
    assert.match(await problem.innerText(), /\.\/run demo/);
    assert.equal(await visitor.page.locator('#loading').isVisible(), false);
    await visitor.picture('opened as a file, desktop');
    visitor.problems = [];  // the browser's own of files and their origins
  });
});
