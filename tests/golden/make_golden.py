"""Makes the golden files of this folder with Keras, TensorFlow and NumPy alone. README.md describes them.

    python make_golden.py --sample ../../build/sample --mnist DIR   everything, training the weights first
    python make_golden.py --sample ../../build/sample               everything but the weights, which are kept
    python make_golden.py --sample ../../build/sample --check       checks the files with NumPy, without Keras
"""

import argparse
import json
import os
import sys

import numpy as np

import formats
import numpy_check

FGSM_COUNT = {"crossentropy": 1000, "mse": 200, "targeted": 200}
EPSILON = 0.1
BATCH_SIZE = 64


def simple_cnn(dtype="float32", dropout=0.5):
    """The tutorial's network without its softmax."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1), dtype=dtype),
            layers.Conv2D(32, (3, 3), strides=(2, 2), padding="same", name="conv1", dtype=dtype),
            layers.Activation("relu", dtype=dtype),
            layers.BatchNormalization(axis=-1, name="bn1", dtype=dtype),
            layers.Conv2D(64, (3, 3), strides=(2, 2), padding="same", name="conv2", dtype=dtype),
            layers.Activation("relu", dtype=dtype),
            layers.BatchNormalization(axis=-1, name="bn2", dtype=dtype),
            layers.Flatten(dtype=dtype),
            layers.Dense(128, name="dense1", dtype=dtype),
            layers.Activation("relu", dtype=dtype),
            layers.BatchNormalization(name="bn3", dtype=dtype),
            layers.Dropout(dropout, dtype=dtype),
            layers.Dense(10, name="dense2", dtype=dtype),
        ]
    )


def variables(model):
    """{our name: Keras variable}, in the order of formats.TENSORS."""
    found = {f"{layer.name}/{v.name}": v for layer in model.layers for v in layer.weights if not v.name.startswith("seed")}
    return {name: found[name] for name in formats.TENSORS}


def assign(model, weights):
    for name, variable in variables(model).items():
        variable.assign(weights[name])


def train_weights(folder):
    """Trains on images 10,000..59,999 (the sample is the first 10,000) and writes the weights, rounded to F16."""
    images, labels = formats.load_mnist(folder, "train")
    model = keras.Sequential([simple_cnn(), keras.layers.Softmax()])
    model.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.Adam(1e-3), metrics=["accuracy"])
    one_hot = np.eye(10, dtype=np.float32)[labels]
    model.fit(images[10_000:], one_hot[10_000:], batch_size=BATCH_SIZE, epochs=5, verbose=2)
    weights = {n: v.numpy().astype(np.float16) for n, v in variables(model.layers[0]).items()}
    assign(model.layers[0], weights)
    images, labels = formats.load_mnist(folder, "t10k")
    accuracy = float((model.predict(images, verbose=0).argmax(1) == labels).mean())
    metadata = {
        "architecture": "simple_cnn",
        "trained": "Keras, MNIST training images 10000..59999, 5 epochs, batch 64, categorical cross-entropy, Adam 1e-3, rounded to F16",
        "test_accuracy": f"{accuracy:.4f}",
    }
    print(json.dumps(metadata))
    formats.write_safetensors("keras_simple_cnn.safetensors", weights, metadata)


def losses(logits, labels):
    """Per image: cross-entropy from logits, and the mean squared error between softmax and one-hot label."""
    one_hot = tf.one_hot(labels, 10, dtype=logits.dtype)
    return {
        "crossentropy": keras.losses.categorical_crossentropy(one_hot, logits, from_logits=True),
        "mse": keras.losses.mean_squared_error(one_hot, tf.nn.softmax(logits)),
    }


def input_signs(model, x, labels, loss):
    """sign(d loss / d x), [n,784] int8."""
    x = tf.constant(x, model.dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = tf.reduce_sum(losses(model(x, training=False), labels)[loss])
    return np.sign(tape.gradient(value, x).numpy()).astype(np.int8).reshape(len(x), 784)


def train_steps(dtype, weights, x, labels, loss, steps):
    """The loss of each step, and the weights after it, from given weights, in batch order, without dropout."""
    model = simple_cnn(dtype, dropout=0.0)
    assign(model, weights)
    optimizer = keras.optimizers.Adam(1e-3)
    values, states = [], []
    for step in range(steps):
        batch = slice(step * BATCH_SIZE, (step + 1) * BATCH_SIZE)
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(losses(model(tf.constant(x[batch], dtype), training=True), labels[batch])[loss])
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        values.append(float(value))
        states.append({name: v.numpy() for name, v in variables(model).items()})
    return values, states


def noise(single, double):
    """||a - b|| / ||b|| of every tensor."""
    return {n: float(np.linalg.norm(single[n] - b) / max(np.linalg.norm(b), 1e-30)) for n, b in double.items()}


def make_training(x, labels, seed):
    """Golden values are those of the double-precision run; the float32 run shows how far rounding alone moves them."""
    weights = formats.initial_weights(seed)
    tensors, result = {}, {"seed": seed, "batch_size": BATCH_SIZE, "learning_rate": 1e-3}
    for loss, steps, kept in (("crossentropy", 10, (1, 10)), ("mse", 3, (1, 3))):
        values, states = train_steps("float64", weights, x, labels, loss, steps)
        values32, states32 = train_steps("float32", weights, x, labels, loss, steps)
        result[loss] = {"losses": values, "losses_float32": values32, "float32_noise": {}}
        for step in kept:
            for name, array in states[step - 1].items():
                tensors.update(formats.fingerprint(f"{loss}/step{step}", name, array))
            result[loss]["float32_noise"][f"step{step}"] = noise(states32[step - 1], states[step - 1])
    metadata = {"made": "Keras in float64 from the weights of initial_weights(), see README.md"}
    formats.write_safetensors("keras_training.safetensors", tensors, metadata)
    return result


def make_units():
    """Adam on seven numbers, and both losses with their gradients on a 4x10 batch, in double precision."""
    rng = np.random.default_rng(7)
    start, gradients = rng.normal(size=7), rng.normal(size=(5, 7)) * 10.0 ** rng.integers(-6, 2, (5, 7))
    variable = keras.Variable(start, dtype="float64")
    optimizer, after = keras.optimizers.Adam(1e-3), []
    for gradient in gradients:
        optimizer.apply_gradients([(tf.constant(gradient), variable)])
        after.append(variable.numpy().tolist())
    logits, labels = rng.normal(size=(4, 10)) * 5, [3, 0, 9, 5]
    result = {"adam": {"learning_rate": 1e-3, "start": start.tolist(), "gradients": gradients.tolist(), "after": after}}
    result["losses"] = {"logits": logits.tolist(), "labels": labels}
    for loss in ("crossentropy", "mse"):
        x = tf.constant(logits)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_mean(losses(x, labels)[loss])
        result["losses"][loss] = {"value": float(value), "d_logits": tape.gradient(value, x).numpy().tolist()}
    with open(formats.path("keras_units.json"), "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)


def make(options):
    keras.utils.set_random_seed(20)
    tf.config.experimental.enable_op_determinism()
    if options.mnist:
        train_weights(options.mnist)
    x, labels, hashes = formats.load_sample(options.sample)
    stored = formats.read_safetensors("keras_simple_cnn.safetensors")
    model, double = simple_cnn(), simple_cnn("float64")
    assign(model, stored)
    assign(double, stored)
    logits = model(x, training=False).numpy()
    np.save(formats.path("keras_logits.npy"), logits)
    golden = {
        "made_with": {"keras": keras.__version__, "tensorflow": tf.__version__, "numpy": np.__version__},
        "sample": {"stride": formats.SAMPLE_STRIDE, "count": formats.SAMPLE_COUNT, **hashes},
        "crossentropy": float(np.mean(losses(tf.constant(logits, "float64"), labels)["crossentropy"])),
        "accuracy": float((logits.argmax(1) == labels).mean()),
        "fgsm": {},
    }
    for name, count in FGSM_COUNT.items():
        loss = "crossentropy" if name == "targeted" else name
        at = (labels[:count] + 1) % 10 if name == "targeted" else labels[:count]
        signs = input_signs(model, x[:count], at, loss)
        exact = input_signs(double, x[:count], at, loss)
        np.save(formats.path(f"keras_fgsm_{name}.npy"), formats.pack_signs(signs))
        if name != "targeted":
            np.save(formats.path(f"keras_fgsm_{name}_float64.npy"), formats.pack_signs(exact))
        step = (-EPSILON if name == "targeted" else EPSILON) * signs.reshape(-1, 28, 28, 1)
        adversaries = np.clip(x[:count] + step.astype(np.float32), 0, 1)
        right = model(adversaries, training=False).numpy().argmax(1) == labels[:count]
        golden["fgsm"][name] = {
            "count": count,
            "zeros": int((signs == 0).sum()),
            "pixels_equal_to_float64": float((signs == exact).mean()),
            "clipped_accuracy_epsilon_0.1": float(right.mean()),
        }
    golden["training"] = make_training(x, labels, options.seed)
    make_units()
    with open(formats.path("golden.json"), "w", encoding="utf-8") as file:
        json.dump(golden, file, indent=1)
    print(json.dumps(golden, indent=1))
    for name in sorted(os.listdir(formats.HERE)):
        if name.endswith((".npy", ".json", ".safetensors")):
            print(f"{os.path.getsize(formats.path(name)):8} {name}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", required=True, metavar="DIR", help="folder with sample-{images-idx3,labels-idx1}-ubyte")
    parser.add_argument("--mnist", metavar="DIR", help="train the weights on MNIST in DIR (IDX, raw or .gz)")
    parser.add_argument("--seed", type=int, default=3, help="of the training run's initial weights")
    parser.add_argument("--check", action="store_true", help="check the files with NumPy only; exit code 1 when one is wrong")
    arguments = parser.parse_args()
    if arguments.check:
        sys.exit(0 if numpy_check.check(arguments.sample) else 1)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    import tensorflow as tf

    make(arguments)
