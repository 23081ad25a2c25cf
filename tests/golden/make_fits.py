"""Makes fits/: what scikit-learn fits on 2,000 images of the sample, for `inoculate fit` to be held against.

    python -m venv venv && venv/bin/pip install -r ../../tools/requirements_sklearn.txt
    venv/bin/python make_fits.py --sample ../../build/sample
"""

import argparse
import json
import pathlib
import sys

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

import formats

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import sklearn_model  # noqa: E402

TRAINED = 2000  # the first images that are not golden ones
TESTED = 1000  # golden ones
SHOWN = 50  # of them, whose decision values are kept

ESTIMATORS = {
    "logistic": LogisticRegression(C=0.1, max_iter=5000, tol=1e-6),
    "svm": LinearSVC(C=0.01, dual=False, max_iter=100000, tol=1e-6),
    "tree": DecisionTreeClassifier(random_state=1),
    "shallow": DecisionTreeClassifier(max_depth=4, min_samples_leaf=20, random_state=1),
    "few_leaves": DecisionTreeClassifier(max_leaf_nodes=30, random_state=1),
    "knn": KNeighborsClassifier(n_neighbors=3, algorithm="brute"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", required=True, help="folder of the sample's IDX files")
    folder = pathlib.Path(parser.parse_args().sample)
    images, labels = sklearn_model.load_images(folder, "sample")
    golden = np.arange(len(images)) % formats.SAMPLE_STRIDE == 0
    x, y = images[~golden][:TRAINED], labels[~golden][:TRAINED]
    tested = images[golden][:TESTED]

    pathlib.Path(formats.path("fits")).mkdir(exist_ok=True)
    summary, decisions = {"trained": TRAINED, "tested": TESTED}, {}
    for name, estimator in ESTIMATORS.items():
        # liblinear and L-BFGS in double precision, on the pixels that inoculate has
        estimator.fit(x.astype(np.float64) if name in ("logistic", "svm") else x, y)
        read = estimator.predict(tested)
        summary[name] = {
            "accuracy": float(np.mean(read == labels[golden][:TESTED])),
            "labels": "".join(map(str, read)),
        }
        if hasattr(estimator, "coef_"):
            decisions[name] = estimator.decision_function(tested[:SHOWN]).astype(np.float32)
        if hasattr(estimator, "tree_"):
            tree = estimator.tree_
            leaf = tree.children_left < 0
            weights = tree.n_node_samples[leaf] / TRAINED
            summary[name]["leaves"] = int(leaf.sum())
            summary[name]["root"] = [int(tree.feature[0]), float(tree.threshold[0])]
            summary[name]["impurity"] = float((tree.impurity[leaf] * weights).sum())
    formats.write_safetensors("fits/decisions.safetensors", decisions, {})
    text = json.dumps(summary, indent=1)
    pathlib.Path(formats.path("fits/summary.json")).write_text(text + "\n")


if __name__ == "__main__":
    main()
