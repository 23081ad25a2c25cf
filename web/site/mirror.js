// The page in HTML: real controls for all that the canvas draws, in step with it both ways. It is
// hidden from sight, not from screen readers, switches and voices; where there is no WebGL it is the
// page. What is in it comes from the module: see web/app/mirror.h.
'use strict';

/**
 * makeMirror(root, actions): its show(sections) brings the HTML under `root` up to date.
 * actions: use(name, value) presses or sets a control, pen(x, y, down) moves the pen, and
 * focus(name, panel) tells which control has the focus ('' for none).
 */
const makeMirror = (() => {
  const side = 28;

  /** An element with properties, attributes where there are none of that name, and children. */
  function make(tag, given = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(given)) {
      if (key in node) node[key] = value;
      else node.setAttribute(key, value);
    }
    node.append(...children);
    return node;
  }

  /** Sets what is not so already: a screen reader hears of every change. */
  function set(node, properties) {
    for (const [key, value] of Object.entries(properties)) {
      if (key.startsWith('aria')) {
        if (node.getAttribute(key) !== String(value)) node.setAttribute(key, value);
      } else if (node[key] !== value) {
        node[key] = value;
      }
    }
  }

  /** Paints 784 bytes in base64url on a canvas. */
  function paint(canvas, pixels) {
    if (canvas.dataset.pixels === pixels) return;
    canvas.dataset.pixels = pixels;
    const bytes = atob(pixels.replace(/-/g, '+').replace(/_/g, '/'));
    const image = new ImageData(side, side);
    for (let i = 0; i < side * side; ++i) image.data.set([...Array(3).fill(bytes.charCodeAt(i)), 255], 4 * i);
    canvas.getContext('2d').putImageData(image, 0, 0);
  }

  /**
   * What makes each kind of item: a node, and update(item) that brings it up to date. `id` is the
   * control's own.
   */
  const kinds = {
    button(id, use) {
      const node = make('button', { id, type: 'button' });
      let enabled = true;
      node.addEventListener('click', () => { if (enabled) use(); });
      return { node, update(item) {
        enabled = item.enabled;
        // Not `disabled`: the focus would be lost with it.
        set(node, { textContent: item.label, 'aria-label': item.full, 'aria-disabled': !enabled });
      } };
    },

    toggle(id, use) {
      const box = make('input', { id, type: 'checkbox' });
      const label = make('label', { htmlFor: id });
      box.addEventListener('change', () => use(box.checked));
      return { node: make('p', {}, box, ' ', label), update(item) {
        set(box, { checked: item.on, disabled: !item.enabled });
        set(label, { textContent: item.full });
      } };
    },

    range(id, use) {
      const slider = make('input', { id, type: 'range' });
      const label = make('label', { htmlFor: id });
      const shown = make('output', { htmlFor: id });
      shown.setAttribute('aria-live', 'off');  // the slider says its value itself
      slider.addEventListener('input', () => use(Number(slider.value)));
      return { node: make('p', {}, label, ' ', slider, ' ', shown), update(item) {
        set(slider, { min: String(item.low), max: String(item.high), step: String(item.step),
                      disabled: !item.enabled, 'aria-valuetext': item.text });
        // To the slider's own steps, or it would never be what it is set to.
        if (Math.abs(Number(slider.value) - item.value) > item.step / 2) slider.value = String(item.value);
        set(label, { textContent: item.full });
        set(shown, { textContent: item.text });
      } };
    },

    choice(id, use) {
      const list = make('select', { id });
      const label = make('label', { htmlFor: id });
      list.addEventListener('change', () => use(list.selectedIndex));
      return { node: make('p', {}, label, ' ', list), update(item) {
        while (list.length > item.options.length) list.remove(list.length - 1);
        item.options.forEach((option, i) => {
          if (i === list.length) list.add(make('option'));
          set(list.options[i], { textContent: option.label, disabled: !option.enabled });
        });
        set(list, { selectedIndex: item.chosen, disabled: !item.enabled });
        set(label, { textContent: item.full });
      } };
    },

    text() {
      const node = make('p');
      return { node, update(item) {
        set(node, { textContent: item.text, className: item.alarm ? 'alarm' : '' });
      } };
    },

    progress(id) {
      const bar = make('progress', { id, max: 1 });
      const label = make('label', { htmlFor: id });
      return { node: make('p', {}, label, ' ', bar), update(item) {
        set(bar, { value: item.share });
        set(label, { textContent: item.label });
      } };
    },

    table() {
      const title = make('caption');
      const head = make('thead'), body = make('tbody');
      let seen;
      return { node: make('table', {}, title, head, body), update({ title: text, head: names, rows }) {
        const now = JSON.stringify([text, names, rows]);
        if (now === seen) return;
        seen = now;
        title.textContent = text;
        head.replaceChildren(make('tr', {}, ...names.map((name) => make('th', { scope: 'col' }, name))));
        body.replaceChildren(...rows.map(([name, ...cells]) => make('tr', {},
          make('th', { scope: 'row' }, name), ...cells.map((cell) => make('td', {}, cell)))));
      } };
    },

    picture() {
      const canvas = make('canvas', { width: side, height: side, role: 'img' });
      const label = make('figcaption');
      return { node: make('figure', {}, canvas, label), update(item) {
        set(canvas, { 'aria-label': item.label });
        set(label, { textContent: item.label });
        paint(canvas, item.pixels);
      } };
    },

    pad(id, use, pen) {
      const canvas = make('canvas', { width: side, height: side });
      const board = make('div', { id, tabIndex: 0, role: 'application' }, canvas);
      const place = make('p', { role: 'status' });
      let now = { x: 0.5, y: 0.5, down: false };
      /** By `dx`, `dy` pixels from where it is, in whole ones. */
      const move = (dx, dy) => {
        const moved = (from, by) => Math.min(side - 1, Math.max(0, Math.floor(from * side) + by));
        const [column, row] = [moved(now.x, dx), moved(now.y, dy)];
        now = { ...now, x: (column + 0.5) / side, y: (row + 0.5) / side };
        pen(now.x, now.y, now.down);
        place.textContent = (now.down ? texts.penDrawsAt : texts.penAt)(row + 1, column + 1);
      };
      const lower = () => {
        now = { ...now, down: !now.down };
        move(0, 0);
      };
      const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      board.addEventListener('keydown', (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        if (event.key === ' ' || event.key === 'Enter') lower();
        else if (event.key in keys) move(...keys[event.key]);
        else return;
        event.preventDefault();
      });
      const drag = (event) => {
        const { left, top, width, height } = canvas.getBoundingClientRect();
        const share = (value) => Math.min(1, Math.max(0, value));
        now = { x: share((event.clientX - left) / width), y: share((event.clientY - top) / height), down: true };
        pen(now.x, now.y, true);
      };
      const lift = () => { if (now.down) pen(now.x, now.y, now.down = false); };
      canvas.addEventListener('pointerdown', (event) => {
        if (event.button !== 0 || !event.isPrimary) return;
        canvas.setPointerCapture(event.pointerId);
        lift();
        drag(event);
      });
      canvas.addEventListener('pointermove', (event) => {
        if (canvas.hasPointerCapture(event.pointerId)) drag(event);
      });
      for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, lift);
      // For who has a switch or a voice and no arrow keys.
      const { left, right, up, down } = texts.directions;
      const arrows = [[left, -1, 0], [right, 1, 0], [up, 0, -1], [down, 0, 1]].map(([name, dx, dy]) => {
        const button = make('button', { type: 'button' }, name);
        button.setAttribute('aria-label', texts.movePen(name));
        button.addEventListener('click', () => move(dx, dy));
        return button;
      });
      const pressed = make('button', { type: 'button' }, texts.penDown);
      pressed.addEventListener('click', lower);
      return { node: make('div', { className: 'pad' }, board, make('p', {}, pressed, ...arrows), place),
        update(item) {
          now = { x: item.x, y: item.y, down: item.down };
          set(board, { 'aria-label': texts.padKeys(item.label) });
          set(pressed, { 'aria-pressed': item.down });
          if (item.pixels) paint(canvas, item.pixels);
        } };
    },
  };

  /** Makes `parent` hold these nodes in this order, moving none that is in its place. */
  function arrange(parent, nodes) {
    const lost = [...parent.children].filter((child) => !nodes.includes(child));
    const focused = lost.find((child) => child.contains(document.activeElement));
    const next = focused?.nextElementSibling;
    for (const child of lost) child.remove();
    nodes.forEach((node, i) => {
      if (parent.children[i] !== node) parent.insertBefore(node, parent.children[i] ?? null);
    });
    // Pause stands where Inoculate was: who pressed that stays there.
    if (focused) (parent.contains(next) ? next.previousElementSibling ?? next : parent.lastElementChild)
      ?.focus();
  }

  return (root, { use, pen, focus }) => {
    const sections = new Map(), items = new Map();

    function nodeOf(item) {
      const key = `${item.kind} ${item.name}`;
      if (!items.has(key)) {
        items.set(key, kinds[item.kind](`mirror-${item.name}`, (value) => use(item.name, value), pen));
      }
      const made = items.get(key);
      made.update(item);
      return made.node;
    }

    function sectionOf({ name, title }) {
      if (!sections.has(name)) {
        const id = `mirror-${name}-title`;
        const section = make('section', {}, make('h2', { id }, title), make('div'));
        section.setAttribute('aria-labelledby', id);
        section.addEventListener('focusin', ({ target }) => focus(target.id.replace('mirror-', ''), name));
        section.addEventListener('focusout', () => focus('', ''));
        sections.set(name, section);
      }
      return sections.get(name);
    }

    return {
      show(shown) {
        arrange(root, shown.map((section) => {
          const node = sectionOf(section);
          arrange(node.lastElementChild, section.items.map(nodeOf));
          return node;
        }));
      },
    };
  };
})();
