// A visitor of the page in headless Chromium: sees where things are, and uses mouse, finger and keys.
//
// Nothing here knows of the page's inside: places come from inoculate.state().layout, and whatever
// is done goes to the canvas as events of mouse, touch or keyboard.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { chromium } from '../../build/npm/playwright-core/index.mjs';
import { serve } from '../../web/serve.mjs';

const inBuild = (path) => fileURLToPath(new URL(`../../build/${path}`, import.meta.url));
export const site = inBuild('page');
export const sampleFolder = inBuild('sample');
export const command = inBuild('native/inoculate');
export const pictures = inBuild('screenshots');

export const sizes = {
  desktop: { viewport: { width: 1280, height: 720 } },
  large: { viewport: { width: 1920, height: 1080 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

const drawsInSoftware = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'];

const patience = 60000;  // ms, for whatever must happen: machines that test are busy

/** Runs in the page before its own scripts: counts the frames it draws and those it asks for. */
function watchFrames() {
  window.watched = { drawn: [], requested: 0 };
  for (const { prototype } of [window.WebGLRenderingContext, window.WebGL2RenderingContext].filter(Boolean)) {
    const { clear } = prototype;  // once a frame
    prototype.clear = function(...mask) {
      window.watched.drawn.push(performance.now());
      return clear.apply(this, mask);
    };
  }
  const { requestAnimationFrame } = window;
  window.nextFrame = () => new Promise((resolve) => requestAnimationFrame.call(window, resolve));
  window.requestAnimationFrame = (callback) => {
    ++window.watched.requested;
    return requestAnimationFrame.call(window, callback);
  };
}

export class Visitor {
  #touch;
  problems = [];  // errors of the console, and requests to elsewhere

  constructor(page, origin) {
    this.page = page;
    this.origin = origin;
    this.fingers = page.context().newCDPSession(page);
    page.on('filechooser', () => {});  // from now on they come here and not to a window
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.problems.push(message.text());
    });
    page.on('pageerror', (error) => this.problems.push(error.stack));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !url.startsWith(`blob:${origin}/`)) {
        this.problems.push(`request to ${url}`);
      }
    });
  }

  /** Takes what a test provoked off the list of problems. */
  expectProblems(pattern) {
    assert(this.problems.some((text) => pattern.test(text)), `no problem like ${pattern}`);
    this.problems = this.problems.filter((text) => !pattern.test(text));
  }

  async open(path = '/') {
    await this.page.goto(this.origin + path);
    await this.page.evaluate(() => inoculate.complete);
    await this.frames();
  }

  state() { return this.page.evaluate(() => inoculate.state()); }
  read() { return this.state().then(({ prediction }) => prediction?.digit ?? null); }
  live() { return this.page.locator('#live').textContent(); }

  /** Lets the page see and show what happened: ImGui needs a frame for each change of a button. */
  frames(count = 2) {
    return this.page.evaluate(async (left) => { while (left-- > 0) await nextFrame(); }, count);
  }

  /** Waits until the state is as told, and gives it. */
  async until(told, what = told.toString()) {
    const end = Date.now() + patience;
    for (;;) {
      const state = await this.state();
      if (told(state)) return state;
      assert(Date.now() < end, `never: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Waits until the attacker has told all it knows of the picture, and gives the state. */
  settled() {
    return this.until(({ attack: { networks } }) =>
      networks.length > 0 && networks.every(({ attacked, curve }) => attacked && curve), 'settled');
  }

  /** Where something is: as in the layout, scrolled into view if need be. */
  async rectangle(name) {
    const { width, height } = this.page.viewportSize();
    for (let tries = 0; tries < 40; ++tries) {
      // What has just come about is there with the next frame.
      const rect = (await this.until(({ layout }) => layout[name], `the page shows '${name}'`)).layout[name];
      const middle = rect.y + rect.height / 2;
      const margin = Math.min(height / 2 - 1, rect.height / 2 + 1);
      if (middle >= margin && middle <= height - margin) return rect;
      const most = 0.9 * height;  // a finger has to stay on the screen
      await this.scroll(Math.max(-most, Math.min(most, middle - height / 2)));
    }
    assert.fail(`'${name}' cannot be scrolled into view`);
  }

  /** Scrolls the panels down by so many pixels: by the wheel, or a finger on the margin. */
  async scroll(by) {
    const { width, height } = this.page.viewportSize();
    if (this.touches()) {
      const from = height / 2 + by / 2;
      await this.drag([[width - 4, from], [width - 4, from - by / 2], [width - 4, from - by]]);
    } else {
      await this.page.mouse.move(width / 2, 4);
      await this.page.mouse.wheel(0, by);
      await this.frames();
    }
  }

  touches() { return this.page.viewportSize().width < 500; }

  /** Draws a line through the points [x, y] of the page: mouse, or finger on a phone. */
  async drag(points, { hold = () => {} } = {}) {
    const [down, move, up] = this.touches()
      ? [(p) => this.#finger('touchStart', p), (p) => this.#finger('touchMove', p),
         () => this.#finger('touchEnd')]
      : [async (p) => { await this.page.mouse.move(...p); await this.frames(1); await this.page.mouse.down(); },
         (p) => this.page.mouse.move(...p), () => this.page.mouse.up()];
    await down(points[0]);
    await this.frames(1);
    for (const point of points.slice(1)) await move(point);
    if (points.length > 1) await this.frames(1);
    await hold();
    await up();
    await this.frames();
  }

  async #finger(type, point) {
    await (await this.fingers).send('Input.dispatchTouchEvent', {
      type, touchPoints: point ? [{ x: point[0], y: point[1] }] : [] });
  }

  /** Presses what has this name, at a place [x, y] in 0..1 inside it. */
  async click(name, [x, y] = [0.5, 0.5]) {
    const rect = await this.rectangle(name);
    await this.drag([[rect.x + x * rect.width, rect.y + y * rect.height]]);
  }

  /** Draws on what has this name; points are in 0..1. */
  async stroke(name, points, options) {
    const rect = await this.rectangle(name);
    await this.drag(points.map(([x, y]) => [rect.x + x * rect.width, rect.y + y * rect.height]), options);
  }

  async draw(strokes) {
    for (const points of strokes) await this.stroke('pad', points);
  }

  async press(...keys) {
    for (const key of keys) {
      await this.page.keyboard.press(key);
      await this.frames();
    }
  }

  /** Runs `act` and gives what it makes the page download: { name, bytes }. */
  async download(act) {
    const [download] = await Promise.all([this.page.waitForEvent('download', { timeout: patience }), act()]);
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    return { name: download.suggestedFilename(), bytes: Buffer.concat(chunks) };
  }

  /** Gives the page's file dialogue a file. */
  async chooseFile(act, name, bytes) {
    const [dialogue] = await Promise.all([this.page.waitForEvent('filechooser', { timeout: patience }), act()]);
    await dialogue.setFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) });
  }

  /** A picture of the page as it is, kept in build/screenshots. */
  async picture(name) {
    mkdirSync(pictures, { recursive: true });
    await this.frames();
    return this.page.screenshot({ path: `${pictures}/${name}.png` });
  }
}

/**
 * Tests with a visitor each: `define` is given a function (title, options, test), where test gets
 * the visitor. Options: `size`, one of sizes; `first`, whether it is the first visit, with the tour;
 * `opened: false` leaves opening the page to the test; `context`, more options of Playwright's.
 * No test passes when the page logged an error or sent a request elsewhere. `args` are Chromium's:
 * without others it draws WebGL in software.
 */
export function visits(title, define, { args = drawsInSoftware } = {}) {
  describe(title, () => {
    let browser, server, origin;
    before(async () => {
      const served = await serve(site, 0);
      server = served.server;
      origin = `http://127.0.0.1:${served.port}`;
      browser = await chromium.launch({
        executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-background-networking', '--no-first-run', ...args],
        timeout: patience,
      });
    });
    after(async () => {
      await browser?.close();
      server?.close();
    });
    define((name, options, test) => it(name, async (t) => {
      const context = await browser.newContext({ ...sizes[options.size ?? 'desktop'], ...options.context });
      context.setDefaultTimeout(patience);
      await context.addInitScript(watchFrames);
      if (!options.first) await context.addInitScript(() => localStorage.setItem('toured', '1'));
      const visitor = new Visitor(await context.newPage(), origin);
      try {
        if (options.opened !== false) await visitor.open();
        await test(visitor, t);
        assert.deepEqual(visitor.problems, []);
      } catch (error) {
        await visitor.picture(`failed ${title}, ${name}`).catch(() => {});
        throw error;
      } finally {
        await context.close();
      }
    }));
  });
}
