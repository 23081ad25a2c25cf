// Another language is one file: the room of photographs in a made-up one, whose every text stands in
// brackets. What a visitor sees without them is not in the table.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { greyPng } from './png.mjs';
import { site, visits } from './visitor.mjs';

const golden = (name) => fileURLToPath(new URL(`../golden/onnx/${name}.onnx`, import.meta.url));

const bracketed = readFileSync(`${site}/photographs/texts.js`, 'utf8').replace('export const texts =', 'const english =') + `
const translated = (text) => typeof text === 'string' ? \`\\u27e6\${text}\\u27e7\`
  : typeof text === 'function' ? (...given) => translated(text(...given))
  : Array.isArray(text) ? text.map(translated)
  : Object.fromEntries(Object.entries(text).map(([key, value]) => [key, translated(value)]));
export const texts = translated(english);
`;

/** Runs in the page: what is read of the room that has a word in it. */
const shown = () => {
  const main = document.querySelector('.room main');
  const said = [...main.querySelectorAll('[aria-label]')].map((node) => node.getAttribute('aria-label'));
  said.push(...[...main.querySelectorAll('[placeholder]')].map(({ placeholder }) => placeholder));
  const walk = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) said.push(walk.currentNode.textContent);
  return said.map((text) => text.trim()).filter((text) => /\p{L}\p{L}/u.test(text));
};

visits('texts', (visit) => {
  visit('every text of the room of photographs is in its table', {}, async (visitor) => {
    const { page } = visitor;
    await page.route('**/photographs/texts.js', (route) => route.fulfill({ body: bracketed, contentType: 'text/javascript' }));
    await page.route('**/photographs/photographs.json', (route) => route.fulfill({ json: { network: null, photographs: [] } }));
    await page.evaluate(() => inoculate.room('photographs'));
    const data = new Set(['resnet.onnx', 'mlp.onnx', 'ramps.png']);  // what is no text of ours
    let seen = 0;
    const judge = async (where) => {
      const { result } = await visitor.state();
      for (const reading of result ? [result.original, result.adversary, result.noise] : []) {
        for (const { name } of reading.guesses) data.add(name);
      }
      const said = await page.evaluate(shown);
      seen += said.length;
      for (const text of said) assert(/^\u27e6.*\u27e7$/su.test(text) || data.has(text), `${where}: "${text}"`);
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
});
