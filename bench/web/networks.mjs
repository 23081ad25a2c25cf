// node networks.mjs SITE PLAYWRIGHT ROUNDS NETWORK.onnx...: networks of files, ours beside
// onnxruntime-web, one thread each, in headless Chromium, in turn; prints a table. SITE: the folder
// that `./run bench web` lays out. PLAYWRIGHT: playwright-core.
import { copyFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { serve } from '../../web/serve.mjs';
import { printTable } from './table.mjs';

const [site, playwright, rounds, ...networks] = process.argv.slice(2);
const { chromium } = await import(pathToFileURL(join(resolve(playwright), 'index.mjs')));
const libraries = ['inoculate', 'onnxruntime-web'];
const calls = 20;  // of each kind in a round

const { server, port } = await serve(resolve(site), 0, {});  // not isolated: no library has threads
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});

async function measure(library, file) {
  const page = await browser.newPage();
  page.setDefaultTimeout(600000);
  page.on('pageerror', (error) => console.error(`  ${error.message}`));
  await page.goto(`http://127.0.0.1:${port}/networks.html?library=${library}&network=${file}`);
  const logits = await page.evaluate(() => window.bench.logits());
  const time = (what) => page.evaluate(([w, k]) => window.bench.milliseconds(w, k), [what, calls]);
  const figures = { logits, forward: await time('forward'), gradient: await time('gradient'),
                    memory: await page.evaluate(() => window.bench.memory()) };
  await page.close();
  return figures;
}

const lines = [['network', 'forward', 'onnxruntime-web', 'ratio', 'with gradient', 'to their forward', 'memory',
                'logits differ by']];
for (const path of networks) {
  const file = basename(path);
  copyFileSync(path, join(site, file));
  const figures = Object.fromEntries(libraries.map((name) => [name, []]));
  for (let round = 1; round <= Number(rounds); ++round) {
    for (const library of libraries) {
      console.error(`round ${round}: ${file}, ${library}`);
      figures[library].push(await measure(library, file));
    }
  }
  const least = (library, what) => Math.min(...figures[library].map((figure) => figure[what]));
  const [forward, theirs] = libraries.map((library) => least(library, 'forward'));
  const gradient = least('inoculate', 'gradient');
  const [ours, others] = libraries.map((library) => figures[library][0].logits);
  const scale = Math.max(...others.map(Math.abs));
  const difference = Math.max(...ours.map((logit, i) => Math.abs(logit - others[i]))) / scale;
  const memory = Math.max(...figures.inoculate.map((figure) => figure.memory));
  lines.push([file, `${forward.toFixed(1)} ms`, `${theirs.toFixed(1)} ms`, (forward / theirs).toFixed(2),
              `${gradient.toFixed(1)} ms`, (gradient / theirs).toFixed(2), `${(memory / 1e6).toFixed(0)} MB`,
              `${difference.toExponential(1)} of the largest`]);
}
console.log(`\nChromium ${browser.version()}, headless, one thread of ${cpus()[0].model}; one picture of 224 x 224, `
            + `the least of ${calls} calls in each of ${rounds} rounds\n`);
printTable(lines);
await browser.close();
server.close();
