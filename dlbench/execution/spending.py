"""How many seeds a declared time buys: ``spend = "30 min"``.

An analysis is planned at each quarter of the time. How many seeds it has follows from how long runs took and from how many arms still
run, never from a score, and what it may decide follows from the share of the time: so the levels hold whatever the seeds turn out to be.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from dlbench.execution.interim import Size, cells_up_to, folds_of, running_arms
from dlbench.stats.equivalence import LEAST_SEEDS
from dlbench.store.interim import InterimAnalysis
from dlbench.study.plan import Plan
from dlbench.study.schema import MOST_LOOKED_AT
from dlbench.values.errors import InputError

QUARTERS = (0.25, 0.5, 0.75, 1.0)
"""Shares of the time at which analyses are planned."""


def step(plan: Plan) -> int:
    """How many seeds are added at least: one, or those that test every fold."""
    return folds_of(plan) or 1


def next_size(plan: Plan, taken: Sequence[InterimAnalysis], wall_s: Mapping[str, float], workers: int) -> Size | None:
    """Size the next analysis of a study that spends a declared time; None as long as none of its runs was timed.

    It is the first quarter that buys :data:`dlbench.stats.equivalence.LEAST_SEEDS` seeds, or later at least one seed more; the last
    analysis is the one after which the time buys no further seed, and it may decide with all that is left of alpha.

    Args:
        plan: the comparison.
        taken: its analyses so far.
        wall_s: run id -> seconds that it took.
        workers: how many runs are made at a time.

    Raises:
        InputError: the time buys fewer than 2 seeds.
    """
    arms, added, start = running_arms(plan, taken), step(plan), len(taken[-1].seeds) if taken else 0
    known = [wall_s[run_id] for (arm, _), run_id in plan.cells.items() if arm in arms and run_id in wall_s]
    if not known:
        return None
    seed_s = max(len(arms) * fmean(known) / workers, 1e-9)
    done = cells_up_to(plan, taken, [len(one.seeds) for one in taken]).values()
    left_s = plan.study.spend_s - sum(wall_s.get(run_id, 0.0) for run_id in done) / workers
    if not taken and left_s / seed_s < max(2, added):
        raise InputError(_too_short(plan, len(arms), fmean(known), workers, seed_s * max(2, added)))
    return sized(Left(start, left_s, taken[-1].share or 0.0 if taken else 0.0), seed_s, plan.study.spend_s, added, len(plan.study.seeds))


class Left(NamedTuple):
    """What an analysis has left: its seeds, the seconds that remain, and the share of the time that was over."""

    seeds: int
    seconds: float
    share: float


def sized(left: Left, seed_s: float, spend_s: float, added: int = 1, most: int = MOST_LOOKED_AT) -> Size:
    """Size the next analysis: a pure function of times and of how many arms still run.

    Args:
        left: by the analysis before; none of its seeds, and all of the time, at the first.
        seed_s: seconds of wall clock that one seed of the arms that run takes.
        spend_s: the declared time.
        added: how many seeds are added at least.
        most: how many seeds there are.

    Example:
        >>> first = sized(Left(0, 200.0, 0.0), seed_s=8.0, spend_s=200.0)
        >>> first, sized(Left(6, 152.0, 0.25), seed_s=4.0, spend_s=200.0)
        (Size(seeds=6, share=0.25), Size(seeds=19, share=0.5))
    """
    least = left.seeds + added if left.seeds else math.ceil(LEAST_SEEDS / added) * added

    def bought(share: float) -> int:
        seeds = left.seeds + (left.seconds - (1 - share) * spend_s) / seed_s
        return min(math.floor(seeds / added + 1e-9) * added, most // added * added)

    all_of_it = max(bought(1.0), left.seeds + added) if left.seeds else bought(1.0)
    share = next((share for share in QUARTERS if share > left.share and bought(share) >= least), 1.0)
    last = share == 1 or all_of_it < bought(share) + added
    return Size(all_of_it, 1.0) if last else Size(bought(share), share)


def _too_short(plan: Plan, arms: int, run_s: float, workers: int, least_s: float) -> str:
    return (f"{os.path.basename(plan.study.origin)}: spend = {plan.study.spend_s:g} s: {arms} arms at {run_s:.2g} s a run and {workers} "
            f"at a time take {least_s:.2g} s for the fewest seeds that can be judged; accepted: at least {math.ceil(least_s)} s")
