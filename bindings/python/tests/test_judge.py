"""The judge: its figures are those of the command."""

import json
import signal
import threading
import unittest

import numpy as np
from common import STANDARD, Case, command, sample

import inoculate


class Judge(Case):
    def test_its_figures_are_those_of_the_command(self):
        x, labels = sample(60)
        np.save(self.folder / "x.npy", x)
        np.save(self.folder / "labels.npy", labels)
        model = inoculate.load(STANDARD)
        for options in (
            {"epsilon": 0.1, "attacks": "quick"},
            {"epsilon": 1.0, "norm": "l2", "attacks": "pgd,deepfool", "cascade": True, "seed": 3},
            {"epsilon": 0.05, "attacks": "fgsm"},
        ):
            told = []
            for name, value in options.items():
                told += [f"--{name}"] if value is True else [f"--{name}", value]
            told += ["--images", self.folder / "x.npy", "--labels", self.folder / "labels.npy"]
            with self.subTest(options=options):
                theirs = json.loads(command("robustness", "--model", STANDARD, "--json", *told))
                theirs = theirs["models"][0]
                mine = inoculate.robustness(model, x, labels, **options)
                self.assertEqual(mine.n, theirs["n"])
                self.assertEqual(mine.clean.value, theirs["clean"])
                self.assertEqual(mine.worst_case.value, theirs["worst_case"])
                self.assertEqual(list(mine.worst_case.interval), theirs["worst_case_interval"])
                self.assertEqual([a.name for a in mine.alarms], [a["name"] for a in theirs["alarms"]])
                self.assertEqual(len(mine.attacks), len(theirs["attacks"]))
                for score, row in zip(mine.attacks, theirs["attacks"]):
                    self.assertEqual(score.name, row["attack"])
                    for key in ("tried", "withstood", "accuracy", "mean_distance"):
                        self.assertEqual(getattr(score, key), row[key])
                    self.assertEqual(score.forward_calls, row["forward_calls"])
                    self.assertEqual(score.gradient_calls, row["gradient_calls"])

    def test_masks_and_shares_agree(self):
        x, labels = sample(50)
        model = inoculate.load(STANDARD)
        found = inoculate.robustness(model, x, labels, epsilon=0.08, attacks="fgsm,pgd")
        right = model.predict(x) == labels
        self.assertEqual(found.clean.count, right.sum())
        fooled = np.any([score.fooled for score in found.attacks], axis=0)
        np.testing.assert_array_equal(found.robust, right & ~fooled)
        self.assertEqual(found.worst_case.count, found.robust.sum())
        lines = str(found).splitlines()
        self.assertEqual(lines[0], f"{STANDARD}, linf, epsilon 0.08, n = 50")
        self.assertTrue(lines[1].startswith("clean"))
        self.assertIn(f"worst case  {found.worst_case!s:>24}", lines)

    def test_what_cannot_be_judged_is_refused(self):
        model = inoculate.load(STANDARD)
        x, labels = sample(4)

        def judge(**options):
            return inoculate.robustness(model, x, labels, **options)

        self.refused("norm: is 'l0'; the judge knows linf, l2, l1", judge, norm="l0")
        self.refused("epsilon: is -1; give 0 to 1000", judge, epsilon=-1)
        with self.assertRaisesRegex(inoculate.Error, "^attacks='pdg': "):
            judge(attacks="pdg")

    def test_ctrl_c_ends_it(self):
        model = inoculate.load(STANDARD)
        x, labels = sample(1000)
        threading.Timer(1.0, lambda: signal.raise_signal(signal.SIGINT)).start()
        with self.assertRaises(KeyboardInterrupt):
            inoculate.robustness(model, x, labels, epsilon=0.02, attacks="standard")


if __name__ == "__main__":
    unittest.main()
