// The smallest network that an ONNX file can hold, written byte by byte: pixels in a row, and a matrix.

const varint = (value) => {
  const bytes = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push(128 + left % 128);
  }
};
const whole = (field, value) => Buffer.from([...varint(8 * field), ...varint(value)]);
const part = (field, ...contents) => {
  const bytes = Buffer.concat(contents.map((content) => Buffer.from(content)));
  return Buffer.concat([Buffer.from([...varint(8 * field + 2), ...varint(bytes.length)]), bytes]);
};
const valueInfo = (field, name, extents) => part(field, part(1, name), part(2, part(1, whole(1, 1),
  part(2, ...extents.map((extent) => part(1, whole(1, extent)))))));

/** Grey pictures of side x side to logits: `weight(pixel, class)`. */
export function linearOnnx(side, classes, weight) {
  const values = new Float32Array(side * side * classes);
  for (let i = 0; i < values.length; ++i) values[i] = weight(Math.floor(i / classes), i % classes);
  const flatten = part(1, part(1, 'picture'), part(2, 'row'), part(4, 'Flatten'));
  const product = part(1, part(1, 'row'), part(1, 'weights'), part(2, 'scores'), part(4, 'MatMul'));
  const weights = part(5, whole(1, side * side), whole(1, classes), whole(2, 1), part(8, 'weights'),
    part(9, Buffer.from(values.buffer)));
  return Buffer.concat([whole(1, 8), part(8, whole(2, 17)), part(7, flatten, product, part(2, 'linear'), weights,
    valueInfo(11, 'picture', [1, 1, side, side]), valueInfo(12, 'scores', [1, classes]))]);
}
