// The room of photographs: opened and left, networks and photographs of one's own, attacks that hold
// in a saved file, and what comes with the page where the build could get it (else it says SKIP).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { bring, enter, golden, listed, verdict, withNetwork, withOwn } from './photographs.mjs';
import { sizes, visits } from './visitor.mjs';

/** What the tabs take of the machine's memory, in MB: anonymous pages, as Chromium's task manager counts. */
async function memoryOfTabs(visitor) {
  const browser = await visitor.page.context().browser().newBrowserCDPSession();
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
  await browser.detach();
  const kilobytes = (status, key) => Number(status.match(new RegExp(`${key}:\\s+(\\d+)`))?.[1] ?? 0);
  return processInfo.filter(({ type }) => type === 'renderer')
    .map(({ id }) => readFileSync(`/proc/${id}/status`, 'utf8'))
    .reduce((sum, status) => sum + (kilobytes(status, 'RssAnon') + kilobytes(status, 'VmSwap')) / 1000, 0);
}

visits('photographs', (visit) => {
  visit('a room is opened by the header, kept, and left', {}, async (visitor) => {
    const { page } = visitor;
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    await visitor.click('digit_4');
    const before = (await visitor.state()).pad;
    assert(!asked.some((url) => url.includes('photographs')), 'its files come before it is opened');
    await visitor.click('room_photographs');
    await page.waitForSelector('#photo-title');
    assert.match(page.url(), /#photographs$/);
    assert(asked.some((url) => /photo_\w*module\.wasm/.test(url) || url.includes('photographs/room.js')));
    await page.fill('#target', 'r5c');  // the digits' room does not hear it
    await page.press('#target', 'Escape');
    const seen = asked.length;
    await page.click('.room nav a >> text=Digits');
    await visitor.until(({ pad }) => pad);
    assert.deepEqual((await visitor.state()).pad, before);
    await page.goBack();
    assert.equal((await visitor.state()).room, 'photographs');
    assert(!asked.slice(seen).some((url) => url.includes('room.js')), 'it is kept');
  });

  visit('a room that cannot be loaded says so, and can be opened again', {}, async (visitor) => {
    const { page } = visitor;
    await page.route('**/photo_*module.wasm', (route) => route.abort());
    await visitor.click('room_photographs');
    await page.waitForFunction(() => document.querySelector('#live').textContent.includes('room could not be opened'));
    assert.equal((await visitor.state()).notice.error, true);
    assert.equal(await page.locator('.room').count(), 0);
    await page.unroute('**/photo_*module.wasm');
    await visitor.click('notice_ok');
    await visitor.click('room_photographs');
    await page.waitForSelector('#photo-title');
  });

  visit('a network of one\'s own is described, attacked, and its adversary holds in a file', {}, async (visitor) => {
    const { page } = visitor;
    await withOwn(visitor);
    const { networks, result } = await visitor.state();
    assert.equal(networks[0].facts.parameters, 8907);
    assert.equal(networks[0].facts.width, 24);
    assert.match(await page.locator('.network .muted').textContent(), /24 × 24 in colour, 7 classes, 8,907 parameters.*12 Conv/);
    assert(result.largest_change <= 4);
    await page.evaluate(() => inoculate.attack({ method: 'pgd', epsilon: 16 / 255, steps: 20 }).then(() => {}));
    const attacked = (await visitor.state()).result;
    assert.equal(attacked.success, attacked.adversary.best !== attacked.class);
    assert.match(await verdict(visitor), attacked.success ? /^Fooled/ : /^Not fooled/);
    const saved = await visitor.download(() => page.click('#save'));
    assert.equal(saved.name, 'adversary.png');
    await page.waitForFunction(() => document.querySelector('#saved').textContent.includes('Read again'));
    const said = (await visitor.state()).result.adversary.guesses[0];
    assert((await page.locator('#saved').textContent()).includes(`${said.name}, ${(100 * said.probability).toFixed(1)} %`));
    // And opened as anybody's picture.
    await page.setInputFiles('#photo-file', { name: 'adversary.png', mimeType: 'image/png', buffer: saved.bytes });
    await visitor.until(({ photo, running }) => photo.name === 'adversary.png' && !running);
    const again = await page.evaluate(() => inoculate.classify());
    assert.equal(again.how, 'as it is');
    assert.deepEqual(again.guesses[0], said);
  });

  visit('what is no network says so in one sentence, and networks go side by side', {}, async (visitor) => {
    const { page } = visitor;
    await withOwn(visitor);
    await page.setInputFiles('#network-file', { name: 'poem.onnx', mimeType: 'text/plain', buffer: Buffer.from('roses') });
    await page.waitForFunction(() => document.querySelector('#network-problem').textContent !== '');
    assert.match(await page.locator('#network-problem').textContent(), /^poem\.onnx: /);
    await bring(visitor, 'mobilenet_v2', 'efficientnet', 'shufflenet');
    await listed(visitor, 4);
    await bring(visitor, 'squeezenet');
    await page.waitForFunction(() => document.querySelector('#network-problem').textContent.includes('four') ||
                                     document.querySelector('#network-problem').textContent.includes('4 networks'));
    const { result } = await page.evaluate(() => inoculate.attack({ epsilon: 8 / 255 })).then(() => visitor.state());
    assert.equal(result.transfer.length, 3);
    assert.equal(await page.locator('.network p:text-matches("ooled")').count(), 3);
    await page.locator('.network button').first().click();
    await listed(visitor, 3);
    for (let left = 2; left >= 0; --left) {
      await page.locator('.network button').first().click();
      await listed(visitor, left);
    }
    await page.waitForFunction(() => document.querySelector('#verdict').textContent.startsWith('There is no network yet'));
    assert.match(await page.evaluate(() => inoculate.attack().catch((error) => error.message)), /no network/);
    await page.evaluate(() => createImageBitmap(new ImageData(32, 32)).then((photo) => inoculate.setPhoto(photo)));
    assert.equal((await visitor.state()).photo.name, 'the photograph');
  });

  visit('networks that are read at the same time have a place each', {}, async (visitor) => {
    const { page } = visitor;
    await withOwn(visitor);
    const files = ['mobilenet_v2', 'efficientnet', 'shufflenet', 'squeezenet']
      .map((name) => [name, [...readFileSync(golden(name))]]);
    const refused = await page.evaluate((all) => Promise.allSettled(all.map(([name, bytes]) =>
      inoculate.loadNetwork(Uint8Array.from(bytes).buffer, {}, name)))
      .then((ends) => ends.filter(({ reason }) => reason).map(({ reason }) => reason.message)), files);
    assert.equal(refused.length, 1);
    assert.match(refused[0], /^squeezenet/);
    await listed(visitor, 4);
    const { result: { transfer } } = await page.evaluate(() => inoculate.attack({ epsilon: 8 / 255 }))
      .then(() => visitor.state());
    assert.equal(new Set(transfer.map(({ number }) => number)).size, 3);
    const said = transfer.map(({ original }) => JSON.stringify(original.guesses));
    assert.equal(new Set(said).size, 3, 'two networks say the same');
  });

  visit('an attack counts only if the network is as sure as is asked', {}, async (visitor) => {
    const { page } = visitor;
    await withOwn(visitor);
    const sure = async (percent) => {
      await page.locator('#confidence').fill(String(percent));
      await page.locator('#confidence').dispatchEvent('change');
      return visitor.until(({ settings, running, result }) =>
        Math.abs(settings.confidence - percent / 100) < 1e-9 && !running && result);
    };
    await page.evaluate(() => inoculate.attack({ method: 'pgd', epsilon: 64 / 255, steps: 20 }).then(() => {}));
    const any = (await visitor.state()).result;
    assert.equal(any.success, true);
    for (const percent of [20, 60, 99]) {
      const { result, verdict: said } = await sure(percent);
      const [best] = result.adversary.guesses;
      assert.equal(result.success, best.class !== result.class && best.probability >= percent / 100, `${percent} %`);
      if (!result.success && best.class !== result.class) assert.match(said, /less surely than/);
    }
    assert.match(await page.locator('[data-knob="confidence"]').innerText(), /99 %/);
  });

  visit('a long attack is stopped, and another works', {}, async (visitor) => {
    const { page } = visitor;
    await withOwn(visitor);
    const ended = page.evaluate(() => inoculate.attack({ method: 'square', epsilon: 1 / 255, queries: 20000, confidence: 0.99 })
      .then(() => 'done', (error) => error.message));
    await visitor.until(({ running, progress }) => running && progress > 0);
    await page.evaluate(() => inoculate.cancelAttack());
    assert.match(await ended, /stopped/);
    assert.equal((await visitor.state()).running, false);
    assert.match(await verdict(visitor), /stopped/);
    const after = await page.evaluate(() => inoculate.attack({ method: 'fgsm', epsilon: 2 / 255 }).then(({ largest_change: l }) => l));
    assert(after <= 2);
    // However long it is, and even if another takes its place before it is attacked, a photograph is there.
    await page.evaluate(() => createImageBitmap(new ImageData(20000, 1)).then((photo) => inoculate.setPhoto(photo, 'long')));
    await page.evaluate(() => createImageBitmap(new ImageData(48, 48)).then((photo) =>
      Promise.all(['first', 'second'].map((name) => inoculate.setPhoto(photo, name)))).then(() => {}));
    const { photo, running } = await visitor.state();
    assert.equal(running, false);
    assert.equal(photo.name, 'second');
  });

  visit('noise, the curve, the smallest epsilon and a link', {}, async (visitor) => {
    const { page } = visitor;
    await withOwn(visitor);
    await page.selectOption('#method', 'fgsm');
    await page.click('#draw-curve');
    await visitor.until(({ curve }) => curve.length === 11);
    await page.click('#smallest');
    const told = page.locator('#saved, #verdict').filter({ hasText: /smallest epsilon at which it works|No epsilon/ });
    await told.first().waitFor();
    await page.evaluate(() => inoculate.noise({ mean: 90, deviation: 30, seed: 5 }));
    const state = await visitor.until(({ photo, running }) => photo.name === 'noise' && !running);
    assert.equal(state.curve.length, 0);  // it was another photograph's
    for (const [settings, pattern] of [[{ method: 'pray' }, /no method/], [{ epsilon: 0.9 }, /epsilon/], [{ target: 7 }, /target/],
                                       [{ steps: 1e9 }, /steps/], [{ sleeps: 1 }, /sleeps/], [7, /an object/]]) {
      const before = (await visitor.state()).settings;
      assert.match(await page.evaluate((given) => inoculate.attack(given).then(() => '', (error) => error.message), settings), pattern);
      const left = (await visitor.state()).settings;  // nothing of what was refused
      assert.deepEqual({ ...left, seed: 1 }, { ...before, seed: 1 });
    }
    await page.goto(`${page.url().split('#')[0]}#photographs&sleeps=1&epsilon=0.02`);
    await page.click('#run');
    await visitor.until(({ running, result }) => !running && result);
    assert.doesNotMatch(await verdict(visitor), /sleeps/);
    await page.evaluate(() => inoculate.attack({ method: 'bim', epsilon: 7 / 255, steps: 12 }));
    await page.click('#link');
    await page.waitForFunction(() => location.hash.includes('method=bim'));
    const hash = await page.evaluate(() => location.hash);
    await page.goto(`${visitor.origin}/?again${hash}`);
    await page.waitForSelector('#verdict', { state: 'attached' });
    const { settings } = await visitor.until(({ settings }) => settings?.method === 'bim');
    assert.equal(settings.steps, 12);
    assert(Math.abs(settings.epsilon - 7 / 255) < 1e-9);
  });

  for (const size of Object.keys(sizes)) {
    visit(`nothing is cut off at ${size} size`, { size }, async (visitor) => {
      const { page } = visitor;
      await enter(visitor);
      if (withNetwork) await visitor.until(({ result, prepared, running }) => result && !prepared && !running);
      await visitor.picture(`photographs, ${size}`);
      const { viewport: { width } } = sizes[size];
      const wide = await page.evaluate(() => [...document.querySelectorAll('.room main *')]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 1)
        .map((one) => [one.id || one.className || one.tagName, one.getBoundingClientRect().right]));
      for (const [name, right] of wide) assert(right <= width + 0.5, `${name} ends at ${right}`);
      const small = await page.evaluate(() => [...document.querySelectorAll('.room button, .room .button, .room select')]
        .filter((one) => one.checkVisibility()).map((one) => [one.textContent, one.getBoundingClientRect().height]));
      if (size === 'phone') for (const [name, height] of small.slice(1)) assert(height >= 28, `${name} is ${height} high`);
    });
  }

  visit('the example drives the page in a frame', { opened: false }, async (visitor, t) => {
    if (!withNetwork) return t.skip('the page was built without EfficientNet-Lite0');
    const { page, origin } = visitor;
    await page.goto(`${origin}/example.html`);
    await page.waitForFunction(() => document.getElementById('frame').contentWindow.inoculate?.room);
    await page.click('#start');
    await page.waitForFunction(() => document.getElementById('said').textContent.includes('pgd within 2/255'));
    assert.match(await page.textContent('#said'), /^The network reads espresso.*\nfgsm within 1\/255: /);
    await page.click('#stop');
  });

  visit('without WebGL the room works all the same', { opened: false }, async (visitor) => {
    const { page, origin } = visitor;
    await page.addInitScript(() => {
      const { getContext } = HTMLCanvasElement.prototype;
      HTMLCanvasElement.prototype.getContext = function(kind, ...rest) {
        return kind === '2d' ? getContext.call(this, kind, ...rest) : null;
      };
    });
    await page.goto(`${origin}/#photographs`);
    await page.waitForSelector('#photo-title');
    await withOwn(visitor);
    assert.match(await verdict(visitor), /ooled/);
  });

  visit('what comes with the page: prepared, then attacked anew, and memory stays', { opened: false }, async (visitor, t) => {
    if (!withNetwork) return t.skip('the page was built without EfficientNet-Lite0');
    const { page, origin } = visitor;
    let release;
    const held = new Promise((resolve) => { release = resolve; });
    await page.route('**/*.onnx', async (route) => { await held; await route.continue(); });
    await page.goto(`${origin}/#photographs`);
    const prepared = await visitor.until((state) => state.room === 'photographs' && state.prepared);
    assert.equal(prepared.result.success, true);
    assert.match(prepared.verdict, /^Fooled/);
    release();
    const live = await visitor.until(({ result, prepared, running }) => result && !prepared && !running);
    // The command made the prepared one: the same photograph, class and bounds.
    assert.equal(live.result.class, prepared.result.class);
    assert.equal(live.result.largest_change, prepared.result.largest_change);
    assert(Math.abs(live.result.original.label - prepared.result.original.label) < 0.001);
    assert.equal(live.result.success, true);
    // Towards a class that is searched for by its name, on a part of the photograph cut out by hand.
    await page.focus('canvas.crop');
    for (let i = 0; i < 4; ++i) await page.keyboard.press('-');
    await visitor.until(({ photo, running }) => photo.cut !== null && photo.cut[2] < 0.75 && !running);
    await page.click('#whole');
    await visitor.until(({ photo, running }) => photo.cut === null && !running);
    await page.fill('#target', 'goldfish');
    await page.press('#target', 'Tab');
    const towards = await visitor.until(({ settings, result, running }) =>
      settings.target === 1 && result.adversary.target !== null && !running);
    assert(towards.result.adversary.target > 10 * towards.result.original.target);
    assert.equal(towards.result.success, towards.result.adversary.best === 1);
    const attack = () => page.evaluate(() => {
      const begin = performance.now();
      return inoculate.attack({ method: 'pgd', epsilon: 4 / 255, steps: 10 })
        .then(() => performance.now() - begin);
    });
    const times = [await attack(), await attack()];
    const before = (await visitor.state()).memory;
    for (let i = 0; i < 10; ++i) times.push(await attack());
    assert.equal((await visitor.state()).memory, before);
    const reading = await page.evaluate(async () => {
      const begin = performance.now();
      await inoculate.classify();
      return performance.now() - begin;
    });
    const tab = await memoryOfTabs(visitor);
    t.diagnostic(`PGD of 10 steps: ${Math.round(Math.min(...times))} ms at best; reading ${Math.round(reading)} ms; ` +
                 `the module's memory ${Math.round(before / 1e6)} MB, the tab's ${Math.round(tab)} MB`);
    assert(tab <= 400, `the tab takes ${Math.round(tab)} MB`);
  });
});
