"""The adapters of docs/python.md: networks of PyTorch and JAX, attacked by us."""

import re
import unittest

import numpy as np
from common import ROOT, Case, sample

import inoculate

try:
    import torch
except ImportError:
    torch = None
try:
    import jax
except ImportError:
    jax = None


def of_page(first, names):
    """Runs the code of the page that begins with this line, and gives its names."""
    page = (ROOT / "docs/python.md").read_text()
    block = page[page.index("    " + first) :]
    block = re.split(r"^(?=\S)", block, flags=re.MULTILINE)[0]
    names = {"inoculate": inoculate, **names}
    exec("\n".join(line[4:] for line in block.splitlines()), names)
    return names


@unittest.skipIf(torch is None, "PyTorch is not installed")
class PyTorch(Case):
    def setUp(self):
        super().setUp()
        torch.manual_seed(1)
        self.network = torch.nn.Sequential(
            torch.nn.Conv2d(1, 4, 5, stride=3),
            torch.nn.ReLU(),
            torch.nn.Flatten(),
            torch.nn.Linear(4 * 8 * 8, 10),
        )
        of_torch = of_page("import torch", {})["of_torch"]
        self.model = of_torch(self.network, (28, 28, 1), 10)

    def test_its_logits_and_gradients_are_those_of_pytorch(self):
        x, labels = sample(20)
        images = torch.tensor(x.transpose(0, 3, 1, 2), dtype=torch.float64, requires_grad=True)
        double = self.network.double()
        logits = double(images)
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor(labels).long(), reduction="sum")
        loss.backward()
        self.network.float()
        np.testing.assert_allclose(self.model.logits(x), logits.detach().numpy(), atol=1e-5)
        found = self.model.gradients(x, "crossentropy", labels)
        np.testing.assert_allclose(found.transpose(0, 3, 1, 2), images.grad.numpy(), atol=1e-5)

    def test_fgsm_is_the_step_along_the_sign(self):
        x, labels = sample(20)
        found = inoculate.attack(self.model, "fgsm", x, labels, epsilon=0.1)
        signs = np.sign(self.model.gradients(x, "crossentropy", labels))
        expected = np.clip(x + np.float32(0.1) * signs, 0, 1)
        np.testing.assert_array_equal(found.adversaries, expected)

    def test_the_exported_network_falls_to_the_same_attack(self):
        x, labels = sample(60)
        path = self.folder / "net.onnx"
        try:
            torch.onnx.export(self.network, torch.zeros(1, 1, 28, 28), path, dynamo=False)
        except Exception as error:  # exporters come and go
            self.skipTest(f"this PyTorch does not export: {error}")
        file = inoculate.load(path)
        labels = file.predict(x)  # the network is not trained
        for name in ("fgsm", "pgd", "deepfool"):
            mine = inoculate.attack(self.model, name, x, labels, seed=3)
            theirs = inoculate.attack(file, name, x, labels, seed=3)
            self.assertGreater((mine.success == theirs.success).mean(), 0.95)

    def test_the_judge_takes_it(self):
        x, _ = sample(20)
        labels = self.model.predict(x)
        found = inoculate.robustness(self.model, x, labels, epsilon=0.1, attacks="quick")
        self.assertEqual(found.clean.count, 20)
        self.assertLess(found.worst_case.count, 20)


@unittest.skipIf(jax is None, "JAX is not installed")
class Jax(Case):
    def test_its_gradients_are_those_of_jax(self):
        weights = np.random.default_rng(6).normal(size=(784, 10)).astype(np.float32) / 10

        def network(images):
            return 5 * jax.numpy.tanh(images.reshape(len(images), 784) @ weights)

        model = of_page("forward = jax.jit", {"jax": jax, "network": network})["model"]
        x, labels = sample(30)

        def loss(images):
            logits = jax.nn.log_softmax(network(images))
            return -logits[np.arange(30), labels].sum()

        found = model.gradients(x, "crossentropy", labels)
        np.testing.assert_allclose(found, jax.grad(loss)(x), atol=1e-5)
        attacked = inoculate.attack(model, "pgd", x, model.predict(x), epsilon=0.1)
        self.assertGreater(attacked.success.mean(), 0.9)


if __name__ == "__main__":
    unittest.main()
