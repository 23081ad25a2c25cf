// The room of photographs: what its visitor sets and what the engine makes of it.
import { Controls } from './controls.js';
import { Engine, fetchInParts, Stopped } from './engine.js';
import { Networks, notesOf } from './networks.js';
import { Cut, pixelsOf } from './pictures.js';
import { drawCurve, epsilonText, showResult } from './results.js';

class Room {
  #root;
  #engine = new Engine();
  #controls;
  #cut;
  #networks;
  #manifest = { network: null, photographs: [] };
  #photo = null;    // {name, own, prepared}
  #sent = null;     // the photograph as the engine has it
  #result = null;   // of the last attack, or prepared
  #pictures = null;
  #prepared = false;
  #running = null;  // {progress}
  #turn = Promise.resolve();
  #ticket = 0;
  #curve = [];
  #curving = null;  // an AbortController
  #fetched = { bytes: 0, total: 0, file: null };
  #arrived;

  constructor(root) {
    this.#root = root;
    this.#cut = new Cut(this.#find('canvas.crop'), () => this.#photoChanged());
    this.#controls = new Controls(root, () => this.#settingsChanged());
    this.#networks = new Networks(this.#find('#networks'), this.#engine, () => this.#networkChanged());
  }

  #find(selector) { return this.#root.querySelector(selector); }
  #on(id, type, act) {
    this.#find(`#${id}`).addEventListener(type, (event) =>
      Promise.resolve(act(event)).catch((error) => this.#tell(error)));
  }

  /** Shows what went wrong, where its visitor looks. */
  #tell(error) {
    if (error instanceof Stopped) return;
    const said = this.#find('#verdict');
    said.textContent = error.message;
    said.classList.remove('fooled');
  }

  async begin() {
    this.#on('run', 'click', () => this.#running ? this.cancelAttack() : this.#run());
    this.#on('smallest', 'click', () => this.#smallest());
    this.#on('save', 'click', () => this.#save());
    this.#on('link', 'click', () => this.#share());
    this.#on('draw-curve', 'click', () => this.#curving ? this.#curving.abort() : this.#drawCurve());
    this.#on('whole', 'click', () => { this.#cut.reset(); return this.#photoChanged(); });
    this.#on('cut', 'input', ({ target }) => this.#cut.resize(target.value / 100));
    this.#on('cut', 'change', () => this.#photoChanged());
    this.#on('make-noise', 'click', () => this.noise({ seed: Math.floor(Math.random() * 1e9) }));
    for (const id of ['noise-mean', 'noise-deviation']) this.#on(id, 'change', () => this.noise());
    for (const id of ['photo-file', 'photo-camera', 'network-file']) {
      this.#on(id, 'change', ({ target }) => {
        const files = [...target.files];
        target.value = '';
        return this.bring(files);
      });
    }
    new ResizeObserver(() => this.#showCurve()).observe(this.#find('#curve canvas'));
    this.#controls.offer((await this.#engine.ask('choices')).methods);
    this.#manifest = await fetch(new URL('photographs.json', import.meta.url)).then((answer) => answer.json());
    await this.#showThumbs();
    this.#arrived = this.#fetchNetwork().catch((error) => this.#noNetwork(error.message));
    if (this.#manifest.photographs.length > 0) await this.takePhoto(this.#manifest.photographs[0].name);
    return this;
  }

  async #showThumbs() {
    for (const { name, title, credit, file } of this.#manifest.photographs) {
      const button = document.createElement('button');
      button.type = 'button';
      button.title = credit;
      button.dataset.photo = name;
      button.setAttribute('aria-label', title);
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [120, 80];
      button.append(canvas);
      button.addEventListener('click', () => this.takePhoto(name).catch((error) => this.#tell(error)));
      this.#find('.thumbs').append(button);
      createImageBitmap(await fetch(new URL(file, import.meta.url)).then((answer) => answer.blob()))
        .then((bitmap) => {
          const scale = Math.max(120 / bitmap.width, 80 / bitmap.height);
          const [w, h] = [bitmap.width * scale, bitmap.height * scale];
          canvas.getContext('2d').drawImage(bitmap, (120 - w) / 2, (80 - h) / 2, w, h);
        });
    }
  }

  async #fetchNetwork() {
    const { network } = this.#manifest;
    if (!network) return this.#noNetwork('This page was built without a network of photographs.');
    const line = this.#find('.fetching');
    line.hidden = false;
    this.#fetched = { bytes: 0, total: network.bytes, file: network.file };
    const bytes = await fetchInParts(network.file, (count) => {
      this.#fetched.bytes = count;
      line.querySelector('progress').value = count / network.bytes;
      line.querySelector('span').textContent =
        `${network.title}: ${(count / 1e6).toFixed(1)} of ${(network.bytes / 1e6).toFixed(1)} MB`;
    });
    line.hidden = true;
    await this.#networks.add(network.title, bytes, {}, false);
  }

  #noNetwork(why) {
    this.#find('.fetching').hidden = true;
    this.#find('#network-problem').textContent = `${why} Add your own: an .onnx file that takes pictures.`;
  }

  // --- The photograph.

  /** One of those that come with the page, by its name. */
  async takePhoto(name) {
    const photo = this.#manifest.photographs.find((one) => one.name === name);
    if (!photo) throw new Error(`there is no photograph '${name}'`);
    const blob = await fetch(new URL(photo.file, import.meta.url)).then((answer) => answer.blob());
    this.#photo = { name, title: photo.title, own: false };
    this.#cut.set(await pixelsOf(blob));
    this.#find('#how').textContent = `${photo.credit}. Or drop your own on the page, or paste it: it stays on your machine.`;
    if (this.#networks.chosen) return this.#photoChanged();
    return this.#showPrepared(photo);
  }

  async #showPrepared({ prepared }) {
    this.#markThumb();
    if (!prepared) return;
    const pictures = {};
    for (const name of ['original', 'adversary', 'noise']) {
      const answer = await fetch(new URL(prepared[name], import.meta.url));
      pictures[name] = await pixelsOf(await answer.blob());
    }
    if (this.#networks.chosen) return;  // it has come meanwhile
    this.#controls.set(prepared.settings);
    this.#show(prepared.result, pictures, prepared.settings, true);
  }

  /** A photograph of one's own: a Blob that the browser can decode, or an ImageBitmap. */
  async setPhoto(given, name = given?.name ?? 'the photograph') {
    let picture;
    if (typeof ImageBitmap === 'function' && given instanceof ImageBitmap) {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [given.width, given.height];
      canvas.getContext('2d').drawImage(given, 0, 0);
      picture = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png')).then(pixelsOf);
    } else if (given instanceof Blob) {
      picture = await decodePicture(given, name);
    } else {
      throw new Error('setPhoto: give a Blob or an ImageBitmap');
    }
    this.#use(picture, name);
    await this.#photoChanged();
  }

  #use(picture, name) {
    this.#photo = { name, title: name, own: true };
    this.#cut.set(picture);
    this.#find('#how').textContent = `${name}: ${picture.width} \u00d7 ${picture.height}. It stays on your machine.`;
  }

  /** A picture of nothing but noise, of the size that the network takes. */
  async noise(settings = {}) {
    await this.#networkThere('noise');
    const value = (id) => Number(this.#find(`#${id}`).value);
    const wanted = { mean: value('noise-mean'), deviation: value('noise-deviation'), seed: 1, ...settings };
    const { width, height, body } = await this.#engine.ask('noise', { ...wanted, number: this.#networks.chosen.number });
    this.#use({ width, height, pixels: body }, 'noise');
    this.#cut.resize(1);
    return this.#photoChanged();
  }

  #markThumb() {
    for (const button of this.#root.querySelectorAll('.thumbs button')) {
      button.setAttribute('aria-pressed', button.dataset.photo === this.#photo.name && !this.#photo.own);
    }
    this.#find('#whole').hidden = this.#cut.place === null;
    this.#find('#cut').value = 100 * this.#cut.size;
    this.#find('#cut-shown').textContent = `${Math.round(100 * this.#cut.size)} %`;
  }

  async #photoChanged() {
    if (!this.#cut.photo) return null;
    this.#sent = null;
    this.#markThumb();
    return this.#run();
  }

  async #sendPhoto() {
    if (this.#sent) return;
    this.#sent = { ...this.#cut.picture, name: this.#photo.name };
    await this.#engine.setPhoto(this.#sent);
  }

  // --- Networks.

  #networkChanged() {
    const network = this.#networks.chosen;
    this.#controls.setClasses(network?.names ?? [], network?.facts.classes ?? 0);
    if (network) {
      const { width, height, resize } = network.facts;
      const side = Math.min(width, height);
      this.#cut.fit(width / height, width * height === 784 ? 1 : side / (resize || Math.round(side / 0.875)));
    }
    this.#networks.draw();
    if (this.#cut.photo) this.#photoChanged().catch((error) => this.#tell(error));
  }

  /** Reads an ONNX network of one's own; `settings` are the keys of its .json (docs/photographs.md). */
  async loadNetwork(bytes, settings = {}, name = 'network.onnx') {
    this.#find('#network-problem').textContent = '';
    const value = (id) => this.#find(`#${id}`).value;
    const controls = { pixels: value('pixels'), normalised: value('normalised'), order: value('order') };
    const { facts } = await this.#networks.add(name, new Uint8Array(bytes), notesOf(settings, controls), true);
    return facts;
  }

  async #openNetworks(files) {
    const baseOf = (file) => file.name.replace(/\.[^.]*$/, '');
    for (const file of files.filter(({ name }) => /\.onnx$/i.test(name))) {
      const beside = files.find((other) => /\.json$/i.test(other.name) && baseOf(other) === baseOf(file));
      try {
        let notes = {};
        try {
          if (beside) notes = JSON.parse(await beside.text());
        } catch {
          throw new Error(`${beside.name}: is not JSON`);
        }
        await this.loadNetwork(await file.arrayBuffer(), notes, file.name);
      } catch (error) {
        if (!(error instanceof Stopped)) this.#find('#network-problem').textContent = error.message;
      }
    }
  }

  async #networkThere(what) {
    await this.#arrived;
    if (!this.#networks.chosen) throw new Error(`${what}: there is no network in the room yet; add one`);
  }

  /** What was dropped, pasted or opened: photographs, or networks with their .json. */
  async bring(files) {
    try {
      if (files.length === 0) throw new Error('Only files can be brought here: photographs, or networks (.onnx).');
      if (files.some(({ name }) => /\.onnx$/i.test(name))) return await this.#openNetworks(files);
      if (/\.json$/i.test(files[0].name)) throw new Error(`${files[0].name}: give it together with its .onnx`);
      return await this.setPhoto(files[0]);
    } catch (error) {
      return this.#tell(error);
    }
  }

  // --- Attacks.

  #settingsChanged() {
    this.#showCurve([]);
    if (this.#controls.isQuick) this.#run().catch((error) => this.#tell(error));
  }

  /** Attacks as it is set, when what is under way has ended; of several requests the last counts. */
  #run() {
    const ticket = ++this.#ticket;
    this.#curving?.abort();
    this.#turn = this.#turn.catch(() => {}).then(() => {
      if (ticket !== this.#ticket) throw new Stopped();
      return this.#networks.chosen && this.#cut.photo ? this.#attack() : null;
    });
    const here = this.#turn;
    here.catch((error) => this.#tell(error));
    return here;
  }

  #progress(running, progress = 0) {
    this.#running = running ? { progress } : null;
    const button = this.#find('#run');
    button.textContent = running ? `Stop (${Math.round(100 * progress)} % done)` : 'Attack again';
  }

  async #attack() {
    const settings = this.#controls.settings;
    const { chosen, others } = this.#networks;
    this.#progress(true);
    try {
      await this.#sendPhoto();
      const done = await this.#engine.ask('attack',
        { number: chosen.number, settings, others: others.map(({ number }) => number) },
        { onMessage: (message) => this.#progress(true, message.done / Math.max(1, message.total)) });
      const { width, height, body, ...result } = done;
      const size = 4 * width * height;
      const picture = (place) => ({ width, height, pixels: body.subarray(place * size, (place + 1) * size) });
      this.#show(result, { original: picture(0), adversary: picture(1), noise: picture(2) }, settings, false);
      return result;
    } finally {
      this.#progress(false);
    }
  }

  #show(result, pictures, settings, prepared) {
    this.#result = result;
    this.#pictures = pictures;
    this.#prepared = prepared;
    this.#find('#saved').textContent = prepared ? 'This was prepared; you can change it as soon as the network has come.' : '';
    const target = settings.target ?? null;
    showResult(this.#root, result, pictures, settings, target === null ? '' : this.#controls.className(target));
    this.#networks.draw(result.transfer);
  }

  cancelAttack() {
    if (!this.#running) return;
    ++this.#ticket;
    this.#engine.stop();
    this.#find('#verdict').textContent = 'The attack was stopped.';
    this.#find('#verdict').classList.remove('fooled');
  }

  async #smallest() {
    await this.#networkThere('smallest');
    this.#progress(true);
    let found;
    try {
      await this.#sendPhoto();
      found = (await this.#engine.ask('smallest',
        { number: this.#networks.chosen.number, settings: this.#controls.settings },
        { onMessage: ({ done, total }) => this.#progress(true, done / total) })).epsilon;
    } finally {
      this.#progress(false);
    }
    if (found === null) throw new Error('No epsilon up to 64/255 is enough: this attack does not fool the network here.');
    this.#controls.set({ epsilon: found });
    await this.#run();
    this.#find('#saved').textContent = `The smallest epsilon at which it works is ${epsilonText(found)}.`;
    return found;
  }

  async #drawCurve() {
    await this.#networkThere('the curve');
    const button = this.#find('#draw-curve');
    this.#curving = new AbortController();
    const own = this.#curving;
    this.#showCurve([]);
    button.textContent = 'Stop';
    try {
      await this.#sendPhoto();
      await this.#engine.ask('curve', { number: this.#networks.chosen.number, settings: this.#controls.settings },
        { signal: own.signal, onMessage: (point) => this.#showCurve([...this.#curve, point]) });
    } finally {
      if (this.#curving === own) this.#curving = null;
      button.textContent = 'Draw the curve';
    }
  }

  #showCurve(points = this.#curve) {
    this.#curve = points;
    drawCurve(this.#root, points, this.#controls.settings.epsilon, this.#result?.name ?? '');
  }

  /** Saves the adversary, and tells what is read in the file. */
  async #save() {
    if (!this.#pictures) return;
    const { width, height, pixels } = this.#pictures.adversary;
    const { body } = await this.#engine.ask('png', { width, height }, { body: new Uint8Array(pixels) });
    const blob = new Blob([body], { type: 'image/png' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = 'adversary.png';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    const said = this.#find('#saved');
    said.textContent = 'The adversary was saved as adversary.png.';
    if (!this.#networks.chosen) return;
    const again = await pixelsOf(blob);
    const before = this.#sent;
    await this.#engine.setPhoto({ ...again, pixels: new Uint8Array(again.pixels), name: 'adversary.png', cropped: true });
    const { reading } = await this.#engine.ask('read', { number: this.#networks.chosen.number });
    if (before) await this.#engine.setPhoto(before);
    const [{ name, probability }] = reading.guesses;
    said.textContent = `The adversary was saved as adversary.png. Read again from the file it is ${name}, ${(100 * probability).toFixed(1)} %.`;
  }

  // --- Links and scripts.

  #fragment() {
    const values = new URLSearchParams();
    if (this.#photo && !this.#photo.own) values.set('photo', this.#photo.name);
    if (this.#cut.place) values.set('cut', this.#cut.place.map((share) => share.toFixed(4)).join(','));
    for (const [key, value] of Object.entries(this.#controls.settings)) values.set(key, value);
    return `photographs&${values}`;
  }

  async #share() {
    history.replaceState(null, '', `#${this.#fragment()}`);
    const copied = await Promise.resolve(navigator.clipboard?.writeText(location.href).then(() => true))
      .catch(() => false);
    this.#find('#saved').textContent = (copied ? 'A link is in the address bar and on the clipboard.'
      : 'A link is in the address bar: copy it from there.') +
      (this.#photo?.own ? ' It says how to attack; your own photograph is not in it.' : '');
  }

  /** What a link says behind the room's name. */
  async restore(text) {
    const { photo, cut, ...settings } = Object.fromEntries(new URLSearchParams(text));
    for (const key of Object.keys(settings)) {
      if (key !== 'method') settings[key] = Number(settings[key]);
    }
    if (photo) await this.takePhoto(photo);
    this.#controls.set(settings);
    const place = cut?.split(',').map(Number);
    if (place?.length === 3 && place.every(Number.isFinite)) this.#cut.restore(place);
    await this.#photoChanged();
  }

  async attack(settings = {}) {
    await this.#networkThere('attack');
    if (!this.#cut.photo) throw new Error('attack: there is no photograph yet');
    this.#controls.set({ ...this.#controls.defaults, ...settings });
    try {
      const result = await this.#run();
      return { ...result, pictures: this.#pictures };
    } catch (error) {
      throw error instanceof Stopped ? new Error('attack: it was stopped, or another has replaced it') : error;
    }
  }

  async classify() {
    await this.#networkThere('classify');
    if (!this.#cut.photo) throw new Error('classify: there is no photograph yet');
    await this.#turn.catch(() => {});
    await this.#sendPhoto();
    const { how, reading } = await this.#engine.ask('read', { number: this.#networks.chosen.number });
    return { how, ...reading };
  }

  state() {
    return {
      room: 'photographs',
      photo: this.#photo && { ...this.#photo, cut: this.#cut.place },
      photographs: this.#manifest.photographs.map(({ name }) => name),
      networks: this.#networks.list.map(({ name, facts }) => ({ name, facts })),
      network: this.#networks.chosen?.name ?? null,
      fetched: { ...this.#fetched },
      settings: this.#controls.settings,
      running: this.#running !== null,
      progress: this.#running?.progress ?? 0,
      result: this.#result,
      prepared: this.#prepared,
      curve: this.#curve,
      verdict: this.#find('#verdict').textContent,
      problem: this.#find('#network-problem').textContent,
      memory: this.#engine.memory,
    };
  }
}

/** Fills the room's element; gives the room. */
export async function open(root) {
  root.innerHTML = await fetch(new URL('room.html', import.meta.url)).then((answer) => answer.text());
  return new Room(root).begin();
}
