"""What users give, as the engine takes it: checked, and refused in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ._engine import Error

if TYPE_CHECKING:
    from ._model import Model

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
_LARGEST = 2**31 - 1


def _floats(array: Any, what: str) -> Floats:
    """The array as contiguous float32: itself where it is that, else converted."""
    found = np.asarray(array)
    if found.dtype == np.uint8:
        raise Error(
            f"{what}: holds bytes; give pixels as floats, such as x.astype('float32') / 255"
        )
    if found.dtype.kind != "f":
        raise Error(f"{what}: holds {found.dtype}; give floats")
    with np.errstate(over="ignore"):  # what is too large for a float32 is refused as not finite
        return np.ascontiguousarray(found, dtype=np.float32)


def _require_finite(array: Floats, what: str, unit: str = "image") -> None:
    if np.isfinite(array.sum(dtype=np.float64)):  # without an array of as many booleans
        return
    bad = np.flatnonzero(~np.isfinite(array).all(axis=tuple(range(1, array.ndim))))
    raise Error(f"{what}: has a number that is not finite, in {unit} {bad[0]}")


def images(
    x: Any, model: Model, what: str = "x", valid: bool = True
) -> tuple[Floats, tuple[int, ...]]:
    """Images as a matrix [N, input] that shares memory with `x` where it can, and their shape.

    With `valid` they must be in the model's range.
    """
    found = _floats(x, what)
    h, w, c = model.shape
    shapes = [(h, w, c), (h * w * c,)] + ([(h, w)] if c == 1 else [])
    if found.ndim < 2 or found.shape[1:] not in shapes:
        taken = " or ".join(f"[N, {', '.join(map(str, shape))}]" for shape in shapes)
        raise Error(f"{what}: has shape {list(found.shape)}; {model.name} takes {taken}")
    if not 0 < len(found) <= _LARGEST:
        raise Error(f"{what}: holds no images" if len(found) == 0 else f"{what}: too many images")
    flat = found.reshape(len(found), -1)
    _require_finite(flat, what)
    low, high = model.range
    if valid and (flat.min() < low or flat.max() > high):
        row = int(np.flatnonzero((flat.min(axis=1) < low) | (flat.max(axis=1) > high))[0])
        raise Error(
            f"{what}: has pixels outside of {low:g}..{high:g}, the model's range, in image {row} "
            f"({flat[row].min():g} to {flat[row].max():g})"
        )
    return flat, found.shape


def numbers(values: Any, n: int, end: int, what: str, meaning: str) -> Ints:
    """Whole numbers [n], each at least 0 and below `end`."""
    found = np.asarray(values)
    if found.dtype.kind not in "iu":
        raise Error(f"{what}: holds {found.dtype}; give whole numbers")
    if found.shape != (n,):
        raise Error(f"{what}: has shape {list(found.shape)}; give [{n}], one for each image")
    wrong = (found < 0) | (found >= end)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise Error(f"{what}: is {found[row]} for image {row}; {meaning} 0 to {end - 1}")
    return np.ascontiguousarray(found, dtype=np.int32)


def classes(values: Any, n: int, model: Model, what: str = "labels") -> Ints:
    """Classes of the model, one for each of n images."""
    return numbers(values, n, model.classes, what, "the model's classes are")


def whole(value: Any, what: str, least: int, most: int) -> int:
    """A whole number from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise Error(f"{what}: is {value!r}; give a whole number")
    if not least <= value <= most:
        raise Error(f"{what}: is {value}; give {least} to {most}")
    return int(value)


def real(value: Any, what: str, least: float, most: float) -> float:
    """A number from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise Error(f"{what}: is {value!r}; give a number")
    if not least <= value <= most:  # nor is NaN
        raise Error(f"{what}: is {value:g}; give {least:g} to {most:g}")
    return float(value)


def answer(array: Any, shape: tuple[int, ...], what: str) -> Floats:
    """What a function of the user gave, which must be of this shape and finite, as [N, ...]."""
    found = np.asarray(array)
    if found.dtype.kind != "f":
        raise Error(f"{what}: gave {found.dtype}; it must give floats")
    if found.shape != shape:
        raise Error(f"{what}: gave shape {list(found.shape)} where {list(shape)} was expected")
    with np.errstate(over="ignore"):
        found = np.ascontiguousarray(found, dtype=np.float32)
    _require_finite(found, f"{what}: its answer")
    return found.reshape(len(found), -1)
