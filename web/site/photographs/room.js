// The room of photographs: what its visitor, a link or a script sets, and who does it.
import { Attacks } from './attacks.js';
import { Controls } from './controls.js';
import { Engine, Stopped } from './engine.js';
import { fetchFile, fetchInParts } from './fetch.js';
import { Networks, notesOf } from './networks.js';
import { Photo, pixelsOfFile } from './photo.js';
import { texts } from './texts.js';

/** What a script sets: values of JSON, by name; null is none. */
function settingsOf(given, what) {
  if (given !== null && (typeof given !== 'object' || Array.isArray(given))) {
    throw new Error(texts.notSettings(what));
  }
  const values = Object.entries(JSON.parse(jsonOf(given ?? {})));
  return Object.fromEntries(values.filter(([, value]) => value !== null));
}

class Room {
  #root;
  #engine = new Engine();
  #controls;
  #networks;
  #photo;
  #attacks;
  #fetched = { bytes: 0, total: 0, file: null };
  #arrived;  // the network that comes with the page, or that there is none

  constructor(root) {
    this.#root = root;
    this.#photo = new Photo(root, this.#engine, () => this.#try(() => this.#photoChanged()));
    this.#controls = new Controls(root, () => this.#settingsChanged());
    this.#networks = new Networks(this.#find('networks'), this.#engine, () => this.#networkChanged());
    this.#attacks = new Attacks(root, this.#engine, this.#controls, this.#networks, this.#photo);
  }

  #find(id) { return this.#root.querySelector(`#${id}`); }
  #on(id, type, act) {
    this.#find(id).addEventListener(type, (event) => this.#try(() => act(event)));
  }
  /** Does what a visitor asks for; what goes wrong is shown. */
  async #try(act) {
    try {
      await act();
    } catch (error) {
      this.#attacks.tell(error);
    }
  }

  async begin() {
    const attacks = this.#attacks;
    this.#on('run', 'click', () => attacks.running ? attacks.cancel() : attacks.run());
    this.#on('smallest', 'click', () => this.#networkThere(texts.search).then(() => attacks.smallest()));
    this.#on('draw-curve', 'click', () => this.#networkThere(texts.theCurve).then(() => attacks.toggleCurve()));
    this.#on('save', 'click', () => attacks.save());
    this.#on('link', 'click', () => this.#share());
    this.#on('whole', 'click', () => { this.#photo.cut.reset(); return this.#photoChanged(); });
    this.#on('cut', 'input', ({ target }) => this.#photo.cut.resize(target.value / 100));
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
    this.#controls.offer((await this.#engine.ask('choices')).methods);
    const manifest = await fetchFile('photographs.json').then((answer) => answer.json());
    await this.#photo.offer(manifest.photographs, (name) => this.#try(() => this.takePhoto(name)));
    this.#arrived = this.#fetchNetwork(manifest.network).catch((error) => this.#noNetwork(error.message));
    const [first] = this.#photo.names;
    if (first) await this.#try(() => this.takePhoto(first));
    return this;
  }

  async #fetchNetwork(network) {
    if (!network) return this.#noNetwork(texts.builtWithout);
    const line = this.#root.querySelector('.fetching');
    line.hidden = false;
    this.#find('licences').hidden = false;
    this.#fetched = { bytes: 0, total: network.bytes, file: network.file };
    const bytes = await fetchInParts(network.file, (count) => {
      this.#fetched.bytes = count;
      line.querySelector('progress').value = count / network.bytes;
      line.querySelector('span').textContent = texts.fetching(network.title, count / 1e6, network.bytes / 1e6);
    });
    await this.#networks.add(network.title, bytes, {}, false);
    line.hidden = true;
  }

  #noNetwork(why) {
    this.#root.querySelector('.fetching').hidden = true;
    this.#find('network-problem').textContent = texts.addYourOwn(why);
  }

  // --- The photograph.

  /** One of those that come with the page: until there is a network, with an attack prepared on it. */
  async takePhoto(name) {
    const { prepared } = this.#photo.find(name);
    if (!await this.#photo.take(name)) return this.#attacks.quiet();
    if (this.#networks.chosen) return this.#photoChanged();
    this.#attacks.forget();
    if (!prepared) return null;
    const { current } = this.#photo;
    const files = ['original', 'adversary', 'noise'];
    const [original, adversary, noise] = await Promise.all(files.map((what) => pixelsOfFile(prepared[what])));
    if (this.#networks.chosen || this.#photo.current !== current) return null;  // meanwhile
    this.#controls.set(prepared.settings);
    this.#attacks.show(prepared.result, { original, adversary, noise }, prepared.settings, true);
    return null;
  }

  /** One of one's own: a Blob that the browser can decode, or an ImageBitmap. */
  async setPhoto(given, name = given?.name ?? texts.thePhotograph) {
    await (await this.#photo.set(given, String(name)) ? this.#photoChanged() : this.#attacks.quiet());
  }

  /**
   * A digit of the digits' room (28 x 28 levels), shown whole, and attacked as strongly as there; by
   * networks of `files`, if there are any.
   */
  async takeDigit(levels, epsilon, files) {
    const pixels = new Uint8ClampedArray(4 * levels.length);
    levels.forEach((level, i) => pixels.set([level, level, level, 255], 4 * i));
    this.#photo.use({ width: 28, height: 28, pixels }, texts.yourDigit);
    this.#photo.cut.resize(1);
    this.#attacks.forget();
    this.#controls.set({ epsilon: Math.max(1, Math.min(64, Math.round(255 * epsilon))) / 255 });
    const networks = this.#networks.list.length;
    if (files.length > 0) await this.bring(files);  // and a network that comes attacks it
    if (this.#networks.list.length === networks) await this.#try(() => this.#photoChanged());
  }

  /** A picture of nothing but noise, of the size that the network takes, attacked. */
  async noise(settings = {}) {
    const given = settingsOf(settings, 'noise');
    const isLast = this.#photo.ask();
    await this.#networkThere('noise');
    const value = (id) => Number(this.#find(id).value);
    const wanted = { mean: value('noise-mean'), deviation: value('noise-deviation'), seed: 1, ...given };
    const { width, height, body } = await this.#engine.ask('noise',
      { ...wanted, number: this.#networks.chosen.number }, { stay: true });
    if (!isLast()) return this.#attacks.quiet();
    this.#photo.use({ width, height, pixels: body }, texts.noise);
    this.#photo.cut.resize(1);
    return this.#photoChanged();
  }

  /** Attacks the photograph; where something later takes that attack's place, that is waited for. */
  async #photoChanged() {
    if (!this.#photo.there) return null;
    this.#photo.changed();
    this.#attacks.forget();
    return this.#attacks.run().catch((error) => {
      if (error instanceof Stopped) return this.#attacks.quiet();
      throw error;
    });
  }

  // --- Networks.

  #networkChanged() {
    const network = this.#networks.chosen;
    this.#controls.setClasses(network?.names ?? [], network?.facts.classes ?? 0);
    if (network) {
      const { width, height, resize } = network.facts;
      const side = Math.min(width, height);
      this.#photo.cut.fit(width / height, width * height === 784 ? 1 : side / (resize || Math.round(side / 0.875)));
    }
    this.#networks.draw();
    this.#try(() => this.#photoChanged());
  }

  /** Reads an ONNX network of one's own; `settings` are the keys of its .json (docs/photographs.md). */
  async loadNetwork(bytes, settings = {}, name = 'network.onnx') {
    this.#find('network-problem').textContent = '';
    return this.#readNetwork(bytes, settingsOf(settings, 'loadNetwork'), name);
  }

  async #readNetwork(bytes, settings, name) {
    const value = (id) => this.#find(id).value;
    const controls = { pixels: value('pixels'), normalised: value('normalised'), order: value('order') };
    const { facts } = await this.#networks.add(String(name), bytesOf(bytes), notesOf(settings, controls), true);
    return facts;
  }

  async #openNetworks(files) {
    const baseOf = (file) => file.name.replace(/\.[^.]*$/, '');
    const problems = [];
    this.#find('network-problem').textContent = '';
    for (const file of files.filter(({ name }) => /\.onnx$/i.test(name))) {
      const beside = files.find((other) => /\.json$/i.test(other.name) && baseOf(other) === baseOf(file));
      try {
        const notes = beside ? JSON.parse(await beside.text()) : {};
        await this.#readNetwork(await file.arrayBuffer(), notes, file.name);
      } catch (error) {
        problems.push(error instanceof SyntaxError ? texts.notJson(beside.name) : error.message);
        this.#find('network-problem').textContent = problems.join('\n');
      }
    }
  }

  async #networkThere(what) {
    if (!this.#networks.chosen) await this.#arrived;
    if (!this.#networks.chosen) throw new Error(texts.noNetwork(what));
  }

  /** What was dropped, pasted or opened: photographs, or networks with their .json. */
  bring(files) {
    return this.#try(() => {
      if (files.length === 0) throw new Error(texts.onlyFiles);
      if (files.some(({ name }) => /\.onnx$/i.test(name))) return this.#openNetworks(files);
      if (/\.json$/i.test(files[0].name)) throw new Error(texts.jsonAlone(files[0].name));
      return this.setPhoto(files[0]);
    });
  }

  #settingsChanged() {
    this.#attacks.showCurve([]);
    if (this.#controls.isQuick) this.#try(() => this.#attacks.run());
  }

  // --- Links and scripts.

  async #share() {
    const values = new URLSearchParams();
    const { current, cut } = this.#photo;
    if (current && !current.own) values.set('photo', current.name);
    if (cut.place) values.set('cut', cut.place.map((share) => share.toFixed(4)).join(','));
    for (const [key, value] of Object.entries(this.#controls.settings)) values.set(key, value);
    rooms.address(`photographs&${values}`);
    const copied = await Promise.resolve(navigator.clipboard?.writeText(location.href).then(() => true))
      .catch(() => false);
    const said = copied ? texts.linkCopied : texts.linkNotCopied;
    this.#find('saved').textContent = current?.own ? `${said} ${texts.linkWithoutPhoto}` : said;
  }

  /** What a link says behind the room's name. */
  async restore(text) {
    const { photo, cut, ...settings } = Object.fromEntries(new URLSearchParams(text));
    for (const key of Object.keys(settings)) {
      if (key !== 'method') settings[key] = Number(settings[key]);
    }
    await this.#try(async () => {
      if (photo && photo !== this.#photo.current?.name) await this.takePhoto(photo);
      const place = cut?.split(',').map(Number);
      if (place?.length === 3 && place.every(Number.isFinite)) {
        this.#photo.cut.restore(place);
        this.#photo.changed();
        this.#attacks.forget();
      }
      const work = this.#work;
      await this.#arrived;  // a target is a class of its network
      if (work !== this.#work) return;  // what was done since is newer than the link
      await this.#setAnd(settings, () => this.#photoChanged());
    });
  }

  /** Sets the controls and attacks by `act`. Settings that are refused do not stay, unless others came since. */
  async #setAnd(settings, act) {
    const before = this.#controls.settings;
    this.#controls.set(settings);
    const own = JSON.stringify(this.#controls.settings);
    try {
      return await act();
    } catch (error) {
      const refused = !(error instanceof Stopped);
      if (refused && JSON.stringify(this.#controls.settings) === own) this.#controls.restore(before);
      throw error;
    }
  }

  async attack(settings = {}) {
    const given = settingsOf(settings, 'attack');
    await this.#networkThere('attack');
    if (!this.#photo.there) throw new Error(texts.noPhoto('attack'));
    try {
      return await this.#setAnd({ ...this.#controls.defaults, ...given }, () => this.#attacks.run());
    } catch (error) {
      throw error instanceof Stopped ? new Error(texts.replaced) : error;
    }
  }

  cancelAttack() { this.#attacks.cancel(); }

  async classify() {
    await this.#networkThere('classify');
    if (!this.#photo.there) throw new Error(texts.noPhoto('classify'));
    await this.#attacks.quiet();
    await this.#networkThere('classify');  // it may have been removed meanwhile
    const { how, reading } = await this.#photo.about('read', { number: this.#networks.chosen.number });
    return { how, ...reading };
  }

  /** What a visitor has chosen and set, to see whether it is still the same. */
  get #work() { return JSON.stringify([this.#photo.current, this.#photo.cut.place, this.#controls.settings]); }

  state() {
    const { result, prepared, running, curve } = this.#attacks;
    return {
      room: 'photographs',
      photo: this.#photo.current && { ...this.#photo.current, cut: this.#photo.cut.place },
      photographs: this.#photo.names,
      networks: this.#networks.list.map(({ name, facts }) => ({ name, facts })),
      network: this.#networks.chosen?.name ?? null,
      fetched: { ...this.#fetched },
      settings: this.#controls.settings,
      running: running !== null,
      progress: running?.progress ?? 0,
      result,
      prepared,
      curve,
      verdict: this.#find('verdict').textContent,
      problem: this.#find('network-problem').textContent,
      memory: this.#engine.memory,
      threads: this.#engine.threads,
    };
  }
}

/** Fills the room's element; gives the room. */
export async function open(root) {
  root.innerHTML = await fetchFile('room.html').then((answer) => answer.text());
  return new Room(root).begin();
}
