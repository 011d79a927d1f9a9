"""What computing in bfloat16 instead of float32 gains on a machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dlbench.values.text import listed

NOTHING = 0.05
"""A time that differs by less is the same."""


class Gain(NamedTuple):
    """Time in bfloat16 as a share of the time in float32: of a training step, and of inference."""

    training: float
    inference: float


def gain_words(gain: Gain, instructions: Sequence[str] = ()) -> str:
    """Say what a machine gains from bfloat16.

    Args:
        gain: as it was measured.
        instructions: names of those for bfloat16 that the processor says it has.

    Example:
        >>> gain_words(Gain(0.49, 0.38), ["AMX"])
        'a training step takes 0.49 times the time of float32, inference 0.38 times (measured; the processor has AMX)'
        >>> gain_words(Gain(1.31, 0.98))
        'a training step takes 1.31 times the time of float32, inference 0.98 times: nothing is gained (measured; no instructions for it)'
    """
    nothing = "" if min(gain) < 1 - NOTHING else ": nothing is gained"
    has = f"the processor has {listed(list(instructions))}" if instructions else "no instructions for it"
    times = f"a training step takes {gain.training:.2f} times the time of float32, inference {gain.inference:.2f} times"
    return f"{times}{nothing} (measured; {has})"
