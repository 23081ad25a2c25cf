"""Makes preprocessing.json: what PyTorch says in double precision of a small network behind each way
of preprocessing: logits of images of pixels 0..1, and the gradient of these pixels for given
gradients of the logits.

    pip install -r requirements_onnx.txt && python make_preprocessing.py
"""

import json
import pathlib

import torch

HERE = pathlib.Path(__file__).resolve().parent
CLASSES, SIDE, COUNT = 3, 2, 3


def torch_mode(x):
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    return (x - mean.double()) / std.double()


def caffe_mode(x):
    return (255 * x).flip(-1) - torch.tensor([103.939, 116.779, 123.68]).double()


WAYS = {
    "none": (3, {"preprocess": "none"}, lambda x: x),
    "torch": (3, {"preprocess": "torch"}, torch_mode),
    "caffe": (3, {"preprocess": "caffe"}, caffe_mode),
    "tf": (3, {"preprocess": "tf"}, lambda x: 2 * x - 1),
    "one number for all": (3, {"mean": 0.498, "std": 0.502}, lambda x: (x - 0.498) / 0.502),
    "everything": (
        3,
        {"mean": [1, -2, 3], "std": [4, 0.5, 2], "input_range": [-3, 7], "channels": "bgr"},
        lambda x: ((10 * x - 3).flip(-1) - torch.tensor([1.0, -2, 3])) / torch.tensor([4, 0.5, 2]),
    ),
    "grey": (1, {"mean": [0.1307], "std": [0.3081]}, lambda x: (x - 0.1307) / 0.3081),
}


def main():
    generator = torch.Generator().manual_seed(5)
    cases = {}
    for name, (channels, notes, prepare) in WAYS.items():
        size = SIDE * SIDE * channels
        draw = lambda *shape: torch.rand(*shape, generator=generator, dtype=torch.float64)
        # Pixels of 8 bits and weights of few digits are the same numbers in single precision.
        images = (255 * draw(COUNT, SIDE, SIDE, channels)).round() / 255
        weights = (64 * draw(CLASSES, size) - 32).round() / 64
        d_logits = (64 * draw(COUNT, CLASSES) - 32).round() / 64
        images.requires_grad_()
        # The network: the square of a linear one, so that its gradient follows the image.
        logits = (prepare(images).reshape(COUNT, size) @ weights.T) ** 2
        logits.backward(d_logits)
        cases[name] = {
            "channels": channels,
            "notes": notes,
            "images": images.detach().reshape(COUNT, size).tolist(),
            "weights": weights.tolist(),
            "d_logits": d_logits.tolist(),
            "logits": logits.tolist(),
            "d_images": images.grad.reshape(COUNT, size).tolist(),
        }
    text = json.dumps({"torch": torch.__version__, "side": SIDE, "cases": cases})
    (HERE / "preprocessing.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
