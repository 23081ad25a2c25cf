"""What the peer scripts share: reading IDX, timing, variants in processes of their own, one JSON object."""

import argparse
import gzip
import json
import os
import resource
import statistics
import subprocess
import sys
import time

import numpy as np

EPSILON = 0.1
BATCH_SIZE = 64
ATTACK_COUNT = 10_000


def read_idx(folder, name):
    """The array in IDX file `name`, raw or gzip, of `folder`. Exits with one line when there is none."""
    for path, opener in ((os.path.join(folder, name), open), (os.path.join(folder, name + ".gz"), gzip.open)):
        if os.path.exists(path):
            with opener(path, "rb") as file:
                data = file.read()
            rank = data[3]
            shape = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(rank)]
            return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)
    sys.exit(f"{folder}: no {name} or {name}.gz there; pass --data DIR with MNIST's four IDX files")


def load_mnist(folder):
    """Training images, training labels, test images, test labels; images [N,28,28,1] float32 in [0, 1]."""
    arrays = []
    for part in ("train", "t10k"):
        images = read_idx(folder, part + "-images-idx3-ubyte")
        arrays.append((images.astype(np.float32) / 255.0)[..., np.newaxis])
        arrays.append(read_idx(folder, part + "-labels-idx1-ubyte").astype(np.int64))
    return arrays


def arguments(description, variants):
    """The peer scripts' common command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", required=True, metavar="DIR", help="folder with MNIST's IDX files, raw or .gz")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=3, help="timed epochs, after one that is not timed")
    parser.add_argument("--variant", choices=("auto", *variants), default="auto", help="auto: measure each, keep the fastest")
    return parser.parse_args()


def seconds(function, repeats=5, warm_up=1):
    """The median time of `function()` over `repeats` calls after `warm_up` calls that do not count."""
    for _ in range(warm_up):
        function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def fastest(functions):
    """The name and time of the fastest of a dictionary of functions."""
    times = {name: seconds(function) for name, function in functions.items()}
    name = min(times, key=times.get)
    return name, times[name]


def peak_memory_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(result):
    result["peak_memory_mb"] = round(peak_memory_mb(), 1)
    print(json.dumps(result))


def best_of_variants(script, options, variants):
    """Runs every variant in a process of its own, so that neither memory nor caches mix, and prints the one
    with the fastest training epoch; FGSM and inference are the best of any variant, the epoch's memory its own."""
    results = []
    for variant in variants:
        command = [sys.executable, script, "--data", options.data, "--threads", str(options.threads)]
        command += ["--epochs", str(options.epochs), "--variant", variant]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            print(f"{variant} does not work here: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
            continue
        results.append(json.loads(done.stdout.strip().splitlines()[-1]))
        print(json.dumps(results[-1]), file=sys.stderr)
    if not results:
        sys.exit(f"{script}: no variant works here")
    best = dict(min(results, key=lambda result: result["train_epoch_seconds"]))
    fgsm = min(results, key=lambda result: result["fgsm_10000_seconds"])
    inference = max(results, key=lambda result: result["inference_images_per_second"])
    best["fgsm_10000_seconds"], best["fgsm_variant"] = fgsm["fgsm_10000_seconds"], fgsm["variant"]
    best["inference_images_per_second"] = inference["inference_images_per_second"]
    best["inference_variant"] = inference["variant"]
    best["variants"] = {result["variant"]: result["train_epoch_seconds"] for result in results}
    print(json.dumps(best))
