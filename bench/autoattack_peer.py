"""`--attacks autoattack` beside AutoAttack by its authors: the same weights, images, order, steps. A table on stdout.

    pip install -r ../tests/golden/requirements_autoattack.txt     # gets the authors' code from its repository, by commit
    python autoattack_peer.py --data DIR --model M.safetensors --inoculate ../build/native/inoculate --norm linf --epsilon 0.3
    python autoattack_peer.py ... --nearest                        # instead: FAB's nearest adversaries, 100 steps to 9 classes
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import peer_common as common
import torch
from attack_peers import SimpleCnn, read_npy_adversaries, read_safetensors
from autoattack import AutoAttack
from autoattack.fab_pt import FABAttack_PT

NORMS = {"linf": "Linf", "l2": "L2", "l1": "L1"}
CLASSES = 10


def run_theirs(network, x, y, options):
    """Share read rightly after each attack, and the seconds that it took."""
    suite = AutoAttack(network, norm=NORMS[options.norm], eps=options.epsilon, seed=options.seed, device="cpu", verbose=True)
    shares, last = {}, 0.0

    def listen(line):
        nonlocal last
        print(line, file=sys.stderr, flush=True)
        if found := re.match(r"initial accuracy: ([\d.]+)%", line):
            shares["clean"] = [float(found[1]), 0.0]
        if found := re.match(r"robust accuracy after (\S+): ([\d.]+)% \(total time ([\d.]+) s\)", line):
            shares[found[1].lower()] = [float(found[2]), float(found[3]) - last]
            last = float(found[3])

    suite.logger.log = listen
    suite.run_standard_evaluation(x, y, bs=250)
    return shares


def command(options, arguments):
    common_options = ["--model", options.model, "--data", options.data, "--count", str(options.count), "--norm", options.norm]
    common_options += ["--seed", str(options.seed), "--threads", str(options.threads), "--json"]
    done = subprocess.run([options.inoculate, *arguments, *common_options], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)


def run_ours(options):
    model = command(options, ["robustness", "--epsilon", str(options.epsilon), "--attacks", "autoattack"])["models"][0]
    shares = {"clean": [100 * model["clean"], 0.0]}
    for attack in model["attacks"]:
        shares[attack["attack"]] = [100 * attack["accuracy"], attack["seconds"]]
    return shares


def sizes(change, norm):
    change = change.flatten(1)
    return change.abs().amax(1) if norm == "linf" else change.norm(dim=1) if norm == "l2" else change.abs().sum(1)


def their_nearest(network, x, y, norm):
    """The distance of FAB's nearest adversary over nine classes; infinity where there is none."""
    attack = FABAttack_PT(network, norm=NORMS[norm], n_iter=100, eps=1e9, targeted=True, device="cpu")
    nearest = torch.full((len(x),), torch.inf)
    for attack.target_class in range(2, CLASSES + 1):
        found = attack.attack_single_run(x, y, use_rand_start=False, is_targeted=True)
        fooled = network(found).argmax(1) != y
        nearest = torch.where(fooled, torch.minimum(nearest, sizes(found - x, norm)), nearest)
    return nearest


def our_nearest(network, x, y, options):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "adversaries.npy")
        command(options, ["attack", "fab-t", "--out", out])
        found = read_npy_adversaries(out)
    return torch.where(network(found).argmax(1) != y, sizes(found - x, options.norm), torch.inf)


def compare_nearest(network, x, y, options):
    start = time.perf_counter()
    right = network(x).argmax(1) == y
    theirs = their_nearest(network, x, y, options.norm)[right]
    seconds = time.perf_counter() - start
    ours = our_nearest(network, x, y, options)[right]
    ratio = (ours.median() / theirs.median()).item()
    middle = [distances.median().item() for distances in (ours, theirs)]
    print(f"FAB's nearest adversaries in {options.norm} of {len(ours)} images read rightly: median distance")
    print(f"{middle[0]:.4f} ours, {middle[1]:.4f} theirs ({seconds:.0f} s), ratio {middle[0] / middle[1]:.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, metavar="DIR", help="folder with MNIST's IDX files, raw or .gz")
    parser.add_argument("--model", required=True, metavar="FILE", help="weights of a SimpleCNN")
    parser.add_argument("--inoculate", required=True, metavar="FILE", help="our command")
    parser.add_argument("--norm", choices=NORMS, default="linf")
    parser.add_argument("--epsilon", type=float, default=0.3)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--nearest", action="store_true", help="compare FAB's nearest adversaries, whatever epsilon")
    parser.add_argument("--theirs", metavar="FILE", help="what their code gave: read if it is there, else written, since it is slow")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    _, _, images, labels = common.load_mnist(options.data)
    x = torch.from_numpy(images[: options.count]).permute(0, 3, 1, 2).contiguous()
    y = torch.from_numpy(labels[: options.count])
    network = SimpleCnn(read_safetensors(options.model))
    if options.nearest:
        compare_nearest(network, x, y, options)
        return
    if options.theirs and os.path.exists(options.theirs):
        with open(options.theirs, encoding="utf-8") as file:
            theirs = json.load(file)
    else:
        theirs = run_theirs(network, x, y, options)
        if options.theirs:
            with open(options.theirs, "w", encoding="utf-8") as file:
                json.dump(theirs, file)
    ours = run_ours(options)
    print(f"{options.norm}, epsilon {options.epsilon:g}, {options.count} images, seed {options.seed}")
    print(f"{'':10}{'robust accuracy, %':>24}{'seconds':>20}")
    print(f"{'':10}{'ours':>12}{'theirs':>12}{'ours':>10}{'theirs':>10}")
    for name, (share, seconds) in ours.items():
        their_share, their_seconds = theirs.get(name, [float("nan")] * 2)
        print(f"{name:10}{share:12.2f}{their_share:12.2f}{seconds:10.1f}{their_seconds:10.1f}")


if __name__ == "__main__":
    main()
