// Threads, in a page that is isolated from other origins; and without, where it is not: the results
// are the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { serve } from '../../web/serve.mjs';
import { site, visits, Visitor } from './visitor.mjs';

const network = readFileSync(fileURLToPath(new URL('../golden/onnx/efficientnet.onnx', import.meta.url)));

/** Has the workers believe that the machine has four processors. */
const withFour = (page) => page.route(/\/(lab|worker)\.js$/, async (route) => {
  const response = await route.fetch();
  const body = `Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 });\n${await response.text()}`;
  await route.fulfill({ response, body });
});

/** What training and an attack on a network of a file come to, and how many threads each had. */
async function work(visitor) {
  const { page } = visitor;
  const modules = [];
  page.on('request', (request) => modules.push(...request.url().match(/\w+_module\.wasm$/) ?? []));
  await visitor.open();
  const weights = await page.evaluate(async () => {
    await inoculate.inoculate({ count: 200, epochs: 2, seed: 3 });
    const hash = await crypto.subtle.digest('SHA-256', await inoculate.saveWeights());
    return new Uint8Array(hash).join();
  });
  const { isolated, refused, result } = await page.evaluate(async (bytes) => {
    await inoculate.room('photographs');
    const load = (settings) => inoculate.loadNetwork(Uint8Array.from(bytes).buffer, settings, 'own.onnx');
    const refused = await load({ preprocess: 'torch', sharpen: true }).catch(({ message }) => message);
    await load({ preprocess: 'torch' });
    await inoculate.noise({ mean: 120, deviation: 40, seed: 5 });
    await inoculate.attack({ method: 'pgd', epsilon: 16 / 255, steps: 10 });
    return { isolated: crossOriginIsolated, refused, result: (await inoculate.state()).result };
  }, [...network]);
  const { threads } = await visitor.state();
  return { modules: [...new Set(modules)].sort(), weights, isolated, threads, refused, result };
}

visits('threads', (visit) => {
  visit('they are used where the page is isolated, and change nothing', { opened: false }, async (visitor) => {
    await withFour(visitor.page);
    const shared = await work(visitor);
    const { server, port } = await serve(site, 0, {});
    const alone = new Visitor(await visitor.page.context().newPage(), `http://127.0.0.1:${port}`);
    const single = await work(alone).finally(() => server.close());
    assert.deepEqual(alone.problems, []);
    assert.equal(shared.isolated, true);
    assert.equal(single.isolated, false);
    assert.deepEqual(shared.modules, ['lab_threads_module.wasm', 'page_module.wasm', 'photo_threads_module.wasm']);
    assert.deepEqual(single.modules, ['lab_module.wasm', 'page_module.wasm', 'photo_module.wasm']);
    assert.equal(shared.threads, 4);
    assert.equal(single.threads, 1);
    // What is thrown is caught in both.
    assert.match(shared.refused, /^own\.onnx: what is said of it has the unknown key 'sharpen'/);
    assert.equal(shared.refused, single.refused);
    assert.equal(shared.weights, single.weights);
    assert.deepEqual(shared.result, single.result);
  });
});
