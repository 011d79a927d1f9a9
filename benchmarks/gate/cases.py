"""The cases that the gate is measured on: kernels of ours that take a millisecond or so, one of them slower where that is asked for."""

from __future__ import annotations

import os
import pkgutil
import time
from collections.abc import Callable
from typing import Any

from dlbench.values.case import Case, Prepared

SLOWED = "DLBENCH_SLOWED"
"""``NAME=SHARE``: this case takes longer by that share of its own time."""
KERNELS: dict[str, tuple[str, dict[str, Any]]] = {
    "draw geometry[2048]": ("draw", {"examples": 2048, "rotate_degrees": 10.0, "shift_px": 2.0, "zoom": 0.1, "flip_horizontal": 0.5}),
    "draw colour[1024]": ("draw", {"examples": 1024, "brightness": 0.1, "contrast": 0.2, "saturation": 0.2, "hue": 0.05}),
    "draw rand_augment[512]": ("draw", {"examples": 512, "rand_augment_ops": 2, "rand_augment_magnitude": 5.0}),
    "draw boxes[2048]": ("draw", {"examples": 2048, "cutout_px": 8, "erasing": 0.5}),
    "draw mixing[8192]": ("draw_mixing", {"examples": 8192, "cutmix": 1.0}),
    "fused flip[b256]": ("fused", {"batch": 256, "flip_horizontal": 0.5}),
    "fused rotate[b64]": ("fused", {"batch": 64, "rotate_degrees": 10.0}),
    "fused colour[b64]": ("fused", {"batch": 64, "contrast": 0.2, "saturation": 0.2, "brightness": 0.1}),
    "fused erase[b256]": ("fused", {"batch": 256, "erasing": 1.0}),
    "fused pipeline[b64]": ("fused", {"batch": 64, "rotate_degrees": 10.0, "shift_px": 2.0, "flip_horizontal": 0.5, "contrast": 0.2}),
    "plain rotate[b8]": ("plain", {"batch": 8, "rotate_degrees": 10.0}),
    "plain layer_norm[b32]": ("layer", {"kernel": "layer_norm", "batch": 32}),
    "plain separable_conv[b8]": ("layer", {"kernel": "separable_conv", "batch": 8}),
    "plain cross_entropy[b32]": ("layer", {"kernel": "cross_entropy", "batch": 32}),
}
"""Name -> function of :mod:`benchmarks.gate.kernels`, and its arguments."""


def slowed(case: Case, share: float) -> Case:
    """The case with a true slowdown."""
    options = {"prepare_reference": case.prepare, "share": share, "options": tuple(case.options.items())}
    return Case(case.name, case.family, "benchmarks.gate.cases:prepare", options, case.work)


def prepare(prepare_reference: str, share: float, options: tuple[tuple[str, Any], ...]) -> Prepared:
    """What a case's own function prepares, followed by idle work for a share of the processor time that it took."""
    ready = pkgutil.resolve_name(prepare_reference)(**dict(options))
    return Prepared(_longer(ready.call, share, _own_ns()), ready.reference, ready.tolerance)


def _longer(call: Callable[[], Any], share: float, own_ns: float = 0.0) -> Callable[[], Any]:
    """A call that takes longer by a share, looking at the clock included: that takes ``own_ns``."""

    def slow() -> Any:
        started = time.process_time_ns()
        output = call()
        ended = time.process_time_ns()
        until = ended + share * (ended - started) - own_ns
        while time.process_time_ns() < until:
            pass
        return output

    return slow


def _own_ns() -> float:
    """What looking at the clock takes, in the best of some stretches."""
    empty = _longer(lambda: None, 0.0)
    return min(_stretch(empty) - _stretch(lambda: None) for _ in range(5))


def _stretch(call: Callable[[], Any], calls: int = 500) -> float:
    started = time.process_time_ns()
    for _ in range(calls):
        call()
    return (time.process_time_ns() - started) / calls


def _asked_for(cases: tuple[Case, ...]) -> tuple[Case, ...]:
    name, _, share = os.environ.get(SLOWED, "").partition("=")
    return tuple(slowed(case, float(share)) if case.name == name else case for case in cases)


CASES = _asked_for(tuple(
    Case(name, function, f"benchmarks.gate.kernels:{function}", options) for name, (function, options) in KERNELS.items()))
