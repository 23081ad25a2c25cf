"""Seeds and dictionaries of the fuzz targets.

    make_seeds.py FOLDER                  small seeds: FOLDER/NAME/FILE, as in tests/fuzz/seeds
    make_seeds.py FOLDER --dictionaries   also what tests/golden has for a target, and for each
                                          FOLDER/NAME.dict, the words that its readers know

Python's own library is enough. A new target adds its seeds to SEEDS.
"""

import argparse
import base64
import gzip
import json
import pathlib
import re
import struct

from small_files import (
    ADVGAN,
    ADVGAN_TENSORS,
    AVERAGE,
    checkpoint,
    CONVOLUTION,
    DENSE,
    header,
    idx_images,
    idx_labels,
    KNN,
    KNN_TENSORS,
    LINEAR,
    NPY,
    safetensors,
    SIMPLE_CNN,
    text,
    VAE,
    VAE_TENSORS,
)
from small_pictures import JPEG, OTHERS, PNG
from small_runs import PART, SWEEP

FUZZ = pathlib.Path(__file__).resolve().parent
ROOT = FUZZ.parent.parent
GOLDEN = ROOT / "tests" / "golden"


# --- What people and scripts write.

NUMBERS = [
    "0.1",
    "8/255",
    " -1e-3 / 2.5E+2 ",
    "50:200:10",
    "128:50",
    "1,2, 3",
    "0x10",
    "inf",
    "8",
    "random",
    "least-likely",
    "1/0",
    "1e999",
    "7,7,7",
]
ATTACK = {
    "method": "pgd",
    "epsilon": "8/255",
    "steps": 3,
    "queries": 100,
    "pixel_budget": 5,
    "target": 3,
    "loss": "mse",
    "seed": 42,
}
INOCULATION = {
    "count": 100,
    "epsilon": 0.2,
    "epochs": 1,
    "learning_rate": 0.001,
    "fresh": True,
    "mix_clean": False,
    "seed": 1,
}
PHOTO = {
    "method": "sticker",
    "epsilon": 0.0157,
    "steps": 2,
    "queries": 5,
    "area": 0.05,
    "target": 3,
    "confidence": 0.5,
    "seed": 1,
}
PICTURE = {"settings": ATTACK, "picture": [0, 0.5, 1, 0] * 196, "label": 7, "epsilons": [0.1, 0.2]}
LINEAR_JSON = {
    "kind": "linear",
    "input": [1, 2, 1],
    "classes": 2,
    "weights": [[1.0, 2.0], [-1.0, 0.5]],
    "bias": [0.5, 0],
    "metadata": {"made_by": "hand"},
}
TREE_JSON = {
    "kind": "tree",
    "input": [1, 2, 1],
    "classes": ["cat", "dog"],
    "nodes": [
        {"feature": 1, "threshold": 0.1, "left": 1, "right": 2},
        {"counts": [3, 1]},
        {"counts": [0, 2]},
    ],
}
NOTES = [
    {"preprocess": "torch", "resize": 256, "interpolation": "bicubic", "classes": ["a", "b"]},
    {"mean": [0.5, 0.4, 0.3], "std": 0.25, "input_range": [-1, 1], "channels": "bgr"},
]
STROKES = (
    base64.urlsafe_b64encode(struct.pack("<8H", 45, 3, 1, 2, 30000, 40000, 65535, 0))
    .decode()
    .rstrip("=")
)
PIXELS = base64.urlsafe_b64encode(bytes(range(196)) * 4).decode().rstrip("=")
LINKS = [
    "v=1&method=bim&epsilon=0.25&steps=7&target=3&loss=mse&seed=42&digit=1&strokes=" + STROKES,
    "v=1&method=line&line=" + STROKES + "&strokes=" + STROKES,
    "v=1&pixels=" + PIXELS,
    "v=1&epsilon=8/255&queries=100&pixel_budget=3&digit=0",
]


def message(body=b"", **head):
    return text(head) + b"\n" + body


def call(name, argument=None, body=b""):
    return text(name) + b"\n" + text(json.dumps(argument)) + b"\n" + body


LABORATORY = [
    message(kind="digits", body=bytes(785 * 2)),
    message(kind="inoculate", id=1, settings=INOCULATION),
    message(kind="evaluate", id=2, settings={"epsilon": 0.1, "count": 2}),
    message(kind="sweep", id=3, settings={"epsilons": [0.1, 0.2], "count": 2, "steps": 1}),
    message(kind="attack", id=4, network=0, settings=PICTURE),
    message(kind="pause"),
    message(kind="stop", id=4),
]
STUDIO = [
    message(CONVOLUTION, kind="network", id=1, number=0, name="a.onnx", notes={"mean": 0.5}),
    message(kind="forget", id=1, number=0),
    message(kind="choices", id=2),
    message(kind="curve", id=9, number=0, settings=PHOTO, others=[]),
    message(bytes(16), kind="photo", id=3, width=2, height=2, name="a.png", cropped=True),
    message(kind="read", id=4, number=0),
    message(bytes(16), kind="png", id=5, width=2, height=2),
    message(kind="noise", id=6, number=0, mean=128, deviation=50, seed=1),
    message(kind="attack", id=7, number=0, settings=PHOTO, others=[1]),
    message(kind="smallest", id=8, number=0, settings=PHOTO, others=[]),
]
SCORES = {
    part: {"n": 2, "correct": 1, "accuracy": 0.5, "interval": [0.1, 0.9]}
    for part in ("clean", "replayed", "fresh")
}
ANSWERS = [
    message(
        kind="progress",
        id=1,
        phase="training",
        epoch=1,
        epochs=2,
        step=1,
        steps=3,
        loss=0.5,
        accuracy=0.5,
        seconds_left=2.5,
    ),
    message(kind="stopped", id=1),
    message(kind="point", id=2, epsilon=0.1, **SCORES["clean"]),
    message(kind="done", id=1, before=SCORES, after=SCORES, training_seconds=1.5),
    message(kind="error", id=1, message="It failed."),
    message(kind="failed", message="It stopped."),
    message(kind="attacking", id=1, done=3, total=10),
    message(bytes(784 * 4), kind="done", id=1, logits=[[0] * 9 + [1]], queries=10, gradients=0),
]
CALLS = [
    call("state"),
    call("setImage", None, bytes(784)),
    call("image"),
    call("takeDigit", 1),
    call("link"),
    call("openPicture", {"name": "a.png", "width": 2, "height": 2}, bytes(16)),
    call("saveWeights"),
    call("openLink", LINKS[0]),
    call("attack", ATTACK),
    call("inoculate", INOCULATION),
    call("reset"),
    call("evaluate", {"epsilon": 0.1, "count": 10}),
    call("mirror", True),
    call("clear"),
    call("stop"),
    call("control", {"name": "epsilon", "value": 0.2}),
    call("pen", {"x": 0.1, "y": 0.2}),
    call("loadWeights", "a.safetensors", b"{}"),
]

# --- Of each target: small seeds, what tests/golden has, and the sources whose words it knows.

SEEDS = {
    "idx": (
        [idx_images(), idx_labels(7, 2), gzip.compress(idx_images(1, 1, 1), 9, mtime=0)],
        [],
        ["core/data/idx.cpp"],
    ),
    "gzip": (
        [b"abcabcabc", gzip.compress(b"a", mtime=0) * 2, gzip.compress(bytes(200), mtime=0)],
        [],
        [],
    ),
    "npy": (NPY, ["*.npy"], ["core/data/npy_header.cpp", "core/data/npy.cpp"]),
    "labels": (
        ["7\n2\n1\n", " 0 \r\n9", idx_labels(1, 2), NPY["labels"]],
        [],
        ["core/data/labels.cpp"],
    ),
    "numbers": (NUMBERS, [], []),
    "native_arguments": (NUMBERS, [], ["native/class_options.cpp"]),
    "safetensors": (
        [
            safetensors({"a": [2, 1], "b": []}, {"x": "y"}, struct.pack("<3f", 1, 2, 3)),
            safetensors({"h": [3]}, {}, struct.pack("<3e", 1, 2, 3), "F16"),
        ],
        ["certify/*.safetensors", "scikit_learn/*.safetensors"],
        ["core/data/safetensors.cpp"],
    ),
    "weights": (
        [
            header(LINEAR, {"architecture": "logistic"}),
            header(SIMPLE_CNN, {}, dtype="F16"),
            header(SIMPLE_CNN, {"architecture": "simple_cnn", "test_accuracy": "0.99 of n = 100"}),
            header(VAE_TENSORS, VAE),
            header(ADVGAN_TENSORS, ADVGAN),
            header(KNN_TENSORS, KNN, b"\0"),
            header(KNN_TENSORS, KNN, b"\0", "F16"),
        ],
        [],
        [
            "core/data/safetensors.cpp",
            "core/model/generator.cpp",
            "core/model/neighbours_file.cpp",
            "core/nn/architecture.cpp",
            "core/train/model_file.cpp",
        ],
    ),
    "checkpoint": (
        [
            checkpoint(),
            checkpoint(AVERAGE, average=0.9),
            checkpoint(keep_best=True, epoch=0, step=0, adam_steps=0, correct=0, history=[]),
        ],
        [],
        ["core/train/checkpoint.cpp"],
    ),
    "onnx": (
        [CONVOLUTION, DENSE],
        ["onnx/*.onnx", "scikit_learn/*.onnx", "certify/*.onnx", "*.onnx"],
        ["core/nn/ops/*.cpp", "core/formats/onnx/*.cpp", "core/nn/graph/import.cpp"],
    ),
    "onnx_training": (
        [CONVOLUTION, DENSE],
        ["onnx/*.onnx", "scikit_learn/*.onnx", "certify/*.onnx"],
        ["core/nn/ops/*.cpp", "core/model/onnx_source.cpp"],
    ),
    "model_json": (
        [
            LINEAR_JSON,
            {**LINEAR_JSON, "kind": "svm"},
            TREE_JSON,
            {"kind": "ensemble", "parts": ["a.json", "b/c.onnx"]},
        ],
        ["sklearn/*.json"],
        ["core/model/model_json.cpp"],
    ),
    "notes": (
        [*NOTES, "0.5,0.4,0.3", "torch", "-1,1", "one\ntwo"],
        [],
        ["core/model/model_notes.cpp"],
    ),
    "page_link": (
        LINKS,
        [],
        ["web/attack/settings.cpp", "web/attack/methods.cpp", "web/app/link.cpp"],
    ),
    "page_settings": (
        [
            ATTACK,
            INOCULATION,
            PHOTO,
            PICTURE,
            {"epsilon": 0.1, "count": 10},
            {"epsilons": [0.1, 0.2], "count": 10, "steps": 2},
        ],
        [],
        ["web/attack/*.cpp", "web/lab/*.cpp", "web/photo/settings.cpp", "web/photo/methods.cpp"],
    ),
    "page_laboratory": (LABORATORY, [], ["web/lab/*.cpp", "web/attack/methods.cpp"]),
    "page_studio": (STUDIO, [], ["web/photo/*.cpp"]),
    "page_answer": (
        ANSWERS,
        [],
        ["web/app/course.cpp", "web/app/attacker.cpp", "web/app/experiments.cpp"],
    ),
    "page_call": (CALLS, [], ["web/app/*.cpp", "web/attack/*.cpp", "web/lab/settings_json.cpp"]),
    "native_picture": ({**PNG, **JPEG, **OTHERS}, [], []),
    "native_runs": (
        [PART, SWEEP],
        [],
        ["native/*_file.cpp", "native/findings_json.cpp", "native/run_json.cpp"],
    ),
    "native_png": (PNG, [], []),
}


def words(patterns):
    """The literals of sources that a file may hold: short and without blanks."""
    found = {"IHDR", "PLTE", "IDAT"} if not patterns else set()
    for pattern in patterns:
        for source in ROOT.glob(pattern):
            literals = re.findall(r'"((?:[^"\\\n]|\\.)*)"', source.read_text())
            found |= {w for w in literals if 1 < len(w) <= 24 and not re.search(r"[\s\\]|\.h", w)}
    return sorted(found)


def write(folder, dictionaries):
    for name, (seeds, golden, sources) in SEEDS.items():
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        if not isinstance(seeds, dict):
            seeds = {f"{number:02}": seed for number, seed in enumerate(seeds)}
        for title, seed in seeds.items():
            (place / title).write_bytes(text(seed))
        if not dictionaries:
            continue
        for pattern in golden:
            for path in GOLDEN.glob(pattern):
                (place / path.name).write_bytes(path.read_bytes())
        (folder / f"{name}.dict").write_text("".join(f'"{word}"\n' for word in words(sources)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Seeds and dictionaries of the fuzz targets")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--dictionaries", action="store_true")
    options = parser.parse_args()
    write(options.folder, options.dictionaries)
