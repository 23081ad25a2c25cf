"""What PyTorch makes of the golden weights in its own layout, and a state dict that it wrote itself."""

import argparse

import formats
import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

COUNT = 50  # images


class SimpleCnn(nn.Module):
    """The tutorial's network with PyTorch's own epsilon (1e-5), padded as Keras pads."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 32, 3, stride=2), nn.BatchNorm2d(32)
        self.conv2, self.bn2 = nn.Conv2d(32, 64, 3, stride=2), nn.BatchNorm2d(64)
        self.fc1, self.bn3 = nn.Linear(3136, 128), nn.BatchNorm1d(128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        pad = nn.functional.pad
        x = self.bn1(torch.relu(self.conv1(pad(x, (0, 1, 0, 1)))))
        x = self.bn2(torch.relu(self.conv2(pad(x, (0, 1, 0, 1)))))
        return self.fc2(self.bn3(torch.relu(self.fc1(torch.flatten(x, 1)))))


def torch_layout(keras):
    """Keras's tensors as a state dict: OIHW, [out, in], and rows of the first dense layer in C, H, W order."""
    names = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
    state = {}
    for key, value in keras.items():
        layer, word = key.split("/")
        value = value.astype(np.float64)
        if word == "kernel" and value.ndim == 4:
            value = value.transpose(3, 2, 0, 1)
        elif key == "dense1/kernel":
            value = value.reshape(7, 7, 64, 128).transpose(3, 2, 0, 1).reshape(128, 3136)
        elif word == "kernel":
            value = value.T
        name = layer.replace("dense", "fc") + "." + names.get(word, "weight" if word == "kernel" else word)
        state[name] = torch.from_numpy(np.ascontiguousarray(value))
    return state


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", required=True, help="folder of the sample's two IDX files")
    images, _, _ = formats.load_sample(parser.parse_args().sample)
    x = torch.from_numpy(images[:COUNT].transpose(0, 3, 1, 2).astype(np.float64))

    network = SimpleCnn().double().eval()
    missing = network.load_state_dict(torch_layout(formats.read_safetensors("keras_simple_cnn.safetensors")), strict=False)
    assert all(name.endswith("num_batches_tracked") for name in missing.missing_keys) and not missing.unexpected_keys

    torch.manual_seed(1)
    linear = nn.Sequential(nn.Flatten(), nn.Linear(784, 10)).eval()
    save_file(linear.state_dict(), formats.path("torch_linear.safetensors"))
    with torch.no_grad():
        np.save(formats.path("torch_logits.npy"), network(x).numpy().astype(np.float32))
        np.save(formats.path("torch_linear_logits.npy"), linear.double()(x).numpy().astype(np.float32))


if __name__ == "__main__":
    main()
