"""Attacks: bit for bit those of the command, by arithmetic where that can be, and refused in words."""

import os
import signal
import threading
import time
import traceback
import unittest

import numpy as np
from common import SAMPLE, STANDARD, Case, command, linear, linear_json, sample, softmax_gradient

import inoculate

ROBUST = STANDARD.with_name("robust.safetensors")

# What the command is told, and what the function is.
SAME = [
    ("fgsm", ["--epsilon", "0.1"], {"epsilon": 0.1}),
    ("fgsm", ["--epsilon", "8/255", "--loss", "mse"], {"epsilon": 8 / 255, "loss": "mse"}),
    ("fgsm", ["--epsilon", "0.1", "--no-clip"], {"epsilon": 0.1, "clip": False}),
    ("pgd", ["--epsilon", "8/255", "--seed", "7"], {"epsilon": 8 / 255, "seed": 7}),
    (
        "pgd",
        ["--epsilon", "1.5", "--norm", "l2", "--steps", "7", "--step-size", "0.4"],
        {"epsilon": 1.5, "norm": "l2", "steps": 7, "step_size": 0.4},
    ),
    ("pgd", ["--restarts", "2", "--steps", "5"], {"restarts": 2, "steps": 5}),
    ("pgd", ["--target", "3", "--no-random-start"], {"targets": 3, "random_start": False}),
    ("pgd", ["--target", "random", "--seed", "5"], {"targets": "random", "seed": 5}),
    ("bim", ["--target", "least-likely"], {"targets": "least-likely"}),
    ("pgd", ["--confidence", "0.9"], {"confidence": 0.9}),
    ("apgd-t", ["--steps", "10"], {"steps": 10}),
    ("deepfool", [], {}),
    ("square", ["--queries", "100"], {"queries": 100}),
    ("one-pixel", ["--queries", "200"], {"queries": 200}),
    ("patch", ["--steps", "5", "--patch-at", "3,4"], {"steps": 5, "patch_at": (3, 4)}),
    ("universal", ["--steps", "2"], {"steps": 2}),
    ("uniform-noise", ["--epsilon", "0.3"], {"epsilon": 0.3}),
]


class SameAsTheCommand(Case):
    def setUp(self):
        super().setUp()
        self.x, self.labels = sample(40)
        np.save(self.folder / "x.npy", self.x)
        np.save(self.folder / "labels.npy", self.labels)

    def of_command(self, name, *options):
        out = self.folder / "out.npy"
        command(
            *["attack", name, "--model", STANDARD, "--images", self.folder / "x.npy"],
            *["--labels", self.folder / "labels.npy", "--out", out, *options],
        )
        return np.load(out)

    def test_adversaries_are_equal_bit_for_bit(self):
        model = inoculate.load(STANDARD)
        for name, told, options in SAME:
            with self.subTest(name, told=told):
                found = inoculate.attack(model, name, self.x, self.labels, **options)
                expected = self.of_command(name, *told)
                self.assertEqual(found.adversaries.dtype, np.float32)
                np.testing.assert_array_equal(found.adversaries, expected)

    def test_transfer_from_another_model(self):
        model, source = inoculate.load(STANDARD), inoculate.load(ROBUST)
        found = inoculate.attack(model, "transfer", self.x, self.labels, source=source)
        expected = self.of_command("transfer", "--source", ROBUST)
        np.testing.assert_array_equal(found.adversaries, expected)

    def test_perturbations_of_a_generator(self):
        path = self.folder / "advgan.safetensors"
        command(
            *["train-generator", "--kind", "advgan", "--against", STANDARD, "--data", SAMPLE],
            *["--epochs", 1, "--out", path],
        )
        model = inoculate.load(STANDARD)
        found = inoculate.attack(model, "generator", self.x, self.labels, generator=path)
        expected = self.of_command("generator", "--generator", path)
        np.testing.assert_array_equal(found.adversaries, expected)
        self.refused(
            f"{path}: is a generator, which sorts nothing into classes; give it to --purify, or to "
            "attack generator",
            inoculate.load,
            path,
        )

    def test_the_list_is_that_of_the_command(self):
        lines = command("attack", "--list").splitlines()[2:]
        for row, line in zip(inoculate.attacks(), lines, strict=True):
            self.assertTrue(line.startswith(row.name + " "))
            self.assertIn(row.paper, line)
            self.assertIn(", ".join(row.norms), line)


class Attacks(Case):
    def test_fgsm_on_a_linear_model_by_arithmetic(self):
        rng = np.random.default_rng(4)
        weights, bias = linear(rng)
        path = self.folder / "linear.json"
        path.write_text(linear_json(weights, bias, (2, 2, 3)))
        model = inoculate.load(path)
        x, labels = rng.random((30, 12), np.float32), rng.integers(0, 3, 30)
        found = inoculate.attack(model, "fgsm", x, labels, epsilon=0.25)
        step = np.float32(0.25) * np.sign(softmax_gradient(weights, bias, x, labels))
        expected = np.clip(x + step.astype(np.float32), 0, 1)
        np.testing.assert_array_equal(found.adversaries, expected)
        read = (expected @ weights.T + bias).argmax(axis=1)
        np.testing.assert_array_equal(found.success, read != labels)
        np.testing.assert_allclose(found.distances, np.abs(expected - x).max(axis=1), atol=1e-7)
        np.testing.assert_array_equal(found.calls.gradient, 1)
        self.assertEqual(found.epsilon, 0.25)

    def test_what_comes_back_is_true(self):
        model = inoculate.load(STANDARD)
        x, labels = sample(60)
        found = inoculate.attack(model, "pgd", x[..., 0], labels, epsilon=2.5, norm="l2")
        self.assertEqual(found.adversaries.shape, (60, 28, 28))
        self.assertTrue(((found.adversaries >= 0) & (found.adversaries <= 1)).all())
        change = (found.adversaries - x[..., 0]).reshape(60, -1).astype(np.float64)
        np.testing.assert_allclose(found.distances, np.linalg.norm(change, axis=1), rtol=1e-4)
        self.assertLess(found.distances.max(), 2.501)
        read = model.predict(found.adversaries)
        np.testing.assert_array_equal(found.success, read != labels)
        self.assertEqual(found.success.dtype, np.bool_)
        self.assertTrue(found.success.any())

    def test_targets_of_each_image_and_their_own_class(self):
        model = inoculate.load(STANDARD)
        x, labels = sample(30)
        targets = np.full(30, 4)
        found = inoculate.attack(model, "pgd", x, labels, epsilon=0.3, targets=targets)
        own = labels == 4
        self.assertTrue(own.any())
        np.testing.assert_array_equal(found.adversaries[own], x[own])
        read = model.predict(found.adversaries)
        np.testing.assert_array_equal(found.success[~own], read[~own] == 4)
        np.testing.assert_array_equal(found.targets, targets)

    def test_an_image_has_one_adversary_by_its_number(self):
        model = inoculate.load(STANDARD)
        x, labels = sample(30)
        whole = inoculate.attack(model, "pgd", x, labels)
        some = [3, 17, 20]
        part = inoculate.attack(model, "pgd", x[some], labels[some], numbers=some)
        np.testing.assert_array_equal(part.adversaries, whole.adversaries[some])
        other = inoculate.attack(model, "pgd", x[some], labels[some])
        self.assertTrue((other.adversaries != part.adversaries).any())

    def test_without_labels_a_change_of_reading_is_a_success(self):
        model = inoculate.load(STANDARD)
        x, _ = sample(10)
        read = model.predict(x)
        found = inoculate.attack(model, "fgsm", x)
        expected = inoculate.attack(model, "fgsm", x, read)
        np.testing.assert_array_equal(found.adversaries, expected.adversaries)
        np.testing.assert_array_equal(found.success, expected.success)

    def test_a_patch_is_given(self):
        model = inoculate.load(STANDARD)
        x, labels = sample(10)
        found = inoculate.attack(model, "patch", x, labels, steps=2, patch_size=0.25)
        self.assertEqual(found.pattern.shape, (14, 14, 1))
        self.assertIsNone(inoculate.attack(model, "fgsm", x, labels).pattern)

    def test_what_cannot_be_asked_is_refused(self):
        model = inoculate.load(STANDARD)
        x, labels = sample(4)

        def attack(name="pgd", images=x, classes=labels, **options):
            return inoculate.attack(model, name, images, classes, **options)

        self.refused("there is no attack 'pdg'; is it pgd?", attack, "pdg")
        self.refused("there is no attack ''; inoculate.attacks() lists them", attack, "")
        heeds = "norm, epsilon, loss, steps, step_size, restarts, random_start, targets, confidence"
        self.refused(f"pgd: has no option queries; it heeds {heeds}", attack, queries=5)
        self.refused("norm: is 'l1'; pgd knows linf, l2", attack, norm="l1")
        self.refused(
            "epsilon: 8 is more than 1, the whole range of a pixel; 8 of 255 is 0.0314 (write "
            "8/255)",
            attack,
            epsilon=8,
        )
        self.refused("epsilon: is -0.1; give 0 to 1000", attack, epsilon=-0.1)
        self.refused("epsilon: is nan; give 0 to 1000", attack, epsilon=float("nan"))
        self.refused("epsilon: is '8/255'; give a number", attack, epsilon="8/255")
        self.refused("steps: is 0; give 1 to 1000000", attack, steps=0)
        self.refused("steps: is 2.5; give a whole number", attack, steps=2.5)
        self.refused("steps: is True; give a whole number", attack, steps=True)
        self.refused("queries: is 1; give 2 to 1000000", attack, "square", queries=1)
        self.refused("step_size: is 0; give 1e-09 to inf", attack, step_size=0)
        self.refused("confidence: is 1.5; give 0 to 1", attack, confidence=1.5)
        self.refused("seed: is -1; give 0 to 18446744073709551615", attack, seed=-1)
        self.refused("targets: is 10; give 0 to 9", attack, targets=10)
        self.refused(
            "targets: is 12 for image 2; the model's classes are 0 to 9",
            attack,
            targets=[1, 2, 12, 3],
        )
        self.refused(
            "targets: is 'any'; give classes, 'random' or 'least-likely'", attack, targets="any"
        )
        self.refused(
            "targets: universal makes one perturbation for all images, which cannot have a target "
            "each; name one class",
            attack,
            "universal",
            targets="random",
        )
        self.refused(
            "universal makes one perturbation for all images, which cannot have a target each",
            attack,
            "universal",
            targets=[1, 2, 3, 4],
        )
        self.refused(
            "restarts: random starts were switched off by random_start=False",
            attack,
            restarts=3,
            random_start=False,
        )
        self.refused(
            "transfer: wants a source, the Model that adversaries are made against",
            attack,
            "transfer",
        )
        self.refused("source: is no Model", attack, "transfer", source="net.onnx")
        self.refused(
            "generator: wants a generator, the file that makes the perturbations",
            attack,
            "generator",
        )
        self.refused(
            f"{STANDARD}: is not a decision tree, which tree-path needs", attack, "tree-path"
        )
        self.refused("patch_at: is 5; give (row, column)", attack, "patch", patch_at=5)
        self.refused(
            "x: has pixels outside of 0..1, the model's range, in image 1 (0 to 1.5)",
            attack,
            images=np.stack([x[0], 1.5 * (x[1] > 0.5).astype(np.float32)]),
            classes=labels[:2],
        )
        self.refused(
            "numbers: is -3 for image 0; give 0 to 2147483646", attack, numbers=[-3, 0, 1, 2]
        )

    def test_ctrl_c_ends_it(self):
        model = inoculate.load(STANDARD)
        x, labels = sample(1000)
        timer = threading.Timer(1.0, lambda: signal.raise_signal(signal.SIGINT))
        begin = time.monotonic()
        timer.start()
        with self.assertRaises(KeyboardInterrupt):
            inoculate.attack(model, "square", x, labels, queries=1_000_000)
        self.assertLess(time.monotonic() - begin, 60)  # it would take hours
        np.testing.assert_array_equal(model.predict(x[:5]), labels[:5])  # and all goes on

    def test_a_forked_process_goes_on_with_one_thread(self):
        model = inoculate.load(STANDARD)
        x, labels = sample(20)
        expected = inoculate.attack(model, "pgd", x, labels, steps=3).adversaries
        child = os.fork()
        if child == 0:
            same = False
            try:
                found = inoculate.attack(model, "pgd", x, labels, steps=3).adversaries
                same = (found == expected).all() and inoculate.threads() == 1
                inoculate.set_threads(2)  # which must not wait for threads of the parent
                same = same and (model.predict(x) == model.predict(x)).all()
                inoculate.set_threads(1)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(0 if same else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)

    def test_help_names_every_attack_with_its_paper(self):
        for row in inoculate.attacks():
            self.assertIn(f"{row.title} ({row.paper})", inoculate.attack.__doc__)

    def test_two_threads_of_python_at_once(self):
        model = inoculate.load(STANDARD)
        x, labels = sample(50)
        expected = inoculate.attack(model, "pgd", x, labels).adversaries
        found = [None] * 4

        def work(k):
            found[k] = inoculate.attack(model, "pgd", x, labels).adversaries

        threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for one in found:
            np.testing.assert_array_equal(one, expected)


if __name__ == "__main__":
    unittest.main()
