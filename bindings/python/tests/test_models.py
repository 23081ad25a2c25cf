"""Models out of files: logits and gradients against Keras, TensorFlow, PyTorch and NumPy."""

import subprocess
import sys
import unittest

import numpy as np
from common import GOLDEN, STANDARD, Case, linear, linear_json, safetensors, sample, softmax_gradient

import inoculate


class Models(Case):
    def test_weights_give_the_logits_of_keras(self):
        model = inoculate.load(GOLDEN / "keras_simple_cnn.safetensors")
        x, labels = sample(1000)
        logits = model.logits(x)
        expected = np.load(GOLDEN / "keras_logits.npy")
        self.assertEqual((logits.dtype, logits.shape), (np.float32, (1000, 10)))
        np.testing.assert_allclose(logits, expected, rtol=0, atol=1e-3)
        np.testing.assert_array_equal(model.predict(x), expected.argmax(axis=1))
        self.assertGreater((model.predict(x) == labels).mean(), 0.95)

    def test_gradients_have_the_signs_of_tensorflow_in_double_precision(self):
        model = inoculate.load(GOLDEN / "keras_simple_cnn.safetensors")
        x, labels = sample(250)
        packed = np.load(GOLDEN / "keras_fgsm_crossentropy_float64.npy")[:250]
        signs = (np.stack([packed >> shift for shift in (0, 2, 4, 6)], axis=-1) & 3) - np.int8(1)
        gradients = model.gradients(x, "crossentropy", labels)
        self.assertEqual(gradients.shape, x.shape)
        agree = np.sign(gradients).reshape(250, 784) == signs.reshape(250, 784)
        self.assertGreater(agree.mean(), 0.999)

    def test_an_onnx_network_gives_what_pytorch_gives(self):
        compared = 0
        for path in sorted((GOLDEN / "onnx").glob("*.onnx")):
            beside = path.with_suffix(".safetensors")
            if not beside.exists():
                continue
            tensors = safetensors(beside)
            if "d_images" not in tensors:  # of networks in training
                continue
            model = inoculate.load(path)
            logits = model.logits(tensors["images"])
            scale = np.abs(tensors["logits"]).max()
            np.testing.assert_allclose(logits, tensors["logits"], rtol=0, atol=1e-4 * scale)
            compared += 1
        self.assertGreater(compared, 5)

    def test_a_linear_model_by_arithmetic(self):
        rng = np.random.default_rng(1)
        weights, bias = linear(rng)
        path = self.folder / "linear.json"
        path.write_text(linear_json(weights, bias, (2, 2, 3)))
        model = inoculate.load(path)
        self.assertEqual((model.shape, model.classes, model.gives), ((2, 2, 3), 3, "gradients"))
        self.assertEqual(model.range, (0, 1))
        x = rng.random((40, 2, 2, 3), np.float32)
        labels = rng.integers(0, 3, 40)
        flat = x.reshape(40, 12)
        np.testing.assert_allclose(model.logits(x), flat @ weights.T + bias, atol=1e-5)
        expected = softmax_gradient(weights, bias, flat, labels)
        for images in (x, flat):
            found = model.gradients(images, "crossentropy", labels)
            self.assertEqual(found.shape, images.shape)
            np.testing.assert_allclose(found.reshape(40, 12), expected, atol=1e-5)

    def test_the_loss_mse_is_that_of_the_tutorial(self):
        rng = np.random.default_rng(2)
        weights, bias = linear(rng)
        path = self.folder / "linear.json"
        path.write_text(linear_json(weights, bias, (3, 4, 1)))
        model = inoculate.load(path)
        x, labels = rng.random((5, 3, 4), np.float32), np.arange(5) % 3
        found = model.gradients(x, "mse", labels).reshape(5, 12)

        def losses(points):
            logits = points @ weights.astype(np.float64).T + bias
            p = np.exp(logits - logits.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            return ((p - np.eye(3)[labels]) ** 2).mean(axis=1)

        points = x.reshape(5, 12).astype(np.float64)
        for pixel in range(12):
            step = 1e-6 * np.eye(12)[pixel]
            numeric = (losses(points + step) - losses(points - step)) / 2e-6
            np.testing.assert_allclose(found[:, pixel], numeric, atol=1e-5)

    def test_other_floats_are_converted_and_other_layouts_too(self):
        model = inoculate.load(STANDARD)
        x, _ = sample(20)
        expected = model.logits(x)
        for same in (
            x.astype(np.float64),
            np.asfortranarray(x),
            np.repeat(x, 2, axis=0)[::2],
            x[..., 0],
            x.reshape(20, 784),
            x.tolist(),
        ):
            np.testing.assert_array_equal(model.logits(same), expected)

    def test_contiguous_floats_are_not_copied(self):
        from inoculate import _arrays

        model = inoculate.load(STANDARD)
        x, _ = sample(3)
        x.flags.writeable = False
        flat, _ = _arrays.images(x, model)
        self.assertTrue(np.shares_memory(flat, x))
        self.assertEqual(model.logits(x).shape, (3, 10))

    def test_what_is_no_image_is_refused(self):
        model = inoculate.load(STANDARD)
        name = str(STANDARD)
        x, labels = sample(4)
        taken = f"{name} takes [N, 28, 28, 1] or [N, 784] or [N, 28, 28]"
        self.refused(f"x: has shape [28, 28]; {taken}", model.logits, x[0, ..., 0])
        self.refused(f"x: has shape [4, 27, 28, 1]; {taken}", model.logits, x[:, 1:])
        self.refused("x: holds no images", model.logits, x[:0])
        self.refused("x: holds int64; give floats", model.logits, (x * 255).astype(np.int64))
        self.refused(
            "x: holds bytes; give pixels as floats, such as x.astype('float32') / 255",
            model.logits,
            (x * 255).astype(np.uint8),
        )
        self.refused("x: holds <U1; give floats", model.logits, np.full((4, 28, 28), "1"))
        for bad in (np.nan, np.inf, -np.inf):
            broken = x.copy()
            broken[2, 3, 4] = bad
            words = "x: has a number that is not finite, in image 2"
            self.refused(words, model.logits, broken)
            self.refused(words, model.gradients, broken, "mse", labels)
        self.refused(
            "x: has a number that is not finite, in image 0", model.logits, np.full((1, 784), 1e300)
        )

    def test_what_is_no_label_is_refused(self):
        model = inoculate.load(STANDARD)
        x, labels = sample(4)

        def gradients(some, loss="crossentropy"):
            return model.gradients(x, loss, some)

        self.refused("labels: holds float64; give whole numbers", gradients, labels * 1.0)
        self.refused(
            "labels: has shape [3]; give [4], one for each image", gradients, labels[:3]
        )
        self.refused(
            "labels: has shape [4, 1]; give [4], one for each image", gradients, labels[:, None]
        )
        for wrong in (-1, 10, 2**40):
            some = labels.astype(np.int64)
            some[1] = wrong
            words = f"labels: is {wrong} for image 1; the model's classes are 0 to 9"
            self.refused(words, gradients, some)
        self.refused("loss: is 'l1'; give 'crossentropy' or 'mse'", gradients, labels, "l1")

    def test_files_are_refused_as_the_command_refuses_them(self):
        path = self.folder / "none.onnx"
        self.refused(
            f"cannot read '{path}': No such file or directory; check the path", inoculate.load, path
        )
        path.write_bytes(b"\x08\x07damaged")
        with self.assertRaises(inoculate.Error) as raised:
            inoculate.load(path)
        self.assertIn(str(path), str(raised.exception))
        self.assertIsInstance(raised.exception, ValueError)

    def test_a_tree_gives_no_gradients(self):
        path = self.folder / "tree.json"
        path.write_text(
            '{"kind": "tree", "input": [1, 2, 1], "classes": ["cat", "dog"], "nodes": [{"feature": '
            '1, "threshold": 0.1, "left": 1, "right": 2}, {"counts": [3, 1]}, {"counts": [0, 5]}]}'
        )
        tree = inoculate.load(path)
        self.assertEqual(tree.class_names, ["cat", "dog"])
        x = np.array([[0, 0.0], [0, 1.0]])
        np.testing.assert_array_equal(tree.predict(x), [0, 1])
        np.testing.assert_allclose(np.exp(tree.logits(x)[0]), [0.75, 0.25], rtol=1e-5)
        self.refused(
            f"{path}: gives no more than probabilities, so no gradients",
            tree.gradients,
            x,
            "mse",
            [0, 1],
        )

    def test_preprocessing_that_is_told(self):
        rng = np.random.default_rng(3)
        weights, bias = linear(rng)
        path = self.folder / "linear.json"
        path.write_text(linear_json(weights, bias, (2, 2, 3)))
        mean, std = [0.1, 0.2, 0.3], [0.5, 0.25, 2.0]
        model = inoculate.load(path, mean=mean, std=std, classes=["a", "b", "c"])
        self.assertEqual(model.class_names, ["a", "b", "c"])
        x = rng.random((6, 2, 2, 3))
        prepared = ((x - mean) / std).reshape(6, 12)
        np.testing.assert_allclose(model.logits(x), prepared @ weights.T + bias, atol=1e-4)
        with self.assertRaises(inoculate.Error):
            inoculate.load(path, mean=float("nan"))
        with self.assertRaises(inoculate.Error):
            inoculate.load(path, preprocess="keras")

    def test_the_number_of_threads_stays_as_it_was_set(self):
        program = (
            "import sys, inoculate\n"
            "inoculate.set_threads(1)\n"
            "model = inoculate.load(sys.argv[1])\n"
            "x = [[0.0] * 784]\n"
            "model.logits(x), model.gradients(x, 'mse', [0]), inoculate.attack(model, 'fgsm', x)\n"
            "sys.exit(inoculate.threads() != 1)\n"
        )
        subprocess.run([sys.executable, "-c", program, STANDARD], check=True, cwd=self.folder)

    def test_threads_change_nothing(self):
        model = inoculate.load(STANDARD)
        x, _ = sample(200)
        before = inoculate.threads()
        expected = model.logits(x)
        try:
            for count in (1, 3):
                inoculate.set_threads(count)
                self.assertEqual(inoculate.threads(), count)
                np.testing.assert_array_equal(model.logits(x), expected)
        finally:
            inoculate.set_threads(before)
        self.refused("count: is -1; give 0 to 4096", inoculate.set_threads, -1)


if __name__ == "__main__":
    unittest.main()
