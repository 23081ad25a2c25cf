// Every text of this room, in English. Another language is this file in that language. What comes with
// numbers or names is a function of them; `html` are the texts of room.html, by its data-text. What the
// engine refuses it says itself (core's messages), and names of classes are the networks'.

const whole = (count) => Number(count).toLocaleString('en');
const many = (count) => count >= 1e9 ? `${(count / 1e9).toFixed(1)} billion`
  : count >= 1e6 ? `${(count / 1e6).toFixed(1)} million` : whole(count);

export const texts = {
  html: {
    take: '1 \u00a0 Take a photograph',
    ours: 'Photographs that come with the page',
    open: 'Open',
    camera: 'Camera',
    whole: 'Undo the cut',
    crop: 'The photograph and what is cut out of it: drag to move the cut; arrow keys move it, plus and minus change its size',
    cut: 'Size of the cut',
    how: 'Or drop one on the page, or paste it. Nothing you bring leaves your machine.',
    noise: 'Or a picture of nothing but noise',
    noiseWhy: 'What does the network see where there is nothing? Then attack it.',
    mean: 'Mean',
    deviation: 'Deviation',
    newNoise: 'New noise',
    attackIt: '2 \u00a0 Attack it',
    attack: 'Attack',
    towards: 'Towards',
    anyOther: 'any other',
    epsilon: 'Epsilon',
    steps: 'Steps',
    queries: 'Queries at most',
    confidence: 'Fooled only if it is sure by',
    area: 'Size of the sticker',
    original: 'Original',
    change: 'Change',
    adversary: 'Adversary',
    random: 'Random noise',
    again: 'Attack again',
    smallest: 'Smallest epsilon',
    save: 'Save picture',
    link: 'Link',
    beforeAfter: 'Before and after',
    noiseColumn: 'Noise',
    networks: '3 \u00a0 The networks',
    add: 'Add your own (.onnx)',
    expects: 'What your network expects',
    expectsWhy: 'A .json beside the .onnx says it; so may the file itself. These say it first.',
    pixels: 'Pixels',
    pixelsAsSaid: 'as its files say, or 0 to 1',
    pixels01: '0 to 1',
    pixels11: '-1 to 1',
    pixels255: '0 to 255',
    normalised: 'Normalised',
    normalisedAsSaid: 'as its files say, or not',
    normalisedNot: 'not',
    normalisedImagenet: 'by ImageNet\u2019s mean and deviation',
    colours: 'Colours',
    coloursAsSaid: 'as its files say, or red first',
    redFirst: 'red first',
    blueFirst: 'blue first',
    licences: 'Licences of what comes with this room',
    curve: 'How sure it is, as epsilon grows',
    curveLabel: 'The curve; the sentence below it tells its last point',
    drawCurve: 'Draw the curve',
  },

  // The attacks, by their names, which are not translated.
  lessons: {
    pgd: 'Projected gradient descent: from a random start within epsilon, many small steps along the sign of the ' +
      'gradient, never further than epsilon from the photograph.',
    fgsm: 'One gradient, of which only the sign is kept: every channel of every pixel moves by epsilon the way that ' +
      'makes the network less sure.',
    bim: 'The basic iterative method: PGD that starts at the photograph itself.',
    deepfool: 'It treats the network as linear, steps to the nearest boundary, looks again and repeats. It has no ' +
      'epsilon: it looks for the smallest change, in L2.',
    square: 'It sees no gradient. It puts squares of one colour at random places and keeps those that make the network ' +
      'less sure. Each costs a query.',
    nes: 'It guesses the gradient from the network\u2019s answers to noisy copies, and steps along it. It pays in queries.',
    noise: 'Uniform noise, the best of as many draws as there are queries: what chance does without any direction.',
    patch: 'A square sticker at one place of the photograph, in whatever colours mislead most. No epsilon bounds it: it ' +
      'is seen, and the network falls for it all the same.',
  },
  methods: {
    pgd: 'PGD', fgsm: 'FGSM', bim: 'BIM', deepfool: 'DeepFool', square: 'Square', nes: 'NES', noise: 'Noise',
    patch: 'Sticker',
  },

  // Numbers.
  whole,
  percent(share) {
    if (share > 0 && share < 0.001) return 'below 0.1 %';
    if (share < 1 && share > 0.999) return 'above 99.9 %';
    return `${(100 * share).toFixed(1)} %`;
  },
  shortPercent(share) {
    if (share > 0 && share < 0.001) return '<0.1 %';
    if (share < 1 && share > 0.999) return '>99.9 %';
    return `${(100 * share).toFixed(1)} %`;
  },
  epsilonIs: (levels) => `${levels}/255`,
  anything: 'anything',
  className: (number) => `class ${number}`,
  noSuchClass: 'The network has no such class.',

  // The photograph.
  yourDigit: 'your digit',
  thePhotograph: 'the photograph',
  noise: 'noise',
  credit: (credit) => `${credit}. Or drop your own on the page, or paste it: it stays on your machine.`,
  own: (name, width, height) => `${name}: ${width} \u00d7 ${height}. It stays on your machine.`,
  noSuchPhoto: (name, names) => `there is no photograph '${name}'; there are ${names.join(', ') || 'none'}`,
  notAPhoto: 'setPhoto: give a Blob or an ImageBitmap',
  onlyFiles: 'Only files can be brought here: photographs, or networks (.onnx).',

  // The networks.
  fetching: (title, bytes, total) => `${title}: ${(bytes / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`,
  builtWithout: 'This page was built without a network of photographs.',
  addYourOwn: (why) => `${why} Add your own: an .onnx file that takes pictures.`,
  notJson: (name) => `${name}: is not JSON`,
  jsonAlone: (name) => `${name}: give it together with its .onnx`,
  noNetwork: (what) => `${what}: there is no network in the room yet; add one`,
  noPhoto: (what) => `${what}: there is no photograph yet`,
  search: 'the search',
  theCurve: 'the curve',
  tooLargeNetwork: (name) => `${name}: is larger than 100 MB, the most that is read here`,
  tooManyNetworks: (name, most) => `${name}: there are ${most} networks in the room already; remove one of them first`,
  facts: ({ width, height, channels, classes, parameters, multiply_adds: work }, count, layers) =>
    `${width} \u00d7 ${height} ${channels === 1 ? 'grey' : 'in colour'}, ${whole(classes)} classes, ` +
    `${many(parameters)} parameters, ${many(work)} multiply-adds, ${count} ${count === 1 ? 'layer' : 'layers'}: ${layers}.`,
  remove: 'Remove',
  removeNetwork: (name) => `Remove ${name}`,
  transfer: (fooled, before, after) => `${fooled ? 'Fooled too' : 'Not fooled'}: ${before} \u2192 ${after}`,
  missing: (name, status) => `${name} is missing on the server (${status}).`,
  engineFailed: 'The engine has failed: this browser cannot run it, or has too little memory left.',

  // The attack, and what came of it.
  stop: 'Stop',
  stopAt: (percent) => `Stop (${percent} % done)`,
  stopped: 'The attack was stopped.',
  noNetworkYet: 'There is no network yet: your photograph is attacked as soon as there is one.',
  prepared: 'This was prepared; you can change it as soon as the network has come.',
  noSmallest: 'No epsilon up to 64/255 is enough: this attack does not fool the network here.',
  smallest: (epsilon) => `The smallest epsilon at which it works is ${epsilon}.`,
  saved: (name) => `The adversary was saved as ${name}.`,
  readAgain: (name, guess, percent) =>
    `The adversary was saved as ${name}. Read again from the file it is ${guess}, ${percent}.`,
  linked: (copied, ownPhoto) => (copied ? 'A link is in the address bar and on the clipboard.'
    : 'A link is in the address bar: copy it from there.') +
    (ownPhoto ? ' It says how to attack; your own photograph is not in it.' : ''),
  noSuchMethod: (name, names) => `attack: there is no method '${name}'; choose one of ${names.join(', ')}`,
  replaced: 'attack: it was stopped, or another has replaced it',
  readAs: (caption, name) => `${caption}: read as ${name}`,
  changeTimes: (factor) => `Change \u00d7 ${factor}`,
  changeSize: (levels, l2) => [`L-inf ${levels}/255`, `L2 ${l2.toFixed(2)}`],
  queryCount: (count) => `${whole(count)} queries`,
  gradientCount: (count) => `${count} gradient${count === 1 ? '' : 's'}`,
  isReadAs: 'is read as',
  with: 'with',
  sticker: (pixels) => `A sticker on ${whole(pixels)} pixels`,
  noChannel: (levels) => `No channel of any pixel changed by more than ${levels} of 255 levels`,
  fooled: (moved, seen, percent, instead) => `Fooled. ${moved}, and the network reads ${seen} (${percent}) instead of ${instead}.`,
  notFooled: (still, percent, advice) => `Not fooled. ${still} (${percent}). ${advice}`,
  stillReads: (name) => `It still reads ${name}`,
  itReads: (name, but) => `It reads ${name}, ${but}`,
  notAs: (name) => `not as ${name}`,
  asBefore: 'as before',
  notAsSure: (percent) => `not as surely as by ${percent}`,
  advice: {
    fgsm: 'Try a larger epsilon, or PGD.',
    pgd: 'Try a larger epsilon, or more steps.',
    bim: 'Try a larger epsilon, or more steps.',
    square: 'Try a larger epsilon, or more queries.',
    nes: 'Try a larger epsilon, or more queries.',
    noise: 'Noise has no direction: try an attack that has one.',
    patch: 'Try a larger sticker, or more steps.',
  },
  curvePoint: (epsilon, own, ownPercent, other, otherPercent) =>
    `At ${epsilon}: ${own} ${ownPercent}, ${other} ${otherPercent}.`,
};
