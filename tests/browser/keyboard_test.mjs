// Without mouse and without sight: keys, the help that lists them, and the text beside the canvas.
import assert from 'node:assert/strict';

import { visits } from './visitor.mjs';

visits('keyboard', (visit) => {
  visit('every action has a key', {}, async (visitor) => {
    const attack = async () => (await visitor.state()).attack.settings;
    await visitor.press('3');
    assert.equal((await visitor.state()).pad.label, 3);
    await visitor.press('r');
    assert.equal((await visitor.state()).pad.source, 'sample');
    await visitor.press('z');
    assert.equal((await visitor.state()).pad.label, 3);
    await visitor.press('c');
    assert.equal((await visitor.state()).pad.empty, true);
    await visitor.press('8');

    await visitor.press('b');
    assert.equal((await attack()).method, 'bim');
    await visitor.press('l');
    assert.equal((await attack()).method, 'line');
    await visitor.press('q');
    assert.equal((await attack()).method, 'pgd');
    await visitor.press('f');
    assert.equal((await attack()).method, 'fgsm');
    const { epsilon, seed } = await attack();
    await visitor.press('ArrowRight', 'ArrowRight', 'ArrowLeft');
    assert(Math.abs((await attack()).epsilon - epsilon - 0.01) < 1e-6);
    await visitor.press('t', 't');
    assert.equal((await attack()).target, 1);
    await visitor.press(...Array(8).fill('t'));  // 7, which it is, is no target
    assert.equal((await attack()).target, null);
    await visitor.press('n');
    assert.equal((await attack()).seed, seed + 1);
    await visitor.press('s');
    assert.match((await visitor.state()).notice.text, /epsilon/i);
    await visitor.press('Escape');
    assert.equal((await visitor.state()).notice.text, '');

    assert.equal((await visitor.download(() => visitor.press('a'))).name, 'adversary.png');
    assert.equal((await visitor.download(() => visitor.press('p'))).name, 'attack-sheet.png');
    assert.equal((await visitor.download(() => visitor.press('w'))).name, 'inoculated.safetensors');
    await visitor.chooseFile(() => visitor.press('o'), 'none.safetensors', []);
    await visitor.until(({ notice }) => notice.error);
    await visitor.press('Escape');
    await visitor.chooseFile(() => visitor.press('u'), 'none.png', []);
    await visitor.until(({ notice }) => notice.error);
    await visitor.press('k');
    assert.match(await visitor.page.evaluate(() => location.hash), /^#v=1&/);
    await visitor.press('m');
    assert.equal((await visitor.state()).model.name, 'mixed_batch');
    await visitor.press('m');
    assert.equal((await visitor.state()).model.name, 'robust');
    await visitor.press('m');
    assert.equal((await visitor.state()).model.name, 'standard');

    await visitor.press('i');
    await visitor.until(({ inoculation }) => inoculation.progress > 0);
    await visitor.press('i');
    assert.equal((await visitor.state()).inoculation.paused, true);
    await visitor.press('x');
    await visitor.until(({ inoculation }) => !inoculation.running);
    await visitor.page.evaluate(() => inoculate.inoculate({ count: 100, epochs: 1 }));
    await visitor.press('Backspace');
    assert.equal((await visitor.state()).model.inoculated, false);
    await visitor.press('v');
    await visitor.until(({ robustCurves }) => robustCurves.length === 3);
  });

  visit('keys with Ctrl or Alt belong to the browser', {}, async (visitor) => {
    const { pad } = await visitor.state();
    await visitor.press('Alt+c', 'Control+z', 'Control+b');
    const { pad: after, attack } = await visitor.state();
    assert.deepEqual(after, pad);
    assert.equal(attack.settings.method, 'fgsm');
    const kept = await visitor.page.evaluate(() => ['r', 'F5'].map((key) => document.activeElement.dispatchEvent(
      new KeyboardEvent('keydown', { key, code: key, ctrlKey: key === 'r', bubbles: true, cancelable: true }))));
    assert.deepEqual(kept, [true, true], 'reloading is prevented');
  });

  visit('help opens and closes by key and by mouse', {}, async (visitor) => {
    const shown = async () => 'help_panel' in (await visitor.state()).layout;
    await visitor.press('h');
    assert(await shown());
    await visitor.click('help_close');
    assert(!await shown());
    await visitor.click('help');
    assert(await shown());
    await visitor.press('Escape');
    assert(!await shown());
    await visitor.press('h');
    await visitor.click('help_tour');
    assert(!await shown());
    assert('tour' in (await visitor.state()).layout);
  });

  visit('the live region follows', {}, async (visitor) => {
    const { page } = visitor;
    assert.equal(await page.getAttribute('#live', 'aria-live'), 'polite');
    await visitor.press('c');
    assert.match(await visitor.live(), /pad is empty/);
    await visitor.press('4');
    assert.match(await visitor.live(), /^The network reads 4 .*(Fooled|Not fooled)/);
    await visitor.press('l');
    assert.match(await visitor.live(), /Draw a line/);
    await visitor.press('f', 'i');
    await visitor.until(({ inoculation }) => inoculation.running);
    await visitor.press('x');
    await visitor.until(({ inoculation }) => !inoculation.running);
    assert.match(await visitor.live(), /Inoculation was stopped|network reads/);

    // Every sentence is said, in order, though the next one follows at once.
    await page.evaluate(() => {
      window.said = [];
      new MutationObserver(() => said.push(document.getElementById('live').textContent))
        .observe(document.getElementById('live'), { childList: true });
    });
    await page.evaluate(() => inoculate.inoculate({ count: 100, epochs: 1 }));
    await visitor.frames();
    const said = await page.evaluate(() => said);
    assert(said.some((sentence) => /Inoculation has begun/.test(sentence)), said.join(' | '));
    assert(said.some((sentence) => /^Inoculated\. On 1000 held-out digits/.test(sentence)), said.join(' | '));
  });

  visit('title, description, language, label and focus', {}, async ({ page }) => {
    assert.match(await page.title(), /Inoculate/);
    assert((await page.getAttribute('meta[name=description]', 'content')).length > 50);
    assert.equal(await page.getAttribute('html', 'lang'), 'en');
    assert((await page.getAttribute('#canvas', 'aria-label')).includes('H'));
    assert.equal(await page.evaluate(() => document.activeElement.id), 'canvas');
  });
});
