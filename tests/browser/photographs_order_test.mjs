// The room of photographs while several things are under way: the last that was asked for counts,
// nothing that was not stopped is lost, and no figure stands beside what it is not of.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { bring, enter, golden, listed, ramps, verdict, withNetwork, withOwn } from './photographs.mjs';
import { visits } from './visitor.mjs';

const onnx = (name, buffer) => ({ name, mimeType: 'application/octet-stream', buffer });

/** An attack that takes long: it never succeeds. */
async function long(visitor) {
  const ended = visitor.page.evaluate(() => inoculate.attack(
    { method: 'square', epsilon: 1 / 255, queries: 20000, confidence: 0.99 }).then(() => 'done', (error) => error.message));
  await visitor.until(({ running, progress }) => running && progress > 0);
  return ended;
}

visits('photographs, order', (visit) => {
  visit('of photographs that are asked for the last is shown, whichever comes first', {}, async (visitor) => {
    const { page } = visitor;
    await withOwn(visitor);
    const large = [...ramps(3000, 2000)];
    await page.evaluate(async (bytes) => {
      const small = await createImageBitmap(new ImageData(40, 40));
      await Promise.all([inoculate.setPhoto(new Blob([Uint8Array.from(bytes)]), 'large'), inoculate.setPhoto(small, 'small')]);
    }, large);
    const { photo, running } = await visitor.state();
    assert.equal(photo.name, 'small');
    assert.equal(running, false);
    // Noise waits behind an attack; a photograph does not.
    const ended = long(visitor);
    await visitor.until(({ running, progress }) => running && progress > 0);
    const noise = page.evaluate(() => inoculate.noise());
    await page.setInputFiles('#photo-file', { name: 'later.png', mimeType: 'image/png', buffer: ramps() });
    await visitor.until(({ photo }) => photo.name === 'later.png');
    await page.evaluate(() => inoculate.cancelAttack());
    assert.match(await ended, /stopped/);
    await noise;
    assert.equal((await visitor.state()).photo.name, 'later.png');
  });

  visit('what is stopped is the attack alone', {}, async (visitor) => {
    const { page } = visitor;
    await withOwn(visitor);
    const ended = long(visitor);
    await visitor.until(({ running, progress }) => running && progress > 0);
    await bring(visitor, 'mobilenet_v2');
    const saved = await visitor.download(async () => {
      await page.click('#save');
      await page.click('#run');  // which says: stop
    });
    assert.match(await ended, /stopped/);
    assert.equal(saved.name, 'adversary.png');
    await listed(visitor, 2);
    const { name } = await page.evaluate(() => inoculate.attack({ method: 'fgsm' }));
    assert(name);
  });

  visit('figures of another photograph are told from its own', {}, async (visitor) => {
    const { page } = visitor;
    await withOwn(visitor);
    const dimmed = () => page.locator('#room-photographs .waiting').count();
    assert.equal(await dimmed(), 0);
    const ended = long(visitor);
    await visitor.until(({ running, progress }) => running && progress > 0);
    await page.setInputFiles('#photo-file', { name: 'other.png', mimeType: 'image/png', buffer: ramps(50, 50) });
    await visitor.until(({ photo }) => photo.name === 'other.png');
    assert.equal((await visitor.state()).result, null);
    assert.equal(await dimmed(), 1);
    await page.click('#run');
    await ended;
    assert.match(await verdict(visitor), /stopped/);
    assert.equal((await visitor.state()).result, null);
    assert.equal(await dimmed(), 1);
    await page.click('#run');
    await visitor.until(({ result, running }) => result && !running);
    assert.equal(await dimmed(), 0);
    // Nor are those of an attack that ends later shown beside another photograph.
    await page.evaluate(() => {
      window.shown = [];
      const main = document.querySelector('#room-photographs main');
      new MutationObserver(() => {
        if (!main.classList.contains('waiting')) window.shown.push(document.querySelector('#verdict').textContent);
      }).observe(main, { attributes: true, attributeFilter: ['class'] });
    });
    const short = page.evaluate(() => inoculate.attack(
      { method: 'square', epsilon: 1 / 255, queries: 3000, confidence: 0.99 }).then(({ queries }) => queries));
    await visitor.until(({ running, progress }) => running && progress > 0);
    await page.setInputFiles('#photo-file', { name: 'third.png', mimeType: 'image/png', buffer: ramps(70, 50) });
    await visitor.until(({ photo }) => photo.name === 'third.png');
    await page.evaluate(() => { window.shown.length = 0; });  // on a slow machine it may have ended before
    assert((await short) > 1000);
    await visitor.until(({ photo, result, running }) => photo.name === 'third.png' && result && !running);
    assert.equal((await page.evaluate(() => window.shown)).length, 1);
    // A digit that is brought with a damaged network is attacked by the one there is.
    await page.click('.room nav a >> text=Digits');
    await page.evaluate(() => inoculate.takeDigit(1100));
    await page.setInputFiles('#weights', [onnx('poem.onnx', Buffer.from('roses'))]);
    const { problem } = await visitor.until(({ photo, result, running }) => photo?.name === 'your digit' && result && !running);
    assert.match(problem, /^poem\.onnx: /);
  });

  visit('a saved file is read again, whatever else begins', {}, async (visitor) => {
    const { page } = visitor;
    await page.addInitScript(() => {
      const { postMessage } = Worker.prototype;
      Worker.prototype.postMessage = function(message, ...rest) {
        if (/"name":"adversary.png"/.test(message?.head)) setTimeout(() => document.querySelector('#draw-curve').click());
        return postMessage.call(this, message, ...rest);
      };
    });
    await page.reload();
    await withOwn(visitor);
    await page.evaluate(() => inoculate.attack({ method: 'pgd', epsilon: 32 / 255, steps: 20 }).then(() => {}));
    const { result } = await visitor.state();
    assert.equal(result.success, true);
    await page.click('#save');
    await page.waitForFunction(() => document.querySelector('#saved').textContent.includes('Read again'));
    assert((await page.textContent('#saved')).includes(` ${result.adversary.guesses[0].name},`));
  });

  visit('the browser\'s way back leaves what was done since a link', {}, async (visitor) => {
    const { page } = visitor;
    await page.evaluate(() => inoculate.takeDigit(1100));
    await visitor.press('k');
    await page.waitForFunction(() => location.hash.startsWith('#v=1'));
    await page.evaluate(() => inoculate.takeDigit(1200));
    await withOwn(visitor);
    await page.goBack();
    assert.equal((await visitor.until(({ pad }) => pad)).pad.sample, 1200);
    await page.goForward();
    await page.click('#link');
    await page.waitForFunction(() => location.hash.includes('method='));
    await page.evaluate(() => inoculate.attack({ method: 'fgsm', epsilon: 9 / 255 }));
    await page.click('.room nav a >> text=Digits');
    await visitor.until(({ pad }) => pad);
    await page.goBack();
    const { settings, photo } = await visitor.until(({ room, running }) => room === 'photographs' && !running);
    assert.equal(settings.method, 'fgsm');
    assert.equal(photo.name, 'ramps.png');
  });

  visit('a link is older than what is done while its network comes', { opened: false }, async (visitor, t) => {
    if (!withNetwork) return t.skip('the page was built without EfficientNet-Lite0');
    const { page, origin } = visitor;
    let release;
    const held = new Promise((resolve) => { release = resolve; });
    await page.route('**/*.onnx', async (route) => { await held; await route.continue(); });
    await page.goto(`${origin}/#photographs&photo=rocket&cut=0.4,0.4,0.5&method=bim&epsilon=0.1`);
    await visitor.until(({ photo }) => photo?.name === 'rocket' && photo.cut?.[2] === 0.5);
    await page.selectOption('#method', 'fgsm');
    await page.setInputFiles('#photo-file', { name: 'mine.png', mimeType: 'image/png', buffer: ramps() });
    await visitor.until(({ photo }) => photo.name === 'mine.png');
    release();
    const { settings, photo } = await visitor.until(({ result, running, prepared }) => result && !running && !prepared);
    assert.equal(settings.method, 'fgsm');
    assert.deepEqual(photo, { name: 'mine.png', own: true, cut: null });
  });

  visit('settings of other types are refused, and nothing is set', {}, async (visitor) => {
    const { page } = visitor;
    await withOwn(visitor);
    await page.evaluate(() => inoculate.attack({ method: 'fgsm', epsilon: 9 / 255 }).then(() => {}));
    const before = (await visitor.state()).settings;
    await page.evaluate(() => {
      window.gone = new ArrayBuffer(784);
      structuredClone(window.gone, { transfer: [window.gone] });
    });
    for (const [code, pattern] of [
      ['attack({ epsilon: NaN })', /epsilon is NaN/], ['attack({ epsilon: "much" })', /epsilon/],
      ['attack({ epsilon: [0.1] })', /epsilon/], ['attack({ target: NaN })', /target is NaN/],
      ['attack({ seed: NaN })', /seed is NaN/], ['attack({ seed: 1n })', /bigint/],
      ['attack([])', /attack: settings must be an object/], ['noise(5)', /noise: settings must be an object/],
      ['noise({ mean: NaN })', /mean is NaN/], ['loadNetwork(gone, 5)', /loadNetwork: settings must be an object/],
      ['loadNetwork(gone, { mean: NaN })', /mean is NaN/], ['loadNetwork(gone)', /^network\.onnx: /]]) {
      assert.match(await page.evaluate(`inoculate.${code}.then(() => 'accepted', (error) => error.message)`), pattern, code);
    }
    assert.deepEqual((await visitor.state()).settings, before);
    // What is undefined or null is not given.
    await page.evaluate(() => inoculate.attack({ method: 'fgsm', epsilon: undefined, seed: null }).then(() => {}));
    const { epsilon, seed } = (await visitor.state()).settings;
    assert(Math.abs(epsilon - 4 / 255) < 1e-9);
    assert.equal(seed, 1);
  });

  visit('a picture that is missing on the server keeps no room shut', { opened: false }, async (visitor, t) => {
    if (!withNetwork) return t.skip('the page was built without its photographs');
    const { page, origin } = visitor;
    await page.route('**/photographs/{coffee,rocket}.*', (route) => route.fulfill({ status: 404 }));
    await page.goto(`${origin}/#photographs`);
    const { photographs, photo } = await visitor.until(({ room, photo }) => room === 'photographs' && photo);
    assert(!photographs.includes('coffee') && !photographs.includes('rocket'));
    assert.equal(photo.name, photographs[0]);
    visitor.expectProblems(/404/);
  });

  visit('of networks that come together each problem stays, and the focus stays where it is', {}, async (visitor) => {
    const { page } = visitor;
    await withOwn(visitor);
    await page.setInputFiles('#network-file', [onnx('poem.onnx', Buffer.from('roses')), onnx('rhyme.onnx', Buffer.from('violets')),
                                               onnx('good.onnx', readFileSync(golden('mobilenet_v2')))]);
    const { problem } = await listed(visitor, 2);
    assert.match(problem, /^poem\.onnx: .*\nrhyme\.onnx: [^\n]*$/);
    const focused = () => page.evaluate(() => document.activeElement.id);
    await page.focus('#remove-network-1');
    await page.evaluate(() => inoculate.attack({ method: 'fgsm' }).then(() => {}));
    assert.equal(await focused(), 'remove-network-1');
    await page.keyboard.press('Enter');
    await listed(visitor, 1);
    assert.equal(await focused(), 'network-0');
  });
});
