// A browser by WebDriver's own protocol, as much of it as the main path needs.
import { spawn } from 'node:child_process';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class WebDriver {
  #process;
  #at;
  #lastRun = 0;

  /** Starts `program` on a port of its own, and a session with these capabilities in it. */
  static async start(program, port, capabilities) {
    const driver = new WebDriver();
    driver.#process = spawn(program, [`--port=${port}`], { stdio: 'inherit' });
    driver.#at = `http://127.0.0.1:${port}`;
    for (let tries = 0; ; ++tries) {
      try {
        await driver.#send('GET', '/status');
        break;
      } catch (error) {
        if (tries === 100) throw error;
        await pause(100);
      }
    }
    const { sessionId } = await driver.#send('POST', '/session', { capabilities: { alwaysMatch: capabilities } });
    driver.#at += `/session/${sessionId}`;
    return driver;
  }

  async stop() {
    await this.#send('DELETE', '').catch(() => {});
    this.#process.kill();
  }

  async #send(method, path, body) {
    const response = await fetch(this.#at + path, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value.message}`);
    return value;
  }

  open(url) { return this.#send('POST', '/url', { url }); }
  size(width, height) { return this.#send('POST', '/window/rect', { width, height }); }
  async picture() { return Buffer.from(await this.#send('GET', '/screenshot'), 'base64'); }

  #run(script, ...args) { return this.#send('POST', '/execute/sync', { script, args }); }

  /**
   * What `act`, run in the page, resolves to. Asked for again and again: WebKit's asynchronous
   * scripts keep the promises of the page itself waiting.
   */
  async evaluate(act, argument = null) {
    const run = ++this.#lastRun;
    await this.#run(`window.answer = { run: ${run} };
      Promise.resolve((${act})(arguments[0])).then(
        (value) => { window.answer = { run: ${run}, value: value ?? null }; },
        (error) => { window.answer = { run: ${run}, error: String(error) }; });`, argument);
    for (;;) {
      const { value, error } = await this.#run('return window.answer;');
      if (error !== undefined) throw new Error(error);
      if (value !== undefined) return value;
      await pause(20);
    }
  }

  async drag(points) {
    const move = ([x, y]) => ({ type: 'pointerMove', duration: 30, origin: 'viewport',
                                x: Math.round(x), y: Math.round(y) });
    await this.#send('POST', '/actions', { actions: [{ type: 'pointer', id: 'mouse',
      parameters: { pointerType: 'mouse' },
      actions: [move(points[0]), { type: 'pause', duration: 100 }, { type: 'pointerDown', button: 0 },
                { type: 'pause', duration: 100 }, ...points.slice(1).map(move),
                { type: 'pause', duration: 100 }, { type: 'pointerUp', button: 0 }] }] });
    await pause(100);
  }
}
