"""Networks for photographs: ours beside onnxruntime and PyTorch, in alternated rounds.

    python network_peers.py --inoculate ../build/native/inoculate   # --networks, --threads, --batches, --rounds

Four networks with random weights are written as ONNX into --folder (a temporary one when not given). In every round
each library answers in a process of its own, so that its peak memory is known: milliseconds an image of the logits
alone ("forward"), and of the logits with the gradient of the image ("gradient", which onnxruntime has not). A figure is
the median over the rounds of the rounds' medians; PyTorch gets its better memory layout. Ratios are ours to theirs.

On a busy machine, --figure processor compares what the work cost the processors at least. That means something for one
thread alone: several wait for each other busily.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

SIZE = 224


def conv(channels, filters, kernel, stride=1, groups=1, act=None):
    from torch import nn

    layers = [nn.Conv2d(channels, filters, kernel, stride, kernel // 2, groups=groups, bias=False)]
    layers += [nn.BatchNorm2d(filters)] + ([act()] if act else [])
    return nn.Sequential(*layers)


def residual(body, shortcut=None, act=None):
    from torch import nn

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.shortcut, self.act = body, shortcut or nn.Identity(), act() if act else nn.Identity()

        def forward(self, x):
            return self.act(self.body(x) + self.shortcut(x))

    return Residual()


def head(channels, classes=1000):
    from torch import nn

    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)]


def inverted(rows, head_channels=1280):
    """MobileNetV2 and what was made of it: rows of expansion, kernel, stride, filters, repeats."""
    from torch import nn

    layers, channels = [conv(3, 32, 3, 2, act=nn.ReLU6)], 32
    for expansion, kernel, stride, filters, repeats in rows:
        for i in range(repeats):
            wide, step = channels * expansion, stride if i == 0 else 1
            body = [conv(channels, wide, 1, act=nn.ReLU6)] if expansion > 1 else []
            body += [conv(wide, wide, kernel, step, wide, nn.ReLU6), conv(wide, filters, 1)]
            body = nn.Sequential(*body)
            layers.append(residual(body) if step == 1 and channels == filters else body)
            channels = filters
    return nn.Sequential(*layers, conv(channels, head_channels, 1, act=nn.ReLU6), *head(head_channels))


def mobilenet_v2():
    table = [(1, 1, 16, 1), (6, 2, 24, 2), (6, 2, 32, 3), (6, 2, 64, 4), (6, 1, 96, 3), (6, 2, 160, 3), (6, 1, 320, 1)]
    return inverted([(expansion, 3, *rest) for expansion, *rest in table])


def efficientnet_lite0():
    return inverted([(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3),
                     (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)])


def resnet50():
    from torch import nn

    layers, channels = [conv(3, 64, 7, 2, act=nn.ReLU), nn.MaxPool2d(3, 2, 1)], 64
    for width, stride, repeats in [(64, 1, 3), (128, 2, 4), (256, 2, 6), (512, 2, 3)]:
        for i in range(repeats):
            step = stride if i == 0 else 1
            body = nn.Sequential(conv(channels, width, 1, act=nn.ReLU), conv(width, width, 3, step, act=nn.ReLU),
                                 conv(width, 4 * width, 1))
            layers.append(residual(body, conv(channels, 4 * width, 1, step) if i == 0 else None, nn.ReLU))
            channels = 4 * width
    return nn.Sequential(*layers, *head(channels))


def squeezenet():
    import torch
    from torch import nn

    class Fire(nn.Module):
        def __init__(self, channels, squeezed, expanded):
            super().__init__()
            self.squeeze = nn.Sequential(nn.Conv2d(channels, squeezed, 1), nn.ReLU())
            self.one = nn.Sequential(nn.Conv2d(squeezed, expanded, 1), nn.ReLU())
            self.three = nn.Sequential(nn.Conv2d(squeezed, expanded, 3, padding=1), nn.ReLU())

        def forward(self, x):
            x = self.squeeze(x)
            return torch.cat([self.one(x), self.three(x)], 1)

    def pool():
        return nn.MaxPool2d(3, 2, ceil_mode=True)

    return nn.Sequential(
        nn.Conv2d(3, 64, 3, 2), nn.ReLU(), pool(), Fire(64, 16, 64), Fire(128, 16, 64), pool(), Fire(128, 32, 128),
        Fire(256, 32, 128), pool(), Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), Fire(512, 64, 256),
        nn.Conv2d(512, 1000, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())


NETWORKS = {"squeezenet": squeezenet, "mobilenet_v2": mobilenet_v2, "efficientnet_lite0": efficientnet_lite0,
            "resnet50": resnet50}


def make(name):
    """A network whose batch normalisations have the moments of its own activations, so that no number vanishes."""
    import torch

    torch.manual_seed(1)
    network = NETWORKS[name]()
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight, mode="fan_in")
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
    with torch.no_grad():
        network.train()(torch.rand(4, 3, SIZE, SIZE))
    return network.eval().requires_grad_(False)


def write_onnx(name, path):
    import torch

    # As it is asked, but with its batch normalisations still in the file: who reads it folds them.
    torch.onnx.export(make(name), (torch.rand(1, 3, SIZE, SIZE),), path, dynamo=False, opset_version=17,
                      input_names=["image"], output_names=["logits"], do_constant_folding=False,
                      training=torch.onnx.TrainingMode.PRESERVE,
                      dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}})


def milliseconds(options, work):
    work()
    times, processor = [], []
    for _ in range(options.repetitions):
        begin, used = time.perf_counter(), time.process_time()
        work()
        processor.append(1000 * (time.process_time() - used) / options.batch)
        times.append(1000 * (time.perf_counter() - begin) / options.batch)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return statistics.median(times), min(times), min(processor), peak


def answer(options):
    """One peer's figures, as `inoculate bench --model` prints ours."""
    figures = {}

    def add(name, work):
        keys = [f"{name}_ms", f"{name}_shortest_ms", f"{name}_processor_ms", f"{name}_peak_mb"]
        figures.update(zip(keys, milliseconds(options, work)))

    if options.peer == "onnxruntime":
        import numpy
        import onnxruntime

        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = options.threads
        session = onnxruntime.InferenceSession(options.model, settings, providers=["CPUExecutionProvider"])
        images = numpy.random.default_rng(1).random((options.batch, 3, SIZE, SIZE), numpy.float32)
        add("forward", lambda: session.run(None, {"image": images}))
    else:
        import torch

        torch.set_num_threads(options.threads)
        layout = torch.channels_last if options.peer == "PyTorch, channels last" else torch.contiguous_format
        network = make(options.networks[0]).to(memory_format=layout)
        images = torch.rand(options.batch, 3, SIZE, SIZE).contiguous(memory_format=layout)

        def gradient():
            pixels = images.detach().requires_grad_()
            torch.autograd.grad(network(pixels).sum(), pixels)

        with torch.no_grad():
            add("forward", lambda: network(images))
        add("gradient", gradient)
    print(json.dumps(figures))


def measured(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    return json.loads(done.stdout)


def row_of(options, name, path, batch, threads):
    told = ["--batch", str(batch), "--threads", str(threads), "--repetitions", str(options.repetitions)]
    commands = {"ours": [options.inoculate, "bench", "--model", path, *told, "--json"]}
    for peer in ("onnxruntime", "PyTorch", "PyTorch, channels last"):
        commands[peer] = [sys.executable, os.path.abspath(__file__), "--peer", peer, "--model", path,
                          "--networks", name, *told]
    rounds = {peer: [] for peer in commands}
    for _ in range(options.rounds):
        for peer, command in commands.items():
            rounds[peer].append(measured(command))

    def best(key, *peers):
        return min(statistics.median(figures[key] for figures in rounds[peer]) for peer in peers)

    ours, torch = ("ours",), ("PyTorch", "PyTorch, channels last")
    kind = {"median": "_ms", "shortest": "_shortest_ms", "processor": "_processor_ms"}[options.figure]
    forward, ort = best("forward" + kind, *ours), best("forward" + kind, "onnxruntime")
    gradient, theirs = best("gradient" + kind, *ours), best("gradient" + kind, *torch)
    memory, their_memory = best("gradient_peak_mb", *ours), best("gradient_peak_mb", *torch)
    return [name, str(batch), str(threads), f"{forward:.1f}", f"{ort:.1f}", f"{best('forward' + kind, *torch):.1f}",
            f"{forward / ort:.2f}", f"{gradient:.1f}", f"{theirs:.1f}", f"{gradient / theirs:.2f}",
            f"{memory:.0f}", f"{their_memory:.0f}", f"{memory / their_memory:.2f}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inoculate", default="inoculate", metavar="FILE", help="our command")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 8])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repetitions", type=int, default=10, help="of each figure in a round")
    parser.add_argument("--figure", choices=["median", "shortest", "processor"], default="median",
                        help="of the repetitions")
    parser.add_argument("--folder", help="where the networks are written, and kept")
    parser.add_argument("--only-write", action="store_true", help="write the networks, and measure nothing")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--model", help=argparse.SUPPRESS)
    parser.add_argument("--batch", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        options.threads = options.threads[0]
        return answer(options)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or temporary
        os.makedirs(folder, exist_ok=True)
        if options.only_write:
            for name in options.networks:
                write_onnx(name, os.path.join(folder, name + ".onnx"))
            return None
        print("| network | batch | threads | forward, ms an image | onnxruntime | PyTorch | ratio to onnxruntime "
              "| with gradient | PyTorch | ratio | peak MB | PyTorch | ratio |")
        print("|---" * 13 + "|")
        for name in options.networks:
            path = os.path.join(folder, name + ".onnx")
            if not os.path.exists(path):
                write_onnx(name, path)
            for batch in options.batches:
                for threads in options.threads:
                    print("| " + " | ".join(row_of(options, name, path, batch, threads)) + " |", flush=True)


if __name__ == "__main__":
    main()
