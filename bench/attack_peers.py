"""Our attacks beside foolbox 3 and torchattacks: the same weights, images, settings. A table on stdout.

    pip install foolbox torchattacks
    python attack_peers.py --data DIR --model M.safetensors --inoculate ../build/native/inoculate
"""

import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np
import peer_common as common
import torch
from torch import nn


def read_safetensors(path):
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(size)), file.read()
    types = {"F32": np.float32, "F16": np.float16}
    return {
        name: np.frombuffer(data[slice(*t["data_offsets"])], types[t["dtype"]]).astype(np.float32).reshape(t["shape"])
        for name, t in header.items()
        if name != "__metadata__"
    }


QUERIES = "QUERIES"


class SimpleCnn(nn.Module):
    """Keras's SimpleCNN on [N,1,28,28]: stride 2 on an even size pads nothing before and 1 after."""

    def __init__(self, weights):
        super().__init__()
        self.conv = nn.ModuleList([nn.Conv2d(1, 32, 3, stride=2), nn.Conv2d(32, 64, 3, stride=2)])
        self.dense = nn.ModuleList([nn.Linear(3136, 128), nn.Linear(128, 10)])
        self.norm = nn.ModuleList([nn.BatchNorm2d(32, eps=1e-3), nn.BatchNorm2d(64, eps=1e-3), nn.BatchNorm1d(128, eps=1e-3)])
        put = lambda parameter, value: parameter.data.copy_(torch.from_numpy(value.copy()))
        for i in (0, 1):
            put(self.conv[i].weight, weights[f"conv{i + 1}/kernel"].transpose(3, 2, 0, 1))
            put(self.conv[i].bias, weights[f"conv{i + 1}/bias"])
            put(self.dense[i].weight, weights[f"dense{i + 1}/kernel"].T)
            put(self.dense[i].bias, weights[f"dense{i + 1}/bias"])
        for i in range(3):
            for ours, theirs in (("gamma", "weight"), ("beta", "bias"), ("moving_mean", "running_mean"), ("moving_variance", "running_var")):
                put(getattr(self.norm[i], theirs), weights[f"bn{i + 1}/{ours}"])
        self.requires_grad_(False).eval()

    def forward(self, x):
        for conv, norm in zip(self.conv, self.norm):
            x = norm(torch.relu(conv(nn.functional.pad(x, (0, 1, 0, 1)))))
        x = x.permute(0, 2, 3, 1).flatten(1)  # H, W, C order, as in Keras
        return self.dense[1](self.norm[2](torch.relu(self.dense[0](x))))


def read_npy_adversaries(path):
    return torch.from_numpy(np.load(path)).permute(0, 3, 1, 2).to(torch.get_default_dtype())


def foolbox_attack(make, epsilon):
    def run(network, x, y):
        import foolbox

        model = foolbox.PyTorchModel(network, bounds=(0, 1))
        raw, clipped, _ = make(foolbox.attacks)(model, x, y, epsilons=epsilon)
        return clipped if epsilon is not None else raw

    return run


def torch_attack(make):
    def run(network, x, y):
        import torchattacks

        return make(torchattacks, network)(x, y)

    return run


class CountedQueries(nn.Module):
    """A network that counts the images it is asked about."""

    def __init__(self, network):
        super().__init__()
        self.network, self.asked = network, 0

    def forward(self, x):
        self.asked += len(x)
        return self.network(x)


def distance(change, norm):
    """Of changes [N, values], each its size in a norm."""
    if norm == "l0":
        return (change.abs() > 1e-6).sum(1).double()
    return change.abs().amax(1) if norm == "linf" else change.norm(p=int(norm[1]), dim=1)


def cases(epsilon, l2_epsilon):
    """Name, in which the norm is; arguments of ours; the peer; and of slow ones on how many images. Where ours is told
    QUERIES, it has as many an image as the peer took."""
    e, r = str(epsilon), str(l2_epsilon)
    fb = foolbox_attack
    yield "fgsm linf", ["fgsm", "--epsilon", e], fb(lambda a: a.LinfFastGradientAttack(), epsilon)
    yield "fgsm l2", ["fgsm", "--norm", "l2", "--epsilon", r], fb(lambda a: a.L2FastGradientAttack(), l2_epsilon)
    yield "bim linf, 3 steps", ["bim", "--epsilon", e, "--steps", "3"], fb(lambda a: a.LinfBasicIterativeAttack(steps=3), epsilon)
    yield "bim linf", ["bim", "--epsilon", e], fb(lambda a: a.LinfBasicIterativeAttack(), epsilon)
    yield "bim l2", ["bim", "--norm", "l2", "--epsilon", r], fb(lambda a: a.L2BasicIterativeAttack(), l2_epsilon)
    yield "pgd linf", ["pgd", "--no-random-start", "--epsilon", e], fb(lambda a: a.LinfPGD(random_start=False), epsilon)
    yield "pgd l2", ["pgd", "--no-random-start", "--norm", "l2", "--epsilon", r], fb(lambda a: a.L2PGD(random_start=False), l2_epsilon)
    yield "pgd linf, random start", ["pgd", "--epsilon", e], fb(lambda a: a.LinfPGD(), epsilon)
    yield "momentum linf", ["momentum", "--epsilon", e, "--step-size", str(epsilon / 4)], torch_attack(
        lambda a, m: a.MIFGSM(m, eps=epsilon, alpha=epsilon / 4, steps=10))
    yield "deepfool linf", ["deepfool", "--epsilon", e], fb(lambda a: a.LinfDeepFoolAttack(), epsilon)
    yield "deepfool linf, nearest", ["deepfool"], fb(lambda a: a.LinfDeepFoolAttack(), None)
    yield "deepfool l2, nearest", ["deepfool", "--norm", "l2"], fb(lambda a: a.L2DeepFoolAttack(), None)
    yield "cw l2, 200 steps", ["cw", "--steps", "200"], fb(lambda a: a.L2CarliniWagnerAttack(steps=200), None)
    yield "apgd-ce linf, 20 steps", ["apgd-ce", "--epsilon", e, "--steps", "20"], torch_attack(
        lambda a, m: a.APGD(m, eps=epsilon, steps=20, loss="ce"))
    yield "apgd-t linf, 20 steps", ["apgd-t", "--epsilon", e, "--steps", "20"], torch_attack(
        lambda a, m: a.APGDT(m, eps=epsilon, steps=20))
    yield "square linf, 1000 queries", ["square", "--epsilon", e, "--queries", "1000"], torch_attack(
        lambda a, m: a.Square(m, eps=epsilon, n_queries=1000))
    yield "ddn l2, 100 steps", ["ddn", "--steps", "100"], fb(lambda a: a.DDNAttack(steps=100), None)
    for norm, name in (("linf", "LInf"), ("l2", "L2"), ("l1", "L1"), ("l0", "L0")):
        yield f"fmn {norm}, 100 steps", ["fmn", "--norm", norm, "--steps", "100"], fb(
            lambda a, name=name: getattr(a, f"{name}FMNAttack")(steps=100), None)
    for rule, ours in (("EN", "ead"), ("L1", "ead-l1")):
        yield f"{ours}, l1, 200 steps", [ours, "--steps", "200"], fb(
            lambda a, rule=rule: a.EADAttack(steps=200, decision_rule=rule), None), 100
    for norm in ("l2", "linf"):
        yield f"hop-skip-jump {norm}", ["hop-skip-jump", "--norm", norm, "--queries", QUERIES], fb(
            lambda a, norm=norm: a.HopSkipJumpAttack(steps=20, constraint=norm), None), 20
    yield "boundary l2", ["boundary", "--queries", QUERIES], fb(lambda a: a.BoundaryAttack(steps=5000), None), 20
    for pixels in (1, 5):
        yield f"few-pixels l0, {pixels} pixels", ["few-pixels", "--pixels", str(pixels), "--queries", QUERIES], torch_attack(
            lambda a, m, pixels=pixels: a.OnePixel(m, pixels=pixels, steps=20, popsize=100)), 50
    yield "spatial", ["spatial"], fb(lambda a: a.SpatialAttack(), None)
    yield "uniform noise linf", ["uniform-noise", "--epsilon", e], fb(lambda a: a.LinfRepeatedAdditiveUniformNoiseAttack(), epsilon)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, metavar="DIR", help="folder with MNIST's IDX files, raw or .gz")
    parser.add_argument("--model", required=True, metavar="FILE", help="weights of a SimpleCNN")
    parser.add_argument("--inoculate", required=True, metavar="FILE", help="our command")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--epsilon", type=float, default=0.1)
    parser.add_argument("--l2-epsilon", type=float, default=1.5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--single", action="store_true", help="the peers in single precision, as they are used (see README.md)")
    parser.add_argument("--only", default="", help="only the attacks whose name contains this")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)

    _, _, images, labels = common.load_mnist(options.data)
    x = torch.from_numpy(images[: options.count]).permute(0, 3, 1, 2).contiguous()
    y = torch.from_numpy(labels[: options.count])
    network = SimpleCnn(read_safetensors(options.model))
    if not options.single:
        torch.set_default_dtype(torch.float64)
        network, x = network.double(), x.double()

    def measure(adversaries, norm):
        n = len(adversaries)
        right = (network(adversaries).argmax(1) == y[:n]).float().mean().item()
        return 100 * right, distance((adversaries - x[:n]).flatten(1), norm).median().item()

    print(f"clean accuracy {measure(x, 'linf')[0]:.2f} %, {options.count} images")
    print(f"{'':28}{'robust accuracy, %':>22}{'median distance':>20}{'equal':>9}{'seconds':>18}")
    print(f"{'':28}{'ours':>11}{'theirs':>11}{'ours':>10}{'theirs':>10}{'pixels':>9}{'ours':>9}{'theirs':>9}")
    for name, arguments, peer, *most in cases(options.epsilon, options.l2_epsilon):
        if options.only not in name:
            continue
        count = min(options.count, *most) if most else options.count
        counted = CountedQueries(network).eval()
        start = time.perf_counter()
        theirs = peer(counted, x[:count], y[:count])
        their_seconds = time.perf_counter() - start
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "adversaries.npy")
            arguments = [str(counted.asked // count) if a is QUERIES else a for a in arguments]
            command = [options.inoculate, "attack", *arguments, "--model", options.model, "--data", options.data]
            command += ["--count", str(count), "--out", out, "--json", "--threads", str(options.threads)]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            if done.returncode != 0:
                sys.exit(f"{name}: {done.stderr.strip().splitlines()[-1:]}")
            our_seconds = json.loads(done.stdout)["seconds"]
            ours = read_npy_adversaries(out)
        norm = next((norm for norm in ("l2", "l1", "l0") if f" {norm}" in name), "linf")
        (a, b), (c, d) = measure(ours, norm), measure(theirs, norm)
        equal = 100 * ((ours - theirs).abs() <= 1e-5).float().mean().item()
        print(f"{name:28}{a:11.2f}{c:11.2f}{b:10.4f}{d:10.4f}{equal:8.2f}%{our_seconds:9.2f}{their_seconds:9.2f}", flush=True)


if __name__ == "__main__":
    main()
