// One library with one network in a page of its own: ?library=inoculate or onnxruntime-web,
// &network=FILE. `window.bench` is what ../networks.mjs calls.
import { loadScript } from './files.js';

const parameters = new URLSearchParams(location.search);
const [library, network] = ['library', 'network'].map((key) => parameters.get(key));

/** The same picture of noise for all: 0..1, height x width x channels. */
function picture(side) {
  let state = 1;
  return Float32Array.from({ length: side * side * 3 }, () => {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    return state / 2 ** 32;
  });
}
const side = 224;

async function ours(file) {
  await loadScript('networks.js');
  const engine = await create_networks();
  const at = engine._malloc(file.length);
  engine.HEAPU8.set(file, at);
  const image = engine._network_load(at, file.length);
  engine._free(at);
  engine.HEAPF32.set(picture(side), image / 4);
  const take = (from, size) => engine.HEAPF32.slice(from / 4, from / 4 + size);
  return {
    forward: () => take(engine._network_logits(), engine._network_classes()),
    gradient: () => take(engine._network_gradient(), side * side * 3),
    memory: () => engine.HEAPU8.length,
  };
}

async function theirs(file) {
  await loadScript('ort.wasm.min.js');
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = './';
  const session = await ort.InferenceSession.create(file, { executionProviders: ['wasm'] });
  const pixels = picture(side);
  const planes = Float32Array.from(pixels, (_, i) => pixels[3 * (i % (side * side)) + Math.floor(i / (side * side))]);
  const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', planes, [1, 3, side, side]) };
  return { forward: async () => (await session.run(feeds))[session.outputNames[0]].data };
}

const file = fetch(network).then(async (answer) => new Uint8Array(await answer.arrayBuffer()));
const started = file.then(library === 'inoculate' ? ours : theirs);

window.bench = {
  logits: () => started.then(({ forward }) => forward()).then((logits) => [...logits]),
  memory: () => started.then(({ memory }) => memory?.() ?? null),

  /** The least milliseconds of `count` calls of `what`, after three that warm up; null: it has none. */
  async milliseconds(what, count) {
    const made = await started;
    if (!made[what]) return null;
    let best = Infinity;
    for (let i = -3; i < count; ++i) {
      const begin = performance.now();
      await made[what]();
      if (i >= 0) best = Math.min(best, performance.now() - begin);
    }
    return best;
  },
};
