// A worker's script beside its module, after texts.js: hands messages to it and lets it work in between.
'use strict';

/**
 * Runs NAME_threads_module.js with as many threads as are wanted, eight at most, in a page that is
 * isolated from other origins, which alone may share memory; elsewhere NAME_module.js. WebKitGTK
 * 2.50 shares none there either.
 */
function runModule(name, wanted) {
  const shares = self.crossOriginIsolated === true && typeof SharedArrayBuffer === 'function';
  const threads = shares ? Math.max(1, Math.min(wanted, 8)) : 1;
  const script = `${name}${shares ? '_threads' : ''}_module.js`;
  importScripts(script);

  let module;
  const early = [];  // messages that came before the module was there
  const turn = new MessageChannel();  // unlike a timer it waits for nothing but its turn
  let turning = false;

  function takeTurn() {
    if (turning) return;
    turning = true;
    turn.port2.postMessage(null);
  }

  turn.port1.onmessage = () => {
    turning = false;
    if (module._worker_work()) takeTurn();
  };

  /** The module's memory: that which threads share has grown if one of them made it grow. */
  const heap = () => new Uint8Array((module.wasmMemory ?? module.HEAPU8).buffer);

  /** Copies bytes to the module's memory. */
  function copied(bytes) {
    const address = module._malloc(Math.max(1, bytes.length));
    if (address === 0) throw new Error(texts.noMemory);
    heap().set(bytes, address);
    return address;
  }

  function receive({ head, body }) {
    const text = copied(new TextEncoder().encode(`${head}\0`));
    try {
      const address = copied(body);
      try {
        module._worker_receive(text, address, body.length);
      } finally {
        module._free(address);
      }
    } finally {
      module._free(text);
    }
    takeTurn();
  }

  self.onmessage = ({ data }) => { module ? receive(data) : early.push(data); };

  createWorker({
    threads,
    mainScriptUrlOrBlob: new URL(script, self.location.href).href,
    // `memory`: how much the module has taken of the machine's.
    toPage: (head, body) => self.postMessage(
        { head, body, memory: module ? heap().length : 0, threads }, [body.buffer]),
  }).then((created) => {
    module = created;
    module._worker_use_threads(threads);
    early.splice(0).forEach(receive);
  }).catch((error) => setTimeout(() => { throw error; }));  // so that the page hears of it
}
