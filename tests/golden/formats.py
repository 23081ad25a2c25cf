"""The few formats and formulas the golden files use, in NumPy alone."""

import gzip
import hashlib
import json
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE_COUNT = 1000
# The sample is ordered 1 7 3 6 0 2 4 9 8 5 1 7 3 ...: a stride with a common factor with 10 would miss classes.
SAMPLE_STRIDE = 7
WHOLE_LIMIT = 2048
EVERY = 97
PROJECTIONS = 16

# name: (shape, fan in, fan out); a fan of 0 means no kernel. The order numbers the tensors of initial_weights().
TENSORS = {
    "conv1/kernel": ((3, 3, 1, 32), 9, 288),
    "conv1/bias": ((32,), 0, 0),
    "bn1/gamma": ((32,), 0, 0),
    "bn1/beta": ((32,), 0, 0),
    "bn1/moving_mean": ((32,), 0, 0),
    "bn1/moving_variance": ((32,), 0, 0),
    "conv2/kernel": ((3, 3, 32, 64), 288, 576),
    "conv2/bias": ((64,), 0, 0),
    "bn2/gamma": ((64,), 0, 0),
    "bn2/beta": ((64,), 0, 0),
    "bn2/moving_mean": ((64,), 0, 0),
    "bn2/moving_variance": ((64,), 0, 0),
    "dense1/kernel": ((3136, 128), 3136, 128),
    "dense1/bias": ((128,), 0, 0),
    "bn3/gamma": ((128,), 0, 0),
    "bn3/beta": ((128,), 0, 0),
    "bn3/moving_mean": ((128,), 0, 0),
    "bn3/moving_variance": ((128,), 0, 0),
    "dense2/kernel": ((128, 10), 128, 10),
    "dense2/bias": ((10,), 0, 0),
}


def path(name):
    return os.path.join(HERE, name)


def write_safetensors(file_name, tensors, metadata):
    """`tensors`: {name: float16 or float32 array}, in this order; the header is padded to 8 bytes with blanks."""
    header, offset = {"__metadata__": metadata}, 0
    for name, array in tensors.items():
        dtype = {"float16": "F16", "float32": "F32"}[array.dtype.name]
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path(file_name), "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in tensors.values():
            file.write(np.ascontiguousarray(array).tobytes())


def read_safetensors(file_name):
    """{name: array} of a file that write_safetensors() wrote."""
    with open(path(file_name), "rb") as file:
        data = file.read()
    end = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:end]).items():
        if name != "__metadata__":
            dtype = {"F16": np.float16, "F32": np.float32}[entry["dtype"]]
            first, last = entry["data_offsets"]
            tensors[name] = np.frombuffer(data[end + first : end + last], dtype).reshape(entry["shape"])
    return tensors


def sha256(file_path):
    with open(file_path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def hash32(values):
    """MurmurHash3's 32-bit finaliser of every value, uint32."""
    h = np.asarray(values, np.uint32).copy()
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return h


def initial_weights(seed):
    """{name: float32 array}: Glorot-uniform kernels from a hash, everything else as Keras begins. See README.md."""
    weights = {}
    for number, (name, (shape, fan_in, fan_out)) in enumerate(TENSORS.items()):
        if fan_in:
            index = np.arange(np.prod(shape), dtype=np.uint32)
            uniform = hash32(index + np.uint32(1_000_003 * number + seed)).astype(np.float64) / 2.0**32
            values = ((uniform - 0.5) * (2.0 * np.sqrt(6.0 / (fan_in + fan_out)))).astype(np.float32)
            weights[name] = values.reshape(shape)
        else:
            ones = name.endswith(("gamma", "moving_variance"))
            weights[name] = (np.ones if ones else np.zeros)(shape, np.float32)
    return weights


def fingerprint(prefix, name, array):
    """The small form of a tensor: {key: float32 array}; README.md says how to compare it."""
    flat = np.asarray(array, np.float64).ravel()
    key = f"{prefix}/{name}"
    if flat.size <= WHOLE_LIMIT:
        return {key: np.asarray(array, np.float32)}
    hashes = hash32(np.arange(flat.size, dtype=np.uint32))
    signs = [1.0 - 2.0 * ((hashes >> np.uint32(k)) & np.uint32(1)).astype(np.float64) for k in range(PROJECTIONS)]
    return {
        f"{key}/every97": flat[::EVERY].astype(np.float32),
        f"{key}/norm": np.array([np.linalg.norm(flat)], np.float32),
        f"{key}/projections": np.array([flat @ sign for sign in signs], np.float32),
    }


def pack_signs(signs):
    """[n,784] of -1, 0, 1 as uint8 [n,196]: code sign + 1 in two bits, pixel 4 j + k in bits 2 k and 2 k + 1 of byte j."""
    codes = (signs.reshape(len(signs), 196, 4) + 1).astype(np.uint8)
    return codes[..., 0] | codes[..., 1] << 2 | codes[..., 2] << 4 | codes[..., 3] << 6


def load_sample(folder):
    """Images [1000,28,28,1] float32 in [0, 1] and labels [1000] of the sample, with the hashes of its files."""
    images_path = os.path.join(folder, "sample-images-idx3-ubyte")
    labels_path = os.path.join(folder, "sample-labels-idx1-ubyte")
    with open(images_path, "rb") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28, 1)
    with open(labels_path, "rb") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    index = np.arange(SAMPLE_COUNT) * SAMPLE_STRIDE
    hashes = {"images_sha256": sha256(images_path), "labels_sha256": sha256(labels_path)}
    return images[index].astype(np.float32) / np.float32(255), labels[index].astype(np.int64), hashes


def load_mnist(folder, part):
    """All images [N,28,28,1] float32 in [0, 1] and labels [N] of `part` ("train" or "t10k"), raw or gzip."""

    def read(name, offset):
        file_path = os.path.join(folder, name)
        opener = open if os.path.exists(file_path) else gzip.open
        with opener(file_path if opener is open else file_path + ".gz", "rb") as file:
            return np.frombuffer(file.read(), np.uint8, offset=offset)

    images = read(part + "-images-idx3-ubyte", 16).reshape(-1, 28, 28, 1)
    return images.astype(np.float32) / np.float32(255), read(part + "-labels-idx1-ubyte", 8).astype(np.int64)
