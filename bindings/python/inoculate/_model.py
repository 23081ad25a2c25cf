"""Models: from files, and from functions of Python."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import _arrays, _engine
from ._arrays import Error, Floats, Ints

Function = Callable[..., Any]


class Model:
    """A classifier of images, as attacks and the judge see it.

    `inoculate.load` makes one of a file. This makes one of functions, so that a network of PyTorch,
    JAX or anything else can be attacked:

    logits     f(images [N, H, W, C]) -> logits [N, classes]; both float32 arrays of NumPy
    gradients  g(images [N, H, W, C], d_logits [N, classes]) -> [N, H, W, C]: the gradient of
               sum(f(images) * d_logits) with respect to the images (a vector-Jacobian product);
               None: attacks that need gradients are refused
    shape      (H, W, C) of an image
    classes    how many there are
    range      the least and the largest value of a valid pixel
    batch      how many images the functions are given at once, at most

    The same image must get the same logits whatever images it comes with; `deterministic=False`
    says that it does not get the same each time. The functions are called by several threads, with
    Python's lock held. What they raise comes out of the call that asked; a wrong shape or a number
    that is not finite is refused with `inoculate.Error`.
    """

    def __init__(
        self,
        *,
        logits: Function,
        gradients: Function | None = None,
        shape: Sequence[int],
        classes: int,
        range: tuple[float, float] = (0.0, 1.0),
        name: str = "the model",
        class_names: Sequence[str] = (),
        deterministic: bool = True,
        batch: int = 256,
    ) -> None:
        for function, what in ((logits, "logits"), (gradients, "gradients")):
            if not callable(function) and not (function is None and what == "gradients"):
                raise Error(f"{what}: is no function")
        if len(shape) != 3:
            raise Error(f"shape: has {len(shape)} numbers; give (H, W, C)")
        h, w, c = (_arrays.whole(extent, "shape", 1, 1 << 16) for extent in shape)
        if h * w * c > 1 << 24:
            raise Error(f"shape: an image has {h * w * c} numbers; give at most {1 << 24}")
        classes = _arrays.whole(classes, "classes", 2, 1 << 20)
        low, high = (_arrays.real(end, "range", -1e6, 1e6) for end in range)
        if not low < high:
            raise Error(f"range: {low:g} is not less than {high:g}")
        if class_names and len(class_names) != classes:
            raise Error(f"class_names: names {len(class_names)} classes of {classes}")

        def ask_logits(images: Floats) -> Floats:
            found = logits(images.reshape(-1, h, w, c))
            return _arrays.answer(found, (len(images), classes), "logits")

        def ask_gradients(images: Floats, d_logits: Floats) -> Floats:
            found = gradients(images.reshape(-1, h, w, c), d_logits)  # type: ignore[misc]
            return _arrays.answer(found, (len(images), h, w, c), "gradients")

        spec = _engine.Spec()
        spec.name, spec.classes, spec.class_names = str(name), classes, list(map(str, class_names))
        spec.shape.h, spec.shape.w, spec.shape.c = h, w, c
        spec.range.low, spec.range.high = low, high
        spec.deterministic = bool(deterministic)
        spec.images_at_once = _arrays.whole(batch, "batch", 1, 1 << 20)
        self._set(
            _engine.function_model(spec, ask_logits, None if gradients is None else ask_gradients)
        )

    _notes: str | None = None  # what was said of the file it is of; None: it is of functions

    def _set(self, classifier: Any) -> None:
        self._classifier = classifier
        spec = classifier.spec
        self.name: str = spec.name
        self.shape: tuple[int, int, int] = (spec.shape.h, spec.shape.w, spec.shape.c)
        self.range: tuple[float, float] = (spec.range.low, spec.range.high)
        self.classes: int = spec.classes
        self.class_names: list[str] = spec.class_names
        #: What can be seen of it: "labels", "top probability", "probabilities" or "gradients".
        self.gives: str = spec.gives
        self.deterministic: bool = spec.deterministic

    def __repr__(self) -> str:
        h, w, c = self.shape
        size = f"{h}x{w}x{c}, {self.classes} classes"
        return f"<inoculate.Model {self.name}: {size}, gives {self.gives}>"

    def logits(self, x: Any) -> Floats:
        """Logits [N, classes] of images [N, H, W, C] (or [N, H, W] where C is 1, or [N, H*W*C]).

        A contiguous float32 array is read where it is; other floats are converted first.
        """
        flat, _ = _arrays.images(x, self, valid=False)
        return self._classifier.logits(flat)

    def predict(self, x: Any) -> Ints:
        """The classes [N] of the largest logits, the first of equals."""
        return self.logits(x).argmax(axis=1).astype(np.int32)

    def gradients(self, x: Any, loss: str, labels: Any) -> Floats:
        """The gradient of each image's loss with respect to its pixels, in the shape of `x`.

        loss    "crossentropy", of softmax(logits) against the label, or "mse", the mean over
                classes of (softmax(logits) - one-hot label)^2
        labels  [N], classes
        """
        if self.gives != "gradients":
            raise Error(f"{self.name}: gives no more than {self.gives}, so no gradients")
        flat, shape = _arrays.images(x, self, valid=False)
        found = self._classifier.gradients(
            flat, loss_of(loss), _arrays.classes(labels, len(flat), self)
        )
        return found.reshape(shape)


def loss_of(loss: str) -> Any:
    """The engine's loss of that name."""
    if loss not in ("crossentropy", "mse"):
        raise Error(f"loss: is {loss!r}; give 'crossentropy' or 'mse'")
    return getattr(_engine.Loss, loss)


def load(
    path: str | os.PathLike[str],
    *,
    preprocess: str | None = None,
    mean: float | Sequence[float] | None = None,
    std: float | Sequence[float] | None = None,
    input_range: tuple[float, float] | None = None,
    channels: str | None = None,
    classes: Sequence[str] | None = None,
) -> Model:
    """The model of a file, of any kind that the command reads: weights or nearest neighbours
    (.safetensors), a network (.onnx), or a linear model, tree or ensemble (.json).

    A network of an ONNX file may want its pixels prepared. What is not said here is taken from the
    JSON beside it (net.json beside net.onnx), else from its metadata, else pixels of 0..1 go in as
    they are:

    preprocess   "none", "torch" (ImageNet's mean and deviation), "caffe" or "tf", in place of
    mean, std    a number, or one for each channel
    input_range  what the pixels 0 and 1 become before the mean is taken from them
    channels     "rgb" or "bgr"
    classes      the names of the classes
    """
    said = {
        "preprocess": preprocess,
        "mean": mean,
        "std": std,
        "input_range": input_range,
        "channels": channels,
        "classes": classes,
    }
    try:
        notes = {
            key: value if isinstance(value, str) else np.asarray(value).tolist()
            for key, value in said.items()
            if value is not None
        }
        text = json.dumps(notes, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Error(f"what is said of {os.fspath(path)}: {error}") from None
    model = Model.__new__(Model)
    model._set(_engine.load(os.fspath(path), text))
    model._notes = text
    return model
