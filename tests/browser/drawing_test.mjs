// Drawing on the pad, by mouse and by finger, and what the network reads.
import assert from 'node:assert/strict';

import { digits } from './digits.mjs';
import { visits } from './visitor.mjs';

visits('drawing', (visit) => {
  for (const size of ['desktop', 'phone']) {
    visit(`at least nine of ten digits are read, ${size}`, { size }, async (visitor) => {
      const read = [];
      for (const strokes of digits) {
        await visitor.press('c');
        await visitor.draw(strokes);
        read.push(await visitor.read());
      }
      const right = read.filter((digit, i) => digit === i).length;
      assert(right >= 9, `read as ${read}`);
    });
  }

  visit('the example gives way to the first stroke', {}, async (visitor) => {
    assert.equal((await visitor.state()).pad.source, 'example');
    assert.equal(await visitor.read(), 2);
    assert.equal((await visitor.state()).attack.result.success, true);  // what is seen first worked
    await visitor.draw(digits[1]);
    const { pad } = await visitor.state();
    assert.equal(pad.source, 'drawing');
    assert.equal(pad.strokes, 1);
    assert.equal(await visitor.read(), 1);
  });

  visit('is read while the pen is down', {}, async (visitor) => {
    await visitor.click('clear');
    await visitor.stroke('pad', digits[0][0], {
      hold: async () => assert.equal(await visitor.read(), 0),
    });
  });

  visit('undo, clear, and nothing read on an empty pad', {}, async (visitor) => {
    await visitor.click('clear');
    let state = await visitor.state();
    assert.equal(state.prediction, null);
    assert.equal(state.attack.result, null);
    assert.equal(state.pad.empty, true);
    assert.match(await visitor.live(), /pad is empty/);

    await visitor.draw(digits[4]);
    const { prediction } = await visitor.state();
    assert.equal(prediction.digit, 4);
    await visitor.stroke('pad', [[0.1, 0.9], [0.9, 0.9]]);
    assert.equal((await visitor.state()).pad.strokes, 3);
    await visitor.click('undo');
    assert.deepEqual((await visitor.state()).prediction, prediction);
    await visitor.click('clear');
    assert.equal((await visitor.state()).pad.empty, true);
    await visitor.click('undo');  // clearing, too, can be taken back
    assert.deepEqual((await visitor.state()).prediction, prediction);
  });

  visit('the eraser takes ink away, the pen slider changes its width', {}, async (visitor) => {
    const ink = async () => (await visitor.page.evaluate(async () =>
      (await inoculate.image()).reduce((sum, value) => sum + value, 0)));
    await visitor.click('clear');
    await visitor.draw(digits[0]);
    const whole = await ink();
    await visitor.click('eraser');
    await visitor.stroke('pad', [[0.15, 0.5], [0.5, 0.5], [0.85, 0.5]]);
    assert(await ink() < whole);
    await visitor.click('eraser');  // the pen again

    const thickness = async (share) => {
      await visitor.click('pen', [share, 0.5]);
      await visitor.click('clear');
      await visitor.draw(digits[7]);
      return ink();
    };
    assert(await thickness(0.95) > 1.3 * await thickness(0.05));
  });

  visit('a digit is taken: of a class, any, and drawn over', {}, async (visitor) => {
    await visitor.click('digit_3');
    const { pad } = await visitor.state();
    assert.equal(pad.source, 'sample');
    assert.equal(pad.label, 3);
    await visitor.click('any_digit');
    const other = (await visitor.state()).pad;
    assert.equal(other.source, 'sample');
    assert.notEqual(other.sample, pad.sample);
    await visitor.stroke('pad', [[0.1, 0.1], [0.9, 0.1]]);
    const over = (await visitor.state()).pad;
    assert.equal(over.sample, other.sample);
    assert.equal(over.strokes, 1);
  });
});
