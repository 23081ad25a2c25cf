"""Attack image classifiers and see honestly what they withstand: Inoculate's engine for Python.

    import inoculate
    model = inoculate.load("net.onnx")
    found = inoculate.attack(model, "pgd", x, labels, epsilon=8 / 255)
    print(found.success.mean(), inoculate.robustness(model, x, labels, epsilon=8 / 255))

Images are NumPy arrays of floats [N, H, W, C] in the model's range, mostly 0..1. What cannot be
done is refused with `inoculate.Error`, a ValueError whose text says what is wrong and what to do.
"""

try:
    from . import _engine
except ImportError as error:
    if "ISA level" not in str(error):
        raise
    raise ImportError(
        "this build of inoculate is for processors with AVX2 and FMA (x86-64-v3: Intel since 2013, "
        "AMD since 2015), and this one is older; build one for it, in the repository, by: pip "
        "install . -C cmake.define.INOCULATE_ARCH=native"
    ) from None

import os

from ._arrays import Error
from ._attack import Adversaries, Attack, Calls, attack, attacks
from ._certify import Certificates, certify
from ._judge import Alarm, Robustness, Score, Share, robustness
from ._model import Model, load

os.register_at_fork(after_in_child=_engine.after_fork)


def threads() -> int:
    """How many threads the engine works on."""
    return _engine.threads()


def set_threads(count: int) -> None:
    """Sets it; 0 means one for each processor. Results do not depend on it."""
    from ._arrays import whole

    _engine.set_threads(whole(count, "count", 0, 4096))


__all__ = [
    "Adversaries",
    "Alarm",
    "Attack",
    "Calls",
    "Certificates",
    "Error",
    "Model",
    "Robustness",
    "Score",
    "Share",
    "attack",
    "attacks",
    "certify",
    "load",
    "robustness",
    "set_threads",
    "threads",
]
