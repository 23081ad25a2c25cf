"""Makes scikit_learn/: linear models that scikit-learn has fitted, as skl2onnx writes them, with what they say of some
images and its gradient, worked out in double precision.

    python -m venv venv && venv/bin/pip install -r requirements_scikit_learn_onnx.txt
    venv/bin/python make_scikit_learn_onnx.py
"""

import pathlib

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, Normalizer, StandardScaler
from sklearn.svm import LinearSVC
from skl2onnx import to_onnx

import formats

FEATURES, IMAGES, STEP = 6, 12, 1e-6


def log_logistic(scores):
    return -np.logaddexp(0, -scores)


def rows_of(linear):
    """Weights and biases with a row a class, also of two classes."""
    weights, bias = linear.coef_, linear.intercept_
    return (np.vstack([-weights, weights]), np.concatenate([-bias, bias])) if len(weights) == 1 else (weights, bias)


def scores_of(linear, x):
    weights, bias = rows_of(linear)
    return x @ weights.T + bias


def scaled(scaler, x):
    if isinstance(scaler, StandardScaler):
        return (x - scaler.mean_) / scaler.scale_
    if isinstance(scaler, MinMaxScaler):
        return x * scaler.scale_ + scaler.min_
    order = {"l1": 1, "l2": 2}[scaler.norm]
    return x / np.linalg.norm(x, order, axis=1, keepdims=True)


def cases(x, y):
    """name, the fitted model, its options, and its logits in double precision."""
    two = (x[:, 0] > x[:, 1]).astype(int)
    logistic = LogisticRegression().fit(x, y)
    yield "logistic", logistic, {}, lambda v: scores_of(logistic, v)
    yield "logistic_no_zipmap", logistic, {"zipmap": False}, lambda v: scores_of(logistic, v)
    yield "logistic_raw", logistic, {"raw_scores": True}, lambda v: scores_of(logistic, v)
    binary = LogisticRegression().fit(x, two)
    yield "logistic_binary", binary, {}, lambda v: log_logistic(scores_of(binary, v))
    svm = LinearSVC().fit(x, y)
    yield "svm", svm, {}, lambda v: scores_of(svm, v)
    svm_binary = LinearSVC().fit(x, two)
    yield "svm_binary", svm_binary, {}, lambda v: scores_of(svm_binary, v)
    for name, scaler in (("standard", StandardScaler()), ("min_max", MinMaxScaler()), ("l1", Normalizer("l1")),
                         ("l2", Normalizer("l2"))):
        pipe = make_pipeline(scaler, LogisticRegression()).fit(x, y)
        yield name, pipe, {}, lambda v, pipe=pipe: scores_of(pipe[1], scaled(pipe[0], v))


def gradient_of(logits, x, weights):
    """Of the logits' sum weighted by `weights`, by central differences in double precision."""
    gradient = np.zeros_like(x)
    for p in range(x.shape[1]):
        up, down = x.copy(), x.copy()
        up[:, p] += STEP
        down[:, p] -= STEP
        gradient[:, p] = ((logits(up) - logits(down)) * weights[: logits(x).shape[1]]).sum(1) / (2 * STEP)
    return gradient


def main():
    random = np.random.default_rng(1)
    x = random.random((200, FEATURES)).astype(np.float32).astype(np.float64)
    y = np.argmax(x[:, :3] + 0.3 * random.random((200, 3)), 1)
    shown, weights = x[:IMAGES], np.array([1.0, -2.0, 0.5])
    folder = pathlib.Path(formats.path("scikit_learn"))
    folder.mkdir(exist_ok=True)
    expected = {"images": shown}
    for name, model, options, logits in cases(x, y):
        last = model[-1] if hasattr(model, "steps") else model
        file = to_onnx(model, x[:1].astype(np.float32), options={id(last): options} if options else None)
        (folder / f"{name}.onnx").write_bytes(file.SerializeToString())
        # The reading of scikit-learn itself is that of these logits.
        assert (model.predict(shown) == np.argmax(logits(shown), 1)).all(), name
        expected[f"{name}_logits"] = logits(shown)
        expected[f"{name}_gradient"] = gradient_of(logits, shown, weights)
    formats.write_safetensors("scikit_learn/expected.safetensors",
                              {k: v.astype(np.float32) for k, v in expected.items()}, {})


if __name__ == "__main__":
    main()
