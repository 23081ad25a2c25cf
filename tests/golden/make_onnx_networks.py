"""Makes onnx/*.onnx, the networks of onnx_networks.py with random weights, and what PyTorch says of
each in double precision (onnx/*.safetensors): images, logits, and the images' gradient for given
gradients of the logits.

    python -m venv venv && venv/bin/pip install -r requirements_onnx.txt
    venv/bin/python make_onnx_networks.py
"""

import io
import pathlib
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

import formats
from onnx_networks import NETWORKS

HERE = pathlib.Path(__file__).resolve().parent

# Of these the other exporter's file is kept too, as name_exporter.onnx: what it makes of a network
# is often another graph.
TWICE = (
    "resnet", "inception", "mobilenet_v2", "mobilenet_v3", "efficientnet", "squeezenet",
    "densenet", "vit", "hourglass",
)
OTHER = {"torchscript": ("dynamo", 21), "dynamo": ("torchscript", 17)}


def randomise(network):
    """Weights of a trained network's sizes, statistics that are not 0 and 1."""
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    module.bias.normal_(0, 0.1)
            if isinstance(module, (nn.LayerNorm, nn.InstanceNorm2d, nn.GroupNorm)):
                module.weight.uniform_(0.5, 1.5)
                module.bias.normal_(0, 0.2)
            if isinstance(module, nn.PReLU):
                module.weight.uniform_(0.1, 0.4)
            if isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(0.5, 1.5)
                module.bias.normal_(0, 0.2)
                module.running_mean.normal_(0, 0.3)
                module.running_var.uniform_(0.5, 2)


def export(network, images, exporter, opset):
    file = io.BytesIO()
    if exporter == "dynamo":
        program = torch.onnx.export(network, (images,), dynamo=True, opset_version=opset,
                                    dynamic_shapes=({0: torch.export.Dim("n")},), verbose=False)
        model = program.model_proto
    else:
        # PRESERVE: batch normalisation stays an operator of its own.
        torch.onnx.export(network, (images,), file, dynamo=False, opset_version=opset,
                          training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
                          input_names=["image"], output_names=["scores"],
                          dynamic_axes={"image": {0: "n"}})
        model = onnx.load_from_string(file.getvalue())
    for node in model.graph.node:  # what debuggers read: names of files on this machine
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.checker.check_model(model)
    return model.SerializeToString()


def main():
    warnings.filterwarnings("ignore")
    (HERE / "onnx").mkdir(exist_ok=True)
    for seed, (name, (make, exporter, opset)) in enumerate(NETWORKS.items()):
        torch.manual_seed(seed)
        network = make().eval()
        randomise(network)
        nhwc = torch.rand(2, 24, 24, 3)
        images = nhwc if name == "keras_like" else nhwc.permute(0, 3, 1, 2)
        files = {name: export(network, images.contiguous(), exporter, opset)}
        if name in TWICE:
            other, opset = OTHER[exporter]
            files[f"{name}_{other}"] = export(network, images.contiguous(), other, opset)

        exact = network.double()
        x = images.double().contiguous().requires_grad_()
        logits = exact.logits(x) if name == "keras_like" else exact(x)
        d_logits = torch.randn(logits.shape)
        (gradient,) = torch.autograd.grad((logits * d_logits.double()).sum(), x)
        if name != "keras_like":
            gradient = gradient.permute(0, 2, 3, 1)
        scores = exact(x).detach().numpy()
        for title, file in files.items():
            session = onnxruntime.InferenceSession(file)
            feed = {session.get_inputs()[0].name: images.contiguous().numpy()}
            difference = np.abs(session.run(None, feed)[0] - scores).max() / np.abs(scores).max()
            assert difference < 1e-4, (title, difference)
            (HERE / "onnx" / f"{title}.onnx").write_bytes(file)
            operators = sorted({node.op_type for node in onnx.load_from_string(file).graph.node})
            print(f"{title}: {len(file)} bytes, onnxruntime within {difference:.1e},", *operators)

        as_float = lambda t: np.ascontiguousarray(t.detach().numpy().astype("<f4"))
        formats.write_safetensors(
            HERE / "onnx" / f"{name}.safetensors",
            {"images": as_float(nhwc), "logits": as_float(logits), "d_logits": as_float(d_logits),
             "d_images": as_float(gradient)},
            {"made_by": f"torch {torch.__version__}, double precision"},
        )


if __name__ == "__main__":
    main()
