"""Runs the tests that the package onnx carries through `inoculate describe`, and prints how many
pass, how many are refused and why, and how many are wrong (then it fails).

    pip install -r tests/golden/requirements_onnx.txt
    python tools/onnx_suite.py --inoculate build/native/inoculate [--only NAME] [--verbose]

A test is one or more operators with inputs of any shape; the product reads image classifiers. So
the first input of float32 becomes the images, one for each entry of its first axis, and the others
become constants; where the operator does not care how many axes come first, all of the input is
tried as one image too. What a test expects is doubled behind its outputs, so that there are at
least two classes and a softmax is not taken for the network's last.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnx.version_converter
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[1]
DATA = pathlib.Path(onnx.__file__).parent / "backend/test/data"
TOLERANCE = 1e-5  # of the largest expected value, or of 1
FOUR_DIGITS = {"test_averagepool_2d_ceil_last_window_starts_on_pad"}  # typed by hand
# Operators that do the same when all of their inputs have one more axis in front; of the others the
# axes are renumbered.
ELEMENTWISE = set(
    "Abs Add Cast Ceil Clip Div Elu Equal Erf Exp Floor Gelu Greater GreaterOrEqual HardSigmoid "
    "HardSwish Identity LeakyRelu Less LessOrEqual Log MatMul Max Min Mish Mul Neg Not PRelu Pow "
    "Reciprocal Relu Selu Sigmoid Softplus Softsign Sqrt Sub Sum Tanh Where".split()
)
AXIS = {"Concat": None, "Gather": 0, "LayerNormalization": -1, "LogSoftmax": -1, "Softmax": -1,
        "Split": 0}  # the attribute's value where it is left out
AXES = {"ReduceMax": 1, "ReduceMean": 1, "ReduceMin": 1, "ReduceSum": 1, "Slice": 3, "Squeeze": 1,
        "Unsqueeze": 1}  # which input has them in later opsets
FIRST_OUTPUT_ALONE = {"BatchNormalization", "Dropout", "LayerNormalization", "MaxPool"}


def operators():
    """Those that the product lists."""
    source = (ROOT / "core/nn/ops/operators.cpp").read_text()
    return set(re.findall(r'\{"(\w+)", ', source))


def read_tensor(path):
    return numpy_helper.to_array(onnx.load_tensor(str(path)))


class NotForUs(Exception):
    """A test that has no classifier's form."""


def shifted(axes):
    return [int(axis) + (1 if axis >= 0 else 0) for axis in axes]


def with_leading_axis(model, inputs):
    """The only node's axes and shapes as they are behind one more axis; None where they cannot be
    told."""
    model, inputs = onnx.ModelProto.FromString(model.SerializeToString()), list(inputs)
    used = {node.op_type for node in model.graph.node}
    if used <= ELEMENTWISE:
        return model, inputs
    if len(model.graph.node) != 1:
        return None
    node = model.graph.node[0]
    op, rank = node.op_type, inputs[0].ndim
    attributes = {attribute.name: attribute for attribute in node.attribute}

    def replace(name, value):
        if name in attributes:
            node.attribute.remove(attributes[name])
        node.attribute.append(helper.make_attribute(name, value))

    if op == "Concat":  # what is joined with the image has to be one image too
        inputs = [inputs[0], *[value[None] for value in inputs[1:]]]
    if op in AXIS:
        old = model.opset_import[0].version < 13 and op.endswith("oftmax")
        axis = attributes["axis"].i if "axis" in attributes else 1 if old else AXIS[op]
        replace("axis", shifted([axis])[0])
    elif op in AXES and "axes" in attributes:
        replace("axes", shifted(attributes["axes"].ints))
    elif op in AXES and len(inputs) > AXES[op] and inputs[AXES[op]].size > 0:
        inputs[AXES[op]] = np.array(shifted(inputs[AXES[op]]), np.int64)
    elif op in AXES and op.startswith("Reduce") and "noop_with_empty_axes" not in attributes:
        if AXES[op] < len(node.input) and len(inputs) > 1:
            inputs[1] = np.arange(1, rank + 1)
        else:
            replace("axes", list(range(1, rank + 1)))
    elif op == "Slice" and len(inputs) == 3:
        inputs[1:3] = [np.concatenate([[0], inputs[1]]), np.concatenate([[2**31], inputs[2]])]
    elif op == "Transpose":
        perm = attributes["perm"].ints if "perm" in attributes else range(rank)[::-1]
        replace("perm", [0, *[axis + 1 for axis in perm]])
    elif op in ("Reshape", "Expand"):
        inputs[1] = np.concatenate([[1], inputs[1]])
        if op == "Expand" and inputs[1].size <= rank:
            return None
        if op == "Expand":
            inputs[0] = inputs[0].reshape((1,) * (inputs[1].size - 1 - rank) + inputs[0].shape)
    elif op == "Pad" and len(inputs) > 3:
        inputs[3] = np.array(shifted(inputs[3]), np.int64)
    elif op == "Pad":
        half = inputs[1].size // 2
        inputs[1] = np.concatenate([[0], inputs[1][:half], [0], inputs[1][half:]])
    else:
        return None
    return model, inputs


def classifier_of(model, inputs, outputs, one_image):
    """The model with images as input and [N, classes] as output; and images, and what it gives."""
    graph = model.graph
    constant = {tensor.name for tensor in graph.initializer}
    given = [info for info in graph.input if info.name not in constant]
    image = next((k for k, x in enumerate(inputs)
                  if x is not None and x.dtype == np.float32 and x.ndim > 0 and x.size > 0),
                 None)
    if image is None:
        raise NotForUs("no input of float32 with axes and numbers")
    x = inputs[image]
    shape = [1, *x.shape] if one_image else [x.shape[0], *x.shape[1:]]
    images = x.reshape(shape[0], -1)
    used = {name for node in graph.node for name in node.input}
    others = [numpy_helper.from_array(value, info.name)
              for k, (info, value) in enumerate(zip(given, inputs))
              if k != image and value is not None and info.name in used]
    nodes = [
        helper.make_node("Reshape", ["images_flat", "images_shape"], [given[image].name]),
        *graph.node,
    ]
    # -1 first: it has the batch in whatever shape comes behind.
    target = numpy_helper.from_array(np.array([-1, *shape[1:]], np.int64), "images_shape")
    flat, expected = [], []
    for name, value in outputs:
        if value.size % shape[0] != 0 or value.size == 0:
            raise NotForUs("an output without an entry for each image")
        nodes += [
            helper.make_node("Flatten", [name], [name + "_flat"], axis=1),
            helper.make_node("Mul", [name + "_flat", "two"], [name + "_twice"]),
        ]
        flat += [name + "_flat", name + "_twice"]
        rows = value.astype(np.float32).reshape(shape[0], -1)
        expected += [rows, 2 * rows]
    nodes.append(helper.make_node("Concat", flat, ["scores"], axis=1))
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    del changed.graph.input[:], changed.graph.output[:], changed.graph.node[:]
    changed.graph.node.extend(nodes)
    changed.graph.initializer.extend(
        [target, numpy_helper.from_array(np.float32(2), "two"), *others])
    batch = "N" if shape[0] > 1 else 1
    changed.graph.input.append(
        helper.make_tensor_value_info("images_flat", TensorProto.FLOAT, [batch, images.shape[1]]))
    changed.graph.output.append(
        helper.make_tensor_value_info("scores", TensorProto.FLOAT, [batch, "classes"]))
    return changed, images, np.concatenate(expected, 1)


def ask(command, model, images, expected, folder, tolerance=TOLERANCE):
    """("pass", ""), ("refused", why) or ("wrong", why)."""
    paths = [folder / name for name in ("a.onnx", "images.npy", "logits.npy")]
    paths[0].write_bytes(model.SerializeToString())
    np.save(paths[1], images)
    np.save(paths[2], expected)
    run = subprocess.run(
        [command, "describe", "--json", "--model", paths[0], "--check-images", paths[1],
         "--check-logits", paths[2]], capture_output=True, text=True, check=False)
    if run.returncode == 0:
        difference = json.loads(run.stdout)["largest_difference"]
        bound = tolerance * max(1, np.abs(expected).max())
        return ("pass", "") if difference <= bound else ("wrong", f"differs by {difference}")
    line = run.stderr.strip()
    if run.returncode != 1 or "\n" in line or "differ by" in line or "holds no rows" in line:
        return "wrong", line
    return "refused", re.sub(r"^.*?a\.onnx: ", "", line)


def run_node_test(command, folder, known, scratch):
    model = onnx.load(str(folder / "model.onnx"))
    used = {node.op_type for node in model.graph.node}
    if any(domain.domain not in ("", "ai.onnx") for domain in model.opset_import):
        raise NotForUs("an operator of another domain")
    if not used <= known:
        raise NotForUs("an operator that is not listed")
    if model.opset_import[0].version < 7:
        model = onnx.version_converter.convert_version(model, 9)
    data = folder / "test_data_set_0"
    try:
        count = len(list(data.glob("input_*.pb")))
        inputs = [read_tensor(data / f"input_{k}.pb") for k in range(count)]
        wanted = [read_tensor(data / f"output_{k}.pb") for k in range(len(model.graph.output))]
    except Exception as error:  # sequences, optional values, types that NumPy has not
        raise NotForUs("inputs or outputs other than tensors") from error
    outputs = [(info.name, value) for info, value in zip(model.graph.output, wanted)]
    if used & FIRST_OUTPUT_ALONE:
        outputs = outputs[:1]
    result = None
    tolerance = 2e-4 if folder.name in FOUR_DIGITS else TOLERANCE
    try:
        changed = classifier_of(model, inputs, outputs, False)
        result = ask(command, *changed, scratch, tolerance)
    except NotForUs as error:
        result = ("refused", error)
    again = with_leading_axis(model, inputs) if result[0] == "refused" and inputs else None
    if again is not None:
        changed = classifier_of(*again, outputs, True)
        result = ask(command, *changed, scratch, tolerance)
    if isinstance(result[1], NotForUs):
        raise result[1]
    return result


def run_light_test(command, path, scratch):
    model = onnx.load(str(path))
    constant = {tensor.name for tensor in model.graph.initializer}
    info = next(info for info in model.graph.input if info.name not in constant)
    shape = [dim.dim_value or 1 for dim in info.type.tensor_type.shape.dim]
    size = int(np.prod(shape))
    images = (np.arange(size).reshape(shape) / size).astype(np.float32)  # as onnx's runner has it
    expected = read_tensor(path.with_name(path.stem + "_output_0.pb"))
    inputs = [images] + [None] * len(model.graph.input)
    model.graph.input.remove(info)
    model.graph.input.insert(0, info)
    changed = classifier_of(model, inputs, [(model.graph.output[0].name, expected)], False)
    return ask(command, *changed, scratch)


def kind_of(reason):
    """A reason without the names in it."""
    reason = re.sub(r"^node '.*?' ", "", reason)
    return re.sub(r"gives \[.*?\]", "gives [...]", re.sub(r"'.*?'", "'...'", reason))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--inoculate", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    known = operators()
    failed = False
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        for kind in ("node", "pytorch-converted", "pytorch-operator", "simple", "light"):
            counts, reasons, others = (collections.Counter() for _ in range(3))
            pattern = "light_*.onnx" if kind == "light" else "test_*"
            for path in sorted((DATA / kind).glob(pattern)):
                if options.only not in path.name:
                    continue
                try:
                    if kind == "light":
                        outcome, reason = run_light_test(options.inoculate, path, scratch)
                    else:
                        outcome, reason = run_node_test(options.inoculate, path, known, scratch)
                except NotForUs as other:
                    others[str(other)] += 1
                    continue
                counts[outcome] += 1
                if outcome == "refused":
                    reasons[kind_of(reason)] += 1
                if outcome == "wrong":
                    failed = True
                if outcome == "wrong" or options.verbose:
                    print(f"  {outcome:8}{path.name}: {reason}")
            print(f"{kind}: {counts['pass']} pass, {counts['refused']} refused, "
                  f"{counts['wrong']} wrong; {sum(others.values())} are no classifier's")
            for title, table in (("refused", reasons), ("not for a classifier", others)):
                for reason, count in table.most_common():
                    print(f"  {count:5} {title}: {reason[:150]}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
