"""The network once more, in NumPy and double precision, to check the golden files without Keras."""

import json

import numpy as np

import formats


def convolution(x, kernel, bias):
    """3x3, stride 2, same padding on even sizes: nothing before, one row and column of zeros after."""
    n, height, width, _ = x.shape
    padded = np.pad(x, ((0, 0), (0, 1), (0, 1), (0, 0)))
    out = np.zeros((n, height // 2, width // 2, kernel.shape[3])) + bias
    for i in range(3):
        for j in range(3):
            out += padded[:, i : i + height : 2, j : j + width : 2][:, : height // 2, : width // 2] @ kernel[i, j]
    return out


def forward(x, weights, batch_statistics=None):
    """Logits. With a dictionary for `batch_statistics` it normalises as in training and fills in {layer: (mean, variance)}."""
    w = {name: array.astype(np.float64) for name, array in weights.items()}

    def normalise(x, layer):
        mean, variance = w[f"{layer}/moving_mean"], w[f"{layer}/moving_variance"]
        if batch_statistics is not None:
            axes = tuple(range(x.ndim - 1))
            mean, variance = x.mean(axes), x.var(axes)
            batch_statistics[layer] = mean, variance
        return (x - mean) / np.sqrt(variance + 1e-3) * w[f"{layer}/gamma"] + w[f"{layer}/beta"]

    x = x.astype(np.float64)
    x = normalise(np.maximum(convolution(x, w["conv1/kernel"], w["conv1/bias"]), 0), "bn1")
    x = normalise(np.maximum(convolution(x, w["conv2/kernel"], w["conv2/bias"]), 0), "bn2")
    x = x.reshape(len(x), -1) @ w["dense1/kernel"] + w["dense1/bias"]
    x = normalise(np.maximum(x, 0), "bn3")
    return x @ w["dense2/kernel"] + w["dense2/bias"]


def softmax(logits):
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def cross_entropy(logits, labels):
    return float(-np.log(softmax(logits)[np.arange(len(labels)), labels]).mean())


def mean_squared_error(logits, labels):
    return float(((softmax(logits) - np.eye(10)[labels]) ** 2).mean())


def unpack_signs(packed):
    codes = np.stack([packed >> (2 * k) & 3 for k in range(4)], -1).reshape(len(packed), 784)
    return codes.astype(np.int8) - 1


def check_sign(name, packed, x, labels, weights, loss, rng):
    """Central differences on 40 pixels of 20 images: each clear slope must have the stored sign."""
    signs = unpack_signs(packed).reshape(-1, 28, 28, 1)
    step, agree, total = 1e-5, 0, 0
    for n in rng.choice(len(signs), 20, replace=False):
        pixels = rng.choice(784, 40, replace=False)
        probes = np.repeat(x[n : n + 1].astype(np.float64), 80, 0)
        for k, pixel in enumerate(pixels):
            probes[2 * k].flat[pixel] += step
            probes[2 * k + 1].flat[pixel] -= step
        values = [loss(row[None], labels[n : n + 1]) for row in forward(probes, weights)]
        slopes = (np.array(values[0::2]) - np.array(values[1::2])) / (2 * step)
        clear = np.abs(slopes) > 0.02 * np.abs(slopes).max()
        agree += int((np.sign(slopes) == signs[n].flat[pixels])[clear].sum())
        total += int(clear.sum())
    print(f"{name}: {agree} of {total} clear numerical slopes have the stored sign")
    return agree == total


def check(sample_folder):
    """Prints each comparison; true when all hold."""
    with open(formats.path("golden.json"), encoding="utf-8") as file:
        golden = json.load(file)
    x, labels, hashes = formats.load_sample(sample_folder)
    good = hashes == {key: golden["sample"][key] for key in hashes}
    print("sample files are those of golden.json" if good else "sample files DIFFER from those of golden.json")

    weights = formats.read_safetensors("keras_simple_cnn.safetensors")
    good &= {name: array.shape for name, array in weights.items()} == {n: t[0] for n, t in formats.TENSORS.items()}
    logits, stored = forward(x, weights), np.load(formats.path("keras_logits.npy"))
    difference = float(np.abs(logits - stored).max())
    loss, accuracy = cross_entropy(logits, labels), float((logits.argmax(1) == labels).mean())
    print(f"logits: largest difference {difference:.2e} (largest logit {np.abs(stored).max():.1f})")
    print(f"cross-entropy {loss:.8f} (golden {golden['crossentropy']:.8f}), accuracy {accuracy} ({golden['accuracy']})")
    good &= difference < 1e-4 and abs(loss - golden["crossentropy"]) < 1e-6 and accuracy == golden["accuracy"]

    rng = np.random.default_rng(1)
    targets = (labels + 1) % 10
    # Numerical slopes are held against the double-precision signs: TensorFlow's float32 signs are wrong in some
    # pixels of images the network is almost certain of, where softmax - one_hot has lost its digits.
    for name, at, function in (
        ("keras_fgsm_crossentropy_float64", labels, cross_entropy),
        ("keras_fgsm_mse_float64", labels, mean_squared_error),
        ("keras_fgsm_targeted", targets, cross_entropy),
    ):
        good &= check_sign(name, np.load(formats.path(name + ".npy")), x, at, weights, function, rng)
    for name in ("keras_fgsm_crossentropy", "keras_fgsm_mse"):
        single, double = (unpack_signs(np.load(formats.path(name + end))) for end in (".npy", "_float64.npy"))
        equal = float((single == double).mean())
        print(f"{name}: float32 and float64 signs equal in {100 * equal:.3f} % of pixels")

    steps = formats.read_safetensors("keras_training.safetensors")
    first = formats.initial_weights(golden["training"]["seed"])
    statistics = {}
    logits = forward(x[:64], first, statistics)
    for run, function in (("crossentropy", cross_entropy), ("mse", mean_squared_error)):
        value, expected = function(logits, labels[:64]), golden["training"][run]["losses"][0]
        print(f"training, {run}: loss of step 1 {value:.8f} (golden {expected:.8f})")
        good &= abs(value - expected) < 1e-6 * max(1.0, expected)
    for layer, (mean, variance) in statistics.items():
        moved = 0.01 * mean, 0.99 + 0.01 * variance
        for part, value in zip(("moving_mean", "moving_variance"), moved):
            stored = steps[f"crossentropy/step1/{layer}/{part}"]
            error = float(np.linalg.norm(value - stored) / np.linalg.norm(value))
            print(f"training: {layer}/{part} after step 1, relative difference {error:.1e}")
            good &= error < 1e-5
    print("all hold" if good else "NOT all hold")
    return bool(good)
