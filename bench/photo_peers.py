"""Our attacks on EfficientNet-Lite0 beside PyTorch's and foolbox's: the same weights, photographs and
settings. A table on stdout. ./run photo must have been run.

    pip install -r requirements.txt -r ../tests/golden/requirements_onnx.txt
    pip install --no-deps efficientnet-lite-pytorch==0.1.0
    python photo_peers.py --inoculate ../build/native/inoculate ../build/photo/*.png ../build/photo/*.jpg
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import foolbox
import numpy as np
import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests" / "golden"))
from make_photo_attacks import PHOTO, image_of, network  # noqa: E402


class Network(torch.nn.Module):
    """The network with its preprocessing: foolbox wants a module."""

    def __init__(self, dtype):
        super().__init__()
        self.forward = network(dtype)


def theirs(model, pixels, labels, method, epsilon):
    if method == "fgsm":
        attack = foolbox.attacks.LinfFastGradientAttack()
    else:
        attack = foolbox.attacks.LinfPGD(steps=10, abs_stepsize=epsilon / 4, random_start=False)
    begin = time.perf_counter()
    peer = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")
    _, adversaries, _ = attack(peer, pixels, labels, epsilons=epsilon)
    return adversaries, time.perf_counter() - begin


def ours(options, folder, method, level):
    arguments = ["--model", str(PHOTO / "efficientnet_lite0.onnx"), "--epsilon", f"{level}/255"]
    arguments += ["--images", str(folder / "images.npy"), "--labels", str(folder / "labels.txt")]
    arguments += ["--out", str(folder / "out.npy"), "--threads", str(options.threads), "--json"]
    if method == "pgd":
        arguments += ["--steps", "10", "--step-size", f"{level / 255 / 4:.9f}", "--no-random-start"]
    command = [options.inoculate, "attack", method, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    adversaries = torch.tensor(np.load(folder / "out.npy").transpose(0, 3, 1, 2))
    return adversaries, json.loads(done.stdout)["seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inoculate", required=True, metavar="FILE", help="our command")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--single", action="store_true",
                        help="the peers in single precision, as they are used")
    parser.add_argument("photographs", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    dtype = torch.float32 if options.single else torch.float64

    judge, model = network(dtype), Network(dtype).eval()
    pixels = torch.cat([image_of(path) for path in options.photographs]).to(dtype)
    with torch.no_grad():
        labels = judge(pixels).argmax(1)  # what is read right is what is read

    def robust(adversaries):
        with torch.no_grad():
            return 100 * (judge(adversaries.to(dtype)).argmax(1) == labels).double().mean().item()

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        levels = (255 * pixels).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous()
        np.save(folder / "images.npy", levels.numpy())
        (folder / "labels.txt").write_text("\n".join(str(int(label)) for label in labels))
        print(f"{len(labels)} photographs, {options.threads} threads")
        print(f"{'':16}{'robust accuracy, %':>20}{'equal pixels':>15}{'seconds':>16}")
        print(f"{'':16}{'ours':>10}{'theirs':>10}{'':15}{'ours':>8}{'theirs':>8}")
        for method in ["fgsm", "pgd"]:
            for level in [1, 4]:
                a, our_time = ours(options, folder, method, level)
                b, their_time = theirs(model, pixels, labels, method, level / 255)
                # A pixel is its three channels.
                equal = ((a.double() - b.double()).abs() <= 1e-5).all(1).double().mean().item()
                print(f"{method + f' {level}/255':16}{robust(a):10.2f}{robust(b):10.2f}"
                      f"{100 * equal:14.2f}%{our_time:8.2f}{their_time:8.2f}", flush=True)


if __name__ == "__main__":
    main()
