// tfjs in its best form for this network: fused layers, and batch normalisation of fixed statistics as
// one multiplication and one addition.

import { loadScript } from './files.js';

export async function create(library, file, weights) {
  await loadScript('tf.min.js');
  const backend = library === 'tfjs-wasm' ? 'wasm' : 'cpu';
  if (backend === 'wasm') {
    await loadScript('tf-backend-wasm.min.js');
    tf.wasm.setWasmPaths('./');
    tf.wasm.setThreadsCount(1);
  }
  // Where a backend does not begin, tfjs takes another and says so only in the console.
  if (!await tf.setBackend(backend)) throw new Error(`tfjs has no backend '${backend}' here.`);
  await tf.ready();

  const tensor = (name) => tf.tensor(weights.get(name).values, weights.get(name).shape);
  const normaliser = (name) => tf.tidy(() => {
    const deviation = tf.sqrt(tf.add(tensor(`${name}/moving_variance`), 1e-3));
    const scale = tf.div(tensor(`${name}/gamma`), deviation);
    const shift = tf.sub(tensor(`${name}/beta`), tf.mul(tensor(`${name}/moving_mean`), scale));
    return [tf.keep(scale), tf.keep(shift)];
  });
  const names = ['conv1', 'conv2', 'dense1', 'dense2'];
  const [conv1, conv2, dense1, dense2] = names.map(
      (name) => [tensor(`${name}/kernel`), tensor(`${name}/bias`)]);
  const [bn1, bn2, bn3] = ['bn1', 'bn2', 'bn3'].map(normaliser);

  const conv = (x, [filter, bias]) => tf.fused.conv2d(
      { x, filter, bias, strides: 2, pad: 'same', activation: 'relu' });
  const dense = (a, [b, bias], activation) => tf.fused.matMul({ a, b, bias, activation });
  const normalise = (x, [scale, shift]) => tf.add(tf.mul(x, scale), shift);
  const network = (images) => {
    let x = normalise(conv(images, conv1), bn1);
    x = tf.reshape(normalise(conv(x, conv2), bn2), [-1, 3136]);
    return dense(normalise(dense(x, dense1, 'relu'), bn3), dense2, 'linear');
  };
  const loss = (logits, oneHot) => tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), oneHot)));
  const oneHotOf = (labels, n) => {
    const values = new Float32Array(n * 10);
    labels.forEach((label, i) => { values[i * 10 + label] = 1; });
    return tf.tensor(values, [n, 10]);
  };

  // Training: batch statistics and dropout, as Keras trains this network.
  const trainable = (tensors) => tensors.map((t) => tf.variable(t));
  let training = null;
  const trainingNetwork = (images, v) => {
    const convolve = (x, kernel, bias) => tf.relu(tf.add(tf.conv2d(x, kernel, 2, 'same'), bias));
    const batchNormalise = (x, gamma, beta) => {
      const { mean, variance } = tf.moments(x, x.shape.map((_, i) => i).slice(0, -1));
      return tf.batchNorm(x, mean, variance, beta, gamma, 1e-3);
    };
    let x = batchNormalise(convolve(images, v[0], v[1]), v[8], v[9]);
    x = tf.reshape(batchNormalise(convolve(x, v[2], v[3]), v[10], v[11]), [-1, 3136]);
    x = batchNormalise(tf.relu(tf.add(tf.matMul(x, v[4]), v[5])), v[12], v[13]);
    return tf.add(tf.matMul(tf.dropout(x, 0.5), v[6]), v[7]);
  };

  return {
    predict(images, n) {
      return tf.tidy(() => network(tf.tensor(images, [n, 28, 28, 1])).dataSync());
    },
    fgsm(images, labels, n) {
      return tf.tidy(() => {
        const x = tf.tensor(images, [n, 28, 28, 1]);
        const oneHot = oneHotOf(labels, n);
        const gradient = tf.grad((input) => loss(network(input), oneHot))(x);
        return tf.clipByValue(tf.add(x, tf.mul(tf.sign(gradient), 0.1)), 0, 1).dataSync();
      });
    },
    train(images, labels, n) {
      training ??= {
        optimizer: tf.train.adam(1e-3),
        variables: trainable([
          ...[conv1, conv2, dense1, dense2].flat(),
          ...['bn1', 'bn2', 'bn3'].flatMap((b) => [tensor(`${b}/gamma`), tensor(`${b}/beta`)]),
        ]),
      };
      return tf.tidy(() => {
        const x = tf.tensor(images, [n, 28, 28, 1]);
        const oneHot = oneHotOf(labels, n);
        return training.optimizer.minimize(
            () => tf.div(loss(trainingNetwork(x, training.variables), oneHot), n), true).dataSync()[0];
      });
    },
  };
}
