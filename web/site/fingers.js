// Two fingers on the canvas scroll the panels and draw nothing.
'use strict';

/** followFingers(canvas, begin, scroll): begin() when a second finger comes, scroll(by) as they move. */
const followFingers = (canvas, begin, scroll) => {
  let at = null;  // how far down they are on the page, in the mean, while they scroll
  for (const type of ['touchstart', 'touchmove', 'touchend', 'touchcancel']) {
    canvas.addEventListener(type, (event) => {
      const { touches } = event;
      if (touches.length === 0 || (touches.length === 1 && at === null)) {
        at = null;
        return;  // a single finger is SDL's, which comes after this
      }
      const now = [...touches].reduce((sum, { clientY }) => sum + clientY, 0) / touches.length;
      if (at === null) begin();
      else if (type === 'touchmove') scroll(now - at);
      at = now;
      if (type === 'touchend' || type === 'touchcancel') return;  // SDL's finger may be the one lifted
      event.preventDefault();
      event.stopImmediatePropagation();
    }, { capture: true, passive: false });
  }
};
