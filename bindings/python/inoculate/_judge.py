"""What a model withstands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _arrays, _engine
from ._arrays import Error
from ._attack import norm_of, require_size
from ._model import Model


@dataclass(frozen=True)
class Share:
    """A share of images, with its 95 % interval (Wilson)."""

    count: int
    n: int

    @property
    def value(self) -> float:
        """0..1."""
        return self.count / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Its lower and upper end."""
        return _engine.wilson_interval(self.count, self.n)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{100 * self.value:.2f} % [{100 * low:.2f}, {100 * high:.2f}]"


@dataclass(frozen=True)
class Score:
    """One attack's part of a judgement."""

    name: str
    tried: int  #: images that count: those read right, in a cascade not yet fooled
    withstood: int  #: of them
    accuracy: float  #: share of all images that are read right after it
    mean_distance: float  #: of the successes, in the norm
    forward_calls: int
    gradient_calls: int
    seconds: float
    fooled: npt.NDArray[np.bool_]  #: [N]


@dataclass(frozen=True)
class Alarm:
    """A sign that a model only looks robust (Athalye et al. 2018, section 3.1)."""

    name: str
    text: str  #: what was seen, and what it means


@dataclass(frozen=True)
class Robustness:
    """What a model withstands; printed, a table."""

    model: str
    norm: str
    epsilon: float
    n: int
    clean: Share  #: images read right
    worst_case: Share  #: images read right after every attack too
    attacks: list[Score]
    alarms: list[Alarm]
    left_out: list[str]  #: attacks of the suite that do not know the norm
    robust: npt.NDArray[np.bool_]  #: [N], of the worst case

    def __str__(self) -> str:
        rows = [("clean", str(self.clean))]
        rows += [(s.name, str(Share(round(s.accuracy * self.n), self.n))) for s in self.attacks]
        rows += [("worst case", str(self.worst_case))]
        width = max(len(name) for name, _ in rows)
        lines = [f"{self.model}, {self.norm}, epsilon {self.epsilon:g}, n = {self.n}"]
        lines += [f"{name:{width}}  {share:>24}" for name, share in rows]
        lines += [f"alarm: {alarm.text}" for alarm in self.alarms]
        lines += [f"left out: {name}, which does not know {self.norm}" for name in self.left_out]
        return "\n".join(lines)


def robustness(
    model: Model,
    x: Any,
    labels: Any,
    *,
    epsilon: float = 0.1,
    norm: str = "linf",
    attacks: str = "standard",
    cascade: bool = False,
    seed: int = 1,
) -> Robustness:
    """Judges a model by several attacks and by the worst of them for each image; the same as
    `inoculate robustness`.

    x, labels  images in the model's range, and their true classes [N]
    epsilon    the size of the perturbation, in pixels and the norm
    norm       "linf", "l2" or "l1"
    attacks    "standard" (APGD, targeted APGD, PGD along smoothed gradients, DeepFool, Square),
               "autoattack" (as its authors run it, a cascade), "quick", or names with commas
    cascade    attack only what withstood the attacks before; the worst case is the same

    Ctrl-C ends it with KeyboardInterrupt.
    """
    flat, _ = _arrays.images(x, model)
    classes = _arrays.classes(labels, len(flat), model)
    engine_norm = norm_of(norm, ("linf", "l2", "l1"), "the judge")
    epsilon = require_size("epsilon", epsilon, norm, model)
    seed = _arrays.whole(seed, "seed", 0, 2**64 - 1)
    try:
        verdict, alarms = _engine.judge(
            model._classifier, flat, classes, str(attacks), engine_norm, epsilon, seed, bool(cascade)
        )
    except Error as error:
        raise Error(f"attacks={attacks!r}: {error}") from None
    scores = [
        Score(
            name=score.name,
            tried=score.tried,
            withstood=score.withstood,
            accuracy=verdict.accuracy_after(k),
            mean_distance=score.mean_distance,
            forward_calls=score.forward_calls,
            gradient_calls=score.gradient_calls,
            seconds=score.seconds,
            fooled=np.array(fooled, dtype=np.bool_),
        )
        for k, (score, fooled) in enumerate(zip(verdict.attacks, verdict.fooled))
    ]
    return Robustness(
        model=model.name,
        norm=norm,
        epsilon=epsilon,
        n=verdict.n,
        clean=Share(verdict.clean, verdict.n),
        worst_case=Share(verdict.worst_case, verdict.n),
        attacks=scores,
        alarms=[Alarm(alarm.name, alarm.text) for alarm in alarms],
        left_out=[one.name for one in _engine.left_out_of_suite(str(attacks), engine_norm)],
        robust=np.array(verdict.robust, dtype=np.bool_),
    )
