"""Inoculate beside Keras and PyTorch on the same cores: interleaved rounds, medians, ratios.

    python compare.py --data DIR [--inoculate build/native/inoculate] [--threads 2] [--rounds 3]

Round 1 tries every variant of each peer and keeps the one with the fastest epoch (and, for FGSM and inference, the
fastest of each); later rounds run the kept variants. CPU used by other processes during a run is recorded: when it is
not near 0, the figures are not to be quoted.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

KEYS = (
    ("train_epoch_seconds", "epoch, s", min, "{:.2f}"),
    ("fgsm_10000_seconds", "FGSM 10,000, s", min, "{:.3f}"),
    ("inference_images_per_second", "inference, images/s", max, "{:.0f}"),
    ("peak_memory_mb", "peak memory, MB", min, "{:.0f}"),
)
HERE = os.path.dirname(os.path.abspath(__file__))


def cpu_seconds():
    """Busy CPU seconds of the whole machine since boot (user, nice, system, irq, softirq)."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = [int(field) for field in file.readline().split()[1:8]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def run(command):
    """The JSON object that `command` prints last, with the CPUs that others kept busy meanwhile, or None."""
    before, own_before, start = cpu_seconds(), os.times(), time.perf_counter()
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    except OSError as error:
        return print(f"{command[0]}: cannot be run ({error.strerror}); build it first")
    wall, own = time.perf_counter() - start, os.times()
    used = own.children_user + own.children_system - own_before.children_user - own_before.children_system
    try:
        result = json.loads(done.stdout.strip().splitlines()[-1]) if done.returncode == 0 else None
    except (IndexError, ValueError):
        try:
            result = json.loads(done.stdout)
        except ValueError:
            result = None
    if not isinstance(result, dict):
        last = (done.stderr.strip().splitlines() or ["nothing on stderr"])[-1]
        return print(f"{' '.join(command[:2])}: no result (exit code {done.returncode}): {last}")
    result["other_cpus"] = max(0.0, cpu_seconds() - before - used) / wall
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, metavar="DIR", help="folder with MNIST's IDX files, raw or .gz")
    parser.add_argument("--inoculate", metavar="FILE", help="our command; left out of the table when not given")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    peer = ["--data", options.data, "--threads", str(options.threads)]
    commands = {}
    if options.inoculate:
        commands["inoculate"] = [[options.inoculate, "bench", "--json", *peer]]
    for name in ("keras", "torch"):
        commands[name] = [[sys.executable, os.path.join(HERE, f"{name}_peer.py"), *peer]]
    results = {name: [] for name in commands}
    for round_number in range(options.rounds):
        for name, list_of_commands in list(commands.items()):
            for command in list_of_commands:
                result = run(command)
                if result is None:
                    commands.pop(name, None)
                    break
                results[name].append((round_number, result))
                print(f"round {round_number + 1}: {name}: {json.dumps(result)}", file=sys.stderr)
                if "variants" in result:
                    kept = {result["variant"], result["fgsm_variant"], result["inference_variant"]}
                    commands[name] = [command + ["--variant", variant] for variant in sorted(kept)]

    table = {}
    for name, rows in results.items():
        table[name] = {}
        for key, _, best, _ in KEYS:
            # Within a round the best of the kept variants; over the rounds the median.
            rounds = {}
            for number, row in rows:
                if key in row:
                    rounds.setdefault(number, []).append(row[key])
            if rounds:
                table[name][key] = statistics.median(best(values) for values in rounds.values())
            elif rows:
                print(f"{name}: prints no {key}; its column stays empty")
    peers = [name for name in ("keras", "torch") if table.get(name)]
    print(f"\n{'':22}" + "".join(f"{name:>12}" for name in table) + "   ours against the better peer")
    for key, title, best, form in KEYS:
        line = f"{title:22}" + "".join(f"{form.format(v[key]) if key in v else '-':>12}" for v in table.values())
        values = [table[name][key] for name in peers if key in table[name]]
        ours = table.get("inoculate", {}).get(key)
        if ours and values:
            ratio = best(values) / ours if best is min else ours / best(values)
            line += f"   {ratio:.2f} times"
        print(line)
    fgsm = table.get("inoculate", {}).get("fgsm_10000_seconds"), table.get("keras", {}).get("fgsm_10000_seconds")
    if all(fgsm):
        print(f"FGSM against TensorFlow's: {fgsm[1] / fgsm[0]:.2f} times")
    busy = max((row["other_cpus"] for rows in results.values() for _, row in rows), default=0.0)
    print(f"other processes kept up to {busy:.2f} CPUs busy" + (": do NOT quote these figures" if busy > 0.1 else ""))


if __name__ == "__main__":
    main()
