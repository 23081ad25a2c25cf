// Numbers as the room of photographs shows them.
import { texts } from './texts.js';

/** A share from 0 to 1 by one of these texts: near its ends, `below` or `above`. */
const share = (is, below, above) => (value) => {
  if (value > 0 && value < 0.001) return below;
  if (value < 1 && value > 0.999) return above;
  return is(100 * value);
};
export const percent = share(texts.percent, texts.percentBelow, texts.percentAbove);
export const shortPercent = share(texts.percent, texts.shortPercentBelow, texts.shortPercentAbove);

export const many = (count) => count >= 1e9 ? texts.billions(count / 1e9)
  : count >= 1e6 ? texts.millions(count / 1e6) : texts.whole(count);

export const epsilonText = (epsilon) => texts.epsilonIs(Math.round(255 * epsilon));
