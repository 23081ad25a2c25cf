"""Keras 3 on TensorFlow: the SimpleCNN's training epoch, FGSM over 10,000 images, inference. One JSON object on stdout."""

import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import peer_common as common

# name: (XLA, optimiser steps run in one call of the compiled function)
VARIANTS = {"plain": (False, 1), "plain-50-steps": (False, 50), "xla": (True, 1), "xla-50-steps": (True, 50)}


def simple_cnn(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, (3, 3), strides=(2, 2), padding="same"),
            layers.Activation("relu"),
            layers.BatchNormalization(axis=-1),
            layers.Conv2D(64, (3, 3), strides=(2, 2), padding="same"),
            layers.Activation("relu"),
            layers.BatchNormalization(axis=-1),
            layers.Flatten(),
            layers.Dense(128),
            layers.Activation("relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(10),
        ]
    )


def train_epoch_seconds(keras, model, images, labels, epochs, xla, steps):
    """The seconds of each timed epoch of model.fit on arrays, shuffled, without validation or metrics."""
    class Clock(keras.callbacks.Callback):
        times: list = []

        def on_epoch_begin(self, epoch, logs=None):
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.times.append(time.perf_counter() - self.start)

    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        optimizer=keras.optimizers.Adam(1e-3),
        jit_compile=xla,
        steps_per_execution=steps,
    )
    clock = Clock()
    model.fit(images, labels, batch_size=common.BATCH_SIZE, epochs=epochs + 1, verbose=0, callbacks=[clock])
    return clock.times[1:]


def main():
    options = common.arguments(__doc__, VARIANTS)
    if options.variant == "auto":
        common.best_of_variants(__file__, options, VARIANTS)
        return
    xla, steps = VARIANTS[options.variant]
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    import keras
    import numpy as np
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    keras.utils.set_random_seed(1)
    images, labels, test_images, test_labels = common.load_mnist(options.data)
    model = simple_cnn(keras)
    times = train_epoch_seconds(keras, model, images, labels, options.epochs, xla, steps)
    train_peak = common.peak_memory_mb()

    @tf.function(jit_compile=xla, reduce_retracing=True)
    def fgsm(x, y):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            loss = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(y, model(x, training=False)))
        return tf.clip_by_value(x + common.EPSILON * tf.sign(tape.gradient(loss, x)), 0.0, 1.0)

    @tf.function(jit_compile=xla, reduce_retracing=True)
    def logits(x):
        return model(x, training=False)

    x_all, y_all = test_images[: common.ATTACK_COUNT], test_labels[: common.ATTACK_COUNT]
    out, scores = np.empty_like(x_all), np.empty((len(x_all), 10), np.float32)

    def attack(chunk):
        for i in range(0, len(x_all), chunk):
            out[i : i + chunk] = fgsm(tf.constant(x_all[i : i + chunk]), tf.constant(y_all[i : i + chunk])).numpy()

    def infer(chunk):
        for i in range(0, len(x_all), chunk):
            scores[i : i + chunk] = logits(tf.constant(x_all[i : i + chunk])).numpy()

    chunks = (250, 1000, 10_000)
    fgsm_chunk, fgsm_seconds = common.fastest({c: lambda c=c: attack(c) for c in chunks})
    infer_chunk, infer_seconds = common.fastest({c: lambda c=c: infer(c) for c in chunks})
    common.report(
        {
            "library": f"keras {keras.__version__} / tensorflow {tf.__version__}",
            "variant": options.variant,
            "threads": options.threads,
            "train_epoch_seconds": round(common.statistics.median(times), 3),
            "epochs": [round(t, 3) for t in times],
            "train_peak_memory_mb": round(train_peak, 1),
            "fgsm_10000_seconds": round(fgsm_seconds, 4),
            "fgsm_chunk": fgsm_chunk,
            "inference_images_per_second": round(len(x_all) / infer_seconds),
            "inference_chunk": infer_chunk,
            "clean_accuracy": float((scores.argmax(1) == y_all).mean()),
            "adversarial_accuracy": float((np.asarray(logits(tf.constant(out))).argmax(1) == y_all).mean()),
        }
    )


if __name__ == "__main__":
    sys.exit(main())
