// The photograph of the room: where it comes from, what is cut out of it, and whether the engine has it.
import { fetchFile } from './fetch.js';
import { Cut, pixelsOf } from './pictures.js';
import { texts } from './texts.js';

const blobOf = (file) => fetchFile(file).then((answer) => answer.blob());

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
  #asked = 0;    // how many photographs have been asked for
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

  /**
   * Shows those of a list that come with the page, but for those whose picture is missing; `choose` is
   * called with the name of the one pressed.
   */
  async offer(list, choose) {
    const offered = await Promise.all(list.map(async (photo) => {
      const canvas = await thumbnail(photo).catch(() => null);
      if (!canvas) return null;
      const button = document.createElement('button');
      button.type = 'button';
      button.title = photo.credit;
      button.dataset.photo = photo.name;
      button.setAttribute('aria-label', photo.title);
      button.append(canvas);
      button.addEventListener('click', () => choose(photo.name));
      return { photo, button };
    }));
    const there = offered.filter((one) => one !== null);
    this.#list = there.map(({ photo }) => photo);
    this.#root.querySelector('.thumbs').replaceChildren(...there.map(({ button }) => button));
  }

  /** Of photographs that are asked for the last counts, whichever comes first. Gives whether it is still this one. */
  ask() {
    const number = ++this.#asked;
    return () => number === this.#asked;
  }

  /** One of those that come with the page. False where another was asked for before it came. */
  async take(name) {
    const photo = this.find(name);
    const isLast = this.ask();
    const picture = await pixelsOfFile(photo.file);
    if (!isLast()) return false;
    this.#use(picture, { name, own: false }, texts.credit(photo.credit));
    return true;
  }

  /** One of one's own: a Blob that the browser can decode, or an ImageBitmap. False as for `take`. */
  async set(given, name) {
    const isBitmap = typeof ImageBitmap === 'function' && given instanceof ImageBitmap;
    if (!isBitmap && !(given instanceof Blob)) throw new Error(texts.notAPhoto);
    const isLast = this.ask();
    const picture = isBitmap ? readBitmap(given, name) : await decodePicture(given, name);
    if (!isLast()) return false;
    this.use(picture, name);
    return true;
  }

  /** A picture of pixels, four bytes each. */
  use(picture, name) {
    this.ask();
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

  /** Asks the engine about the photograph as it is now. */
  about(kind, head, options) {
    let sending = null;
    if (!this.#sent) {
      const picture = { ...this.cut.picture, name: this.current.name };
      this.#sent = picture;
      sending = this.#engine.setPhoto(picture).catch((error) => {
        if (this.#sent === picture) this.#sent = null;
        throw error;
      });
    }
    return this.#behind(sending, kind, head, options);
  }

  /** What the network `number` reads in another picture. */
  readOther(picture, name, number) {
    this.#sent = null;
    const sending = this.#engine.setPhoto({ ...picture, pixels: new Uint8Array(picture.pixels), name, cropped: true });
    return this.#behind(sending, 'read', { number });
  }

  /** Asks in the same moment as the picture is sent, so that no other one comes in between. */
  async #behind(sending, kind, head, options) {
    const [, answer] = await Promise.all([sending, this.#engine.ask(kind, head, options)]);
    return answer;
  }
}
