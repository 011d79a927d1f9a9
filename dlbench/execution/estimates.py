"""The effects of a study's arms so far, for those who watch it run: estimates, and no verdicts."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from scipy import stats

from dlbench.execution.interim import analyses_taken, references
from dlbench.execution.options import Listener
from dlbench.stats.method import METHOD
from dlbench.stats.paired import paired_t
from dlbench.store.database import Store
from dlbench.store.interim import UNDECIDED
from dlbench.study.plan import Plan
from dlbench.values.errors import InputError
from dlbench.values.metric import Metric

EVERY_S, SHARE = 1.0, 0.02
"""Results are read at most once in so many seconds, and for at most this share of the time."""


@dataclass(frozen=True)
class Estimate:
    """What is known of an arm while its study runs.

    Attributes:
        arm: its name.
        pairs: seeds on which it and its reference have a score.
        planned: seeds that the study asks for; None where time decides it.
        difference: mean over these pairs, in the metric's unit; None before there is one.
        half_width: of the t interval over seeds; None before there are two pairs.
        at_end: the half-width that the same spread leaves after all planned seeds; None where either is not known.
        verdict: of an interim analysis that has decided the arm; empty where none has.
    """

    arm: str
    pairs: int
    planned: int | None
    difference: float | None = None
    half_width: float | None = None
    at_end: float | None = None
    verdict: str = ""


@runtime_checkable
class ShowsEstimates(Listener, Protocol):
    """A listener that shows estimates too."""

    def estimates(self, metric: Metric, rows: Sequence[Estimate]) -> None:
        """Show the estimates of all compared arms, in the study's order."""


class Watched:
    """A listener that passes on what it is told, and now and then reads the results for the estimates.

    Args:
        listener: who shows all of it.
        plan: the whole study.
        folder: of its results.
    """

    def __init__(self, listener: ShowsEstimates, plan: Plan, folder: Path) -> None:
        self.listener, self.plan, self.folder = listener, plan, folder
        self.phase, self.note = listener.phase, listener.note
        self.seen, self.due_s = -1, 0.0

    def update(self, done: int, running: int, failed: int) -> None:
        """Pass the counts on; where more is done, and the last look is long enough ago, read the results."""
        self.listener.update(done, running, failed)
        began_s = time.monotonic()
        if done != self.seen and began_s >= self.due_s:
            if (rows := self._read()) is not None:
                self.listener.estimates(self.plan.study.measure, rows)
            now_s = time.monotonic()
            self.seen, self.due_s = done, now_s + max(EVERY_S, (now_s - began_s) / SHARE)

    def _read(self) -> list[Estimate] | None:
        """The estimates; None where the results cannot be read now, which is not for this to complain of."""
        try:
            with Store(self.folder) as store:
                return estimates(self.plan, store.scores(self.plan.study.metric), decided(self.plan, store))
        except InputError:
            return None


def decided(plan: Plan, store: Store) -> dict[str, str]:
    """Map the arms that an interim analysis has decided to their verdicts."""
    taken = analyses_taken(plan, store, plan) if plan.study.adaptive else []
    return {row["arm"]: row["verdict"] for one in taken for row in one.verdicts if row["verdict"] not in UNDECIDED}


def estimates(plan: Plan, scores: Mapping[str, float], verdicts: Mapping[str, str]) -> list[Estimate]:
    """Estimate the effect of each compared arm of a plan from the runs that are there.

    Args:
        plan: of a study.
        scores: run id -> score.
        verdicts: arm -> verdict of an interim analysis.
    """
    by_arm: dict[str, dict[int, float]] = {arm.name: {} for arm in plan.arms}
    for (arm, seed), run_id in plan.cells.items():
        if run_id in scores:
            by_arm[arm][seed] = scores[run_id]
    planned = None if plan.study.spend_s else len(plan.study.seeds)
    return [_estimate(arm, [value - by_arm[reference][seed] for seed, value in by_arm[arm].items() if seed in by_arm[reference]],
                      planned, verdicts.get(arm, "")) for arm, reference in references(plan).items()]


def _estimate(arm: str, differences: list[float], planned: int | None, verdict: str) -> Estimate:
    count = len(differences)
    if count < 2:
        return Estimate(arm, count, planned, differences[0] if differences else None, verdict=verdict)
    found = paired_t(differences, METHOD.alpha)
    at_end = None if planned is None else float(stats.t.ppf(1 - METHOD.alpha / 2, planned - 1)) * found.sd / math.sqrt(planned)
    return Estimate(arm, count, planned, found.difference, (found.high - found.low) / 2, at_end, verdict)
