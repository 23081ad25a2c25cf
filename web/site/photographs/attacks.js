// Attacks on the room's photograph: run, stopped, measured, saved.
import { Stopped } from './engine.js';
import { pixelsOf } from './pictures.js';
import { epsilonText, percent } from './numbers.js';
import { drawCurve, showResult } from './results.js';
import { texts } from './texts.js';

export class Attacks {
  #root;
  #engine;
  #controls;
  #networks;
  #photo;
  #turn = Promise.resolve();
  #ticket = 0;
  #curving = null;  // an AbortController
  result = null;    // of the last attack, or prepared
  pictures = null;
  prepared = false;
  running = null;   // {progress}
  curve = [];
  #scene;           // another object for every photograph and network

  constructor(root, engine, controls, networks, photo) {
    [this.#root, this.#engine, this.#controls, this.#networks, this.#photo] = [root, engine, controls, networks, photo];
    this.forget();  // for there is nothing yet
    new ResizeObserver(() => this.showCurve()).observe(root.querySelector('#curve'));
  }

  #find(id) { return this.#root.querySelector(`#${id}`); }

  /** Shows why there is no result, where its visitor looks. */
  tell(error) {
    if (error instanceof Stopped) return;
    this.#find('verdict').textContent = error.message;
    this.#find('verdict').classList.remove('fooled');
  }

  #progress(running, progress = 0) {
    this.running = running ? { progress } : null;
    this.#find('run').textContent = running ? texts.stopAt(Math.round(100 * progress)) : texts.again;
  }

  /** Asks the engine for something that takes a while, with the photograph and the settings as they are. */
  async #work(kind, head = {}) {
    this.#progress(true);
    try {
      return await this.#photo.about(kind,
        { number: this.#networks.chosen.number, settings: this.#controls.settings, ...head },
        { onMessage: ({ done, total }) => this.#progress(true, done / Math.max(1, total)) });
    } finally {
      this.#progress(false);
    }
  }

  /** Takes its turn after what is under way; of several requests the last counts. */
  #inTurn(act) {
    const ticket = ++this.#ticket;
    this.#curving?.abort();
    this.#turn = this.#turn.catch(() => {}).then(() => {
      if (ticket !== this.#ticket) throw new Stopped();
      return act();
    });
    const own = this.#turn;
    own.catch((error) => this.tell(error));
    return own;
  }

  /** Resolves when nothing is under way. */
  quiet() { return this.#turn.catch(() => {}); }

  /**
   * Attacks as it is set; resolves to the result and its pictures, or to null where there is nothing to
   * attack. Where the photograph has changed meanwhile, it is not shown.
   */
  run() {
    const settings = this.#controls.settings;
    return this.#inTurn(async () => {
      if (!this.#photo.there) return null;
      if (!this.#networks.chosen) {
        this.forget();
        this.tell(new Error(texts.noNetworkYet));
        return null;
      }
      const scene = this.#scene;
      const others = this.#networks.others.map(({ number }) => number);
      const { width, height, body, ...result } = await this.#work('attack', { settings, others });
      const size = 4 * width * height;
      const picture = (place) => ({ width, height, pixels: body.subarray(place * size, (place + 1) * size) });
      const pictures = { original: picture(0), adversary: picture(1), noise: picture(2) };
      if (scene === this.#scene) this.show(result, pictures, settings, false);
      return { ...result, pictures };
    });
  }

  /** There is another photograph or network: what is shown, dimmed, is of the last one. */
  forget() {
    this.#scene = {};
    Object.assign(this, { result: null, pictures: null, prepared: false });
    this.#root.classList.add('waiting');
    this.#find('save').disabled = true;
    this.#find('verdict').textContent = this.#find('saved').textContent = '';
    this.showCurve([]);
  }

  show(result, pictures, settings, prepared) {
    Object.assign(this, { result, pictures, prepared });
    this.#root.classList.remove('waiting');
    this.#find('save').disabled = false;
    this.#find('saved').textContent = prepared ? texts.prepared : '';
    const target = settings.target ?? null;
    showResult(this.#root, result, pictures, settings, target === null ? '' : this.#controls.className(target));
    this.showCurve();  // which is of the same class
    this.#networks.draw(result.transfer);
  }

  cancel() {
    if (!this.running) return;
    ++this.#ticket;
    this.#engine.stop();
    this.tell(new Error(texts.stopped));
  }

  /** Searches for the smallest epsilon, and attacks at it. */
  async smallest() {
    const search = this.#inTurn(() => this.#work('smallest'));
    const ticket = this.#ticket;
    const { epsilon } = await search;
    if (ticket !== this.#ticket) throw new Stopped();  // it is of another photograph, or of other settings
    if (epsilon === null) throw new Error(texts.noSmallest);
    this.#controls.set({ epsilon });
    await this.run();
    this.#find('saved').textContent = texts.smallest(epsilonText(epsilon));
  }

  /** Draws the curve over epsilon, point by point; pressed again it stops. */
  async toggleCurve() {
    if (this.#curving) return this.#curving.abort();
    const button = this.#find('draw-curve');
    const own = this.#curving = new AbortController();
    this.showCurve([]);
    button.textContent = texts.stop;
    try {
      await this.#photo.about('curve', { number: this.#networks.chosen.number, settings: this.#controls.settings },
        { signal: own.signal, onMessage: (point) => this.showCurve([...this.curve, point]) });
    } finally {
      if (this.#curving === own) this.#curving = null;
      button.textContent = texts.drawCurve;
    }
  }

  showCurve(points = this.curve) {
    this.curve = points;
    drawCurve(this.#root, points, this.#controls.settings.epsilon, this.result?.name ?? '');
  }

  /** Saves the adversary, and tells what is read in the file. */
  async save() {
    if (!this.pictures) return;
    const { width, height, pixels } = this.pictures.adversary;
    const { body } = await this.#engine.ask('png', { width, height }, { body: new Uint8Array(pixels), stay: true });
    const blob = new Blob([body], { type: 'image/png' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = 'adversary.png';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    const said = this.#find('saved');
    said.textContent = texts.saved(link.download);
    if (!this.#networks.chosen) return;
    const again = await pixelsOf(blob);
    const { reading } = await this.#inTurn(() =>
      this.#photo.readOther(again, 'adversary.png', this.#networks.chosen.number));
    const [{ name, probability }] = reading.guesses;
    said.textContent = texts.readAgain(link.download, name, percent(probability));
  }
}
