// How the visitor's system wants pages to look.
'use strict';

/**
 * Tells, now and whenever it changes: whether light colours are wanted, whether strong contrasts
 * are, and the size of letters as a multiple of the usual one.
 */
function followAppearance(tell) {
  const usualLetters = 17;  // CSS pixels: as in style.css, where the visitor changed nothing
  const light = matchMedia('(prefers-color-scheme: light)');
  const contrast = ['(prefers-contrast: more)', '(forced-colors: active)'].map((query) => matchMedia(query));
  const now = () => tell(light.matches, contrast.some(({ matches }) => matches),
    parseFloat(getComputedStyle(document.documentElement).fontSize) / usualLetters);
  for (const list of [light, ...contrast]) list.addEventListener('change', now);
  new ResizeObserver(now).observe(document.getElementById('letter'));  // as wide as letters are high
  now();
}
