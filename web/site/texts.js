// Every text of the digits' room, and of the page around the rooms, that its scripts say, in English.
// Another language is this file in that language, with web/texts for what the canvas and its mirror
// show. What comes with numbers or names is a function of them; `html` are the texts of index.html, by
// its data-text and data-label. That file has the title and the line of loading in English too, since
// they are there before any script, and alone the description for search engines and what is told where
// there are no scripts.
'use strict';

const texts = {
  language: 'en',

  html: {
    title: 'Inoculate: fool a neural network, and vaccinate it',
    rooms: 'Rooms',
    canvas: 'Inoculate: pad, attack and inoculation, as pictures. The controls that follow do the same; press H for ' +
      'the keys.',
    motto: 'Draw a digit. Fool the network. Vaccinate it. Attack again.',
    loading: 'Loading the network\u2026',
    weights: 'Weights file to load',
    picture: 'Picture of a digit, or array of digits, to open',
  },

  // The networks of models.json, by their names.
  networks: {
    standard: { title: 'Standard', note: 'Trained on clean digits for 20 epochs.' },
    mixed_batch: {
      title: 'Mixed batch',
      note: 'Every batch half clean, half fresh FGSM adversaries at a random epsilon up to 0.3.',
    },
    robust: {
      title: 'Robust',
      note: 'Every batch made by PGD of ten steps at epsilon 0.4 against the weights of the moment.',
    },
  },

  // The rooms.
  rooms: { digits: 'Digits', photographs: 'Photographs' },
  roomLoading: 'Loading\u2026',
  roomNotOpened: (why) => `The room could not be opened: ${why}`,
  noSuchRoom: (name, names) => `room: there is no room '${name}'; give ${names.join(' or ')}`,

  // Why there is nothing to show.
  asFile: 'A browser loads this page only from a web server, not as a file. Serve its folder on this machine, with ' +
    '"./run demo" or "python3 -m http.server", and open the address that it prints.',
  noSimd: 'This browser cannot run Inoculate: it lacks WebAssembly SIMD. Any Chrome, Edge or Firefox from 2021 on ' +
    'has it, and Safari from 16.4 on.',
  notStarted: (why) => `Inoculate could not start: ${why}`,
  missing: (name, status) => `${name} is missing on the server (${status}).`,
  moduleMissing: 'page_module.js is missing on the server.',
  badWeights: (name) => `${name}: the server gave weights that cannot be used.`,
  noWebGl: (why) => 'This browser draws no WebGL, which the page needs for its pictures and charts ' +
    `(${why}). Here is all of it as plain HTML.`,
  laboratoryFailed: 'The laboratory has failed: this browser cannot run it, or has too little memory left.',
  attackerFailed: 'The attacker has failed: this browser cannot run it, or has too little memory left.',

  // What scripts and links give.
  noMemory: 'There is not enough memory left for this.',
  tooLarge: 'it is too large: 32 MB is the most',
  tooLong: 'it is too long',
  linkTooLong: 'link: it is too long',
  notGiven: (type) => `a ${type} cannot be given`,
  notFinite: (key, value) => `${key || 'a number'} is ${value}`,
  about: (what, why) => `${what}: ${why}`,
  notAPicture: 'openPicture: give a Blob, or the bytes of a file',

  // Files that a visitor brings.
  thePicture: 'the picture',
  weightsTooLarge: (name) => `${name}: too large for a weights file`,
  arrayTooLarge: (name) => `${name} is too large: arrays of up to 32 MB are opened.`,
  anotherOpened: (name) => `${name}: another picture was opened after it`,
  onlyFiles: 'Only files can be dropped on the page: pictures, arrays of digits, or networks.',
  nothingOnClipboard: 'There is no picture on the clipboard.',
  empty: (name) => `${name} is empty.`,
  pictureTooLarge: (name) => `${name} is too large: pictures of up to 50 MB are opened.`,
  tooManyPixels: (name, width, height) =>
    `${name} has ${width} x ${height} pixels: pictures of up to 100 million are opened.`,
  heic: (name) => `${name} is a HEIC picture, which this browser cannot open: save it as JPEG or PNG.`,
  damaged: (name, kind) => `${name} is damaged, or a ${kind} picture of a sort that this browser cannot open.`,
  unknownPicture: (name) =>
    `${name} is not a picture that this browser can open: give a PNG, JPEG, GIF, BMP or WebP.`,
  noMemoryForPicture: (name) => `${name} cannot be opened: there is not enough memory left.`,

  // The pad of the mirror.
  penAt: (row, column, down) => `Row ${row}, column ${column}${down ? ', drawing' : ''}`,
  penDown: 'Pen down',
  directions: { left: 'Left', right: 'Right', up: 'Up', down: 'Down' },
  movePen: (direction) => `${direction}: move the pen`,
  padKeys: (label) => `${label}. Arrow keys move the pen, the space bar lowers and lifts it.`,
};
