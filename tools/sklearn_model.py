"""A classifier that scikit-learn has fitted, as a JSON file that inoculate reads (docs/models.md).

    pip install -r requirements_sklearn.txt
    python sklearn_model.py --from fitted.joblib --input 28 28 1 --out model.json
    python sklearn_model.py --train svm --data data/mnist --out svm.json

--from takes what joblib.dump or pickle wrote: a LinearSVC, LogisticRegression, LinearDiscriminantAnalysis,
RidgeClassifier, Perceptron, SGDClassifier, DecisionTreeClassifier or ExtraTreeClassifier. Loading such a file
runs what is in it, so load only your own.
--train fits one on MNIST (IDX files, raw or .gz): svm (LinearSVC), logistic (LogisticRegression) or tree
(DecisionTreeClassifier).

Pixels are 0..1 for inoculate. For an estimator that was fitted on others, such as 0..255, say --pixels-up-to 255.
Its features are the pixels in the order of --input H W C, row by row, channels last.
"""

import argparse
import gzip
import json
import pathlib
import sys

import joblib
import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

TRAINED = {
    "svm": lambda: LinearSVC(C=0.01, random_state=1),
    "logistic": lambda: LogisticRegression(C=0.1, max_iter=300),
    "tree": lambda: DecisionTreeClassifier(random_state=1),
}


def read_idx(folder, name):
    """The bytes of an IDX file as an array of its shape."""
    for path, opened in ((folder / name, open), (folder / (name + ".gz"), gzip.open)):
        if path.exists():
            with opened(path, "rb") as file:
                content = file.read()
            rank = content[3]
            shape = np.frombuffer(content, ">u4", rank, 4)
            return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)
    sys.exit(f"{folder}: there is no {name} (nor {name}.gz); name MNIST's folder by --data")


def load_images(folder, split="train"):
    """Images [N, 784] of pixels 0..1 in single precision, as inoculate has them, and labels [N]."""
    folder = pathlib.Path(folder)
    images = read_idx(folder, f"{split}-images-idx3-ubyte")
    pixels = (images.reshape(len(images), -1) / 255.0).astype(np.float32)
    return pixels, read_idx(folder, f"{split}-labels-idx1-ubyte").astype(int)


def short(numbers):
    """As lists of single-precision floats, which inoculate computes with, in no more digits than they need."""
    return [short(row) for row in numbers] if np.ndim(numbers) > 1 else [float(str(np.float32(x))) for x in numbers]


def linear_part(model, scale):
    """weights and bias; two classes, for which scikit-learn has one row of weights, get one each."""
    weights, bias = np.asarray(model.coef_, float), np.asarray(model.intercept_, float)
    bias = np.broadcast_to(bias, len(weights))
    if len(weights) == 1 and len(model.classes_) == 2:
        weights, bias = np.vstack([-weights / 2, weights / 2]), np.concatenate([-bias / 2, bias / 2])
    if len(weights) != len(model.classes_):
        sys.exit(f"{type(model).__name__}: compares classes {len(weights)} times; one against the rest is written")
    kind = "svm" if isinstance(model, LinearSVC) else "linear"
    return {"kind": kind, "weights": short(weights * scale), "bias": short(bias)}


def plain(count):
    """A count without the digits that division by the number of images has left."""
    nearest = round(count)
    return nearest if abs(count - nearest) < 1e-6 * max(1, nearest) else count


def tree_part(model, scale):
    tree = model.tree_
    if model.n_outputs_ != 1:
        sys.exit("the tree tells several things of an image; a classifier tells its class alone")
    counts = tree.value[:, 0, :] / tree.value[:, 0, :].sum(1, keepdims=True) * tree.weighted_n_node_samples[:, None]
    nodes = []
    for i in range(tree.node_count):
        if tree.children_left[i] < 0:
            nodes.append({"counts": [plain(count) for count in counts[i].tolist()]})
        else:
            nodes.append({
                "feature": int(tree.feature[i]),
                "threshold": float(tree.threshold[i]) / scale,
                "left": int(tree.children_left[i]),
                "right": int(tree.children_right[i]),
            })
    return {"kind": "tree", "nodes": nodes}


def model_of(estimator, shape, scale=1.0):
    """The file's content, of an estimator that was fitted on pixels 0..scale of images H x W x C."""
    if not hasattr(estimator, "classes_") or not hasattr(estimator, "n_features_in_"):
        sys.exit(f"{type(estimator).__name__}: is no fitted classifier; fit it first")
    if estimator.n_features_in_ != np.prod(shape):
        sys.exit(f"the estimator takes {estimator.n_features_in_} features, and images of --input "
                 f"{' '.join(map(str, shape))} have {np.prod(shape)}")
    if hasattr(estimator, "tree_"):
        part = tree_part(estimator, scale)
    elif hasattr(estimator, "coef_") and np.ndim(estimator.coef_) == 2:
        part = linear_part(estimator, scale)
    else:
        sys.exit(f"{type(estimator).__name__}: is neither linear nor a decision tree, and cannot be written")
    classes = estimator.classes_.tolist()
    numbered = classes == list(range(len(classes)))
    return {
        "kind": part.pop("kind"),
        "input": list(shape),
        "classes": len(classes) if numbered else [str(name) for name in classes],
        "metadata": {
            "estimator": f"{estimator}",
            "made_by": f"scikit-learn {sklearn.__version__}",
        },
        **part,
    }


def write_model(path, model):
    """One line a node or a row of weights, so that people can read it."""
    lines = []
    for key, value in model.items():
        if key in ("nodes", "weights"):
            rows = ",\n  ".join(json.dumps(row, separators=(",", ":"), allow_nan=False) for row in value)
            lines.append(f'"{key}": [\n  {rows}\n ]')
        else:
            lines.append(f'"{key}": {json.dumps(value, allow_nan=False)}')
    pathlib.Path(path).write_text("{" + ",\n ".join(lines) + "}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--from", dest="fitted", metavar="FILE", help="an estimator by joblib.dump or pickle")
    source.add_argument("--train", choices=TRAINED, help="fit one on the training images of --data")
    parser.add_argument("--input", nargs=3, type=int, metavar=("H", "W", "C"), default=[28, 28, 1])
    parser.add_argument("--pixels-up-to", type=float, default=1.0, metavar="MOST", help="of --from; usually 1 or 255")
    parser.add_argument("--data", help="folder of MNIST's IDX files; with --from, to tell the accuracy")
    parser.add_argument("--out", required=True, metavar="FILE.json")
    options = parser.parse_args()
    if options.train and (not options.data or options.pixels_up_to != 1 or options.input != [28, 28, 1]):
        parser.error("--train needs --data, and takes its images as they are")
    if not options.pixels_up_to > 0:
        parser.error("--pixels-up-to is above 0")

    if options.train:
        estimator = TRAINED[options.train]().fit(*load_images(options.data))
    else:
        try:
            estimator = joblib.load(options.fitted)
        except Exception as error:  # whatever a file has in it
            sys.exit(f"{options.fitted}: cannot be loaded: {error}")
    write_model(options.out, model_of(estimator, options.input, options.pixels_up_to))
    if options.data:
        images, labels = load_images(options.data, "t10k")
        accuracy = estimator.score(images * np.float32(options.pixels_up_to), labels)
        print(f"{options.out}: {accuracy:.4f} of {len(labels)} test images by scikit-learn")


if __name__ == "__main__":
    main()
