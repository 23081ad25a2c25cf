"""PyTorch: the SimpleCNN's training epoch, FGSM over 10,000 images, inference. One JSON object on stdout."""

import sys
import time

import peer_common as common

VARIANTS = ("eager", "compiled", "eager-contiguous")


def simple_cnn(nn):
    # padding=1 pads 1 before and 0 after used, where Keras pads 0 and 1: the same work without a separate pad.
    # Keras's momentum 0.99 is PyTorch's 0.01.
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, stride=2, padding=1),
        nn.ReLU(inplace=True),
        nn.BatchNorm2d(32, eps=1e-3, momentum=0.01),
        nn.Conv2d(32, 64, 3, stride=2, padding=1),
        nn.ReLU(inplace=True),
        nn.BatchNorm2d(64, eps=1e-3, momentum=0.01),
        nn.Flatten(),
        nn.Linear(64 * 7 * 7, 128),
        nn.ReLU(inplace=True),
        nn.BatchNorm1d(128, eps=1e-3, momentum=0.01),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
    )


def main():
    options = common.arguments(__doc__, VARIANTS)
    if options.variant == "auto":
        common.best_of_variants(__file__, options, VARIANTS)
        return
    import torch
    from torch import nn

    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    layout = torch.contiguous_format if options.variant == "eager-contiguous" else torch.channels_last

    def tensor(images):
        return torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(memory_format=layout)

    images, labels, test_images, test_labels = common.load_mnist(options.data)
    x_train, y_train = tensor(images), torch.from_numpy(labels)
    x_all, y_all = tensor(test_images[: common.ATTACK_COUNT]), torch.from_numpy(test_labels[: common.ATTACK_COUNT])
    del images, test_images
    network = simple_cnn(nn).to(memory_format=layout)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, eps=1e-7, fused=True)
    loss_function = nn.CrossEntropyLoss()
    model = torch.compile(network) if options.variant == "compiled" else network

    def epoch():
        order = torch.randperm(len(x_train))
        for i in range(0, len(order), common.BATCH_SIZE):
            index = order[i : i + common.BATCH_SIZE]
            loss = loss_function(model(x_train[index]), y_train[index])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()

    network.train()
    epoch()
    times = []
    for _ in range(options.epochs):
        start = time.perf_counter()
        epoch()
        times.append(time.perf_counter() - start)
    train_peak = common.peak_memory_mb()

    network.eval()
    network.requires_grad_(False)
    total_loss = nn.CrossEntropyLoss(reduction="sum")
    out, scores = torch.empty_like(x_all), torch.empty(len(x_all), 10)

    def attack(chunk):
        for i in range(0, len(x_all), chunk):
            x = x_all[i : i + chunk].detach().requires_grad_(True)
            (gradient,) = torch.autograd.grad(total_loss(model(x), y_all[i : i + chunk]), x)
            out[i : i + chunk] = (x.detach() + common.EPSILON * gradient.sign_()).clamp_(0.0, 1.0)

    def infer(chunk):
        with torch.inference_mode():
            for i in range(0, len(x_all), chunk):
                scores[i : i + chunk] = model(x_all[i : i + chunk])

    chunks = (250, 1000, 10_000)
    fgsm_chunk, fgsm_seconds = common.fastest({c: lambda c=c: attack(c) for c in chunks})
    infer_chunk, infer_seconds = common.fastest({c: lambda c=c: infer(c) for c in chunks})
    with torch.inference_mode():
        adversarial = (network(out).argmax(1) == y_all).float().mean()
    common.report(
        {
            "library": f"torch {torch.__version__}",
            "variant": options.variant,
            "threads": options.threads,
            "train_epoch_seconds": round(common.statistics.median(times), 3),
            "epochs": [round(t, 3) for t in times],
            "train_peak_memory_mb": round(train_peak, 1),
            "fgsm_10000_seconds": round(fgsm_seconds, 4),
            "fgsm_chunk": fgsm_chunk,
            "inference_images_per_second": round(len(x_all) / infer_seconds),
            "inference_chunk": infer_chunk,
            "clean_accuracy": float((scores.argmax(1) == y_all).float().mean()),
            "adversarial_accuracy": float(adversarial),
        }
    )


if __name__ == "__main__":
    sys.exit(main())
