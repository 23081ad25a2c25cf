"""Small files as bytes, by hand: arrays, data sets, tensors and networks."""

import json
import struct


def text(value):
    return (
        value
        if isinstance(value, bytes)
        else (value if isinstance(value, str) else json.dumps(value)).encode()
    )


# --- Arrays and data sets.


def idx_images(count=2, rows=3, cols=2):
    return struct.pack(">4I", 0x803, count, rows, cols) + bytes(range(count * rows * cols))


def idx_labels(*labels):
    return struct.pack(">2I", 0x801, len(labels)) + bytes(labels)


def npy(descr, shape, values, order=False, version=1):
    header = str({"descr": descr, "fortran_order": order, "shape": shape}).encode() + b"\n"
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header + values


NPY = {
    "floats": npy("<f4", (2, 2, 3, 1), struct.pack("<12f", *[i / 12 for i in range(12)])),
    "halves": npy("<f2", (3, 2, 2), struct.pack("<12e", *[i / 12 for i in range(12)]), True, 2),
    "big_endian": npy(">f8", (1, 4), struct.pack(">4d", 0, 0.5, 1, 0.25)),
    "bytes": npy("|u1", (2, 3, 1), bytes(range(6)), True),
    "labels": npy("<i8", (3, 1), struct.pack("<3q", 7, 0, 9)),
    "empty": npy("<f4", (0, 2, 3), b""),
}

# --- Tensors. The targets make the values: the first byte says what they consist of.


def header(tensors, metadata, fill=b"\x3c", dtype="F32"):
    entries, at = {"__metadata__": metadata} if metadata else {}, 0
    for name, shape in tensors.items():
        size = {"F32": 4, "F16": 2}[dtype]
        for extent in shape:
            size *= extent
        entries[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + size]}
        at += size
    return fill + text(entries)


def safetensors(tensors, metadata, values, dtype="F32"):
    head = header(tensors, metadata, b"", dtype)
    return struct.pack("<Q", len(head)) + head + values


SIMPLE_CNN = {
    "conv1/kernel": [3, 3, 1, 32],
    "conv1/bias": [32],
    **{f"bn1/{part}": [32] for part in ("gamma", "beta", "moving_mean", "moving_variance")},
    "conv2/kernel": [3, 3, 32, 64],
    "conv2/bias": [64],
    **{f"bn2/{part}": [64] for part in ("gamma", "beta", "moving_mean", "moving_variance")},
    "dense1/kernel": [3136, 128],
    "dense1/bias": [128],
    "dense2/kernel": [128, 10],
    "dense2/bias": [10],
}
LINEAR = {"dense1/kernel": [784, 10], "dense1/bias": [10]}
VAE = {"kind": "vae", "image": "2x2x1", "encoder": "3", "latent": "2", "decoder": "3"}
VAE_TENSORS = {
    "encoder/dense1/kernel": [4, 3],
    "encoder/dense1/bias": [3],
    "encoder/dense2/kernel": [3, 4],
    "encoder/dense2/bias": [4],
    "decoder/dense1/kernel": [2, 3],
    "decoder/dense1/bias": [3],
    "decoder/dense2/kernel": [3, 4],
    "decoder/dense2/bias": [4],
}
ADVGAN = {"kind": "advgan", "image": "2x2x1", "generator": "3", "epsilon": "0.1"}
ADVGAN_TENSORS = {
    "generator/dense1/kernel": [4, 3],
    "generator/dense1/bias": [3],
    "generator/dense2/kernel": [3, 4],
    "generator/dense2/bias": [4],
}
KNN = {"kind": "knn", "k": "2", "classes": "3", "pixels_up_to": "255"}
KNN_TENSORS = {"images": [3, 2, 2, 1], "labels": [3]}

CHECKPOINT_TENSORS = {
    "a/kernel": [4, 3],
    "a/bias": [3],
    "b/gamma": [3],
    "b/beta": [3],
    "c/kernel": [3, 2],
    "c/bias": [2],
}
STATISTICS = {"b/moving_mean": [3], "b/moving_variance": [3]}
CHECKPOINT = {
    "epochs": 3,
    "batch_size": 4,
    "learning_rate": 0.001,
    "loss": "crossentropy",
    "seed": 1,
    "recipe_options": {
        "method": "plain",
        "epsilon": 0.1,
        "steps": 7,
        "step_size": 0.04,
        "smooth_share": 0.5,
        "beta": 6,
        "smoothing": 0.1,
        "warm_up": 0,
        "recover": False,
        "kappa": 0.5,
        "l1": 0,
        "clip_norm": 1,
        "crown_share": 0,
        "judge_epsilon": 0.1,
        "sigma": 0.5,
        "l2": False,
        "pair_weight": 1,
        "decoder_fingerprint": 0,
    },
    "average": 0,
    "cosine": False,
    "begin": 0,
    "end": 8,
    "held_out": 0,
    "keep_best": False,
    "fingerprint": 1,
    "history": [[1, 2.5, 0.1, 0.3, 0.2, 7.75]],
    "adam_steps": 3,
    "epoch": 1,
    "step": 1,
    "loss_sum": 0.5,
    "correct": 3,
    "order": [1, 2, 3, 4],
    "dropout": [1, 2, 3, 4],
    "recipe": [1, 2, 3, 4],
    "unchecked": 0,
    "recovery": 0,
    "first_share": 0.5,
    "first_share_of_average": 0,
}


def checkpoint(tensors=None, **changes):
    run = {**CHECKPOINT, **changes}
    all_tensors = {**CHECKPOINT_TENSORS, **STATISTICS, **(tensors or {})}
    for moment in ("first", "second"):
        all_tensors |= {f"adam/{moment}_moment/{k}": v for k, v in CHECKPOINT_TENSORS.items()}
    return header(all_tensors, {"architecture": "small", "training": json.dumps(run)})


AVERAGE = {f"average/{name}": shape for name, shape in {**CHECKPOINT_TENSORS, **STATISTICS}.items()}

# --- ONNX: protocol buffers by hand.


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = text(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value):
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def tensor(name, dims, values):
    return (
        b"".join(field(1, d) for d in dims)
        + field(2, 1)
        + field(8, name)
        + field(9, struct.pack(f"<{len(values)}f", *values))
    )


def node(kind, inputs, output, **attributes):
    out = b"".join(field(1, name) for name in inputs) + field(2, output) + field(4, kind)
    for name, value in attributes.items():  # lists of integers, or one
        many = isinstance(value, list)
        numbers = b"".join(field(8, v) for v in value) if many else field(3, value)
        out += field(5, field(1, name) + field(20, 7 if many else 2) + numbers)
    return out


def value_info(name, dims):
    extents = b"".join(field(1, field(1, d) if d else field(2, "N")) for d in dims)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, extents)))


def onnx(nodes, tensors, shape, classes, output, metadata=None):
    graph = b"".join(field(1, n) for n in nodes) + field(2, "g")
    graph += b"".join(field(5, t) for t in tensors)
    graph += field(11, value_info("x", [0, *shape])) + field(12, value_info(output, [0, classes]))
    entries = (metadata or {}).items()
    return (
        field(1, 8)
        + field(7, graph)
        + field(8, field(2, 13))
        + b"".join(field(14, field(1, k) + field(2, v)) for k, v in entries)
    )


CONVOLUTION = onnx(
    [
        node("Conv", ["x", "k", "b"], "c", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),
        node("Relu", ["c"], "r"),
        node("Flatten", ["r"], "f", axis=1),
        node("Gemm", ["f", "w", "v"], "y", transB=1),
    ],
    [
        tensor("k", [2, 1, 3, 3], [i / 18 for i in range(18)]),
        tensor("b", [2], [0.5, -1]),
        tensor("w", [3, 8], [(i % 5 - 2) / 4 for i in range(24)]),
        tensor("v", [3], [0, 1, 2]),
    ],
    [1, 4, 4],
    3,
    "y",
    {"classes": "one\ntwo\nthree", "mean": "0.5", "std": "0.25"},
)
DENSE = onnx(
    [
        node("MatMul", ["x", "w"], "m"),
        node("Add", ["m", "v"], "a"),
        node("Softmax", ["a"], "y", axis=1),
    ],
    [tensor("w", [4, 3], [i / 12 for i in range(12)]), tensor("v", [3], [0, 1, 2])],
    [4],
    3,
    "y",
)
