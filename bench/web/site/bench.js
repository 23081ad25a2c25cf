// One library in a page of its own: ?library=inoculate, tfjs-wasm or tfjs-cpu. `window.bench` is what
// ../measure.mjs calls. Every library has the same few functions, synchronous, from floats to floats:
//   predict(images, n)            logits [n, 10]
//   fgsm(images, labels, n)       adversaries [n, 784]
//   train(images, labels, n)      one Adam step; its loss
import { readDigits, readSafetensors } from './files.js';

const library = new URLSearchParams(location.search).get('library');
const bytes = async (file) => new Uint8Array(await (await fetch(file)).arrayBuffer());

async function start() {
  const module = library === 'inoculate' ? './inoculate.js' : './tfjs.js';
  const [{ create }, weights, images, labels] = await Promise.all([
    import(module), bytes('weights.safetensors'), bytes('images'), bytes('labels'),
  ]);
  const digits = readDigits(images, labels);
  const made = await create(library, weights, readSafetensors(weights));
  made.predict(digits.batch(0, 1).images, 1);
  return { made, digits, firstPrediction: performance.now() };
}

/** Calls `call` on batch after batch for `milliseconds` at least, and gives the mean of one. */
function meanOf(call, digits, n, milliseconds) {
  const begin = performance.now();
  let calls = 0;
  let now = begin;
  while (now - begin < milliseconds) {
    const { images, labels } = digits.batch(calls, n);
    call(images, labels, n);
    calls += 1;
    now = performance.now();
  }
  return (now - begin) / calls;
}

const started = start();

window.bench = {
  firstPrediction: started.then(({ firstPrediction }) => firstPrediction),

  /** What the library computes of the first `n` digits, so that it can be compared. */
  async results(n) {
    const { made, digits } = await started;
    const { images, labels } = digits.batch(0, n);
    return {
      images: Array.from(images),
      logits: Array.from(made.predict(images, n)),
      adversaries: Array.from(made.fgsm(images, labels, n)),
    };
  },

  /** Milliseconds a call of `what` on batches of `n`, once warmed up; null if the library cannot do
   *  it. The fastest of many short stretches: what it takes when nothing else has the processor. A
   *  stretch is long enough for the browser's clock, which ticks every 0.1 ms. */
  async milliseconds(what, n) {
    const { made, digits } = await started;
    const call = what === 'predict' ? (images, labels, count) => made.predict(images, count)
                                    : made[what];
    try {
      meanOf(call, digits, n, 1000);
    } catch (error) {
      console.log(`${library} cannot ${what}: ${error.message.split('\n')[0]}`);
      return null;
    }
    const end = performance.now() + 2000;
    let best = Infinity;
    while (performance.now() < end) best = Math.min(best, meanOf(call, digits, n, 10));
    return best;
  },
};
