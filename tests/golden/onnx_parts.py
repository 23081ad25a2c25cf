"""What the networks of onnx_networks.py and onnx_operators.py have in common."""

from torch import nn

CLASSES = 7


def conv(inputs, outputs, kernel=3, bias=False, **more):
    return nn.Conv2d(inputs, outputs, kernel, bias=bias, **more)


def conv_bn(inputs, outputs, kernel=3, activation=nn.ReLU, **more):
    return nn.Sequential(conv(inputs, outputs, kernel, **more), nn.BatchNorm2d(outputs), activation())


class Head(nn.Sequential):
    def __init__(self, channels):
        super().__init__(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES))
