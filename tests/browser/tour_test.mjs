// The guided first visit.
import assert from 'node:assert/strict';

import { digits } from './digits.mjs';
import { visits } from './visitor.mjs';

const shown = async (visitor) => 'tour' in (await visitor.state()).layout;

visits('tour', (visit) => {
  visit('goes on by itself as the visitor does what it says', { first: true }, async (visitor) => {
    assert(await shown(visitor));
    await visitor.picture('tour 1, desktop');
    await visitor.draw(digits[7]);
    await visitor.picture('tour 2, desktop');
    await visitor.click('tour_next');  // the bars
    await visitor.stroke('epsilon', [[0.1, 0.5], [0.5, 0.5], [0.8, 0.5]]);
    assert.equal((await visitor.state()).attack.result.success, true);
    await visitor.picture('tour 4, desktop');
    await visitor.click('tour_next');  // the noise
    await visitor.click('inoculation_count', [0.01, 0.5]);
    await visitor.click('inoculate_button');
    await visitor.until(({ inoculation }) => inoculation.rounds.length === 1);
    await visitor.picture('tour 6, desktop');
    assert(await shown(visitor));
    await visitor.click('tour_next');  // done
    assert(!await shown(visitor));
    await visitor.open();
    assert(!await shown(visitor), 'it comes once');
  });

  visit('Next leads through all of it', { first: true }, async (visitor) => {
    let steps = 0;
    for (; await shown(visitor); ++steps) {
      assert(steps < 20);
      await visitor.click('tour_next');
    }
    assert.equal(steps, 6);
  });

  visit('is skipped, and comes back by key', { first: true, size: 'phone' }, async (visitor) => {
    await visitor.click('tour_skip');
    assert(!await shown(visitor));
    await visitor.press('g');
    assert(await shown(visitor));
    await visitor.press('Escape');
    assert(!await shown(visitor));
  });

  visit('does not come between a link and its visitor', { first: true, opened: false }, async (visitor) => {
    await visitor.open('/#v=1&digit=12');
    assert(!await shown(visitor));
    assert.equal((await visitor.state()).pad.sample, 12);
  });
});
