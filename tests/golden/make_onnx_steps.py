"""Makes onnx/steps.onnx, a small network that uses one convolution twice and normalises batches,
and what PyTorch makes of it in double precision by two steps of Adam (onnx/steps.safetensors):
images, labels, the tensors of the file afterwards, and the logits then, of the first images, in
inference mode.

    venv/bin/python make_onnx_steps.py        # as make_onnx_networks.py
"""

import pathlib

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional as F

import formats
from make_onnx_networks import export, randomise

HERE = pathlib.Path(__file__).resolve().parent
BATCH, CLASSES, RATE = 12, 5, 0.01


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(2, 4, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.again = nn.Conv2d(4, 4, 3, padding=1)
        self.scores = nn.Linear(4 * 5 * 5, CLASSES)

    def forward(self, x):
        x = F.relu(self.norm(self.first(x)))
        x = F.relu(self.again(x))
        x = F.max_pool2d(F.relu(self.again(x)), 2)
        return self.scores(torch.flatten(x, 1))


def adam(parameters, moments, step):
    """Kingma & Ba 2015, section 2, with Keras's settings: epsilon beside the uncorrected root."""
    rate = RATE * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
    with torch.no_grad():
        for p, (m, v) in zip(parameters, moments):
            m.mul_(0.9).add_(0.1 * p.grad)
            v.mul_(0.999).add_(0.001 * p.grad**2)
            p -= rate * m / (v.sqrt() + 1e-7)
            p.grad = None


def main():
    torch.manual_seed(5)
    network = Network().eval()
    randomise(network)
    nhwc = torch.rand(2 * BATCH, 10, 10, 2)
    labels = torch.randint(0, CLASSES, (2 * BATCH,))
    images = nhwc.permute(0, 3, 1, 2).contiguous()
    file = export(network, images[:2], "torchscript", 17)
    (HERE / "onnx/steps.onnx").write_bytes(file)

    exact = network.double().train()
    parameters = list(exact.parameters())
    moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in parameters]
    for step in (1, 2):
        batch = slice((step - 1) * BATCH, step * BATCH)
        F.cross_entropy(exact(images[batch].double()), labels[batch]).backward()
        adam(parameters, moments, step)
    logits = exact.eval()(images.double())

    state = exact.state_dict()
    tensors = {"images": nhwc, "labels": labels, "logits": logits}
    for tensor in onnx.load_from_string(file).graph.initializer:
        after = state[tensor.name]
        assert list(after.shape) == list(tensor.dims) and after.is_floating_point()
        tensors[f"after/{tensor.name}"] = after
    moved = max(
        np.abs(state[t.name].numpy() - numpy_helper.to_array(t)).max()
        for t in onnx.load_from_string(file).graph.initializer
    )
    print(f"{len(file)} bytes, tensors {list(tensors)}, moved by up to {moved:.3f}")
    formats.write_safetensors(
        HERE / "onnx/steps.safetensors",
        {k: np.ascontiguousarray(v.detach().numpy().astype("<f4")) for k, v in tensors.items()},
        {"made_by": f"torch {torch.__version__}, double precision"},
    )


if __name__ == "__main__":
    main()
