// The worker of this room, asked by promises. Stopping it ends it at once, whatever it is doing; the
// next request begins another, which is given the networks and the photograph again. Requests that
// `stay` are no part of what is stopped: they are asked again.
import { texts } from './texts.js';

/** A request that the visitor or a script ended. */
export class Stopped extends Error {
  constructor() { super('stopped'); }
}

export class Engine {
  #worker = null;
  #requests = new Map();  // id -> {message, body, stay, resolve, reject, onMessage}
  #last = 0;
  #kept = new Map();  // what a new worker is told first: key -> {head, body}
  memory = 0;   // bytes that the module has taken
  threads = 0;  // that it works with

  #begin() {
    this.#worker = new Worker(new URL('worker.js', import.meta.url));
    this.#worker.onmessage = ({ data: { head, body, memory, threads } }) => {
      Object.assign(this, { memory, threads });
      const message = JSON.parse(head);
      const request = this.#requests.get(message.id);
      if (!request) return;
      if (message.kind === 'done') {
        this.#requests.delete(message.id);
        request.resolve({ ...message, body });
      } else if (message.kind === 'error') {
        this.#requests.delete(message.id);
        request.reject(new Error(message.message));
      } else {
        request.onMessage?.(message);
      }
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#end(new Error(texts.engineFailed));
    };
    for (const { message, body } of this.#kept.values()) this.#post(message, body);
  }

  #end(error, ends = () => true) {
    this.#worker?.terminate();
    this.#worker = null;
    for (const [id, request] of [...this.#requests]) {
      if (!ends(request)) continue;
      this.#requests.delete(id);
      request.reject(error);
    }
  }

  #post(message, body) {
    this.#worker.postMessage({ head: jsonOf(message), body });
  }

  /**
   * Asks for something (web/photo/studio.h). `onMessage` gets what comes before it is done; a signal
   * that is aborted ends it before its next part. What is done under the name `keep` every further
   * worker is told first.
   */
  ask(kind, head = {}, { body = new Uint8Array(), onMessage, keep, signal, stay = false } = {}) {
    if (signal?.aborted) return Promise.reject(new Stopped());
    if (this.#worker === null) this.#begin();
    const id = ++this.#last;
    const message = { ...head, kind, id };
    return new Promise((resolve, reject) => {
      this.#post(message, body);  // throws for what is no JSON
      this.#requests.set(id, { message, body, stay, resolve, reject, onMessage });
      signal?.addEventListener('abort', () => {
        if (!this.#requests.delete(id)) return;
        this.#post({ kind: 'stop', id }, new Uint8Array());
        reject(new Stopped());
      });
    }).then((done) => {
      if (keep) this.#kept.set(keep, { message, body });
      return done;
    });
  }

  setNetwork(number, name, notes, file) {
    return this.ask('network', { number, name, notes }, { body: file, keep: `network ${number}`, stay: true });
  }

  forgetNetwork(number) {
    this.#kept.delete(`network ${number}`);
    return this.ask('forget', { number });
  }

  setPhoto({ width, height, pixels, name, cropped }) {
    return this.ask('photo', { width, height, name, cropped }, { body: pixels, keep: 'photo' });
  }

  /** Ends whatever is under way, but for what stays: who waits for it gets Stopped. */
  stop() {
    this.#end(new Stopped(), ({ stay }) => !stay);
    if (this.#requests.size === 0) return;
    this.#begin();
    for (const { message, body } of this.#requests.values()) this.#post(message, body);
  }
}
