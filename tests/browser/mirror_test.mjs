// The page in HTML: all of a visit through its controls alone, in step with the canvas both ways,
// and as the page itself where there is no WebGL. axe judges it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { visits } from './visitor.mjs';

const axe = readFileSync(fileURLToPath(new URL('../../build/npm/axe-core/axe.min.js', import.meta.url)), 'utf8');

/** What axe finds that is serious or worse, one line each. */
async function judged({ page }) {
  // By the debugger: the page's policy admits no foreign script.
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe });
  const found = await page.evaluate(() => axe.run(document).then(({ violations }) => violations));
  return found.filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

const button = ({ page }, name) => page.getByRole('button', { name, exact: true });

/** Presses a button as a screen reader or the keyboard does: it needs no place on the screen. */
async function press(visitor, name) {
  await button(visitor, name).focus();
  await visitor.page.keyboard.press('Enter');
}

/** Moves a slider by the keyboard until what it tells is as wanted. */
async function slide({ page }, name, key, wanted) {
  const slider = page.getByRole('slider', { name, exact: true });
  await slider.focus();
  for (let presses = 0; presses < 300; ++presses) {
    if (await slider.evaluate((node) => node.getAttribute('aria-valuetext')) === wanted) return;
    await page.keyboard.press(key);
    await page.waitForTimeout(130);  // the mirror follows
  }
  assert.fail(`${name} never tells ${wanted}`);
}

/** Draws a seven by the arrow keys, from the middle of the pad. */
async function drawSeven({ page }) {
  await page.getByRole('application', { name: /^The pad/ }).focus();
  const keys = (key, count) => Array(count).fill(key);
  for (const key of [...keys('ArrowUp', 8), ...keys('ArrowLeft', 6), 'Space', ...keys('ArrowRight', 11),
                     ...Array(8).fill(['ArrowDown', 'ArrowDown', 'ArrowLeft']).flat(), 'Space']) {
    await page.keyboard.press(key);
  }
}

/** All of a visit; gives what was downloaded. */
async function visitByMirror(visitor) {
  const { page } = visitor;
  const text = (pattern) => page.locator('#sections').getByText(pattern).first().waitFor({ state: 'attached' });
  await press(visitor, 'Clear the pad');
  await visitor.until(({ pad }) => pad.empty);
  await text(/pad is empty/);
  await drawSeven(visitor);
  const { prediction, pad } = await visitor.until((state) => state.prediction);
  assert.equal(prediction.digit, 7);
  assert.equal(pad.strokes, 1);
  await text(/^The network reads 7/);
  await press(visitor, 'Undo on the pad');
  await visitor.until((state) => state.pad.empty);

  await press(visitor, '7: take a digit of this class');
  await visitor.until((state) => state.pad.label === 7);
  await slide(visitor, 'Epsilon: the most that any pixel may change', 'PageUp', '0.200');
  await page.getByLabel('Attack', { exact: true }).selectOption('BIM');
  const { attack } = await visitor.until((state) => state.attack.settings.method === 'bim' && state.attack.result);
  assert(Math.abs(attack.settings.epsilon - 0.2) < 1e-6);
  assert.equal(attack.result.success, true);
  await text(/^Fooled: it now reads/);
  await press(visitor, 'Smallest epsilon that fools it: find it');
  await visitor.until(({ attack: { settings } }) => settings.epsilon < 0.2);
  await text(/^Epsilon 0\.\d+ is enough/);
  await page.getByLabel('Target of the attack').selectOption('Towards 3');
  await visitor.until((state) => state.attack.settings.target === 3);
  await page.getByLabel('Attack', { exact: true }).selectOption('PGD');
  await visitor.until((state) => state.attack.settings.method === 'pgd' && state.attack.result);
  const png = await visitor.download(() => press(visitor, 'Save picture of the adversary'));
  assert.equal(png.name, 'adversary.png');
  await page.getByLabel('Target of the attack').selectOption('Any wrong digit');

  await slide(visitor, 'Adversaries in an epoch', 'Home', '100');
  await slide(visitor, 'Epochs', 'Home', '1');
  await page.getByLabel('Adversaries are made: fresh or old ones').selectOption('Replay the old ones');
  await page.getByLabel('Mix in as many clean digits').focus();
  await page.keyboard.press('Space');
  const { inoculation } = await visitor.until((state) => !state.inoculation.settings.mix_clean);
  assert.deepEqual([inoculation.settings.count, inoculation.settings.epochs, inoculation.settings.fresh],
                   [100, 1, false]);
  await press(visitor, 'Inoculate the network');
  await visitor.until((state) => state.inoculation.rounds.length === 1);
  const bought = page.getByRole('table', { name: /^What it bought/ });
  await bought.waitFor({ state: 'attached' });
  assert.match(await bought.textContent(), /Clean.*Old adversaries replayed.*Fresh adversaries/);

  const weights = await visitor.download(() => press(visitor, 'Save weights to a file'));
  await press(visitor, 'Restore the original weights');
  await visitor.until(({ model }) => !model.inoculated);
  await visitor.chooseFile(() => press(visitor, 'Load weights from a file'), 'mine.safetensors', weights.bytes);
  await visitor.until(({ model }) => model.name === 'loaded');
  await page.getByLabel('Network in use').selectOption('Robust');
  await visitor.until(({ model }) => model.name === 'robust');
  await visitor.chooseFile(() => press(visitor, 'Picture of a digit: open a file'), 'again.png', png.bytes);
  await visitor.until(({ pad: { name } }) => name === 'again.png');
  await text(/^again\.png is on the pad/);
}

visits('mirror', (visit) => {
  visit('a whole visit through the mirror alone', {}, visitByMirror);

  visit('it follows what is done on the canvas, and axe finds nothing serious', {}, async (visitor) => {
    const { page } = visitor;
    assert.deepEqual(await judged(visitor), []);
    await visitor.click('digit_3');
    await visitor.press('b', 'ArrowRight');
    await visitor.until((state) => state.attack.result);
    await page.waitForFunction(() => document.getElementById('mirror-method').selectedOptions[0].text === 'BIM' &&
      document.getElementById('mirror-epsilon').getAttribute('aria-valuetext') === '0.110');
    await page.evaluate(() => inoculate.inoculate({ count: 100, epochs: 1 }));
    await page.getByRole('table', { name: /^What it bought/ }).waitFor({ state: 'attached' });
    assert.deepEqual(await judged(visitor), []);
  });

  visit('Tab leaves the canvas, the focus is outlined on it, and keys stay with what has it', {}, async (visitor) => {
    const { page } = visitor;
    const { pad } = await visitor.state();
    const { width, height } = page.viewportSize();
    const before = await visitor.picture('focus on the canvas');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'mirror-network');
    // The rooms' links come before everything else.
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    assert.equal(await page.evaluate(() => document.activeElement.hash), '#photographs');
    await page.keyboard.press('Shift+Tab');
    assert.equal(await page.evaluate(() => document.activeElement.hash), '#digits');
    assert.equal(await page.evaluate(() => document.querySelector('a, button, input, select, [tabindex]').hash), '#digits');
    for (let i = 0; i < 3; ++i) await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'mirror-network');
    await page.keyboard.press('c');  // no key of the canvas now
    await visitor.frames(3);
    assert.deepEqual((await visitor.state()).pad, pad);
    assert.notDeepEqual(await visitor.picture('focus on the network'), before);
    assert.deepEqual(await page.evaluate(() => [scrollX, scrollY, innerWidth, innerHeight]), [0, 0, width, height]);
    await page.mouse.click(width / 2, 4);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'canvas');
    await visitor.press('c');
    assert.equal((await visitor.state()).pad.empty, true);
  });

  visit('what cannot be done now is told, and nothing is lost', {}, async (visitor) => {
    const { page } = visitor;
    await press(visitor, 'Clear the pad');
    await visitor.until(({ pad }) => pad.empty);
    await page.waitForFunction(() => document.getElementById('mirror-clear').ariaDisabled === 'true');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'mirror-clear');
    await page.keyboard.press('Enter');
    await press(visitor, 'Inoculate the network');
    await visitor.until(({ inoculation }) => inoculation.running);
    await page.waitForFunction(() => document.getElementById('mirror-pause'));
    assert.equal(await page.evaluate(() => document.activeElement.closest('section')?.innerText.includes('Inoculate')), true);
    await press(visitor, 'Stop the inoculation');
    await visitor.until(({ inoculation }) => !inoculation.running);
  });
});

visits('without WebGL', (visit) => {
  visit('the mirror is the page, and all of a visit is possible', {}, async (visitor) => {
    const { page } = visitor;
    await page.locator('#plain').waitFor({ state: 'visible' });
    assert.match(await page.locator('#plain').textContent(), /WebGL/);
    assert.equal(await page.locator('#loading').isVisible(), false);
    assert.equal(await page.locator('#canvas').isVisible(), false);
    await visitor.picture('without WebGL, desktop');
    assert.deepEqual(await judged(visitor), []);
    await visitByMirror(visitor);
    await visitor.picture('without WebGL, after a visit');
  });

  visit('the mouse draws on its pad', { size: 'phone' }, async (visitor) => {
    const { page } = visitor;
    await visitor.picture('without WebGL, phone');
    const { x, y, width } = await page.locator('.pad canvas').boundingBox();
    const stroke = [[0.3, 0.24], [0.45, 0.22], [0.7, 0.23], [0.6, 0.44], [0.46, 0.8]];
    await page.mouse.move(x + stroke[0][0] * width, y + stroke[0][1] * width);
    await page.mouse.down();
    for (const [u, v] of stroke) await page.mouse.move(x + u * width, y + v * width, { steps: 4 });
    await page.mouse.up();
    const { pad, prediction } = await visitor.until((state) => state.pad.source === 'drawing');
    assert.equal(pad.strokes, 1);
    assert.equal(prediction.digit, 7);
  });
}, { args: ['--disable-gpu', '--disable-3d-apis'] });
