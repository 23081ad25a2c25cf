"""Makes onnx/*_training.safetensors: what PyTorch says in double precision of the parameters'
gradients of three networks of make_onnx_networks.py, for that file's images and d_logits.

    venv/bin/python make_onnx_training.py

Tensors are named after the network's mode: eval/... with the moving statistics, train/... with the
batch's moments and without dropout. .../logits, .../d_images (NHWC) and .../d/NAME, the gradient by the initialiser
NAME of the ONNX file, in its order; after/NAME, the moving statistics after one forward pass in
training.
"""

import warnings

import numpy as np
import onnx
import torch
from torch import nn

import formats
from make_onnx_networks import HERE, randomise
from onnx_networks import NETWORKS

# Of the exporter that names initialisers as PyTorch does: file, modes.
FILES = {
    "resnet": ("resnet", ("eval", "train")),
    "mobilenet_v2": ("mobilenet_v2_torchscript", ("train",)),
    "vit": ("vit_torchscript", ("eval",)),
}


def as_float(tensor):
    return np.ascontiguousarray(tensor.detach().numpy().astype("<f4"))


def check_same_weights(network, file):
    model = onnx.load(HERE / "onnx" / f"{file}.onnx")
    stored = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    for name, tensor in network.named_parameters():
        assert np.array_equal(stored[name], tensor.detach().numpy()), name


def main():
    warnings.filterwarnings("ignore")
    for seed, (name, (make, _, _)) in enumerate(NETWORKS.items()):
        if name not in FILES:
            continue
        file, modes = FILES[name]
        torch.manual_seed(seed)
        network = make().eval()
        randomise(network)
        check_same_weights(network, file)
        network.double()
        given = formats.read_safetensors(HERE / "onnx" / f"{name}.safetensors")
        images = torch.from_numpy(given["images"].copy()).permute(0, 3, 1, 2).double().contiguous()
        d_logits = torch.from_numpy(given["d_logits"].copy()).double()
        tensors = {}
        for mode in modes:
            network.train(mode == "train")
            for module in network.modules():
                if isinstance(module, nn.Dropout):
                    module.eval()
            x = images.clone().requires_grad_()
            logits = network(x)
            names, parameters = zip(*network.named_parameters())
            d_images, *d = torch.autograd.grad((logits * d_logits).sum(), (x, *parameters))
            tensors[f"{mode}/logits"] = as_float(logits)
            tensors[f"{mode}/d_images"] = as_float(d_images.permute(0, 2, 3, 1))
            tensors.update({f"{mode}/d/{n}": as_float(g) for n, g in zip(names, d)})
            if mode == "train":
                tensors.update({f"after/{n}": as_float(b) for n, b in network.named_buffers()
                                if b.is_floating_point()})
        formats.write_safetensors(HERE / "onnx" / f"{name}_training.safetensors", tensors,
                                  {"made_by": f"torch {torch.__version__}, double precision"})
        print(name, len(tensors), "tensors")


if __name__ == "__main__":
    main()
