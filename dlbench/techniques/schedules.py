"""Learning-rate schedules in closed form, as factors of the learning rate."""

from __future__ import annotations

import math

import numpy as np

from dlbench.values.recipe import Schedule


def factors(schedule: Schedule, total_steps: int, steps_per_epoch: int) -> np.ndarray:
    """Return the factor on the learning rate at each step of a run.

    With t = step/total_steps in [0, 1) and f the floor: cosine is f + (1-f)(1 + cos πt)/2 (SGDR); warmup_cosine rises
    linearly over the first ``warmup`` share of the steps and is a cosine over the rest; one_cycle rises and falls linearly;
    exponential is factor^t; step is factor^⌊epoch/every⌋; constant and plateau are 1 (a plateau's cuts depend on the run).

    ``total_steps`` are those of the whole budget. Returns float64 [total_steps], each value in [0, 1].

    Example:
        >>> round(1e-3 * float(factors(Schedule("cosine"), 400, 10)[100]), 10)
        0.0008535534

    Source: I. Loshchilov, F. Hutter, "SGDR", 2017, https://arxiv.org/abs/1608.03983; L. N. Smith, "Super-convergence",
    2018, https://arxiv.org/abs/1708.07120.
    """
    step = np.arange(total_steps)
    return np.broadcast_to(_CURVES[schedule.kind](schedule, step / max(total_steps, 1), step // steps_per_epoch), step.shape)


def _cosine(schedule: Schedule, t: np.ndarray) -> np.ndarray:
    return schedule.floor + (1 - schedule.floor) * (1 + np.cos(math.pi * t)) / 2


def _warmup_cosine(schedule: Schedule, t: np.ndarray) -> np.ndarray:
    rise, warmup = t / max(schedule.warmup, 1e-12), schedule.warmup
    return np.where(t < warmup, rise, _cosine(schedule, np.clip((t - warmup) / (1 - warmup), 0, 1)))


def _one_cycle(schedule: Schedule, t: np.ndarray) -> np.ndarray:
    rise, fall = t / max(schedule.warmup, 1e-12), (1 - t) / (1 - schedule.warmup)
    return schedule.floor + (1 - schedule.floor) * np.minimum(rise, fall)


_CURVES = {
    "constant": lambda schedule, t, epoch: np.ones_like(t),
    "plateau": lambda schedule, t, epoch: np.ones_like(t),
    "step": lambda schedule, t, epoch: schedule.factor ** (epoch // schedule.every_epochs),
    "exponential": lambda schedule, t, epoch: schedule.factor**t,
    "cosine": lambda schedule, t, epoch: _cosine(schedule, t),
    "warmup_cosine": lambda schedule, t, epoch: _warmup_cosine(schedule, t),
    "one_cycle": lambda schedule, t, epoch: _one_cycle(schedule, t),
}


class Patience:
    """Counts epochs without improvement of a loss: what plateau schedules and early stopping share.

    Example:
        >>> patience = Patience(epochs=2, min_delta=0.0)
        >>> [patience.exhausted(loss) for loss in (1.0, 1.0, 1.0)]
        [False, False, True]

    Source: L. Prechelt, "Early stopping, but when?", 1998, https://doi.org/10.1007/3-540-49430-8_3.
    """

    def __init__(self, epochs: int, min_delta: float) -> None:
        self.epochs, self.min_delta = epochs, min_delta
        self.best, self.waited = math.inf, 0

    def exhausted(self, loss: float) -> bool:
        """Count an epoch by its loss; True where patience ran out, after which the count restarts."""
        if loss < self.best - self.min_delta:
            self.best, self.waited = loss, 0
            return False
        self.waited += 1
        if self.waited < self.epochs:
            return False
        self.waited = 0
        return True
