// Pictures on canvases: what networks see, changes made visible, and the cut out of a photograph.

/** A colour of the style sheet, for what is drawn. */
export const color = (element, name) => getComputedStyle(element).getPropertyValue(`--${name}`).trim();

/** Shows {width, height, pixels}, four bytes a pixel. */
export function show(canvas, { width, height, pixels }) {
  canvas.width = width;
  canvas.height = height;
  canvas.style.imageRendering = width < 100 ? 'pixelated' : 'auto';
  canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(pixels), width, height), 0, 0);
}

/** The pixels of a PNG or JPEG that the browser decodes, as it is. */
export async function pixelsOf(blob) {
  const bitmap = await createImageBitmap(blob);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { width, height, data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { width, height, pixels: data };
}

/** The change between two pictures, amplified by a round factor: grey where nothing changed. */
export function changeBetween(from, to) {
  let largest = 0;
  for (let i = 0; i < from.pixels.length; ++i) {
    largest = Math.max(largest, Math.abs(to.pixels[i] - from.pixels[i]));
  }
  const factor = [100, 50, 20, 10, 5, 3, 2].find((f) => f * largest <= 127) ?? 1;
  const pixels = new Uint8ClampedArray(from.pixels.length);
  for (let i = 0; i < pixels.length; ++i) {
    pixels[i] = i % 4 === 3 ? 255 : 128 + factor * (to.pixels[i] - from.pixels[i]);
  }
  return { factor, largest, picture: { ...from, pixels } };
}

/**
 * The photograph on `canvas` with the cut that a visitor can move: by pointer, arrow keys, plus and
 * minus. `changed` is called when a move has ended.
 */
export class Cut {
  #canvas;
  #bitmap = null;  // a canvas with the photograph
  #aspect = 1;     // width / height of what is cut out
  #x = 0.5;        // its middle, as shares of the photograph
  #y = 0.5;
  #size = 1;       // as a share of the largest
  #network = 1;    // what the network itself would cut, until the visitor moves it
  #byHand = false;
  #changed;

  constructor(canvas, changed) {
    this.#canvas = canvas;
    this.#changed = changed;
    let from = null;
    canvas.addEventListener('pointerdown', (event) => {
      if (!this.#bitmap) return;
      from = [event.clientX, event.clientY, this.#x, this.#y];
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!from) return;
      const { width, height } = canvas.getBoundingClientRect();
      this.#move(from[2] + (event.clientX - from[0]) / width, from[3] + (event.clientY - from[1]) / height);
    });
    const end = () => {
      if (from && this.#byHand) this.#changed();
      from = null;
    };
    canvas.addEventListener('pointerup', end);
    canvas.addEventListener('pointercancel', end);
    canvas.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (step) this.#move(this.#x + 0.03 * step[0], this.#y + 0.03 * step[1]);
      else if (['+', '-'].includes(event.key)) this.resize(this.size + (event.key === '+' ? 0.05 : -0.05));
      else return;
      event.preventDefault();
      this.#changed();
    });
  }

  get size() { return this.#byHand ? this.#size : this.#network; }
  get photo() { return this.#bitmap; }
  get place() { return this.#byHand ? [this.#x, this.#y, this.#size] : null; }

  /** A photograph {width, height, pixels}, nothing cut by hand yet. */
  set({ width, height, pixels }) {
    const bitmap = document.createElement('canvas');
    [bitmap.width, bitmap.height] = [width, height];
    bitmap.getContext('2d', { willReadFrequently: true })
      .putImageData(new ImageData(new Uint8ClampedArray(pixels), width, height), 0, 0);
    this.#bitmap = bitmap;
    this.reset();
  }

  reset() {
    this.#byHand = false;
    [this.#x, this.#y] = [0.5, 0.5];
    this.draw();
  }

  restore([x, y, size]) {
    [this.#x, this.#y] = [x, y];
    this.resize(size);
  }

  /** What a network takes: its width over its height, and the share that it cuts out by itself. */
  fit(aspect, share) {
    this.#aspect = aspect;
    this.#network = share;
    this.draw();
  }

  resize(size) {
    if (!this.#bitmap) return;
    this.#size = Math.max(0.1, Math.min(1, size));
    this.#byHand = true;
    this.#move(this.#x, this.#y);
  }

  // The largest cut's width and height, in pixels of the photograph.
  #largest() {
    const { width, height } = this.#bitmap;
    return width / height > this.#aspect ? [height * this.#aspect, height] : [width, width / this.#aspect];
  }

  #move(x, y) {
    if (!this.#byHand) this.#size = this.#network;
    this.#byHand = true;
    const { width, height } = this.#bitmap;
    const [w, h] = this.#largest().map((side) => side * this.#size / 2);
    this.#x = Math.max(w / width, Math.min(1 - w / width, x));
    this.#y = Math.max(h / height, Math.min(1 - h / height, y));
    this.draw();
  }

  #rectangle() {
    const { width, height } = this.#bitmap;
    const [w, h] = this.#largest().map((side) => Math.max(1, Math.round(side * this.size)));
    return [Math.round(Math.min(width - w, Math.max(0, this.#x * width - w / 2))),
            Math.round(Math.min(height - h, Math.max(0, this.#y * height - h / 2))), w, h];
  }

  /** What is to be looked at: all of it where the network cuts, or what the visitor cut. */
  get picture() {
    const { width, height } = this.#bitmap;
    const [x, y, w, h] = this.#byHand ? this.#rectangle() : [0, 0, width, height];
    const { data } = this.#bitmap.getContext('2d').getImageData(x, y, w, h);
    return { width: w, height: h, pixels: new Uint8Array(data.buffer), cropped: this.#byHand };
  }

  draw() {
    if (!this.#bitmap) return;
    const { width, height } = this.#bitmap;
    [this.#canvas.width, this.#canvas.height] = [width, height];
    const context = this.#canvas.getContext('2d');
    context.drawImage(this.#bitmap, 0, 0);
    const [x, y, w, h] = this.#rectangle();
    context.fillStyle = 'rgb(0 0 0 / 55%)';
    context.beginPath();
    context.rect(0, 0, width, height);
    context.rect(x, y, w, h);
    context.fill('evenodd');
    context.strokeStyle = color(this.#canvas, 'signal');
    context.lineWidth = Math.max(1, width / 250);
    context.strokeRect(x, y, w, h);
  }
}
