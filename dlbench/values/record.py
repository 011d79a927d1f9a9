"""What one run left behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How an attempt at a run ended. Each member is its own text.

    Example:
        >>> f"{Status.DONE}", Status.DIVERGED == "diverged"
        ('done', True)
    """

    DONE = "done"
    DIVERGED = "diverged"
    ERROR = "error"
    KILLED = "killed"
    TIMEOUT = "timeout"


FINAL = (Status.DONE, Status.DIVERGED)
"""Statuses that the same run would end with again; the others are tried again by the next ``dlbench run``."""


@dataclass(frozen=True)
class Record:
    """One attempt at one run. A failure is a record with a status and a reason, never a number.

    Attributes:
        run_id: identity of the run, from :func:`dlbench.values.recipe.run_id`.
        recipe: canonical form of the recipe.
        seed: the run's seed.
        status: one of :class:`Status`.
        reason: why it failed, one line; empty for ``done``.
        scores: metric name -> value; accuracies as fractions, losses in nats; ``target_epoch`` and ``target_s`` are
            None where the target was never reached (censored).
        curves: one list per quantity, one entry per epoch (``epoch`` from 1, ``learning_rate`` at the epoch's end).
        cost: parameters, macs, epochs, steps, examples, trace_s, train_s, evaluate_s, wall_s, peak_memory_bytes.
        controls: hashes of the whole dataset (``content``) and of what the loop consumed (``data``, ``split``, ``order`` per
            epoch, ``evaluation``, ``init`` per layer), ``touched`` layers, final ``weights``, ``global_draws`` seen, conditional
            techniques that ``acted``.
        environment: hash of the environment it ran in.
        started: UTC, ISO 8601.
    """

    run_id: str
    recipe: dict[str, Any]
    seed: int
    status: str
    reason: str = ""
    scores: dict[str, float | None] = field(default_factory=dict)
    curves: dict[str, list[float]] = field(default_factory=dict)
    cost: dict[str, float] = field(default_factory=dict)
    controls: dict[str, Any] = field(default_factory=dict)
    environment: str = ""
    started: str = ""
