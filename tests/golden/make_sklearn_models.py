"""Makes sklearn/: a linear SVM, logistic regression and a decision tree, fitted by scikit-learn on the sample and
written by tools/sklearn_model.py, and what scikit-learn says of the golden images with them.

    python -m venv venv && venv/bin/pip install -r ../../tools/requirements_sklearn.txt
    venv/bin/python make_sklearn_models.py --sample ../../build/sample
"""

import argparse
import json
import pathlib
import sys

import numpy as np
from sklearn.tree import DecisionTreeClassifier

import formats

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import sklearn_model  # noqa: E402

COUNT = 200  # images
SIGNED = 50  # of them, whose gradients are kept
EPSILON = 0.1
SHAPE = (28, 28, 1)


def rounded(numbers):
    """To four digits, which keeps the files small."""
    return np.array([float(f"{x:.4g}") for x in np.ravel(numbers)]).reshape(np.shape(numbers))


def fgsm_signs(model, x, labels):
    """Of the gradient of the softmax's cross-entropy, for a linear model, in double precision."""
    logits = x.astype(np.float64) @ model.coef_.T + model.intercept_
    p = np.exp(logits - logits.max(1, keepdims=True))
    d_logits = p / p.sum(1, keepdims=True) - np.eye(10)[labels]
    return np.sign(d_logits @ model.coef_)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", required=True, help="folder of the sample's IDX files")
    folder = pathlib.Path(parser.parse_args().sample)
    images, labels = sklearn_model.load_images(folder, "sample")
    golden = np.arange(COUNT) * formats.SAMPLE_STRIDE
    others = np.arange(len(images)) % formats.SAMPLE_STRIDE != 0
    x, y = images[golden], labels[golden]

    out = pathlib.Path(formats.path("sklearn"))
    out.mkdir(exist_ok=True)
    answers, summary = {}, {"count": COUNT, "epsilon": EPSILON}
    for kind in ("svm", "logistic", "tree"):
        estimator = sklearn_model.TRAINED[kind]()
        if kind == "tree":
            estimator = DecisionTreeClassifier(max_leaf_nodes=150, random_state=1)
        estimator.fit(images[others], labels[others])
        if kind != "tree":
            estimator.coef_, estimator.intercept_ = rounded(estimator.coef_), rounded(estimator.intercept_)
            signs = fgsm_signs(estimator, x, y)
            adversaries = np.clip(x + EPSILON * signs, 0, 1)
            summary[f"{kind}_accuracy_under_fgsm"] = float(estimator.score(adversaries, y))
            np.save(out / f"{kind}_fgsm.npy", formats.pack_signs(signs[:SIGNED]))
            answers[f"{kind}_decision"] = estimator.decision_function(x)
        if kind != "svm":
            answers[f"{kind}_probabilities"] = estimator.predict_proba(x)
        answers[f"{kind}_labels"] = estimator.predict(x)
        summary[f"{kind}_accuracy"] = float(estimator.score(x, y))
        sklearn_model.write_model(out / f"{kind}.json", sklearn_model.model_of(estimator, SHAPE))
    formats.write_safetensors("sklearn/answers.safetensors", {k: v.astype(np.float32) for k, v in answers.items()}, {})
    (out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n")


if __name__ == "__main__":
    main()
