"""Attacks, as the registry has them."""

from __future__ import annotations

import difflib
import math
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _arrays, _engine
from ._arrays import Error, Floats, Ints
from ._model import Model, loss_of

_MOST = 1_000_000
_NORMS = ("linf", "l2", "l1", "l0")


@dataclass(frozen=True)
class Attack:
    """A row of the registry."""

    name: str  #: as `attack` takes it
    title: str
    paper: str  #: "Author et al. 2015"
    norms: tuple[str, ...]  #: none: the change has no size
    sees: str  #: what it must see of the model, or the kind of model that it looks into
    options: tuple[str, ...]  #: of `attack`, that it heeds
    one_for_all: bool  #: one perturbation for all images


@dataclass(frozen=True)
class Calls:
    """What the attack asked of the model about each image."""

    forward: Ints  #: [N], logits without a gradient
    gradient: Ints  #: [N], gradients, each with its forward pass


@dataclass(frozen=True)
class Adversaries:
    """What an attack made, and what came of it."""

    adversaries: Floats  #: in the shape of the images
    success: npt.NDArray[np.bool_]  #: [N]: a fresh prediction is wrong, or the target
    distances: Floats  #: [N], from the images, in the attack's norm
    calls: Calls
    epsilon: float  #: that it kept to; infinite where it looks for the nearest
    targets: Ints | None  #: [N], where each image had one of its own
    pattern: Floats | None  #: [H, W, C], of an attack that pastes one picture into all images
    without_start: int  #: images left as they are, as nothing was found to start from


def attacks() -> list[Attack]:
    """All attacks, in the order of `inoculate attack --list`."""
    return [_row_of(method) for method in _engine.methods()]


def _row_of(method: Any) -> Attack:
    norms = tuple(norm.name for norm in method.norms)
    options = ("norm", *method.options) if len(norms) > 1 else tuple(method.options)
    return Attack(
        name=method.name,
        title=method.title,
        paper=method.paper,
        norms=norms,
        sees=method.sees,
        options=options,
        one_for_all=method.one_for_all,
    )


def _method(name: str) -> Any:
    """The engine's attack of that name."""
    known = {method.name: method for method in _engine.methods()}
    if name in known:
        return known[name]
    close = difflib.get_close_matches(str(name), known, n=1)
    raise Error(
        f"there is no attack {name!r}; "
        + (f"is it {close[0]}?" if close else "inoculate.attacks() lists them")
    )


def norm_of(norm: str, known: tuple[str, ...], who: str) -> Any:
    """The engine's norm of that name."""
    if norm not in known:
        raise Error(f"norm: is {norm!r}; {who} knows {', '.join(known)}")
    return getattr(_engine.Norm, norm)


def require_size(what: str, size: float, norm: str, model: Model) -> float:
    """A size of a perturbation, as the command takes it."""
    size = _arrays.real(size, what, 0, 1000)
    if norm == "linf" and model.range == (0, 1):
        mistake = _engine.linf_mistake(size)
        if mistake is not None:
            raise Error(f"{what}: {mistake}")
    return size


def attack(
    model: Model,
    name: str,
    x: Any,
    labels: Any = None,
    *,
    epsilon: float | None = None,
    norm: str | None = None,
    targets: Any = None,
    seed: int = 1,
    clip: bool = True,
    numbers: Any = None,
    **options: Any,
) -> Adversaries:
    """Attacks the model's reading of images; the same as `inoculate attack NAME`, bit for bit.

    name      one of `attacks()`, which say what each heeds of the options
    x         images in the model's range: [N, H, W, C], [N, H, W] where C is 1, or [N, H*W*C]
    labels    [N], the true classes; None: what the model reads, so that any change is a success
    epsilon   the size of the perturbation, in pixels and the norm; None: the attack's own
    norm      "linf", "l2", "l1" or "l0"; None: the attack's first
    targets   the class to be read instead: one for all images, [N], "random" or "least-likely".
              Images of their target's class stay as they are
    seed      of all that is drawn at random
    clip      keep pixels in the model's range
    numbers   [N], each image's own number, which what is drawn for it follows from; None: 0, 1 ...

    options   loss         "crossentropy" or "mse"
              steps, restarts, queries, pixels    whole numbers, at least 1 (queries 2)
              step_size    above 0
              random_start False: start at the image
              confidence   0..1: count only what is read wrong with this probability
              patch_size   share of the image's area; patch_at   (row, column)
              source       the Model that adversaries are made against (transfer)
              generator    the file of what makes the perturbations (generator)

    Ctrl-C ends it with KeyboardInterrupt.
    """
    method = _method(name)
    row = _row_of(method)
    given = {"epsilon": epsilon, "targets": targets, **options}
    for option, value in given.items():
        if value is not None and option not in row.options:
            raise Error(f"{name}: has no option {option}; it heeds {', '.join(row.options)}")
    if "generator" in row.options and options.get("generator") is None:
        raise Error(f"{name}: wants a generator, the file that makes the perturbations")
    if "source" in row.options and options.get("source") is None:
        raise Error(f"{name}: wants a source, the Model that adversaries are made against")
    if options.get("restarts") is not None and options.get("random_start") is False:
        raise Error("restarts: random starts were switched off by random_start=False")
    flat, shape = _arrays.images(x, model, valid=clip)
    n = len(flat)
    work = _engine.Attack()
    norm = norm or (row.norms[0] if row.norms else "linf")
    work.norm = norm_of(norm, row.norms or ("linf",), name)
    if epsilon is not None:
        work.epsilon = require_size("epsilon", epsilon, norm, model)
    work.clip = bool(clip)
    work.seed = _arrays.whole(seed, "seed", 0, 2**64 - 1)
    _set_options(work, model, norm, options)
    _set_targets(work, targets, row, model, n)
    if labels is None:
        labels = model.predict(flat)
    labels = _arrays.classes(labels, n, model)
    if numbers is not None:
        work.numbers = _arrays.numbers(numbers, n, 2**31 - 1, "numbers", "give").tolist()
    work.run(model._classifier, method, flat, labels)
    found = work.result
    pattern = found.pattern_shape
    return Adversaries(
        adversaries=found.adversaries.reshape(shape),
        success=np.array(found.success, dtype=np.bool_),
        distances=np.array(found.distances, dtype=np.float32),
        calls=Calls(
            np.array([calls.forward for calls in found.calls], dtype=np.int32),
            np.array([calls.gradient for calls in found.calls], dtype=np.int32),
        ),
        epsilon=work.epsilon,
        targets=np.array(work.targets, dtype=np.int32) if work.targets else None,
        pattern=(
            found.pattern.reshape(pattern.h, pattern.w, pattern.c) if found.pattern.size else None
        ),
        without_start=found.without_start,
    )


def _set_targets(work: Any, targets: Any, row: Attack, model: Model, n: int) -> None:
    if targets is None:
        return
    if not isinstance(targets, str):
        if np.ndim(targets) == 0:
            criterion = work.criterion
            criterion.target = _arrays.whole(targets, "targets", 0, model.classes - 1)
        else:
            work.targets = _arrays.classes(targets, n, model, "targets").tolist()
        return
    if targets not in ("random", "least-likely"):
        raise Error(f"targets: is {targets!r}; give classes, 'random' or 'least-likely'")
    if row.one_for_all:
        raise Error(
            f"targets: {row.name} makes one perturbation for all images, which cannot have a "
            "target each; name one class"
        )
    if targets == "least-likely" and model.gives not in ("probabilities", "gradients"):
        raise Error(
            f"targets: {model.name} gives no more than {model.gives}, not the probabilities of all "
            "classes"
        )
    work.random_targets = targets == "random"
    work.least_likely_targets = targets == "least-likely"


def _set_options(work: Any, model: Model, norm: str, options: dict[str, Any]) -> None:
    settings = work.options
    for name, value in options.items():
        if value is None:
            continue
        if name == "loss":
            settings.loss = loss_of(value)
        elif name in ("steps", "restarts", "queries", "pixels"):
            least = 2 if name == "queries" else 1
            setattr(settings, name, _arrays.whole(value, name, least, _MOST))
        elif name == "step_size":
            size = require_size(name, value, norm, model)
            settings.step_size = _arrays.real(size, name, 1e-9, math.inf)
        elif name == "random_start":
            settings.random_start = bool(value)
        elif name == "confidence":
            work.criterion.confidence = _arrays.real(value, name, 0, 1)
        elif name == "patch_size":
            settings.patch_size = _arrays.real(value, name, 1e-6, 1)
        elif name == "patch_at":
            if np.shape(value) != (2,):
                raise Error(f"patch_at: is {value!r}; give (row, column)")
            row, column = (_arrays.whole(one, name, 0, _MOST) for one in value)
            place = _engine.Place()
            place.row, place.column = row, column
            settings.patch_at = place
        elif name == "source":
            if not isinstance(value, Model):
                raise Error("source: is no Model")
            settings.set_source(value._classifier)
        elif name == "generator":
            work.load_generator(os.fspath(value))


attack.__doc__ = (attack.__doc__ or "") + "\n    The attacks:\n\n" + "\n".join(
    f"    {row.name:<16} {row.title} ({row.paper})" for row in attacks()
)
