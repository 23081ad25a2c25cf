"""What the tests share: the sample's images, the command, and files to throw away."""

import json
import os
import pathlib
import struct
import subprocess
import tempfile
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[3]
SAMPLE = pathlib.Path(os.environ.get("INOCULATE_SAMPLE_DIR", ROOT / "build/sample"))
COMMAND = os.environ.get("INOCULATE_COMMAND", str(ROOT / "build/native/inoculate"))
STANDARD = ROOT / "assets/standard.safetensors"
GOLDEN = ROOT / "tests/golden"


def sample(count, step=7):
    """Images [N, 28, 28, 1] in 0..1 and labels: 0, 7, 14 ... of the sample, as the golden files."""
    if not (SAMPLE / "sample-images-idx3-ubyte").exists():
        raise unittest.SkipTest(f"there is no sample of MNIST in {SAMPLE}; ./run test fetches it")
    pixels = np.fromfile(SAMPLE / "sample-images-idx3-ubyte", np.uint8)[16:].reshape(-1, 28, 28, 1)
    labels = np.fromfile(SAMPLE / "sample-labels-idx1-ubyte", np.uint8)[8:]
    rows = slice(0, step * count, step)
    return pixels[rows].astype(np.float32) / np.float32(255), labels[rows].astype(np.int32)


def safetensors(path):
    """The F32 tensors of a file, by a reader of our own: eight bytes of length, JSON, values."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(content[8 + length + begin : 8 + length + end], np.float32)
        tensors[name] = values.reshape(entry["shape"])
    return tensors


def command(*arguments):
    """What the command prints; skips where it is not built."""
    if not pathlib.Path(COMMAND).exists():
        raise unittest.SkipTest(f"there is no command at {COMMAND}")
    done = subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{arguments}: {done.stderr}")
    return done.stdout


class Case(unittest.TestCase):
    """A test with a folder of its own, and the words of refusals."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def refused(self, words, function, *arguments, **options):
        """The call must raise Error with exactly these words."""
        import inoculate

        with self.assertRaises(inoculate.Error) as raised:
            function(*arguments, **options)
        self.assertEqual(str(raised.exception), words)


def linear_json(weights, bias, input_shape):
    """A linear model as the JSON of docs/models.md."""
    return json.dumps(
        {
            "kind": "linear",
            "input": list(input_shape),
            "classes": len(bias),
            "weights": np.asarray(weights, float).tolist(),
            "bias": np.asarray(bias, float).tolist(),
        }
    )


def linear(rng, classes=3, size=12):
    """Weights [classes, size] and a bias [classes] that float32 holds."""
    return (
        rng.normal(size=(classes, size)).astype(np.float32),
        rng.normal(size=classes).astype(np.float32),
    )


def softmax_gradient(weights, bias, x, labels):
    """Of the cross-entropy with respect to x [N, size], in double precision."""
    weights, bias, x = (np.asarray(a, np.float64) for a in (weights, bias, x))
    logits = x @ weights.T + bias
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(labels)), labels] -= 1
    return p @ weights
