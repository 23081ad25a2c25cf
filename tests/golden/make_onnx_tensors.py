"""Writes onnx_tensors.onnx: a tensor of every type that is read, stored both ways that ONNX has.

    pip install numpy==2.4.6 onnx==1.22.0
    python make_onnx_tensors.py

Tensor TYPE/raw has its numbers as bytes, TYPE/fields in typed fields. All hold -2, 0, 1, 5 (BOOL: 0,
0, 1, 1; UINT8: 2, 0, 1, 5) with dimensions 2 x 2, and floats half of that.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper

TYPES = ["FLOAT", "FLOAT16", "BFLOAT16", "DOUBLE", "INT64", "INT32", "INT8", "UINT8", "BOOL"]

tensors = []
for name in TYPES:
    kind = getattr(TensorProto, name)
    values = np.array([-2, 0, 1, 5], np.float64)
    if name == "UINT8":
        values = np.abs(values)
    if name == "BOOL":
        values = values > 0
    if name in TYPES[:4]:
        values = values / 2
    stored = values.astype(helper.tensor_dtype_to_np_dtype(kind))
    tensors.append(helper.make_tensor(name + "/raw", kind, [2, 2], stored.tobytes(), raw=True))
    tensors.append(helper.make_tensor(name + "/fields", kind, [2, 2], stored.tolist()))
image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, 8, 8])
logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 192])
node = helper.make_node("Flatten", ["image"], ["logits"], name="flat", axis=1)
graph = helper.make_graph([node], "tensors", [image], [logits], tensors)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
helper.set_model_props(model, {"classes": "a, b"})
onnx.checker.check_model(model)
onnx.save(model, "onnx_tensors.onnx")
