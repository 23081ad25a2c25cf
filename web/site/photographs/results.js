// What came of an attack, shown: guesses, verdict, table, curve, and all of it in words.
import { changeBetween, color, show } from './pictures.js';
import { epsilonText, percent, shortPercent } from './numbers.js';
import { texts } from './texts.js';

function showGuesses(list, { guesses }, own) {
  list.replaceChildren(...guesses.map(({ class: number, name, probability }, place) => {
    const item = document.createElement('li');
    if (number === own) item.className = 'own';
    else if (place === 0) item.className = 'other';
    const [words, share] = [document.createElement('span'), document.createElement('span')];
    words.textContent = words.title = name;
    share.textContent = shortPercent(probability);
    const bar = document.createElement('meter');
    bar.value = probability;
    bar.setAttribute('aria-hidden', 'true');  // the number beside it says it
    item.append(words, share, bar);
    return item;
  }));
}

const top = ({ guesses }) => guesses[0];

function row(table, name, values) {
  const line = table.insertRow();
  const head = document.createElement('th');
  head.scope = 'row';
  head.textContent = name;
  line.append(head);
  for (const value of values) line.insertCell().textContent = value;
}

/** The sentence that says what came of it. */
export function verdict(result, settings, targetName) {
  const seen = top(result.adversary);
  const { largest_change: levels } = result;
  const moved = settings.method === 'patch' ? texts.sticker(result.pixels_changed) : texts.noChannel(levels);
  if (result.success) return texts.fooled(moved, seen.name, percent(seen.probability), result.name);
  const wanted = targetName ? texts.notAs(targetName) : texts.asBefore;
  const sure = settings.confidence ? texts.notAsSure(percent(settings.confidence)) : wanted;
  const reached = targetName ? seen.class === settings.target : seen.class !== result.class;
  const still = seen.class === result.class ? texts.stillReads(seen.name)
    : texts.itReads(seen.name, reached ? sure : wanted);
  return texts.notFooled(still, percent(seen.probability), texts.advice[settings.method] ?? '');
}

/** Shows a result of the engine's attack, or one that was prepared, with its pictures. */
export function showResult(root, result, pictures, settings, targetName) {
  const figure = (id) => root.querySelector(`#${id}`);
  const { factor, picture } = changeBetween(pictures.original, pictures.adversary);
  for (const [id, name] of [['original', 'original'], ['adversary', 'adversary'], ['random', 'noise']]) {
    const reading = result[name];
    const canvas = figure(id).querySelector('canvas');
    show(canvas, pictures[name]);
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', texts.readAs(figure(id).querySelector('figcaption').textContent.trim(), top(reading).name));
    showGuesses(figure(id).querySelector('ol'), reading, result.class);
    figure(id).classList.toggle('wrong', reading.best !== result.class);
  }
  show(figure('change').querySelector('canvas'), picture);
  figure('change').querySelector('figcaption').textContent = texts.changeTimes(factor);
  const { largest_change: levels, l2, queries, gradients } = result;
  const said = [texts.changeLinf(levels), texts.changeL2(l2)];
  if (queries > 0) said.push(texts.queryCount(queries));
  if (gradients > 0) said.push(gradients === 1 ? texts.oneGradient : texts.gradientCount(gradients));
  figure('change').querySelector('p').textContent = said.join(', ');

  const table = root.querySelector('.before-after tbody');
  table.replaceChildren();
  const readings = [result.original, result.adversary, result.noise];
  row(table, texts.isReadAs, readings.map((reading) => top(reading).name));
  row(table, texts.with, readings.map((reading) => shortPercent(top(reading).probability)));
  row(table, result.name, readings.map((reading) => reading.label === null ? '' : shortPercent(reading.label)));
  if (targetName) row(table, targetName, readings.map((reading) => shortPercent(reading.target)));
  const sentence = root.querySelector('#verdict');
  sentence.textContent = verdict(result, settings, targetName);
  sentence.classList.toggle('fooled', result.success);
}

/** The confidence over epsilon, of what was read and of what comes in its place. */
export function drawCurve(root, points, epsilon, ownName) {
  const canvas = root.querySelector('#curve canvas');
  canvas.hidden = points.length === 0;
  const { width, height } = canvas.getBoundingClientRect();
  if (width === 0) return;
  const ratio = window.devicePixelRatio;
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  context.font = `13px ${getComputedStyle(canvas).fontFamily}`;
  const [left, right, upper, lower] = [44, width - 8, 10, height - 24];
  const most = 32 / 255;
  const x = (value) => left + (right - left) * Math.min(1, value / most);
  const y = (share) => lower - (lower - upper) * share;
  context.fillStyle = color(canvas, 'well');
  context.fillRect(left, upper, right - left, lower - upper);
  context.fillStyle = color(canvas, 'muted');
  context.textAlign = 'right';
  for (const share of [0, 0.5, 1]) context.fillText(`${100 * share} %`, left - 6, y(share) + 4);
  context.textAlign = 'center';
  for (const level of [0, 8, 16, 24]) context.fillText(`${level}/255`, Math.max(left + 12, x(level / 255)), height - 6);
  context.textAlign = 'right';
  context.fillText('32/255', right, height - 6);
  context.strokeStyle = color(canvas, 'faint');
  context.beginPath();
  context.moveTo(x(epsilon), upper);
  context.lineTo(x(epsilon), lower);
  context.stroke();
  context.lineWidth = 2;
  for (const [of, name] of [['label', 'calm'], ['best', 'alarm']]) {
    context.strokeStyle = color(canvas, name);
    context.beginPath();
    for (const point of points) context.lineTo(x(point.epsilon), y(point[of]));
    context.stroke();
  }
  const last = points.at(-1);
  root.querySelector('#curve p').textContent = last && ownName
    ? texts.curvePoint(epsilonText(last.epsilon), ownName, percent(last.label), last.name, percent(last.best)) : '';
}
