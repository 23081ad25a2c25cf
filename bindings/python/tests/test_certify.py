"""Certificates: those of the command."""

import json
import shutil
import unittest

import numpy as np
from common import GOLDEN, ROOT, STANDARD, Case, command, sample

import inoculate

CERTIFIED = ROOT / "assets/certified_0.1.safetensors"


class Certify(Case):
    def test_it_proves_what_the_command_proves(self):
        x, labels = sample(12)
        np.save(self.folder / "x.npy", x)
        np.save(self.folder / "labels.npy", labels)
        for path, options in (
            (CERTIFIED, {"epsilon": 0.1, "method": "ibp", "radius": True}),
            (CERTIFIED, {"epsilon": 0.02, "method": "crown-ibp"}),
            (STANDARD, {"epsilon": 0.02, "method": "crown", "norm": "l2"}),
            (STANDARD, {"epsilon": 0.05, "method": "smoothing", "norm": "l2", "sigma": 0.1,
                        "samples": 200, "seed": 3}),
        ):
            told = []
            for name, value in options.items():
                told += [f"--{name}"] if value is True else [f"--{name}", value]
            told += ["--images", self.folder / "x.npy", "--labels", self.folder / "labels.npy"]
            with self.subTest(options=options):
                theirs = json.loads(command("certify", "--model", path, "--no-attack", "--json", *told))
                mine = inoculate.certify(inoculate.load(path), x, labels, **options)
                self.assertEqual(mine.n, theirs["n"])
                self.assertEqual(mine.clean.value, theirs["clean"])
                self.assertEqual(mine.certified.value, theirs["certified"])
                self.assertEqual(mine.proven.astype(int).tolist(), theirs["certified_images"])
                self.assertEqual(None if mine.radii is None else mine.radii.tolist(), theirs.get("radii"))
                self.assertGreater(mine.certified.count, 0)
                self.assertIn(str(mine.certified), str(mine))

    def test_what_cannot_be_certified_is_refused(self):
        x, labels = sample(2)

        def certify(model=None, **options):
            return inoculate.certify(model or inoculate.load(STANDARD), x, labels, **options)

        self.refused("method: is 'magic'; give one of ibp, crown-ibp, crown, smoothing", certify, method="magic")
        self.refused("norm: is 'l1'; certify knows linf, l2", certify, norm="l1")
        self.refused("norm: smoothing certifies in L2; give norm='l2'", certify, method="smoothing")
        function = inoculate.Model(
            logits=lambda images: images.reshape(len(images), -1)[:, :10], shape=(28, 28, 1), classes=10
        )
        with self.assertRaisesRegex(inoculate.Error, "is a function, of which only method='smoothing'"):
            certify(function)
        with self.assertRaisesRegex(inoculate.Error, "of which only --method smoothing"):
            certify(inoculate.load(GOLDEN / "sklearn/tree.json"))

    def test_a_file_that_has_changed_is_not_certified(self):
        x, labels = sample(2)
        path = self.folder / "net.safetensors"
        shutil.copy(STANDARD, path)
        model = inoculate.load(path)
        shutil.copy(CERTIFIED, path)
        with self.assertRaisesRegex(inoculate.Error, "another network than the one that was loaded"):
            inoculate.certify(model, x, labels)


if __name__ == "__main__":
    unittest.main()
