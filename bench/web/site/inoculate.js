// Ours: the module that ../engine.cpp makes.

import { loadScript } from './files.js';

export async function create(library, weightsFile) {
  await loadScript('engine.js');
  const engine = await create_engine();
  const file = engine._malloc(weightsFile.length);
  engine.HEAPU8.set(weightsFile, file);
  engine._engine_load(file, weightsFile.length);
  engine._free(file);

  const give = (images, labels, n) => {
    const to = engine._engine_images(n);
    engine.HEAPF32.set(images, to / 4);
    if (labels) engine.HEAP32.set(labels, engine._engine_labels() / 4);
  };
  const take = (at, size) => engine.HEAPF32.slice(at / 4, at / 4 + size);
  return {
    predict(images, n) {
      give(images, null, n);
      return take(engine._engine_predict(), n * 10);
    },
    fgsm(images, labels, n) {
      give(images, labels, n);
      return take(engine._engine_fgsm(0.1), n * 784);
    },
    train(images, labels, n) {
      give(images, labels, n);
      return engine._engine_train();
    },
  };
}
