// The networks of the room: read, described, and how each reads the adversary of the one attacked.
import { many, percent } from './numbers.js';
import { texts } from './texts.js';

const most = 4;
const largestFile = 100e6;  // bytes
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };  // of pixels in 0..1

/** What the three controls say of a network, over what its .json says. */
export function notesOf(given, { pixels, normalised, order }) {
  const notes = { ...given };
  if ((pixels || normalised || order) && 'preprocess' in notes) delete notes.preprocess;
  const [low, high] = pixels ? pixels.split(',').map(Number) : notes.input_range ?? [0, 1];
  if (pixels) notes.input_range = [low, high];
  if (normalised === 'none') Object.assign(notes, { mean: 0, std: 1 });
  if (normalised === 'imagenet') {
    notes.mean = imagenet.mean.map((mean) => low + mean * (high - low));
    notes.std = imagenet.std.map((std) => std * (high - low));
  }
  if (order) notes.channels = order;
  return notes;
}

function description(facts) {
  const count = facts.layers.reduce((sum, layer) => sum + layer.count, 0);
  const { width, height, channels, classes, parameters, multiply_adds: work } = facts;
  return texts.facts(width, height, channels === 1 ? texts.grey : texts.inColour, classes, many(parameters), many(work),
    count === 1 ? texts.oneLayer : texts.layerCount(count),
    facts.layers.map(({ operator, count: of }) => `${of} ${operator}`).join(', '));
}

export class Networks {
  #list = [];  // {number, name, facts, names, notes}
  #chosen = null;
  #reading = new Set();  // places of those that are being read
  #root;
  #engine;
  #changed;

  /** `changed` is called when another network is attacked, or there are others beside it. */
  constructor(root, engine, changed) {
    this.#root = root;
    this.#engine = engine;
    this.#changed = changed;
  }

  get chosen() { return this.#chosen; }
  get others() { return this.#list.filter((network) => network !== this.#chosen); }
  get list() { return this.#list; }

  /** Reads a network; the first place that is free is its. `choose`: it is attacked from now on. */
  async add(name, bytes, notes, choose) {
    if (bytes.length > largestFile) throw new Error(texts.tooLargeNetwork(name));
    const taken = (place) => this.#reading.has(place) || this.#list.some(({ number }) => number === place);
    const number = Array.from({ length: most }, (_, place) => place).find((place) => !taken(place));
    if (number === undefined) throw new Error(texts.tooManyNetworks(name, most));
    this.#reading.add(number);
    const { facts, names } = await this.#engine.setNetwork(number, name, notes, bytes)
      .finally(() => this.#reading.delete(number));
    const network = { number, name, facts, names, notes };
    this.#list.push(network);
    if (choose || !this.#chosen) this.#chosen = network;
    this.#changed();
    return network;
  }

  choose(network) {
    if (this.#chosen === network) return;
    this.#chosen = network;
    this.#changed();
  }

  async remove(network) {
    this.#list = this.#list.filter((other) => other !== network);
    if (this.#chosen === network) this.#chosen = this.#list[0] ?? null;
    this.#changed();
    await this.#engine.forgetNetwork(network.number);
  }

  /** Shows all of them; `transfer` tells how the others read the adversary. */
  draw(transfer = []) {
    const focused = this.#root.contains(document.activeElement) ? document.activeElement.id : null;
    this.#root.replaceChildren(...this.#list.map((network) => {
      const card = document.createElement('div');
      card.className = 'network';
      const remove = document.createElement('button');
      remove.type = 'button';
      remove.textContent = texts.remove;
      remove.id = `remove-network-${network.number}`;
      remove.setAttribute('aria-label', texts.removeNetwork(network.name));
      remove.addEventListener('click', () => this.remove(network).catch(() => {}));
      const label = document.createElement('label');
      const radio = document.createElement('input');
      radio.type = 'radio';
      radio.name = 'attacked';
      radio.id = `network-${network.number}`;
      radio.value = network.number;
      radio.checked = network === this.#chosen;
      radio.addEventListener('change', () => this.choose(network));
      label.append(radio, network.name);
      const facts = document.createElement('p');
      facts.className = 'muted';
      facts.textContent = description(network.facts);
      card.append(remove, label, facts);
      for (const note of network.facts.notes) {
        const line = document.createElement('p');
        line.textContent = note;
        card.append(line);
      }
      const read = transfer.find(({ number }) => number === network.number);
      if (read) {
        const said = document.createElement('p');
        const [before, after] = [read.original.guesses[0], read.adversary.guesses[0]];
        said.className = read.fooled ? 'alarm' : '';
        const guess = ({ name, probability }) => `${name} ${percent(probability)}`;
        said.textContent = (read.fooled ? texts.fooledToo : texts.notFooledToo)(guess(before), guess(after));
        card.append(said);
      }
      return card;
    }));
    // Where the one that had it was removed, the first has the focus.
    if (focused !== null) (this.#root.querySelector(`#${focused}`) ?? this.#root.querySelector('input'))?.focus();
  }
}
