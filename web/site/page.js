// Joins the page's module with the browser: its files, the laboratory's worker, window.inoculate.
'use strict';

(() => {
  const element = (id) => document.getElementById(id);

  let markReady, failReady, markComplete, failComplete;
  const ready = new Promise((resolve, reject) => { [markReady, failReady] = [resolve, reject]; });
  const complete = new Promise((resolve, reject) => { [markComplete, failComplete] = [resolve, reject]; });
  for (const promise of [ready, complete]) promise.catch(() => {});  // the page itself tells why

  /** Shows why there is nothing else to show; scripts that wait are told the same. */
  function giveUp(message) {
    for (const fail of [failReady, failComplete]) fail(new Error(message));
    element('loading').hidden = true;
    element('canvas').hidden = true;
    element('mirror').hidden = true;
    element('problem').hidden = false;
    element('problem').textContent = message;
  }

  // A module of one function that uses a SIMD instruction and one that throws.
  const simd = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0,
                65, 0, 253, 15, 253, 98, 11];
  if (location.protocol === 'file:') {
    window.inoculate = Object.freeze({ ready, complete });
    giveUp(texts.asFile);
    return;
  }
  if (typeof WebAssembly !== 'object' || !WebAssembly.validate(Uint8Array.from(simd))) {
    window.inoculate = Object.freeze({ ready, complete });
    giveUp(texts.noSimd);
    return;
  }

  let module;
  const calls = new Map();  // number -> {resolve, reject}
  let lastCall = 0;

  /**
   * Calls an exported function. Texts and arrays of bytes (each given to it as address and size) are
   * copied to the heap, never to the module's small stack, and only when they are no longer than the
   * module takes.
   */
  function call(name, ...values) {
    const addresses = [];
    const copy = (bytes) => {
      const address = module._malloc(Math.max(1, bytes.length));
      if (address === 0) throw new Error(texts.noMemory);
      addresses.push(address);
      module.HEAPU8.set(bytes, address);
      return address;
    };
    try {
      const given = values.flatMap((value) => {
        if (typeof value === 'string') return [copy(new TextEncoder().encode(`${short(value)}\0`))];
        if (!(value instanceof Uint8Array)) return [value];
        if (value.length > mostBytes) throw new Error(texts.tooLarge);
        return [copy(value), value.length];
      });
      return module[`_${name}`](...given);
    } finally {
      addresses.forEach((address) => module._free(address));
    }
  }
  const mostBytes = 32 * 1024 * 1024;  // no weights are larger: see web/app/models.cpp
  const mostCharacters = 300000;
  const longestLink = 200000;  // as in web/app/link.cpp
  function short(text) {
    if (text.length > mostCharacters) throw new Error(texts.tooLong);
    return text;
  }

  /** A function of window.inoculate: resolves to {value, body}. */
  function ask(name, argument = null, body = new Uint8Array()) {
    return ready.then(() => new Promise((resolve, reject) => {
      const number = ++lastCall;
      calls.set(number, { resolve, reject });
      try {
        call('page_call', number, name, jsonOf(argument ?? null), body);
      } catch (error) {
        calls.delete(number);
        reject(new Error(texts.about(name, error.message ?? error)));
      }
    }));
  }

  /** Shows what went wrong, where the page can show anything. */
  function tell(message) {
    call('page_show_error', String(message).slice(0, 1000));
  }

  /** A worker of the laboratory's module, begun when it is first needed: not to slow the first prediction. */
  function makeWorker(name, receive, failure) {
    let worker = null;
    const begin = () => {
      worker = new Worker('lab.js', { name });
      worker.onmessage = ({ data: { head, body } }) => {
        try {
          call(receive, head, body);
        } catch (error) {
          tell(error.message);
        }
      };
      worker.onerror = () => {
        worker?.terminate();
        worker = null;  // the next message begins another
        // Whoever waits for an answer waits no longer.
        call(receive, JSON.stringify({ kind: 'failed', message: failure }), new Uint8Array());
      };
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
  const laboratory = makeWorker('laboratory', 'page_receive', texts.laboratoryFailed);
  const attacker = makeWorker('attacker', 'page_receive_from_attacker', texts.attackerFailed);

  /** What the module asks of the browser. */
  const platform = {
    canvas: element('canvas'),
    toLaboratory: laboratory.post,
    toAttacker: attacker.post,
    restartAttacker: attacker.stop,
    saveFile(name, content) {
      const link = document.createElement('a');
      // Of a type: browsers would guess one, and add its ending to a name that has none.
      link.href = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    },
    askForWeights: () => element('weights').click(),
    askForPicture: () => element('picture').click(),
    askNetworks: () => askNetworks().catch((error) => tell(error.message)),
    openRoom: (name) => rooms.open(name).catch((error) => tell(error.message)),
    shareLink(fragment) {
      rooms.address(fragment);
      // There is no clipboard on pages that came by plain HTTP from elsewhere, and it may be denied.
      Promise.resolve(navigator.clipboard?.writeText(location.href).then(() => true) ?? false)
        .catch(() => false)
        .then((copied) => module._page_link_shared(copied ? 1 : 0));
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
    /** Without WebGL the mirror is the page. */
    noCanvas(why) {
      withoutCanvas = true;
      element('canvas').hidden = true;
      document.documentElement.classList.add('plain');
      element('plain').textContent = texts.noWebGl(why);
      element('plain').hidden = false;
    },
    /** The canvas has changed, and so may the mirror: soon, and no more often than is worth hearing. */
    shown() {
      if (mirrorDue) return;
      mirrorDue = true;
      setTimeout(showMirror, 100);
    },
  };

  let withoutCanvas = false, mirrorDue = false;
  const mirror = makeMirror(element('sections'), {
    use: (name, value) => ask('control', { name, value }).catch((error) => tell(error.message)),
    pen: (x, y, down) => ask('pen', { x, y, down }),
    focus: (name, panel) => call('page_focus', name, panel),
  });
  function showMirror() {
    ask('mirror', withoutCanvas).then(({ value: sections }) => mirror.show(sections), () => {})
      .finally(() => { mirrorDue = false; });
  }

  /** Remembers across visits; storage may be forbidden. */
  function remember(key) {
    try { localStorage.setItem(key, '1'); } catch { /* then the tour comes again */ }
  }
  function remembered(key) {
    try { return localStorage.getItem(key) !== null; } catch { return false; }
  }

  async function fetchBytes(name) {
    const response = await fetch(name);
    if (!response.ok) throw new Error(texts.missing(name, response.status));
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Gives the module a network of models.json; 0 where its weights are bad. */
  function addModel(name, bytes) {
    const { title, note } = texts.networks[name] ?? { title: name, note: '' };
    return call('page_add_model', name, title, note, bytes);
  }

  /** What the first prediction can do without: digits and the other networks. */
  let restRequested = false;
  async function loadRest() {
    if (restRequested) return;
    restRequested = true;
    try {
      const [images, labels] = await Promise.all(['digits-images.gz', 'digits-labels.gz'].map(fetchBytes));
      call('page_set_digits', images, labels);
      openLink();
      for (const { name, file } of await otherModels) addModel(name, await fetchBytes(file));
      performance.mark('complete');
      markComplete();
    } catch (error) {
      tell(error.message);
      failComplete(error);
    }
  }
  let otherModels;

  function openLink() {
    if (location.hash.length < 2 || rooms.isNamed(location.hash)) return;
    rooms.markFollowed();
    if (location.hash.length > longestLink) tell(texts.linkTooLong);
    else call('page_open_link', location.hash.slice(1));
  }

  const { openPicture, askNetworks } = followFiles({
    ready, ask, tell, mostBytes, loadWeights: (name, bytes) => call('page_load_weights', name, bytes) });

  // SDL would keep these keys from the browser, and Ctrl+V with them: it comes after this listener.
  window.addEventListener('keydown', (event) => {
    const modified = (event.ctrlKey || event.altKey || event.metaKey) && !/^(Control|Alt|Meta)/.test(event.key);
    const leaves = event.key === 'Tab' && event.target === element('canvas');
    if (modified || leaves || /^F\d/.test(event.key)) event.stopImmediatePropagation();
  }, { capture: true });
  element('canvas').addEventListener('webglcontextlost', (event) => {
    event.preventDefault();  // or it would not come back
    module._page_context_lost();
  });
  element('canvas').addEventListener('webglcontextrestored', () => module._page_context_restored());
  element('canvas').addEventListener('pointerdown', () => element('canvas').focus());
  followFingers(element('canvas'), () => module._page_two_fingers(), (by) => module._page_scroll(by));
  // Where the focus is shows to who moves it by keys.
  for (const [kind, byKeys] of [['keydown', true], ['pointerdown', false]]) {
    window.addEventListener(kind, ({ key }) => {
      if (key === 'Tab' || !byKeys) document.documentElement.classList.toggle('by-keys', byKeys);
    }, { capture: true });
  }
  element('canvas').addEventListener('contextmenu', (event) => event.preventDefault());
  window.addEventListener('hashchange', () => { if (!rooms.isFollowed()) ready.then(openLink); });

  async function start() {
    const models = fetchBytes('models.json').then((bytes) =>
      JSON.parse(new TextDecoder().decode(bytes)));
    otherModels = models.then((list) => list.slice(1));
    const first = models.then((list) => fetchBytes(list[0].file).then((bytes) => ({ ...list[0], bytes })));
    if (typeof createPage !== 'function') throw new Error(texts.moduleMissing);
    module = await createPage(platform);
    followAppearance((light, contrast, letters) => module._page_appearance(light, contrast, letters));
    for (const { name, title } of rooms.table) call('page_add_room', name, title);
    const { name, bytes } = await first;
    if (addModel(name, bytes) === 0) throw new Error(texts.badWeights(name));
    markReady();
    if (!remembered('toured') && location.hash.length < 2) module._page_begin_tour();
    if (!withoutCanvas) element('canvas').focus();
  }
  rooms.follow();  // the address may name one
  start().catch((error) => giveUp(texts.notStarted(error.message)));

  const value = (promise) => promise.then((reply) => reply.value);
  const bufferOf = ({ buffer, byteOffset, length }) => buffer.slice(byteOffset, byteOffset + length);

  /** A function of the room that is open: its own, or the digits' room's. */
  const inRoom = (name, digits) => (...given) =>
    rooms.current === 'digits' ? digits(...given) : rooms.open(rooms.current).then((room) => room[name](...given));
  const ofPhotographs = (name) => (...given) =>
    rooms.open('photographs').then((room) => room[name](...given));

  /** The page for teachers, notebooks and tests; docs/page.md describes it. */
  window.inoculate = Object.freeze({
    ready,
    complete,
    room: (name) => rooms.open(name).then(() => name),
    setPhoto: ofPhotographs('setPhoto'),
    takePhoto: ofPhotographs('takePhoto'),
    loadNetwork: ofPhotographs('loadNetwork'),
    classify: ofPhotographs('classify'),
    noise: ofPhotographs('noise'),
    state: inRoom('state', () => value(ask('state'))),
    setImage: (pixels) => value(ask('setImage', null, bytesOf(pixels))),
    openPicture: (given, index) => openPicture(given, index),
    takeImage: (index) => value(ask('takeImage', index)),
    saveImage: (settings) => ask('saveImage', settings).then(({ body }) => bufferOf(body)),
    image: () => ask('image').then((reply) => reply.body),
    takeDigit: (index) => value(ask('takeDigit', index)),
    clear: () => value(ask('clear')),
    attack: inRoom('attack', (settings) => ask('attack', settings).then(({ value: result, body }) =>
      ({ ...result, adversary: new Float32Array(body.buffer, body.byteOffset, body.length / 4) }))),
    cancelAttack: inRoom('cancelAttack', () => value(ask('cancelAttack'))),
    inoculate: (settings) => value(ask('inoculate', settings)),
    pause: () => value(ask('pause')),
    resume: () => value(ask('resume')),
    stop: () => value(ask('stop')),
    reset: () => value(ask('reset')),
    evaluate: (settings) => value(ask('evaluate', settings)),
    loadWeights: (buffer, name = 'weights') => value(ask('loadWeights', name, bytesOf(buffer))),
    saveWeights: () => ask('saveWeights').then(({ body }) => bufferOf(body)),
    link: () => value(ask('link')),
    openLink: (fragment) => value(ask('openLink', fragment)),
  });
})();
