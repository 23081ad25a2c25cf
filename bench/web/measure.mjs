// node measure.mjs SITE PLAYWRIGHT [ROUNDS]: times ours and tfjs in headless Chromium, in turn, and
// prints a table. SITE: the folder that `./run bench web` lays out. PLAYWRIGHT: playwright-core.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

import { serve } from '../../web/serve.mjs';
import { printTable } from './table.mjs';

const [site, playwright, rounds = '3'] = process.argv.slice(2);
const { chromium } = await import(pathToFileURL(join(resolve(playwright), 'index.mjs')));

// What a visitor's browser loads of each.
const libraries = {
  inoculate: ['engine.js', 'engine.wasm'],
  'tfjs-wasm': ['tf.min.js', 'tf-backend-wasm.min.js', 'tfjs-backend-wasm-simd.wasm'],
  'tfjs-cpu': ['tf.min.js'],
};
const names = Object.keys(libraries);

const rate = (n) => (time) => `${Math.round(1000 * n / time).toLocaleString('en')} img/s`;
const milliseconds = (time) => `${time.toFixed(3)} ms`;
const rows = [
  { title: 'predict 1 image', what: 'predict', n: 1, format: milliseconds },
  { title: 'predict 64', what: 'predict', n: 64, format: rate(64) },
  { title: 'FGSM 1 image', what: 'fgsm', n: 1, format: milliseconds },
  { title: 'FGSM 64', what: 'fgsm', n: 64, format: rate(64) },
  { title: 'Adam step, batch 64', what: 'train', n: 64, format: rate(64) },
];

const largestDifference = (a, b) => a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);

/** Figures of one library in a page opened for it: {first, times: [a row each], results}. */
async function measure(browser, address, library) {
  const page = await browser.newPage();
  page.on('console', (message) => console.error(`  ${message.text()}`));
  page.on('pageerror', (error) => console.error(`  ${error.message}`));
  await page.goto(`${address}?library=${library}`);
  const first = await page.evaluate(() => window.bench.firstPrediction);
  const results = await page.evaluate(() => window.bench.results(64));
  const times = [];
  for (const { what, n } of rows) {
    times.push(await page.evaluate(([w, k]) => window.bench.milliseconds(w, k), [what, n]));
  }
  await page.close();
  return { first, times, results };
}

const { server, port } = await serve(resolve(site), 0, {});  // not isolated: no library has threads
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const figures = Object.fromEntries(names.map((name) => [name, []]));
for (let round = 1; round <= Number(rounds); ++round) {
  for (const name of names) {
    console.error(`round ${round}: ${name}`);
    figures[name].push(await measure(browser, `http://127.0.0.1:${port}/`, name));
  }
}

console.log(`Chromium ${browser.version()}, headless, one thread of ${cpus()[0].model}; `
            + `the caller's time on the page's main thread, best of ${rounds} rounds\n`);
const cell = (name, row) => {
  const times = figures[name].map((figure) => figure.times[row]);
  return times.includes(null) ? 'cannot' : rows[row].format(Math.min(...times));
};
const codeSize = (name) => libraries[name].reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(site, file)), { level: 9 }).length, 0);
printTable([
  ['', ...names],
  ...rows.map(({ title }, row) => [title, ...names.map((name) => cell(name, row))]),
  ['first prediction after navigation',
    ...names.map((name) => `${Math.min(...figures[name].map(({ first }) => first)).toFixed(0)} ms`)],
  ['code, gzip', ...names.map((name) => `${(codeSize(name) / 1000).toFixed(0)} kB`)],
]);

// That all compute the same. Where a library rounds a gradient to 0 its pixel stays, so only pixels
// that both move can be compared.
const ours = figures.inoculate[0].results;
const moves = ({ images, adversaries }) => adversaries.map((x, i) => Math.sign(Math.fround(x - images[i])));
for (const name of names.slice(1)) {
  const theirs = figures[name][0].results;
  const ourMoves = moves(ours);
  const theirMoves = moves(theirs);
  const both = ourMoves.flatMap((move, i) => (move && theirMoves[i] ? [move === theirMoves[i]] : []));
  const agreeing = both.filter(Boolean).length / both.length;
  console.log(`\n${name} and ours on 64 digits: logits differ by at most `
              + `${largestDifference(ours.logits, theirs.logits).toExponential(1)}; of the `
              + `${both.length} pixels both attacks move, ${(100 * agreeing).toFixed(2)} % go the same way`);
}
await browser.close();
server.close();
