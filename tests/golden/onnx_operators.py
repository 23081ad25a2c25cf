"""Small networks of operators that the well-known ones of onnx_networks.py lack."""

import torch
from torch import nn
from torch.nn import functional as F

from onnx_parts import CLASSES, conv


class LocalResponse(torch.autograd.Function):
    """Exported as the operator LRN, which the exporter itself takes to pieces."""

    @staticmethod
    def forward(context, x):
        return F.local_response_norm(x, 5, 0.5, 0.75, 2.0)

    @staticmethod
    def symbolic(graph, x):
        return graph.op("LRN", x, size_i=5, alpha_f=0.5, beta_f=0.75, bias_f=2.0)


class Normalised(nn.Module):
    def forward(self, x):
        if torch.onnx.is_in_onnx_export():
            return LocalResponse.apply(x)
        return F.local_response_norm(x, 5, 0.5, 0.75, 2.0)


class Same(torch.autograd.Function):
    """A convolution of stride 2 whose padding the file leaves to the reader."""

    @staticmethod
    def forward(context, x, kernel, bias, upper):
        return same_conv(x, kernel, bias, upper)

    @staticmethod
    def symbolic(graph, x, kernel, bias, upper):
        side = "SAME_UPPER" if upper else "SAME_LOWER"
        return graph.op("Conv", x, kernel, bias, auto_pad_s=side, strides_i=[2, 2])


def same_conv(x, kernel, bias, upper):
    pads = []
    for axis in (3, 2):
        size, reach = x.shape[axis], kernel.shape[axis]
        pad = max(0, (-(-size // 2) - 1) * 2 + reach - size)
        pads += [pad // 2, pad - pad // 2] if upper else [pad - pad // 2, pad // 2]
    return F.conv2d(F.pad(x, pads), kernel, bias, 2)


class SameConv(nn.Conv2d):
    def __init__(self, inputs, outputs, kernel, upper):
        super().__init__(inputs, outputs, kernel)
        self.upper = upper

    def forward(self, x):
        run = Same.apply if torch.onnx.is_in_onnx_export() else same_conv
        return run(x, self.weight, self.bias, self.upper)


class Operators(nn.Module):
    """What the others lack."""

    def __init__(self):
        super().__init__()
        self.first = SameConv(3, 9, (3, 4), True)
        self.second = SameConv(9, 8, (4, 3), False)
        self.register_buffer("grid", torch.rand(8, 6, 6))
        self.last = nn.Linear(3 * 8 + 7, CLASSES)

    def forward(self, x):
        x = F.selu(self.first(x))
        x = F.softplus(self.second(x)) - self.grid
        shares = torch.softmax(x, 1) * x / (x * x + 1.5)
        maxima = F.adaptive_max_pool2d(x, 1).squeeze(3).squeeze(2)
        sums = shares.sum((2, 3)).unsqueeze(2).squeeze(2)
        decays = torch.exp(0.1 - x.mean((2, 3)).clamp(min=0.2))
        rows = F.pad(x.mean((1, 3)), (1, 0), value=0.3)
        return self.last(torch.cat([maxima, sums, decays, rows], 1))


class Expressions(nn.Module):
    """Arithmetic of values, and parts of them."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(conv(3, 8, 3, bias=True, stride=2), Normalised())
        self.register_buffer("left", torch.rand(5, 11))
        self.register_buffer("right", torch.rand(8, 11, 3))
        self.last = nn.Linear(85, CLASSES)

    def forward(self, x):
        x = self.first(x)  # [N, 8, 11, 11]
        a, b, c = x.split([3, 3, 2], 1)
        low, high = torch.minimum(a, b), torch.maximum(a, 0.3 * b)
        chosen = torch.where(low + high > 0.2, low.abs().sqrt(), -high) * (b < 0.5)
        products = (self.left @ torch.tanh(x)) @ self.right  # [N, 8, 5, 3]
        pairs = c.transpose(2, 3) @ c[:, :1] / 11  # [N, 2, 11, 11]
        logs = (x.pow(2).mean(1, keepdim=True) + 0.1).log()
        some = (x[:, [5, 0, 7]].pow(3) + logs)[:, :, 1:-1:3, 2:]
        padded = F.pad(x[:, :, 4:6], (2, 1, 1, 1), mode="reflect")
        padded = F.pad(padded, (1, -3, 0, 0), mode="replicate")
        inverse = 1 / (2 + x[:, 3, 5].abs())
        return self.last(torch.cat([
            chosen.mean((2, 3)), products.flatten(1)[:, ::4], pairs.amax(2).flatten(1),
            some.sum(3).flatten(1), torch.erf(padded.amin((1, 2))), inverse[:, 2:],
        ], 1))


class KerasLike(nn.Module):
    """Takes [N, H, W, C], pads on the far side alone, flattens in H, W, C order, ends in softmax."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.rand(1, 1, 1, 3))
        self.first = conv(3, 8, 3, bias=True, stride=2)
        self.second = conv(8, 10, 3, bias=True, stride=2)
        self.kernel = nn.Parameter(torch.randn(6 * 6 * 10, 16) * 0.1)
        self.bias = nn.Parameter(torch.randn(16) * 0.1)
        self.last = nn.Parameter(torch.randn(16, CLASSES) * 0.3)

    def logits(self, x):
        x = ((x - self.mean) / 0.3).permute(0, 3, 1, 2)
        x = torch.clamp(self.first(F.pad(x, (0, 1, 0, 1))), -0.5, 3.0)
        x = self.second(F.pad(x, (0, 1, 0, 1)))
        x = x * torch.sigmoid(x.mean((2, 3), keepdim=True))
        x = x.permute(0, 2, 3, 1).reshape(x.shape[0], -1)
        return F.relu(x @ self.kernel + self.bias) @ self.last

    def forward(self, x):
        return torch.softmax(self.logits(x), -1)
