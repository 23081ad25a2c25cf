// The laboratory's worker: hands messages to its module and lets it work in between.
'use strict';

importScripts('lab_module.js');

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
  if (module._lab_work()) takeTurn();
};

function receive({ head, body }) {
  const address = module._malloc(Math.max(1, body.length));
  module.HEAPU8.set(body, address);
  module.ccall('lab_receive', null, ['string', 'number', 'number'], [head, address, body.length]);
  module._free(address);
  takeTurn();
}

self.onmessage = ({ data }) => { module ? receive(data) : early.push(data); };

createLaboratory({
  toPage: (head, body) => self.postMessage({ head, body }, [body.buffer]),
}).then((created) => {
  module = created;
  early.splice(0).forEach(receive);
});
