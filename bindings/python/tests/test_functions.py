"""Models that are functions of Python: attacked as models of files are, and refused in words."""

import threading
import unittest

import numpy as np
from common import STANDARD, Case, linear, linear_json, sample

import inoculate


class Custom(Exception):
    pass


def in_numpy(weights, bias, shape, **more):
    """A linear model as functions."""

    def logits(x):
        return x.reshape(len(x), -1) @ weights.T + bias

    def gradients(x, d_logits):
        return (d_logits @ weights).reshape(x.shape)

    options = {"logits": logits, "gradients": gradients, "shape": shape, "classes": len(bias)}
    return inoculate.Model(**{**options, **more})


class Functions(Case):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(5)
        self.weights, self.bias = linear(rng)
        self.x, self.labels = rng.random((40, 2, 2, 3), np.float32), rng.integers(0, 3, 40)
        path = self.folder / "linear.json"
        path.write_text(linear_json(self.weights, self.bias, (2, 2, 3)))
        self.file = inoculate.load(path)
        self.model = in_numpy(self.weights, self.bias, (2, 2, 3))

    def test_it_is_asked_as_a_file_is(self):
        self.assertEqual(self.model.gives, "gradients")
        np.testing.assert_allclose(
            self.model.logits(self.x), self.file.logits(self.x), atol=1e-5
        )
        for loss in ("crossentropy", "mse"):
            np.testing.assert_allclose(
                self.model.gradients(self.x, loss, self.labels),
                self.file.gradients(self.x, loss, self.labels),
                atol=1e-5,
            )

    def test_attacks_do_to_it_what_they_do_to_the_file(self):
        for name, options in (
            ("fgsm", {}),
            ("pgd", {"steps": 10}),
            ("deepfool", {}),
            ("apgd-ce", {"steps": 10}),
            ("square", {"queries": 50}),
            ("jsma", {}),
        ):
            with self.subTest(name):
                mine = inoculate.attack(self.model, name, self.x, self.labels, **options)
                file = inoculate.attack(self.file, name, self.x, self.labels, **options)
                self.assertGreater((mine.success == file.success).mean(), 0.9)
                np.testing.assert_allclose(
                    np.sort(mine.distances), np.sort(file.distances), atol=0.05
                )

    def test_the_judge_says_of_it_what_it_says_of_the_file(self):
        mine, file = (
            inoculate.robustness(m, self.x, self.labels, epsilon=0.05, attacks="fgsm,pgd")
            for m in (self.model, self.file)
        )
        self.assertEqual((mine.clean, mine.worst_case), (file.clean, file.worst_case))

    def test_without_gradients_only_black_boxes_are_possible(self):
        model = in_numpy(self.weights, self.bias, (2, 2, 3), gradients=None, name="mine")
        self.assertEqual(model.gives, "probabilities")
        found = inoculate.attack(model, "square", self.x, self.labels, epsilon=0.3, queries=50)
        self.assertTrue(found.success.any())
        with self.assertRaises(inoculate.Error) as raised:
            inoculate.attack(model, "pgd", self.x, self.labels)
        words = "mine: gives no more than probabilities, and pgd needs gradients; possible are "
        self.assertTrue(str(raised.exception).startswith(words))
        self.refused(
            "mine: gives no more than probabilities, so no gradients",
            model.gradients,
            self.x,
            "mse",
            self.labels,
        )

    def test_another_range(self):
        model = in_numpy(self.weights, self.bias, (2, 2, 3), range=(-1, 1))
        x = 2 * self.x - 1
        found = inoculate.attack(model, "pgd", x, self.labels, epsilon=1.5, steps=10)
        self.assertLess(found.adversaries.min(), 0)
        self.assertTrue((np.abs(found.adversaries) <= 1).all())
        self.refused(
            "x: has pixels outside of -1..1, the model's range, in image 0 (-2 to -2)",
            inoculate.attack,
            model,
            "pgd",
            np.full((1, 12), -2.0),
            [0],
        )

    def test_what_it_raises_comes_out_as_it_is(self):
        def raises(*_):
            raise Custom("of its own")

        broken = in_numpy(self.weights, self.bias, (2, 2, 3), logits=raises)
        half = in_numpy(self.weights, self.bias, (2, 2, 3), gradients=raises)
        with self.assertRaisesRegex(Custom, "of its own"):
            broken.logits(self.x)
        for model in (broken, half):
            with self.assertRaisesRegex(Custom, "of its own"):
                inoculate.attack(model, "pgd", self.x, self.labels)
            with self.assertRaisesRegex(Custom, "of its own"):
                inoculate.robustness(model, self.x, self.labels, attacks="fgsm")

    def test_what_it_gives_is_checked(self):
        def giving(answer):
            return in_numpy(self.weights, self.bias, (2, 2, 3), logits=lambda x: answer(len(x)))

        for answer, words in (
            (lambda n: np.zeros((n, 4)), "logits: gave shape [40, 4] where [40, 3] was expected"),
            (lambda n: np.zeros(n), "logits: gave shape [40] where [40, 3] was expected"),
            (lambda n: np.zeros((n, 3), int), "logits: gave int64; it must give floats"),
            (lambda n: None, "logits: gave object; it must give floats"),
            (
                lambda n: np.full((n, 3), np.nan),
                "logits: its answer: has a number that is not finite, in image 0",
            ),
            (
                lambda n: np.full((n, 3), 1e300),
                "logits: its answer: has a number that is not finite, in image 0",
            ),
        ):
            self.refused(words, giving(answer).logits, self.x)
        model = in_numpy(
            self.weights, self.bias, (2, 2, 3), gradients=lambda x, d: np.zeros((len(x), 12))
        )
        self.refused(
            "gradients: gave shape [40, 12] where [40, 2, 2, 3] was expected",
            inoculate.attack,
            model,
            "fgsm",
            self.x,
            self.labels,
        )

    def test_a_model_that_cannot_be_is_refused(self):
        def make(**options):
            usual = {"logits": len, "shape": (2, 2, 3), "classes": 3}
            return inoculate.Model(**{**usual, **options})

        self.refused("logits: is no function", make, logits=None)
        self.refused("gradients: is no function", make, gradients=3)
        self.refused("shape: has 2 numbers; give (H, W, C)", make, shape=(2, 2))
        self.refused("shape: is 0; give 1 to 65536", make, shape=(0, 2, 1))
        self.refused(
            "shape: an image has 4294967296 numbers; give at most 16777216",
            make,
            shape=(1 << 16, 1 << 16, 1),
        )
        self.refused("classes: is 1; give 2 to 1048576", make, classes=1)
        self.refused("range: 1 is not less than 1", make, range=(1, 1))
        self.refused("class_names: names 2 classes of 3", make, class_names=["a", "b"])

    def test_batches_are_no_larger_than_asked(self):
        sizes = []

        def logits(x):
            sizes.append(len(x))
            return x.reshape(len(x), -1) @ self.weights.T + self.bias

        model = in_numpy(self.weights, self.bias, (2, 2, 3), logits=logits, batch=7)
        found = model.logits(self.x)
        self.assertEqual(sizes, [7] * 5 + [5])
        np.testing.assert_allclose(found, self.file.logits(self.x), atol=1e-5)

    def test_arrays_that_it_keeps_stay_as_they_are(self):
        kept = []

        def logits(x):
            kept.append((x, x.copy()))
            return x.reshape(len(x), -1) @ self.weights.T + self.bias

        model = in_numpy(self.weights, self.bias, (2, 2, 3), logits=logits)
        inoculate.attack(model, "pgd", self.x, self.labels, steps=3)
        self.assertGreater(len(kept), 2)
        for array, copy in kept:
            np.testing.assert_array_equal(array, copy)

    def test_it_may_ask_another_model_of_ours(self):
        inner = inoculate.load(STANDARD)
        model = inoculate.Model(logits=inner.logits, shape=inner.shape, classes=10)
        x, labels = sample(30)
        mine = inoculate.attack(model, "square", x, labels, queries=30)
        bare = inoculate.attack(inner, "square", x, labels, queries=30)
        np.testing.assert_array_equal(mine.adversaries, bare.adversaries)
        self.refused(
            "the number of threads cannot change while the engine works",
            inoculate.Model(
                logits=lambda x: inoculate.set_threads(1), shape=(1, 1, 1), classes=2
            ).logits,
            np.zeros((1, 1)),
        )

    def test_threads_of_python_share_it(self):
        expected = inoculate.attack(self.model, "pgd", self.x, self.labels).adversaries
        found = {}

        def work(k):
            found[k] = inoculate.attack(self.model, "pgd", self.x, self.labels).adversaries

        threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for k in range(4):
            np.testing.assert_array_equal(found[k], expected)


if __name__ == "__main__":
    unittest.main()
