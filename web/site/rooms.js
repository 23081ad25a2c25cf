// The page's rooms. The digits' is the page's own canvas; each other lies in a folder of its name,
// whose room.js is loaded when the room is first opened, and stays as it was left.
'use strict';

const rooms = (() => {
  const table = [
    { name: 'digits', title: texts.rooms.digits },
    { name: 'photographs', title: texts.rooms.photographs },
  ];
  const element = (id) => document.getElementById(id);
  const opened = new Map();  // name -> promise of what its room.js gives
  let current = 'digits';

  /** The room that a link's fragment names, and what else it says. */
  function roomOf(hash) {
    const [head, ...rest] = hash.replace(/^#/, '').split('&');
    const room = table.find(({ name }) => name === head);
    return { name: room?.name ?? 'digits', rest: room ? rest.join('&') : '', named: Boolean(room) };
  }

  /** Fills a <nav> with the rooms' links, as seen from the room `name`. */
  function addLinks(nav, name) {
    for (const room of table) {
      const link = document.createElement('a');
      link.href = `#${room.name}`;
      link.textContent = room.title;
      if (room.name === name) link.setAttribute('aria-current', 'page');
      nav.append(link, ' ');
    }
  }

  function header(name) {
    const bar = document.createElement('header');
    bar.innerHTML = '<span class="brand">Inoculate</span><nav></nav>';
    const nav = bar.querySelector('nav');
    nav.setAttribute('aria-label', texts.waysLabel);
    addLinks(nav, name);
    return bar;
  }

  async function load(name) {
    const container = document.createElement('div');
    container.className = 'room';
    container.id = `room-${name}`;
    container.append(header(name));
    element('rooms').append(container);
    const body = document.createElement('main');
    body.textContent = texts.roomLoading;
    container.append(body);
    try {
      const style = document.createElement('link');
      style.rel = 'stylesheet';
      style.href = `${name}/style.css`;
      const styled = new Promise((resolve) => { style.onload = style.onerror = resolve; });
      document.head.append(style);
      const [{ open }] = await Promise.all([import(`./${name}/room.js`), styled]);
      return await open(body);
    } catch (error) {
      container.remove();
      opened.delete(name);  // the next visit tries again
      throw new Error(texts.roomNotOpened(error.message));
    }
  }

  /** Shows a room, and gives what its room.js does: {restore, bring, state, ...}; null for the digits'. */
  async function show(name, rest = '') {
    current = name;
    for (const room of document.querySelectorAll('.room')) room.hidden = room.id !== `room-${name}`;
    element('digits').style.visibility = name === 'digits' ? '' : 'hidden';
    if (name === 'digits') {
      element('canvas').focus();
      return null;
    }
    const first = !opened.has(name);
    if (first) opened.set(name, load(name));
    const room = await opened.get(name).catch((error) => {
      history.replaceState(null, '', '#digits');
      show('digits');
      throw error;
    });
    if (rest) await room.restore(rest);
    return room;
  }

  // What a link says is done once: who comes back to it by the browser's history finds the room as it
  // was left. So an entry of the history remembers that it has been followed, or was written here.
  const followed = { followed: true };
  const isFollowed = () => history.state?.followed === true;
  const markFollowed = () => history.replaceState(followed, '', location.href);

  function follow() {
    const { name, rest: said } = roomOf(location.hash);
    const rest = isFollowed() && opened.has(name) ? '' : said;
    if (rest) markFollowed();
    if (name === current && !rest) return;
    show(name, rest).catch((error) => {
      element('live').textContent = error.message;
      element('problem').hidden = false;
      element('problem').textContent = error.message;
    });
  }

  addLinks(element('ways'), 'digits');
  window.addEventListener('hashchange', follow);
  // The digits' keys are for the digits' room. SDL listens on the window, behind this.
  for (const type of ['keydown', 'keypress', 'keyup']) {
    document.addEventListener(type, (event) => { if (current !== 'digits') event.stopPropagation(); });
  }

  return Object.freeze({
    table,
    follow,
    isFollowed,
    markFollowed,
    /** Writes a link to what is shown into the address. */
    address: (fragment) => history.replaceState(followed, '', `#${fragment}`),
    get current() { return current; },
    /** Whether a fragment is for a room, and not a link to a digit. */
    isNamed: (hash) => roomOf(hash).named,
    /** Opens a room by its name, as the header does; gives what its room.js does. */
    async open(name) {
      if (!table.some((room) => room.name === name)) {
        throw new Error(texts.noSuchRoom(name, table.map((room) => room.name).join(', ')));
      }
      if (name !== current) history.pushState(null, '', `#${name}`);
      return show(name);
    },
    /** Hands over what was dropped or pasted; false in the digits' room, whose own page.js takes it. */
    bring(files) {
      if (current === 'digits') return false;
      opened.get(current)?.then((room) => room.bring([...files])).catch(() => {});
      return true;
    },
  });
})();
