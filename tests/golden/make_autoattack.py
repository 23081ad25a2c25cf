"""What AutoAttack's authors' code makes of small projections, and of the golden weights by FAB towards one class."""

import argparse
import json
import os
import sys

import formats
import numpy as np
import torch

sys.path.insert(0, os.path.join(formats.HERE, "..", "..", "bench"))

from attack_peers import SimpleCnn  # noqa: E402
from autoattack.autopgd_base import L1_projection  # noqa: E402
from autoattack.fab_projections import projection_l1, projection_l2, projection_linf  # noqa: E402
from autoattack.fab_pt import FABAttack_PT  # noqa: E402

PLANES = {"linf": projection_linf, "l2": projection_l2, "l1": projection_l1}
SIZE = 6
CASES = 5
IMAGES = 20
FAB_STEPS = 20


def numbers(tensor):
    return [round(value, 6) for value in tensor.flatten().tolist()]


def l1_projections(random):
    for _ in range(CASES):
        image = torch.from_numpy(random.integers(0, 5, SIZE) / 4)
        change = torch.from_numpy(random.integers(-40, 41, SIZE) / 32)
        epsilon = float(random.integers(1, 12)) / 8
        nearer = L1_projection(image[None], change[None], epsilon)[0]
        yield {
            "image": numbers(image),
            "from": numbers(image + change),
            "epsilon": epsilon,
            "to": numbers(image + change + nearer),
        }


def plane_moves(random, project):
    """The third case is farther than the range allows."""
    for case in range(CASES):
        x = torch.from_numpy(random.integers(0, 9, SIZE) / 8)
        normal = torch.from_numpy(random.integers(-16, 17, SIZE) / 8)
        most = torch.where(normal > 0, normal * (1 - x), -normal * x).sum().item()
        rise = most * (1.5 if case == 2 else 0.3 + 0.15 * case)
        plane = (normal * x).sum() + rise
        move = project(x[None], normal[None], plane[None])[0]
        yield {"x": numbers(x), "normal": numbers(normal), "rise": round(rise, 6), "move": numbers(move)}


def fab_distances(network, x, y, norm):
    """Of the nearest adversary of the second likeliest class; 0 where the image is misread."""
    attack = FABAttack_PT(network, norm=norm, n_iter=FAB_STEPS, eps=1e9, targeted=True, device="cpu", n_target_classes=1)
    change = (attack.perturb(x, y) - x).flatten(1)
    if norm == "Linf":
        return numbers(change.abs().amax(1))
    return numbers(change.norm(dim=1) if norm == "L2" else change.abs().sum(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", required=True, help="folder of the sample's two IDX files")
    images, labels, _ = formats.load_sample(parser.parse_args().sample)
    x = torch.from_numpy(images[:IMAGES].transpose(0, 3, 1, 2).astype(np.float32))
    y = torch.from_numpy(labels[:IMAGES].astype(np.int64))
    weights = formats.read_safetensors("keras_simple_cnn.safetensors")
    network = SimpleCnn({name: value.astype(np.float32) for name, value in weights.items()})
    random = np.random.default_rng(1)
    result = {
        "l1_ball": list(l1_projections(random)),
        "planes": {norm: list(plane_moves(random, project)) for norm, project in PLANES.items()},
        "fab": {"steps": FAB_STEPS, **{norm.lower(): fab_distances(network, x, y, norm) for norm in ("Linf", "L2", "L1")}},
    }
    with open(formats.path("autoattack.json"), "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
