"""Makes signature.json: what the golden weights make of four drawings of our own, in NumPy and double precision.

    python make_signature.py            writes signature.json
    python make_signature.py --show     prints the drawings, the answers and how far every sign is from zero, too

tests/signature_test.cpp draws the same strokes, and every build must answer and attack as told here.
"""

import json
import sys

import numpy as np

import formats
import numpy_check

RADIUS = 1.4  # half the width of a stroke, in pixels; its edge fades over one pixel
EPSILON = 0.2
DRAWINGS = {  # digit: strokes, each a list of points (x, y) in pixels from the top left corner
    7: [[(8, 7), (20, 7), (12, 23)]],
    1: [[(15, 5), (13, 22)]],
    0: [[(14, 5), (18, 7.5), (19.5, 14), (18, 20.5), (14, 23), (10, 20.5), (8.5, 14), (10, 7.5), (14, 5)]],
    4: [[(9, 5), (8.5, 14), (19, 14)], [(18, 6), (16.5, 23)]],
}


def distance(x, y, a, b):
    """From the point (x, y) to the line from a to b."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy)
    along = min(max(along, 0.0), 1.0)
    return np.hypot(x - (a[0] + along * dx), y - (a[1] + along * dy))


def draw(strokes):
    """Bytes [28,28]: white where the middle of a pixel is within RADIUS of a stroke, fading outwards."""
    image = np.zeros((28, 28))
    for y in range(28):
        for x in range(28):
            nearest = min(distance(x + 0.5, y + 0.5, a, b) for line in strokes for a, b in zip(line, line[1:]))
            image[y, x] = 255 * min(max(0.5 + RADIUS - nearest, 0.0), 1.0)
    fraction = image % 1
    assert np.all(np.abs(fraction - 0.5) > 1e-6), "a pixel lies between two bytes: move a point"
    return np.floor(image + 0.5).astype(np.uint8)


def convolution_back(d_out, kernel, shape):
    """Gradient of numpy_check.convolution() for its input of `shape`."""
    n, height, width, channels = shape
    padded = np.zeros((n, height + 1, width + 1, channels))
    for i in range(3):
        for j in range(3):
            padded[:, i : i + height : 2, j : j + width : 2][:, : height // 2, : width // 2] += d_out @ kernel[i, j].T
    return padded[:, :height, :width]


def gradient(x, labels, weights):
    """d cross-entropy / d x, each image of its own loss."""
    w = {name: array.astype(np.float64) for name, array in weights.items()}

    def scale(layer):
        return w[f"{layer}/gamma"] / np.sqrt(w[f"{layer}/moving_variance"] + 1e-3)

    def normalise(x, layer):
        return (x - w[f"{layer}/moving_mean"]) * scale(layer) + w[f"{layer}/beta"]

    z1 = numpy_check.convolution(x, w["conv1/kernel"], w["conv1/bias"])
    a1 = normalise(np.maximum(z1, 0), "bn1")
    z2 = numpy_check.convolution(a1, w["conv2/kernel"], w["conv2/bias"])
    a2 = normalise(np.maximum(z2, 0), "bn2")
    z3 = a2.reshape(len(x), -1) @ w["dense1/kernel"] + w["dense1/bias"]
    logits = normalise(np.maximum(z3, 0), "bn3") @ w["dense2/kernel"] + w["dense2/bias"]

    d = numpy_check.softmax(logits)
    rows = np.arange(len(x))
    d[rows, labels] = 0
    d[rows, labels] = -d.sum(1)  # p - 1 without cancellation
    d = d @ w["dense2/kernel"].T * scale("bn3") * (z3 > 0)
    d = (d @ w["dense1/kernel"].T).reshape(a2.shape) * scale("bn2") * (z2 > 0)
    d = convolution_back(d, w["conv2/kernel"], a1.shape) * scale("bn1") * (z1 > 0)
    return convolution_back(d, w["conv1/kernel"], x.shape)


def check_gradient(x, labels, weights, d):
    """Against central differences, at the pixels where the gradient is largest."""
    for i in range(len(x)):
        for pixel in np.argsort(-np.abs(d[i].ravel()))[:10]:
            probes = np.repeat(x[i : i + 1], 2, 0)
            probes[0].flat[pixel] += 1e-6
            probes[1].flat[pixel] -= 1e-6
            p = numpy_check.softmax(numpy_check.forward(probes, weights))
            others = p.sum(1) - p[:, labels[i]]
            slope = -(np.log1p(-others[0]) - np.log1p(-others[1])) / 2e-6
            assert abs(slope - d[i].flat[pixel]) < 1e-4 * np.abs(d[i]).max(), (slope, d[i].flat[pixel])


def main():
    weights = formats.read_safetensors("keras_simple_cnn.safetensors")
    drawings = np.stack([draw(strokes) for strokes in DRAWINGS.values()])
    labels = np.array(list(DRAWINGS))
    x = (drawings.astype(np.float32) / np.float32(255)).astype(np.float64)[..., None]
    p = numpy_check.softmax(numpy_check.forward(x, weights))
    d = gradient(x, labels, weights)
    check_gradient(x, labels, weights, d)
    adversaries = np.clip(x + EPSILON * np.sign(d), 0, 1)
    q = numpy_check.softmax(numpy_check.forward(adversaries, weights))
    smallest = np.abs(d).min((1, 2, 3)) / np.abs(d).max((1, 2, 3))
    if "--show" in sys.argv:
        for i, label in enumerate(labels):
            print("\n".join("".join(" .:*#"[v // 52] for v in row) for row in drawings[i]))
            print(label, p[i].round(4), "adversary", q[i].round(4), "smallest gradient / largest", smallest[i])
    assert np.array_equal(p.argmax(1), labels), "a drawing is not read as what it is: draw it better"
    assert np.all(q.argmax(1) != labels), "the attack does not fool the network: raise EPSILON"
    assert smallest.min() > 1e-5, "a sign is too near zero for single precision: move a point"
    signature = [
        {
            "digit": int(label),
            "drawing": ["".join(f"{v:02x}" for v in row) for row in drawings[i]],
            "probabilities": [round(float(v), 6) for v in p[i]],
            "signs": ["".join("+" if v > 0 else "-" for v in row) for row in d[i, ..., 0]],
            "adversary_probabilities": [round(float(v), 6) for v in q[i]],
        }
        for i, label in enumerate(labels)
    ]
    with open(formats.path("signature.json"), "w", encoding="utf-8") as file:
        json.dump({"epsilon": EPSILON, "drawings": signature}, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
