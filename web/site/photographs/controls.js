// What a visitor sets of an attack.
import { texts } from './texts.js';

const knobs = ['epsilon', 'steps', 'queries', 'area', 'confidence'];
const scale = { epsilon: 1 / 255, steps: 1, queries: 1, area: 1 / 100, confidence: 1 / 100 };
const text = {
  epsilon: texts.epsilonIs,
  queries: (value) => texts.whole(Number(value)),
  area: (value) => `${value} %`,
  confidence: (value) => Number(value) === 0 ? texts.anything : `${value} %`,
};

export class Controls {
  #root;
  #changed;
  #methods = [];
  #names = null;
  #classes = 0;
  #target = null;  // a class's number
  #rest = {};  // settings that have no control: those of scripts
  defaults = { method: 'pgd', epsilon: 4 / 255, steps: 10, queries: 500, area: 0.05, target: null, seed: 1, confidence: 0 };

  /** `changed` is called when anything was set by hand. */
  constructor(root, changed) {
    this.#root = root;
    this.#changed = changed;
    for (const input of root.querySelectorAll('input[type="range"]')) {
      const show = () => this.#showValue(input);
      input.addEventListener('input', show);
      show();
    }
    for (const id of knobs) {
      this.#find(id).addEventListener('change', () => { delete this.#rest[id]; changed(); });
    }
    this.#find('method').addEventListener('change', () => { this.#fit(); changed(); });
    const target = this.#find('target');
    target.addEventListener('change', () => {
      const known = target.value === '' || this.#classOf(target.value) !== null;
      target.setCustomValidity(known ? '' : texts.noSuchClass);
      target.reportValidity();
      this.#target = known && target.value !== '' ? this.#classOf(target.value) : null;
      if (known) changed();
    });
  }

  #find(id) { return this.#root.querySelector(`#${id}`); }

  #showValue(input) {
    const shown = input.closest('.knob').querySelector('output');
    if (input.id !== 'cut') shown.textContent = (text[input.id] ?? String)(input.value);
  }

  /** The attacks that there are. */
  offer(methods) {
    this.#methods = methods;
    this.#find('method').replaceChildren(...methods.map(({ name }) => new Option(texts.methods[name], name)));
    this.#fit();
  }

  #fit() {
    const method = this.#method;
    for (const knob of knobs) this.#root.querySelector(`[data-knob="${knob}"]`).hidden = knob !== 'confidence' && !method[knob];
    this.#find('smallest').disabled = !method.epsilon;
    this.#find('draw-curve').disabled = !method.epsilon;
    this.#find('lesson').textContent = texts.lessons[method.name];
  }

  get #method() { return this.#methods.find(({ name }) => name === this.#find('method').value); }

  /** Whether the attack is quick enough to follow the controls. */
  get isQuick() { return !this.#method.queries && !this.#method.area; }

  setClasses(names, count) {
    if (names === this.#names) return;
    this.#names = names;
    this.#classes = count;
    this.#find('class-names').replaceChildren(...names.map((name) => {
      const option = document.createElement('option');
      option.value = name;
      return option;
    }));
    this.#target = null;
    this.#find('target').value = '';
  }

  className(number) { return this.#names?.[number] || texts.className(number); }

  #classOf(name) {
    const wanted = name.trim().toLowerCase();
    const place = (this.#names ?? []).findIndex((one) => one.toLowerCase() === wanted);
    if (place >= 0) return place;
    const number = /^(class )?\d+$/.test(wanted) ? Number(wanted.replace('class ', '')) : -1;
    return number >= 0 && number < this.#classes ? number : null;
  }

  get settings() {
    const settings = { method: this.#find('method').value, ...this.#rest };
    for (const knob of knobs) if (!(knob in settings)) settings[knob] = this.#find(knob).value * scale[knob];
    if (this.#target !== null) settings.target = this.#target;
    return settings;
  }

  /** Sets all of them to what `settings` once were. */
  restore(settings) {
    this.#rest = {};
    this.set({ target: null, ...settings });
  }

  /** Sets the controls that are named; those who know only a part of them leave the others. */
  set({ method, target, ...values }) {
    if (method !== undefined) {
      if (!this.#methods.some(({ name }) => name === method)) {
        throw new Error(texts.noSuchMethod(method, this.#methods.map(({ name }) => name).join(', ')));
      }
      this.#find('method').value = method;
      this.#fit();
    }
    if (target !== undefined) {
      this.#target = target;  // not by its name, which others may have too
      this.#find('target').value = target === null ? '' : this.className(target);
    }
    for (const [key, value] of Object.entries(values)) {
      const input = knobs.includes(key) ? this.#find(key) : null;
      const shown = typeof value === 'number' ? value / scale[key] : NaN;
      // What a slider can show it shows; anything else is for the engine to take or to refuse.
      const fits = shown >= input?.min && shown <= input?.max;
      if (fits) {
        input.value = shown;
        this.#showValue(input);
        delete this.#rest[key];
      }
      if (!fits || Math.abs(input.value * scale[key] - value) > 1e-9) this.#rest[key] = value;
    }
  }
}
