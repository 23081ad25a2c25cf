"""What an epoch of adversarial training takes, in epochs of plain training on the same images, run in turn.

    python defence_epochs.py --data DIR --inoculate FILE [--threads 2] [--rounds 3] [--methods mixed-batch fgsm-rs pgd]

A plain epoch is the mean of those before and after the methods of a round. Needs Python alone.
"""

import argparse
import os
import statistics
import sys
import tempfile

from compare import run

IMAGES = 59000  # as many as are left when the last 1,000 are held out


def epoch_seconds(options, arguments, out):
    command = [options.inoculate, *arguments, "--data", options.data, "--threads", str(options.threads)]
    result = run(command + ["--epochs", str(options.epochs), "--out", out, "--json"])
    return result["seconds_per_epoch"] if result else sys.exit(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, metavar="DIR", help="folder with MNIST's IDX files, raw or .gz")
    parser.add_argument("--inoculate", required=True, metavar="FILE", help="our command")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2, help="of each run")
    parser.add_argument("--methods", nargs="+", default=["mixed-batch", "fgsm-rs", "pgd"], metavar="METHOD")
    options = parser.parse_args()

    ratios = {method: [] for method in options.methods}
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "weights.safetensors")

        def plain():
            return epoch_seconds(options, ["train", "--train-range", f"0:{IMAGES}"], out)

        for round_number in range(options.rounds):
            before = plain()
            seconds = {
                method: epoch_seconds(options, ["adversarial-train", "--method", method, "--keep", "last"], out)
                for method in options.methods
            }
            plain_seconds = (before + plain()) / 2
            line = f"round {round_number + 1}: plain {plain_seconds:.2f} s"
            for method, value in seconds.items():
                ratios[method].append(value / plain_seconds)
                line += f", {method} {value:.2f} s ({value / plain_seconds:.2f})"
            print(line, flush=True)
    medians = [f"{method} {statistics.median(values):.2f}" for method, values in ratios.items()]
    print("in plain epochs, median: " + ", ".join(medians))


if __name__ == "__main__":
    main()
