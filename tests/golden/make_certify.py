"""certify/: three small networks, and what auto_LiRPA says no perturbation can push their logits beyond.

    python -m venv lirpa && lirpa/bin/pip install --no-deps -r requirements_certify.txt
    lirpa/bin/python make_certify.py

auto_LiRPA 0.3 names an older PyTorch, hence --no-deps; three functions that newer ones no longer have,
or have otherwise, are put back below. Everything is computed in double precision.
"""

import warnings

warnings.filterwarnings("ignore")

import numpy as np
import onnx
import torch
import torch.onnx.symbolic_helper
from safetensors.numpy import save_file
from torch import nn

torch.onnx.symbolic_helper._set_opset_version = lambda version: None
torch._C.Node.__getitem__ = lambda node, key: getattr(node, node.kindOf(key))(key)

from auto_LiRPA import BoundedModule, BoundedTensor  # noqa: E402
from auto_LiRPA.perturbations import PerturbationLpNorm  # noqa: E402

# What newer PyTorch asks with one argument more.
_named_members = BoundedModule._named_members
BoundedModule._named_members = lambda self, members, prefix="", recurse=True, **_: _named_members(
    self, members, prefix, recurse)


class Plain(nn.Module):
    """In the manner of SimpleCNN: strided convolutions, rectifier and then batch normalisation."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 6, 3, 2, 1), nn.ReLU(), nn.BatchNorm2d(6),
            nn.Conv2d(6, 8, 3, 2, 1), nn.ReLU(), nn.BatchNorm2d(8),
            nn.Flatten(), nn.Linear(72, 16), nn.ReLU(), nn.BatchNorm1d(16), nn.Linear(16, 5))

    def forward(self, x):
        return self.layers(x)


class Mixed(nn.Module):
    """A residual, a concatenation and averages, at four depths of rectifiers."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 6, 3, 1, 1)
        self.a = nn.Conv2d(6, 6, 3, 1, 1)
        self.norm = nn.BatchNorm2d(6)
        self.b = nn.Conv2d(6, 6, 3, 1, 1)
        self.left = nn.Conv2d(6, 4, 1)
        self.right = nn.Conv2d(6, 4, 3, 1, 1, dilation=1)
        self.pool = nn.AvgPool2d(2, 2)
        self.last = nn.Conv2d(8, 6, 3, 2, 1)
        self.hidden = nn.Linear(6 * 3 * 3, 20)
        self.logits = nn.Linear(20, 5)

    def forward(self, x):
        x = torch.relu(self.stem(x))
        x = torch.relu(self.b(torch.relu(self.norm(self.a(x)))) + x)
        x = torch.relu(torch.cat([self.left(x), self.right(x)], dim=1))
        x = torch.flatten(self.last(self.pool(x)), 1)
        return self.logits(torch.relu(self.hidden(x)))


class Perceptron(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(144, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(),
            nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 5))

    def forward(self, x):
        return self.layers(x)


def settle(network):
    """Moving statistics and scales as if it had been trained; weights that single precision has."""
    for module in network.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            for tensor, around in ((module.weight, 1.0), (module.bias, 0.0),
                                   (module.running_mean, 0.0), (module.running_var, 1.0)):
                tensor.data.copy_(around + 0.4 * (2 * torch.rand_like(tensor) - 1))
    return network.float().double().eval()


def main():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(19)
    epsilon = 0.02
    for name, make, dynamo in (("plain", Plain, False), ("mixed", Mixed, False),
                               ("perceptron", Perceptron, True)):
        network = settle(make())
        images = (0.2 + 0.6 * torch.rand(3, 1, 12, 12)).double()  # far from the ends of the range
        answers = {"images": images.permute(0, 2, 3, 1).reshape(3, -1),
                   "epsilon": torch.tensor([epsilon], dtype=torch.float64),
                   "logits": network(images)}
        bounded = BoundedModule(network, torch.zeros_like(images),
                                bound_opts={"conv_mode": "matrix"}, verbose=False)
        for norm, words in ((np.inf, "linf"), (2, "l2")):
            size = epsilon if words == "linf" else 10 * epsilon
            ball = BoundedTensor(images, PerturbationLpNorm(norm=norm, eps=size))
            for method in ("IBP", "CROWN-IBP", "CROWN"):
                if words == "l2" and method != "CROWN":
                    continue
                low, high = bounded.compute_bounds(x=(ball,), method=method)
                answers[f"{words}/{method.lower()}/low"] = low
                answers[f"{words}/{method.lower()}/high"] = high
        arrays = {key: np.ascontiguousarray(value.detach().numpy().astype(np.float32))
                  for key, value in answers.items()}
        save_file(arrays, f"certify/{name}.safetensors", {"torch": torch.__version__})
        torch.onnx.export(network.float(), (images.float(),), f"certify/{name}.onnx",
                          input_names=["image"], output_names=["logits"], dynamo=dynamo,
                          external_data=False,
                          dynamic_axes=None if dynamo else {"image": {0: "n"}},
                          dynamic_shapes=({0: "n"},) if dynamo else None)
        model = onnx.load(f"certify/{name}.onnx")
        for node in model.graph.node:  # what debuggers read: names of files on this machine
            node.doc_string = ""
            del node.metadata_props[:]
        onnx.save(model, f"certify/{name}.onnx")
        print(name, {key: value.shape for key, value in arrays.items()})


if __name__ == "__main__":
    main()
