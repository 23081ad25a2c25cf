"""Small networks in the manner of the well-known ones, and those of onnx_operators.py: all of images
of 3 x 24 x 24, with 7 classes. NETWORKS lists them for make_onnx_networks.py.
"""

import torch
from torch import nn
from torch.nn import functional as F

from onnx_operators import Expressions, KerasLike, Operators
from onnx_parts import CLASSES, Head, conv, conv_bn


class Bottleneck(nn.Module):
    def __init__(self, inputs, middle, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            conv_bn(inputs, middle, 1),
            conv_bn(middle, middle, 3, padding=1, stride=stride),
            conv_bn(middle, outputs, 1, nn.Identity),
        )
        self.short = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.short = conv_bn(inputs, outputs, 1, nn.Identity, stride=stride)

    def forward(self, x):
        return F.relu(self.body(x) + self.short(x))


def resnet():
    return nn.Sequential(
        conv_bn(3, 12, 7, padding=3, stride=2),
        nn.MaxPool2d(3, 2, 1),
        Bottleneck(12, 8, 24, 1),
        Bottleneck(24, 8, 24, 1),
        Bottleneck(24, 16, 40, 2),
        Head(40),
    )


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, kernel=3, activation=nn.ReLU6, squeeze=False):
        super().__init__()
        middle = inputs * 3
        padding = kernel // 2
        self.expand = conv_bn(inputs, middle, 1, activation)
        self.depthwise = conv_bn(
            middle, middle, kernel, activation, padding=padding, stride=stride, groups=middle
        )
        self.squeeze = None
        if squeeze:
            self.squeeze = nn.Sequential(
                nn.AdaptiveAvgPool2d(1), conv(middle, 6, 1, bias=True), nn.ReLU(),
                conv(6, middle, 1, bias=True), nn.Hardsigmoid(),
            )
        self.project = conv_bn(middle, outputs, 1, nn.Identity)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.depthwise(self.expand(x))
        if self.squeeze is not None:
            y = y * self.squeeze(y)
        y = self.project(y)
        return x + y if self.adds else y


def mobilenet_v2():
    return nn.Sequential(
        conv_bn(3, 10, 3, nn.ReLU6, padding=1, stride=2),
        InvertedResidual(10, 10, 1),
        InvertedResidual(10, 18, 2),
        InvertedResidual(18, 18, 1),
        conv_bn(18, 40, 1, nn.ReLU6),
        Head(40),
    )


def mobilenet_v3():
    return nn.Sequential(
        conv_bn(3, 10, 3, nn.Hardswish, padding=1, stride=2),
        InvertedResidual(10, 10, 1, 5, nn.Hardswish, True),
        InvertedResidual(10, 18, 2, 5, nn.ReLU, True),
        InvertedResidual(18, 18, 1, 3, nn.Hardswish, False),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(18, 30),
        nn.Hardswish(),
        nn.Dropout(),
        nn.Linear(30, CLASSES),
    )


class Branches(nn.Module):
    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


def inception():
    return nn.Sequential(
        conv_bn(3, 12, 3),
        nn.MaxPool2d(3, 2),
        Branches(
            conv_bn(12, 6, 1),
            nn.Sequential(
                conv_bn(12, 8, (1, 7), padding=(0, 3)), conv_bn(8, 10, (7, 1), padding=(3, 0))
            ),
            nn.Sequential(nn.AvgPool2d(3, 1, 1), conv_bn(12, 5, 1)),
        ),
        Branches(conv_bn(21, 9, 3, stride=2), nn.MaxPool2d(3, 2)),
        nn.AvgPool2d(2, 2, 1, count_include_pad=False),
        Head(30),
    )


class Fire(nn.Module):
    def __init__(self, inputs, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Sequential(conv(inputs, squeeze, 1, bias=True), nn.ReLU())
        self.expand = Branches(
            nn.Sequential(conv(squeeze, expand, 1, bias=True), nn.ReLU()),
            nn.Sequential(conv(squeeze, expand, 3, bias=True, padding=1), nn.ReLU()),
        )

    def forward(self, x):
        return self.expand(self.squeeze(x))


def squeezenet():
    return nn.Sequential(
        conv(3, 16, 3, bias=True, stride=2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        Fire(16, 6, 12),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        Fire(24, 6, 12),
        nn.Dropout(),
        conv(24, CLASSES, 1, bias=True),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )


def mlp():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(3 * 24 * 24, 20), nn.Tanh(), nn.Linear(20, 20), nn.Sigmoid(),
        nn.Linear(20, 20), nn.LeakyReLU(0.2), nn.Linear(20, 20), nn.ELU(0.7), nn.Linear(20, CLASSES),
    )


class Dense(nn.Module):
    def __init__(self, inputs, growth):
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm2d(inputs), nn.ReLU(), conv(inputs, 12, 1),
            nn.BatchNorm2d(12), nn.ReLU(), conv(12, growth, 3, padding=1),
        )

    def forward(self, x):
        return torch.cat([x, self.body(x)], 1)


def densenet():
    return nn.Sequential(
        conv(3, 12, 3, padding=1, stride=2), Dense(12, 6), Dense(18, 6), nn.BatchNorm2d(24),
        nn.SiLU(), conv(24, 12, 1), nn.AvgPool2d(2), Dense(12, 6), nn.BatchNorm2d(18), nn.ReLU(),
        Head(18),
    )


class Shuffle(nn.Module):
    def forward(self, x):
        n, c, h, w = x.shape
        return x.reshape(n, 3, c // 3, h, w).transpose(1, 2).reshape(n, c, h, w)


def shufflenet():
    return nn.Sequential(
        conv_bn(3, 12, 3, padding=1, stride=2), conv_bn(12, 24, 1, groups=3), Shuffle(),
        conv_bn(24, 24, 3, padding=2, dilation=2, groups=24), conv_bn(24, 30, 3, groups=3),
        nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(30, CLASSES),
    )


class Squeeze(nn.Module):
    """EfficientNet's: as MobileNetV3's, of other functions."""

    def __init__(self, channels):
        super().__init__()
        self.down, self.up = conv(channels, 4, 1, bias=True), conv(4, channels, 1, bias=True)

    def forward(self, x):
        return x * torch.sigmoid(self.up(F.silu(self.down(x.mean((2, 3), keepdim=True)))))


def efficientnet():
    def block(inputs, outputs, kernel, stride):
        middle = inputs * 3
        return nn.Sequential(
            conv_bn(inputs, middle, 1, nn.SiLU),
            conv_bn(middle, middle, kernel, nn.SiLU, padding=kernel // 2, stride=stride,
                    groups=middle),
            Squeeze(middle), conv_bn(middle, outputs, 1, nn.Identity),
        )
    return nn.Sequential(
        conv_bn(3, 8, 3, nn.SiLU, padding=1, stride=2), block(8, 12, 3, 1), block(12, 16, 5, 2),
        conv_bn(16, 32, 1, nn.SiLU), Head(32),
    )


class Block(nn.Module):
    """Of a transformer: attention of three heads, and two layers with a GELU. PyTorch's own
    attention makes one axis of the batch and the heads."""

    def __init__(self, width, approximate):
        super().__init__()
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        if approximate == "tanh":
            self.own = nn.MultiheadAttention(width, 3, batch_first=True)
        else:
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(approximate), nn.Linear(2 * width, width)
        )

    def attention(self, x):
        n, t, c = x.shape
        if hasattr(self, "own"):
            return self.own(x, x, x, need_weights=False)[0]
        qkv = self.qkv(x).reshape(n, t, 3, 3, c // 3).permute(2, 0, 3, 1, 4)
        shares = torch.softmax(qkv[0] @ qkv[1].transpose(-2, -1) * (c // 3) ** -0.5, -1)
        return self.out((shares @ qkv[2]).transpose(1, 2).reshape(n, t, c))

    def forward(self, x):
        x = x + self.attention(self.first(x))
        return x + self.mlp(self.second(x))


class VisionTransformer(nn.Module):
    def __init__(self, width=24):
        super().__init__()
        self.patches = conv(3, width, 6, bias=True, stride=6)
        self.token = nn.Parameter(torch.randn(1, 1, width))
        self.places = nn.Parameter(torch.randn(1, 17, width) * 0.3)
        self.blocks = nn.Sequential(Block(width, "none"), Block(width, "tanh"))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.places
        return self.head(self.norm(self.blocks(x))[:, 0])


class Hourglass(nn.Module):
    """Transposed convolutions, and normalisations that look at the image."""

    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(
            conv(3, 8, 3, padding=1, stride=2), nn.InstanceNorm2d(8, affine=True), nn.PReLU(8)
        )
        self.up = nn.Sequential(
            nn.ConvTranspose2d(8, 6, 3, stride=2, padding=1, output_padding=1, groups=2),
            nn.GroupNorm(3, 6), nn.PReLU(),
            nn.ConvTranspose2d(6, 6, (2, 3), stride=(1, 2), dilation=2, bias=False, groups=6),
            nn.MaxPool2d(4), nn.LayerNorm((6, 6, 12)),
            nn.ConvTranspose2d(6, 9, 2, stride=3), nn.Mish(),
        )
        self.head = Head(9)

    def forward(self, x):
        return F.log_softmax(self.head(self.up(self.down(x))), 1)


NETWORKS = {  # name: network, exporter, opset
    "resnet": (resnet, "torchscript", 13),
    "mobilenet_v2": (mobilenet_v2, "dynamo", 18),
    "mobilenet_v3": (mobilenet_v3, "torchscript", 17),
    "inception": (inception, "torchscript", 11),
    "squeezenet": (squeezenet, "dynamo", 20),
    "mlp": (mlp, "torchscript", 9),
    "densenet": (densenet, "torchscript", 15),
    "shufflenet": (shufflenet, "torchscript", 13),
    "keras_like": (KerasLike, "torchscript", 13),
    "operators": (Operators, "torchscript", 13),
    "efficientnet": (efficientnet, "dynamo", 21),
    "vit": (VisionTransformer, "dynamo", 20),
    "hourglass": (Hourglass, "dynamo", 21),
    "expressions": (Expressions, "torchscript", 16),
}
