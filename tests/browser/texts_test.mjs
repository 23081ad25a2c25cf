// Another language is a table of texts: here a made-up one, whose every text stands in brackets.
// What a visitor sees without them is not in its table. What the digits' canvas and its mirror show is
// the module's: tests/page_texts_test.cpp.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

import { greyPng } from './png.mjs';
import { visits } from './visitor.mjs';

const golden = (name) => fileURLToPath(new URL(`../golden/onnx/${name}.onnx`, import.meta.url));

/** A file of the page in the made-up language. */
const translated = (() => {
  const texts = fileURLToPath(new URL('../../web/texts', import.meta.url));
  const bracketed = ([key, text]) => [key, key === '_' || key === 'language' ? text
    : typeof text === 'string' ? `\u27e6${text}\u27e7` : Object.fromEntries(Object.entries(text).map(bracketed))];
  const english = JSON.parse(readFileSync(`${texts}/en.json`, 'utf8'));
  const folder = mkdtempSync(`${tmpdir()}/inoculate-texts-`);
  try {
    const [, table] = bracketed(['', { ...english, language: 'xx' }]);
    writeFileSync(`${folder}/xx.json`, JSON.stringify(table));
    execFileSync('python3', [`${texts}/make_texts.py`, `${folder}/xx.json`, folder]);
    return new Map(['index.html', 'texts.js', 'photographs/room.html', 'photographs/texts.js']
      .map((file) => [`/${file}`, readFileSync(`${folder}/site/${file}`, 'utf8')]));
  } finally {
    rmSync(folder, { recursive: true });
  }
})();
const inBrackets = /^\u27e6.*\u27e7$/su;

/** From now on the page is in it. */
const translate = ({ page }) => page.route(({ pathname }) => pathname === '/' || translated.has(pathname), (route) => {
  const { pathname } = new URL(route.request().url());
  const file = pathname === '/' ? '/index.html' : pathname;
  return route.fulfill({ body: translated.get(file), contentType: file.endsWith('.js') ? 'text/javascript' : 'text/html' });
});
const noPhotographs = ({ page }) =>
  page.route('**/photographs/photographs.json', (route) => route.fulfill({ json: { network: null, photographs: [] } }));

/** Runs in the page: what is read of a part of it, without others, that has a word in it. */
const shown = ({ of, without }) => {
  const part = document.querySelector(of);
  const within = (node) => !without || !node.closest(without);
  const said = [...part.querySelectorAll('[aria-label]')].filter(within).map((node) => node.getAttribute('aria-label'));
  said.push(...[...part.querySelectorAll('[placeholder]')].filter(within).map(({ placeholder }) => placeholder));
  const walk = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    if (within(walk.currentNode.parentElement)) said.push(walk.currentNode.textContent);
  }
  return said.map((text) => text.trim()).filter((text) => /\p{L}\p{L}/u.test(text));
};

visits('texts', (visit) => {
  visit('every text of the room of photographs is in its table', {}, async (visitor) => {
    const { page } = visitor;
    await translate(visitor);
    await noPhotographs(visitor);
    await page.evaluate(() => inoculate.room('photographs'));
    const data = new Set(['resnet.onnx', 'mlp.onnx', 'ramps.png']);  // what is no text of ours
    let seen = 0;
    const judge = async (where) => {
      const { result } = await visitor.state();
      for (const reading of result ? [result.original, result.adversary, result.noise] : []) {
        for (const { name } of reading.guesses) data.add(name);
      }
      const said = await page.evaluate(shown, { of: '.room main' });
      seen += said.length;
      for (const text of said) assert(inBrackets.test(text) || data.has(text), `${where}: "${text}"`);
    };
    await judge('no network yet');
    await page.setInputFiles('#network-file', golden('resnet'));
    await page.setInputFiles('#photo-file', { name: 'ramps.png', mimeType: 'image/png',
                                              buffer: greyPng(64, 48, (x, y) => (7 * x + 3 * y) % 256) });
    await visitor.until(({ network, result, running }) => network && result && !running, 'attacked');
    await page.setInputFiles('#network-file', golden('mlp'));
    await visitor.until(({ networks, result, running }) => networks.length === 2 && result.transfer?.length === 1 && !running);
    await judge('two networks');
    for (const method of ['fgsm', 'deepfool', 'square', 'nes', 'noise', 'patch', 'bim']) {
      await page.evaluate((name) => inoculate.attack({ method: name, epsilon: 1 / 255, queries: 50 }).then(() => {}), method);
      await judge(method);
    }
    await page.evaluate(() => inoculate.attack({ method: 'fgsm', target: 1, confidence: 0.5 }).catch(() => {}));
    await judge('a target');
    await page.click('#draw-curve');
    await visitor.until(({ curve }) => curve.length === 11);
    await visitor.download(() => page.click('#save'));
    await page.waitForFunction(() => document.querySelector('#saved').textContent.includes('Read again'));
    await judge('saved');
    await page.click('#link');
    await page.waitForFunction(() => document.querySelector('#saved').textContent.includes('A link'));
    await judge('a link');
    assert(seen > 400, `${seen} texts were looked at`);
  });

  visit('every text of the page around the rooms is in its table', { opened: false }, async (visitor) => {
    const { page } = visitor;
    await translate(visitor);
    await noPhotographs(visitor);
    await visitor.open();
    await page.locator('.pad').waitFor({ state: 'attached' });  // the mirror is there
    const judge = async (least, part) => {
      const said = await page.evaluate(shown, part);
      for (const text of said) assert.match(text, inBrackets, `${part.of}: "${text}"`);
      assert(said.length >= least, `${part.of}: ${said.join(' ')}`);
    };
    // The sections of the mirror and what is announced come from the module.
    await judge(8, { of: 'body', without: '#sections, #live, h1, noscript, script' });
    await judge(10, { of: '.pad' });
    await judge(3, { of: '#mirror-network' });
    assert.match(await page.title(), inBrackets);
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'xx');
    await page.locator('#mirror-pad').focus();
    await page.keyboard.press('ArrowUp');
    assert.match(await page.locator('.pad [role=status]').textContent(), inBrackets);
    const refusals = await page.evaluate(() => Promise.all([
      inoculate.openPicture(3), inoculate.openPicture(new Blob()), inoculate.openPicture(new Blob(['no picture'])),
      inoculate.setImage(new ArrayBuffer(33 * 1024 * 1024)), inoculate.attack({ epsilon: NaN }),
      inoculate.room('nowhere'),
    ].map((promise) => promise.then(() => 'no refusal', (error) => error.message))));
    for (const text of refusals) assert.match(text, inBrackets);
    await page.evaluate(() => dispatchEvent(new DragEvent('drop', { dataTransfer: new DataTransfer() })));
    await visitor.until(({ notice }) => notice.error && notice.text.startsWith('\u27e6'));
    await page.evaluate(() => inoculate.room('photographs'));
    await judge(3, { of: '.room header', without: '.brand' });
  });

  visit('and so is why there is nothing to show', { opened: false }, async (visitor) => {
    const { page, origin } = visitor;
    await translate(visitor);
    await page.addInitScript(() => { WebAssembly.validate = () => false; });
    await page.goto(origin);
    await page.locator('#problem').waitFor({ state: 'visible' });
    assert.match(await page.locator('#problem').textContent(), inBrackets);
  });
});
