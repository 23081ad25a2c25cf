// The photograph of the room: where it comes from, what is cut out of it, and whether the engine has it.
import { Cut, pixelsOf } from './pictures.js';
import { texts } from './texts.js';

const here = (file) => new URL(file, import.meta.url);
const blobOf = (file) => fetch(here(file)).then((answer) => answer.blob());

/** The pixels of one of the page's own picture files. */
export const pixelsOfFile = (file) => blobOf(file).then(pixelsOf);

async function thumbnail({ file }) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [120, 80];
  const bitmap = await createImageBitmap(await blobOf(file));
  const scale = Math.max(120 / bitmap.width, 80 / bitmap.height);
  const [w, h] = [bitmap.width * scale, bitmap.height * scale];
  canvas.getContext('2d').drawImage(bitmap, (120 - w) / 2, (80 - h) / 2, w, h);
  bitmap.close();
  return canvas;
}

export class Photo {
  #root;
  #engine;
  #list = [];    // those that come with the page
  #sent = null;  // the picture as the engine has it
  current = null;  // {name, own}
  cut;

  /** `changed` is called when a visitor has moved the cut. */
  constructor(root, engine, changed) {
    this.#root = root;
    this.#engine = engine;
    this.cut = new Cut(root.querySelector('canvas.crop'), changed);
  }

  get there() { return this.current !== null; }
  get names() { return this.#list.map(({ name }) => name); }
  find(name) {
    const photo = this.#list.find((one) => one.name === name);
    if (!photo) throw new Error(texts.noSuchPhoto(name, this.names.join(', ') || texts.noPhotos));
    return photo;
  }

  /** Shows those that come with the page; `choose` is called with the name of the one pressed. */
  async offer(list, choose) {
    this.#list = list;
    this.#root.querySelector('.thumbs').replaceChildren(...await Promise.all(list.map(async (photo) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.title = photo.credit;
      button.dataset.photo = photo.name;
      button.setAttribute('aria-label', photo.title);
      button.append(await thumbnail(photo));
      button.addEventListener('click', () => choose(photo.name));
      return button;
    })));
  }

  /** One of those that come with the page. */
  async take(name) {
    const photo = this.find(name);
    this.#use(await pixelsOfFile(photo.file), { name, own: false }, texts.credit(photo.credit));
  }

  /** One of one's own: a Blob that the browser can decode, or an ImageBitmap. */
  async set(given, name) {
    if (given instanceof Blob) return this.use(await decodePicture(given, name), name);
    if (typeof ImageBitmap !== 'function' || !(given instanceof ImageBitmap)) {
      throw new Error(texts.notAPhoto);
    }
    return this.use(readBitmap(given, name), name);
  }

  /** A picture of pixels, four bytes each. */
  use(picture, name) {
    this.#use(picture, { name, own: true }, texts.own(name, picture.width, picture.height));
  }

  #use(picture, current, how) {
    this.current = current;
    this.cut.set(picture);
    this.#root.querySelector('#how').textContent = how;
    this.changed();
  }

  /** Another photograph, or another cut of it: the engine is to be told. */
  changed() {
    this.#sent = null;
    for (const button of this.#root.querySelectorAll('.thumbs button')) {
      button.setAttribute('aria-pressed', button.dataset.photo === this.current.name && !this.current.own);
    }
    this.#root.querySelector('#whole').hidden = this.cut.place === null;
    this.#root.querySelector('#cut').value = 100 * this.cut.size;
    this.#root.querySelector('#cut-shown').textContent = `${Math.round(100 * this.cut.size)} %`;
  }

  /** Gives the engine the photograph, unless it has it. */
  async send() {
    if (this.#sent) return;
    const picture = { ...this.cut.picture, name: this.current.name };
    this.#sent = picture;
    await this.#engine.setPhoto(picture).catch((error) => {
      this.#sent = null;
      throw error;
    });
  }

  /** What the network `number` reads in another picture. */
  async readOther(picture, name, number) {
    this.#sent = null;
    await this.#engine.setPhoto({ ...picture, pixels: new Uint8Array(picture.pixels), name, cropped: true });
    return this.#engine.ask('read', { number });
  }
}
