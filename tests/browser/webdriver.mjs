// A browser by WebDriver's commands, as many as the main path needs: by HTTP to a driver's program, or
// by Marionette, which is Firefox's own way.
//
// Firefox has WebDriver BiDi too, but while that listens (153.8), about one worker in twenty that a
// worker makes never begins, and its maker waits for ever.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const freePort = () => new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

/** What `act` resolves to, tried again while a program that was just started does not listen yet. */
async function started(act) {
  for (let tries = 0; ; ++tries) {
    try {
      return await act();
    } catch (error) {
      if (tries === 600) throw error;
      await pause(100);
    }
  }
}

/** A driver's program, begun with a session of these capabilities. */
class HttpDriver {
  static #requests = { Navigate: ['POST', '/url'], SetWindowRect: ['POST', '/window/rect'],
                       TakeScreenshot: ['GET', '/screenshot'], ExecuteScript: ['POST', '/execute/sync'],
                       PerformActions: ['POST', '/actions'] };
  #process;
  #at;

  static async start(program, capabilities) {
    const driver = new HttpDriver();
    const port = await freePort();
    driver.#process = spawn(program, [`--port=${port}`], { stdio: 'inherit' });
    driver.#at = `http://127.0.0.1:${port}`;
    await started(() => driver.#request('GET', '/status'));
    const { sessionId } = await driver.#request('POST', '/session', { capabilities: { alwaysMatch: capabilities } });
    driver.#at += `/session/${sessionId}`;
    return driver;
  }

  async stop() {
    await this.#request('DELETE', '').catch(() => {});
    this.#process.kill();
  }

  async #request(method, path, body) {
    const response = await fetch(this.#at + path, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value.message}`);
    return value;
  }

  send(command, parameters) { return this.#request(...HttpDriver.#requests[command], parameters); }
}

/** Firefox with a new profile. Its messages are `LENGTH:JSON`, and JSON is [kind, number, name or error, value]. */
class Marionette {
  #process;
  #profile = mkdtempSync(join(tmpdir(), 'firefox-'));
  #socket;
  #read = Buffer.alloc(0);
  #asked = new Map();
  #last = 0;

  static async start(program, preferences) {
    const driver = new Marionette();
    const port = await freePort();
    const lines = Object.entries({ ...preferences, 'marionette.port': port })
      .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
    writeFileSync(join(driver.#profile, 'user.js'), lines.join(''));
    driver.#process = spawn(program, ['--marionette', '--no-remote', '--profile', driver.#profile],
                            { stdio: 'ignore' });
    driver.#socket = await started(() => new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket)).on('error', reject);
    }));
    driver.#socket.on('data', (bytes) => driver.#receive(bytes));
    driver.#socket.on('close', () => {
      for (const { reject } of driver.#asked.values()) reject(new Error('Firefox has ended'));
    });
    await driver.send('NewSession');
    return driver;
  }

  async stop() {
    const ended = new Promise((resolve) => this.#process.on('exit', resolve));
    this.#socket.destroy();
    this.#process.kill();
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }

  #receive(bytes) {
    this.#read = Buffer.concat([this.#read, bytes]);
    for (;;) {
      const colon = this.#read.indexOf(':');
      const end = colon + 1 + Number(this.#read.subarray(0, Math.max(0, colon)));
      if (colon < 0 || this.#read.length < end) return;
      const message = JSON.parse(this.#read.subarray(colon + 1, end));
      this.#read = this.#read.subarray(end);
      if (!Array.isArray(message)) continue;  // the greeting
      const [, number, error, value] = message;
      const { resolve, reject } = this.#asked.get(number);
      this.#asked.delete(number);
      error ? reject(new Error(error.message)) : resolve(value?.value);
    }
  }

  send(command, parameters = {}) {
    const text = JSON.stringify([0, ++this.#last, `WebDriver:${command}`, parameters]);
    this.#socket.write(`${Buffer.byteLength(text)}:${text}`);
    return new Promise((resolve, reject) => this.#asked.set(this.#last, { resolve, reject }));
  }
}

export class WebDriver {
  #driver;
  #lastRun = 0;

  constructor(driver) { this.#driver = driver; }

  /** A session with these capabilities, in the browser that the driver `program` begins. */
  static async start(program, capabilities) { return new WebDriver(await HttpDriver.start(program, capabilities)); }

  /** Firefox, with these preferences besides a new profile's. */
  static async firefox(program, preferences) { return new WebDriver(await Marionette.start(program, preferences)); }

  stop() { return this.#driver.stop(); }

  open(url) { return this.#driver.send('Navigate', { url }); }
  size(width, height) { return this.#driver.send('SetWindowRect', { width, height }); }
  async picture() { return Buffer.from(await this.#driver.send('TakeScreenshot'), 'base64'); }

  #run(script, ...args) { return this.#driver.send('ExecuteScript', { script, args }); }

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
    await this.#driver.send('PerformActions', { actions: [{ type: 'pointer', id: 'mouse',
      parameters: { pointerType: 'mouse' },
      actions: [move(points[0]), { type: 'pause', duration: 100 }, { type: 'pointerDown', button: 0 },
                { type: 'pause', duration: 100 }, ...points.slice(1).map(move),
                { type: 'pause', duration: 100 }, { type: 'pointerUp', button: 0 }] }] });
    await pause(100);
  }
}
