// Pictures of the page in its states at all three sizes, in build/screenshots; and that whatever can
// be pressed lies inside its page, beside and not upon anything else, and is as large as a finger
// needs on a phone.
import assert from 'node:assert/strict';

import { sizes, visits } from './visitor.mjs';

const panels = new Set(['draw', 'attack', 'inoculate']);
const floating = /^(tour|help_|notice|target_|network_|method_)/;
// What is told of the layout and cannot be pressed.
const shownOnly = new Set(['reading', 'verdict', 'original', 'perturbation', 'noise', 'progress', 'before_after']);
const finger = 34;  // CSS pixels

function checkLayout({ layout }, size, state) {
  const { viewport: { width } } = sizes[size];
  const items = Object.entries(layout).filter(([name]) => !panels.has(name) && !floating.test(name));
  for (const [name, r] of items) {
    assert(r.x >= 0 && r.x + r.width <= width + 0.5, `${size}, ${state}: ${name} is cut off`);
    if (size === 'phone' && !shownOnly.has(name) && name !== 'inoculation_mix') {
      assert(r.height >= finger, `${size}, ${state}: ${name} is ${r.height} high`);
    }
  }
  const meets = (a, b) => a.x + 0.5 < b.x + b.width && b.x + 0.5 < a.x + a.width &&
                          a.y + 0.5 < b.y + b.height && b.y + 0.5 < a.y + a.height;
  for (const [i, [name, a]] of items.entries()) {
    for (const [other, b] of items.slice(i + 1)) {
      assert(!meets(a, b), `${size}, ${state}: ${name} and ${other} overlap`);
    }
  }
}

visits('layout', (visit) => {
  for (const size of ['desktop', 'large', 'phone']) {
    const context = size === 'phone' ? { deviceScaleFactor: 2 } : {};
    visit(`every state at ${size} size`, { size, context, first: true }, async (visitor) => {
      const { page } = visitor;
      const look = async (state) => {
        await visitor.frames();
        checkLayout(await visitor.state(), size, state);
        await visitor.picture(`${state}, ${size}`);
        if (size !== 'phone') return;
        for (const [i, name] of ['epsilon', 'inoculate_button', 'charts'].entries()) {
          if (!(await visitor.state()).layout[name]) continue;
          await visitor.rectangle(name);
          await visitor.picture(`${state}, ${size} ${i + 2}`);
        }
        await visitor.rectangle('network');
      };
      await visitor.picture(`tour, ${size}`);
      await visitor.click('tour_skip');
      await look('example');
      await visitor.press('c');
      await look('empty');
      await page.evaluate(() => inoculate.takeDigit(1509));
      await page.evaluate(() => inoculate.attack({ epsilon: 0.2 }));
      await look('fooled');
      await visitor.press('b');
      await look('BIM');
      await page.evaluate(() => inoculate.attack({ method: 'square', epsilon: 0.25 }));
      await look('Square');
      await visitor.press('l');
      await visitor.stroke('adversary', [[0.15, 0.2], [0.8, 0.85]]);
      await look('line');
      await visitor.press('f', 's');
      await visitor.picture(`notice, ${size}`);
      await visitor.press('Escape');
      for (const list of ['more', 'target', 'network']) {
        await visitor.click(list);
        await visitor.picture(`list of ${list}, ${size}`);
        await visitor.click('original');
      }
      await visitor.press('h');
      await visitor.picture(`help, ${size}`);
      await visitor.press('Escape');

      await page.evaluate(() => { window.inoculated = inoculate.inoculate({ count: 300, epochs: 5 }); });
      await visitor.until(({ inoculation }) => inoculation.progress > 0.3);
      await look('inoculating');
      await page.evaluate(() => inoculated);
      await look('inoculated');
      await page.evaluate(() => inoculate.inoculate({ count: 100, epochs: 1, epsilon: 0.3 }));
      await visitor.click('charts', [0.5, 0.5]);
      await look('arms race');
      await visitor.click('charts', [0.85, 0.5]);
      await visitor.click('measure_curves');
      await visitor.until(({ robustCurves }) =>
        robustCurves.length === 4 && robustCurves.every(({ scores }) => scores.length === 11));
      await look('robust curves');
    });
  }
});
