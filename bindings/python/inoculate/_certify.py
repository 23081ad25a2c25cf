"""What is proven of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _arrays, _engine
from ._arrays import Error, Floats
from ._attack import norm_of, require_size
from ._judge import Share
from ._model import Model

SMOOTHING = "smoothing"


@dataclass(frozen=True)
class Certificates:
    """What is proven of images; printed, a table."""

    model: str
    method: str
    norm: str
    epsilon: float
    n: int
    clean: Share  #: images read right
    certified: Share  #: proven to be read right within epsilon; of "smoothing" by the smoothed model
    proven: npt.NDArray[np.bool_]  #: [N], which these are
    radii: Floats | None  #: [N], the largest certified epsilon of each; None where nobody asked
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.model}, {self.norm}, epsilon {self.epsilon:g}, {self.method}, n = {self.n}\n"
            f"clean      {self.clean!s:>24}\n"
            f"certified  {self.certified!s:>24}"
        )


def certify(
    model: Model,
    x: Any,
    labels: Any,
    *,
    epsilon: float = 0.1,
    norm: str = "linf",
    method: str = "crown",
    radius: bool = False,
    sigma: float = 0.5,
    samples: int = 10_000,
    alpha: float = 0.001,
    seed: int = 1,
) -> Certificates:
    """Proves of images that no perturbation up to a size changes what the model reads; the same as
    `inoculate certify`.

    x, labels  images in the model's range, and their true classes [N]
    epsilon    the size of the perturbation, in pixels and the norm
    norm       "linf" or "l2"
    method     "ibp" (intervals, the fastest), "crown-ibp", "crown" (the tightest): of a network or
               a linear model from a file. Or "smoothing", of any model with normal noise, in L2
    radius     find the largest certified epsilon of each image too, by bisection; "smoothing" does
    sigma      of smoothing: the deviation of the noise, in pixels
    samples    and how many noisy images count
    alpha      and how probable it may be that an image's certificate is wrong
    seed       and of the noise

    Ctrl-C ends it with KeyboardInterrupt.
    """
    methods = [*_engine.certificate_methods(), SMOOTHING]
    if method not in methods:
        raise Error(f"method: is {method!r}; give one of {', '.join(methods)}")
    flat, _ = _arrays.images(x, model)
    classes = _arrays.classes(labels, len(flat), model)
    engine_norm = norm_of(norm, ("linf", "l2"), "certify")
    epsilon = require_size("epsilon", epsilon, norm, model)
    smoothing = _engine.Smoothing()
    smoothing.sigma = _arrays.real(sigma, "sigma", 1e-3, 100)
    smoothing.samples = _arrays.whole(samples, "samples", 100, 10_000_000)
    smoothing.alpha = _arrays.real(alpha, "alpha", 1e-9, 0.5)
    smoothing.seed = _arrays.whole(seed, "seed", 0, 2**64 - 1)
    if method == SMOOTHING and norm != "l2":
        raise Error("norm: smoothing certifies in L2; give norm='l2'")
    if method != SMOOTHING and model._notes is None:
        raise Error(
            f"{model.name}: is a function, of which only method='smoothing' can certify anything; "
            "the others need the file of a network or a linear model"
        )
    found = _engine.certify(
        model._classifier, model._notes or "{}", flat, classes, method, engine_norm, epsilon,
        bool(radius), smoothing
    )
    proven = np.array(found.certified, dtype=np.bool_)
    radii = np.array(found.radii, dtype=np.float64) if len(found.radii) else None
    right = int((model.predict(x) == classes).sum())
    return Certificates(
        model=model.name,
        method=method,
        norm=norm,
        epsilon=epsilon,
        n=len(flat),
        clean=Share(right, len(flat)),
        certified=Share(int(proven.sum()), len(flat)),
        proven=proven,
        radii=radii,
        seconds=found.seconds,
    )
