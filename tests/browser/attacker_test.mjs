// The attacks of the second worker, by mouse and by script; the networks side by side.
import assert from 'node:assert/strict';

import { visits } from './visitor.mjs';

const seven = 1509;  // among the page's digits

visits('attacker', (visit) => {
  visit('an attack from the list, and again with other random numbers', {}, async (visitor) => {
    await visitor.page.evaluate((index) => inoculate.takeDigit(index), seven);
    await visitor.page.evaluate(() => inoculate.attack({ epsilon: 0.25 }));
    await visitor.click('more');
    await visitor.click('method_square');
    const { attack } = await visitor.until(({ attack: a }) => a.settings.method === 'square' && a.result);
    assert.equal(attack.result.gradients, 0);
    assert(attack.result.queries > 0 && attack.result.queries <= attack.settings.queries);
    assert(attack.result.linf <= attack.settings.epsilon + 1e-5);
    assert.match(await visitor.live(), /after \d+ queries/);
    await visitor.click('attack_again');
    const again = await visitor.until(({ attack: a }) => a.settings.seed !== attack.settings.seed && a.result);
    assert.notDeepEqual(again.attack.result, attack.result);
    await visitor.picture('Square, by mouse');
  });

  visit('every method by script: bounds kept, successes that a fresh reading confirms', {}, async (visitor) => {
    await visitor.page.evaluate((index) => inoculate.takeDigit(index), seven);
    let fooled = 0;
    for (const method of ['pgd', 'deepfool', 'jsma', 'square', 'nes', 'noise', 'line-search', 'spatial']) {
      const result = await visitor.page.evaluate(async (m) => {
        const picture = await inoculate.image();
        const made = await inoculate.attack({ method: m, epsilon: 0.3, queries: 800 });
        const adversary = [...made.adversary];
        await inoculate.setImage(Uint8Array.from(adversary, (v) => Math.round(255 * v)));
        await inoculate.attack({ epsilon: 0 });
        const { prediction } = await inoculate.state();
        await inoculate.setImage(picture);
        return { ...made, adversary, fresh: prediction.digit };
      }, method);
      assert(result.adversary.every((v) => v >= 0 && v <= 1), method);
      if (result.success && result.probabilities[result.prediction.digit] > 0.6) {
        assert.equal(result.fresh, result.prediction.digit, method);  // but for rounding to bytes
      }
      fooled += result.success;
    }
    assert(fooled >= 5, `fooled by ${fooled} of 8`);
  });

  visit('networks side by side, and their curves', {}, async (visitor) => {
    await visitor.page.evaluate((index) => inoculate.takeDigit(index), seven);
    await visitor.page.evaluate(() => inoculate.attack({ epsilon: 0.2 }));
    const { attack, model } = await visitor.until(({ attack: a, model: m }) =>
      a.networks.length === m.available.length && a.networks.every((n) => n.attacked && n.curve));
    assert(model.available.length >= 2);
    for (const { transferred, curve } of attack.networks) {
      assert.equal(transferred.probabilities.length, 10);
      assert.equal(curve.epsilons.length, curve.probabilities.length);
      assert.equal(curve.epsilons[0], 0);
    }
    const [standard, mixed] = attack.networks;
    assert.notEqual(standard.attacked.digit, 7, 'the undefended network falls');
    assert.equal(mixed.attacked.digit, 7, 'what was trained against FGSM withstands FGSM');
    await visitor.click('curves', [0.75, 0.5]);
    await visitor.picture('networks over epsilon');
  });

  visit('a long attack is stopped, and the page goes on', {}, async (visitor) => {
    await visitor.page.evaluate((index) => inoculate.takeDigit(index), seven);
    const error = await visitor.page.evaluate(async () => {
      const attack = inoculate.attack({ method: 'nes', epsilon: 0.01, queries: 10000 }).catch((e) => e.message);
      await inoculate.cancelAttack();
      return attack;
    });
    assert.equal(error, 'attack: it was stopped');
    const after = await visitor.page.evaluate(() => inoculate.attack({ method: 'pgd', epsilon: 0.3 }));
    assert.equal(after.success, true);
    assert.equal(after.gradients, 10);
  });
});
