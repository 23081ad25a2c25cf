// Joins the page's module with the browser: its files, the laboratory's worker, window.inoculate.
'use strict';

(() => {
  const element = (id) => document.getElementById(id);

  /** Shows why there is nothing else to show. */
  function giveUp(message) {
    element('loading').hidden = true;
    element('canvas').hidden = true;
    element('problem').hidden = false;
    element('problem').textContent = message;
  }

  // A module of one function that uses a SIMD instruction and one that throws.
  const simd = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0,
                65, 0, 253, 15, 253, 98, 11];
  if (typeof WebAssembly !== 'object' || !WebAssembly.validate(Uint8Array.from(simd))) {
    giveUp('This browser cannot run Inoculate: it lacks WebAssembly SIMD. Any Chrome, Edge or ' +
           'Firefox from 2021 on has it, and Safari from 16.4 on.');
    return;
  }

  let module;
  const calls = new Map();  // number -> {resolve, reject}
  let lastCall = 0;
  let markReady;
  const ready = new Promise((resolve) => { markReady = resolve; });

  /** Calls `use(address)` with a copy of the bytes in the module's memory. */
  function withBytes(bytes, use) {
    const address = module._malloc(Math.max(1, bytes.length));
    module.HEAPU8.set(bytes, address);
    try {
      return use(address);
    } finally {
      module._free(address);
    }
  }

  const types = ['string', 'number', 'array'];
  const ccall = (name, kinds, values, result = null) =>
    module.ccall(name, result, kinds.map((kind) => types[kind]), values);

  /** A function of window.inoculate: resolves to {value, body}. */
  function call(name, argument = null, body = new Uint8Array()) {
    return ready.then(() => new Promise((resolve, reject) => {
      const number = ++lastCall;
      calls.set(number, { resolve, reject });
      withBytes(body, (address) => ccall('page_call', [1, 0, 0, 1, 1],
        [number, name, JSON.stringify(argument ?? null), address, body.length]));
    }));
  }

  /** A worker of the laboratory's module, begun when it is first needed: not to slow the first prediction. */
  function makeWorker(receive, failure) {
    let worker = null;
    const begin = () => {
      worker = new Worker('lab.js');
      worker.onmessage = ({ data: { head, body } }) => withBytes(body, (address) =>
        ccall(receive, [0, 1, 1], [head, address, body.length]));
      worker.onerror = () => ccall('page_show_error', [0], [failure]);
    };
    return {
      post(head, body) {
        if (worker === null) begin();
        worker.postMessage({ head, body }, [body.buffer]);
      },
      stop() {
        worker?.terminate();
        worker = null;
      },
    };
  }
  const laboratory = makeWorker('page_receive',
    'The laboratory failed to start: inoculating is not possible.');
  const attacker = makeWorker('page_receive_from_attacker',
    'The attacker failed to start: only FGSM, BIM and lines are possible.');

  /** What the module asks of the browser. */
  const platform = {
    canvas: element('canvas'),
    toLaboratory: laboratory.post,
    toAttacker: attacker.post,
    restartAttacker: attacker.stop,
    saveFile(name, content) {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([content]));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    },
    askForWeights: () => element('weights').click(),
    shareLink(fragment) {
      history.replaceState(null, '', `#${fragment}`);
      navigator.clipboard?.writeText(location.href).catch(() => {});  // not allowed: no matter
    },
    announce(sentence) { element('live').textContent = sentence; },
    settle(number, value, body, error) {
      const { resolve, reject } = calls.get(number);
      calls.delete(number);
      if (error) reject(new Error(error));
      else resolve({ value: JSON.parse(value), body });
    },
    firstPrediction() {
      performance.mark('first-prediction');
      element('loading').hidden = true;
      loadRest();
    },
    tour(running) {
      if (!running) remember('toured');
    },
    fatal: (what) => giveUp(`Inoculate could not start: ${what}. It needs WebGL.`),
  };

  /** Remembers across visits; storage may be forbidden. */
  function remember(key) {
    try { localStorage.setItem(key, '1'); } catch { /* then the tour comes again */ }
  }
  function remembered(key) {
    try { return localStorage.getItem(key) !== null; } catch { return false; }
  }

  async function fetchBytes(name) {
    const response = await fetch(name);
    if (!response.ok) throw new Error(`${name} is missing on the server (${response.status}).`);
    return new Uint8Array(await response.arrayBuffer());
  }

  async function addModel({ name, title, note, file }) {
    const bytes = await fetchBytes(file);
    withBytes(bytes, (address) =>
      ccall('page_add_model', [0, 0, 0, 1, 1], [name, title, note, address, bytes.length]));
  }

  /** What the first prediction can do without: digits and the other networks. */
  let restRequested = false;
  async function loadRest() {
    if (restRequested) return;
    restRequested = true;
    try {
      const [images, labels] = await Promise.all(['digits-images.gz', 'digits-labels.gz'].map(fetchBytes));
      withBytes(images, (a) => withBytes(labels, (b) =>
        ccall('page_set_digits', [1, 1, 1, 1], [a, images.length, b, labels.length])));
      openLink();
      for (const model of await otherModels) await addModel(model);
      performance.mark('complete');
      markComplete();
    } catch (error) {
      ccall('page_show_error', [0], [error.message]);
    }
  }
  let markComplete;
  const complete = new Promise((resolve) => { markComplete = resolve; });
  let otherModels;

  function openLink() {
    if (location.hash.length > 1) ccall('page_open_link', [0], [location.hash.slice(1)]);
  }

  element('weights').addEventListener('change', async ({ target }) => {
    const file = target.files[0];
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    target.value = '';
    withBytes(bytes, (address) =>
      ccall('page_load_weights', [0, 1, 1], [file.name, address, bytes.length]));
  });
  element('canvas').addEventListener('webglcontextlost', (event) => {
    event.preventDefault();  // or it would not come back
    module._page_context_lost();
  });
  element('canvas').addEventListener('webglcontextrestored', () => module._page_context_restored());
  element('canvas').addEventListener('contextmenu', (event) => event.preventDefault());
  window.addEventListener('hashchange', () => ready.then(openLink));

  async function start() {
    const models = fetchBytes('models.json').then((bytes) =>
      JSON.parse(new TextDecoder().decode(bytes)));
    otherModels = models.then((list) => list.slice(1));
    const first = models.then((list) => fetchBytes(list[0].file).then((bytes) => ({ ...list[0], bytes })));
    module = await createPage(platform);
    if (!element('problem').hidden) return;  // fatal() has said why
    const { name, title, note, bytes } = await first;
    withBytes(bytes, (address) =>
      ccall('page_add_model', [0, 0, 0, 1, 1], [name, title, note, address, bytes.length]));
    markReady();
    if (!remembered('toured') && location.hash.length < 2) ccall('page_begin_tour', [], []);
    element('canvas').focus();
  }
  start().catch((error) => giveUp(`Inoculate could not start: ${error.message}`));

  const value = (promise) => promise.then((reply) => reply.value);
  const bytesOf = (data) => data instanceof Uint8Array ? data
    : ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array();

  /** The page for teachers, notebooks and tests; the README describes it. */
  window.inoculate = Object.freeze({
    ready,
    complete,
    state: () => value(call('state')),
    setImage: (pixels) => value(call('setImage', null, bytesOf(pixels))),
    image: () => call('image').then((reply) => reply.body),
    takeDigit: (index) => value(call('takeDigit', index)),
    clear: () => value(call('clear')),
    attack: (settings) => call('attack', settings).then(({ value: result, body }) =>
      ({ ...result, adversary: new Float32Array(body.buffer, body.byteOffset, body.length / 4) })),
    cancelAttack: () => value(call('cancelAttack')),
    inoculate: (settings) => value(call('inoculate', settings)),
    pause: () => value(call('pause')),
    resume: () => value(call('resume')),
    stop: () => value(call('stop')),
    reset: () => value(call('reset')),
    evaluate: (settings) => value(call('evaluate', settings)),
    loadWeights: (buffer, name = 'weights') => value(call('loadWeights', name, bytesOf(buffer))),
    saveWeights: () => call('saveWeights').then(({ body }) => body.buffer.slice(body.byteOffset, body.byteOffset + body.length)),
    link: () => value(call('link')),
    openLink: (fragment) => value(call('openLink', fragment)),
  });
})();
