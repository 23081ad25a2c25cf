"""Certificates of the networks of VNN-COMP 2021's benchmark mnistfc, beside what its tools found.

    python bench/vnncomp.py --inoculate build/native/inoculate --benchmark vnncomp2021/benchmarks/mnistfc \
        --results vnncomp2021_results/results_csv

Both folders are from https://github.com/stanleybak/vnncomp2021 and .../vnncomp2021_results (Bak, Liu and Johnson, "The
Second International Verification of Neural Networks Competition", 2021). Fails where `inoculate certify` claims a
property that a tool of the competition refuted and none proved; where its tools contradict each other, as RPM does all
others, nothing follows. Needs NumPy.
"""
import argparse
import collections
import csv
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np


# What the tools call it: that there is no adversary, and that there is one.
WORDS = {"unsat": "UNSAT", "holds": "UNSAT", "sat": "SAT", "violated": "SAT"}


def read_property(path):
    """Centre, label and epsilon of a property: a box around an image, cut where it leaves 0..1."""
    text = path.read_text()
    label = int(re.search(r"label: (\d+)", text).group(1))
    epsilon = float(path.stem.rsplit("_", 1)[1])
    high = {int(i): float(x) for i, x in re.findall(r"\(<= X_(\d+) ([-\d.e]+)\)", text)}
    low = {int(i): float(x) for i, x in re.findall(r"\(>= X_(\d+) ([-\d.e]+)\)", text)}
    image = np.array([high[i] - epsilon if high[i] < 1 else low[i] + epsilon for i in range(784)])
    return np.clip(image, 0, 1).astype(np.float32), label, epsilon


def verdicts(folder):
    """What all tools say of (network, property): the set of their answers."""
    answers = collections.defaultdict(set)
    for path in folder.glob("*.csv"):
        for row in csv.reader(path.open()):
            if len(row) > 4 and row[0] == "mnistfc":
                key = (pathlib.Path(row[1]).name, pathlib.Path(row[2]).name)
                answers[key].add(WORDS.get(row[4].strip().lower()))
    return answers


def certified(inoculate, network, images, labels, epsilon, method):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        np.save(folder / "images.npy", images)
        np.save(folder / "labels.npy", labels)
        done = subprocess.run(
            [inoculate, "certify", "--model", network, "--images", folder / "images.npy", "--labels",
             folder / "labels.npy", "--epsilon", repr(epsilon), "--method", method, "--count", "0", "--no-attack",
             "--json"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["certified_images"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inoculate", default="build/native/inoculate")
    parser.add_argument("--benchmark", type=pathlib.Path, required=True)
    parser.add_argument("--results", type=pathlib.Path, required=True)
    options = parser.parse_args()
    answers = verdicts(options.results)
    groups = collections.defaultdict(list)
    for network, prop, _ in csv.reader((options.benchmark / "mnistfc_instances.csv").open()):
        groups[network, float(prop[:-len(".vnnlib")].rsplit("_", 1)[1])].append(prop)
    wrong = 0
    print(f"{'network':24} epsilon  method     proven  of those that tools proved  refuted")
    for (network, epsilon), properties in groups.items():
        read = [read_property(options.benchmark / name) for name in properties]
        images = np.stack([image for image, _, _ in read])
        labels = np.array([label for _, label, _ in read], np.int64)
        tools = [answers[network, name] for name in properties]
        for method in ("ibp", "crown-ibp", "crown"):
            ours = certified(options.inoculate, options.benchmark / network, images, labels, epsilon, method)
            refuted = [name for name, one, said in zip(properties, ours, tools)
                       if one and "SAT" in said and "UNSAT" not in said]
            wrong += len(refuted)
            proved = sum("UNSAT" in said for said in tools)
            both = sum(bool(one) and "UNSAT" in said for one, said in zip(ours, tools))
            print(f"{network:24} {epsilon:7} {method:10} {sum(ours):6}  {both} of {proved:21}  "
                  f"{', '.join(refuted) or 'none'}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
