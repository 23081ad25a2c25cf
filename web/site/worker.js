// A worker's script beside its module: hands messages to it and lets it work in between.
'use strict';

/** Runs the module that `createWorker`, of a script loaded before this one, makes. */
(() => {
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

  /** Copies bytes to the module's heap. */
  function copied(bytes) {
    const address = module._malloc(Math.max(1, bytes.length));
    if (address === 0) throw new Error('There is not enough memory left for this.');
    module.HEAPU8.set(bytes, address);
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
    // `memory`: how much the module has taken of the machine's.
    toPage: (head, body) => self.postMessage({ head, body, memory: module?.HEAPU8.length }, [body.buffer]),
  }).then((created) => {
    module = created;
    early.splice(0).forEach(receive);
  }).catch((error) => setTimeout(() => { throw error; }));  // so that the page hears of it
})();
