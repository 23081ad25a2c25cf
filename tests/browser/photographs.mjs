// What tests of the room of photographs do there.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { greyPng } from './png.mjs';
import { site } from './visitor.mjs';

export const golden = (name) => fileURLToPath(new URL(`../golden/onnx/${name}.onnx`, import.meta.url));
export const withNetwork = existsSync(`${site}/photographs/efficientnet_lite0_f16.onnx`);

/** A photograph of ramps, as the bytes of a PNG. */
export const ramps = (width = 64, height = 48) => greyPng(width, height, (x, y) => (7 * x + 3 * y) % 256);

export const enter = (visitor) => visitor.page.evaluate(() => inoculate.room('photographs'));
export const bring = (visitor, ...names) => visitor.page.setInputFiles('#network-file', names.map(golden));
export const listed = (visitor, count) => visitor.until(({ networks, running }) => networks?.length === count && !running);
export const verdict = (visitor) => visitor.page.locator('#verdict').textContent();

/** With a small network of one's own, and a photograph of ramps, attacked once. */
export async function withOwn(visitor, { only = true } = {}) {
  await enter(visitor);
  if (withNetwork && only) {
    await visitor.until(({ network }) => network !== null);
    await visitor.page.click('#networks button');
  }
  await visitor.page.setInputFiles('#photo-file', { name: 'ramps.png', mimeType: 'image/png', buffer: ramps() });
  await bring(visitor, 'resnet');
  await visitor.until(({ network, running, result, prepared }) =>
    network === 'resnet.onnx' && !running && result !== null && !prepared);
}
