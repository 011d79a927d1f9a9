"""Studies that are judged more than once: by declared interim analyses, or on their new seeds alone.

A *look* is an interim analysis: the verdicts after a declared number of seeds. The boundaries are our own, because those of the
libraries are for normal statistics: a t statistic of few seeds crosses them more than twice as often as they promise (13 % instead of 5 %).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from dlbench.stats.method import METHOD, Rule
from dlbench.stats.verdict import compare, conclude, estimates
from dlbench.values.text import missing
from dlbench.values.verdict import Verdict

PATHS = 2_000_000
SPENDING, PROPORTIONAL = 3.0, 1.0
"""Exponents of what is spent: of new studies, and of those whose first analysis was taken before there was a choice."""
CHUNK = 100_000


class Decided(NamedTuple):
    """How many arms of a family earlier interim analyses have shown to have an effect, and to have no meaningful one."""

    effect: int = 0
    equivalence: int = 0


NOTHING_DECIDED = Decided()


@dataclass(frozen=True)
class Boundaries:
    """Nominal levels at each declared interim analysis, for one arm of a family.

    Attributes:
        looks: seeds at each interim analysis, increasing; the last is the most that a study pays for.
        arms: arms that share alpha; each spends ``alpha / arms`` for an effect and as much for equivalence.
        alpha: family-wise error.
        effect: two-sided p at or below which an arm helps or hurts, per look.
        equivalence: TOST p at or below which it has no meaningful effect, per look.
        exponent: of the share of the seeds, in what is spent by then.
        paths: simulated.
        decided: arms that earlier analyses have decided.
    """

    looks: tuple[int, ...]
    arms: int
    alpha: float
    effect: tuple[float, ...]
    equivalence: tuple[float, ...]
    exponent: float
    paths: int
    decided: Decided = NOTHING_DECIDED

    def shared_by(self, arms: int) -> Boundaries:
        """The boundaries of the same interim analyses where so many arms share alpha, from the same simulation."""
        return self if arms == self.arms else replace(
            boundaries(self.looks, arms, self.alpha, self.exponent, self.paths), decided=self.decided)


@lru_cache(maxsize=64)
def boundaries(looks: tuple[int, ...], arms: int, alpha: float = METHOD.alpha, exponent: float = PROPORTIONAL,
               paths: int = PATHS) -> Boundaries:
    """Find the levels that spend ``alpha / arms`` by a power of the share of the seeds: ``alpha_j = (n_j / n_J) ** exponent alpha / arms``.

    The t statistic is simulated along paths of independent normal differences. The boundary of an interim analysis is a quantile of
    the paths that no earlier one has stopped. The first level is exact; what all looks spend together carries a Monte Carlo error of
    about 1 % of ``alpha / arms`` at ten arms.

    Args:
        looks: declared numbers of seeds, increasing, at least 2 each.
        arms: arms in the family.
        exponent: 1 spends in proportion to the seeds; 3 keeps most for the last analyses, so that looks cost little where nothing is found.
        paths: simulated paths.

    Raises:
        ValueError: no look, a look below 2 seeds or not above the one before, or no arm.

    >>> plan = boundaries((5, 8), arms=1, paths=100_000)
    >>> [round(level, 3) for level in plan.effect]
    [0.031, 0.028]

    Source: K. K. G. Lan and D. L. DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 70, 1983,
    https://doi.org/10.1093/biomet/70.3.659 (spending functions); K. Kim and D. L. DeMets, "Design and analysis of group sequential tests
    based on the type I error spending rate function", Biometrika 74, 1987, https://doi.org/10.1093/biomet/74.1.149 (their powers)
    """
    if not looks or looks[0] < 2 or any(a >= b for a, b in pairwise(looks)) or arms < 1 or not 0 < alpha < 0.5:
        raise ValueError("looks must increase from at least 2, for at least one arm and alpha in (0, 0.5):"
                         f" {looks}, {arms}, {alpha}")
    t = _t_process(looks, paths)
    spent = alpha / arms * (np.array(looks) / looks[-1]) ** exponent
    return Boundaries(tuple(looks), arms, alpha,
                      tuple(2 * level for level in _levels(np.abs(t), spent, looks, 2)),
                      tuple(_levels(np.vstack([t, -t]), spent, looks, 1)), exponent, paths)


def shared_levels(p: Sequence[float | None], plan: Boundaries, look: int, kind: str) -> list[float | None]:
    """Test the arms that are open at an interim analysis, the smallest p first; each that is decided leaves its share to the others.

    The graphical procedure of Maurer and Bretz with equal shares: of the arms that are not decided yet, here or earlier, each has the
    boundary of its analysis at ``alpha / their number``. Without looks it is Holm's. The family-wise error holds at alpha, whatever the
    dependence of arms, because every set of arms is tested by a group-sequential Bonferroni test at alpha.

    Args:
        p: of the open arms; None where an arm has none.
        plan: the boundaries of all arms of the family.
        look: number of seeds, one of ``plan.looks``.
        kind: ``"effect"`` or ``"equivalence"``.

    Returns:
        p-values on the scale where alpha decides, in the same order.

    >>> [round(p, 3) for p in shared_levels([0.001, 0.012, 0.6], boundaries((5, 8), 3, paths=100_000), 8, "effect")]
    [0.006, 0.048, 1.0]

    Source: W. Maurer and F. Bretz, "Multiple testing in group sequential trials using graphical approaches", Stat. Biopharm. Res. 5, 2013,
    https://doi.org/10.1080/19466315.2013.807748
    """
    place, left = plan.looks.index(look), plan.arms - getattr(plan.decided, kind)
    adjusted: list[float | None] = [None] * len(p)
    most = 0.0
    for value, arm in sorted((float(value), arm) for arm, value in enumerate(p) if value is not None and not missing(value)):
        level = getattr(plan.shared_by(max(left, 1)), kind)[place]
        most = adjusted[arm] = max(most, min(1.0, value * plan.alpha / level))
        left -= most < plan.alpha
    return adjusted


def judge_interim(scores: pd.DataFrame, references: Mapping[str, str], rule: Rule, plan: Boundaries, look: int) -> pd.DataFrame:
    """Judge the arms that are still undecided at one declared interim analysis.

    An arm is decided when its p is below the level that `shared_levels` has for it. p_adjusted and p_tost_adjusted are
    ``p * alpha / level``, so that "below alpha" decides as in `compare`. simultaneous_low and simultaneous_high are
    at the levels of ``plan``: they hold for all arms and analyses together (low and high do not). An arm with failed seeds is
    judged with its own degrees of freedom at the same levels. On new data, analyses share the luck of their test examples, so that the
    levels hold all the more. Estimates of arms that stop early are biased away from 0.

    Args:
        scores: as for `compare`, with no other seeds than those of the interim analysis.
        references: the undecided arms -> their references (a reference runs on as long as one of its arms does).
        rule: margin, direction, level and unit; planned is taken from ``look``.
        plan: from `boundaries`, for the whole family that the study began with, with what earlier analyses have decided.
        look: number of seeds, one of ``plan.looks``.

    Returns:
        As `compare`; inconclusive before the last analysis means that the arm goes on, and seeds_needed is the size of the next.

    Raises:
        ValueError: as `compare`; a look that was not declared, more seeds or arms than declared, or another alpha.

    >>> runs = pd.DataFrame([(arm, s, 0.9 + 0.001 * s + (arm == "a") * (0.02 + 0.001 * (s % 2))) for arm in ("a", "base")
    ...                      for s in range(5)], columns=["arm", "seed", "score"])
    >>> judge_interim(runs, {"a": "base"}, Rule(0.005), boundaries((5, 8), 1, paths=10_000), look=5)["verdict"].tolist()
    ['helps']

    Source: C. Jennison and B. W. Turnbull, "Group sequential methods with applications to clinical trials", 1999,
    https://doi.org/10.1201/9780367805326
    """
    if look not in plan.looks or len(references) > plan.arms or rule.method.alpha != plan.alpha:
        raise ValueError(f"look {look} with {len(references)} arms at alpha {rule.method.alpha} was not declared: {plan}")
    planned, alpha = replace(rule, planned=look), rule.method.alpha
    table = estimates(scores, references, planned, plan.arms)
    if (table["n"] > look).any():
        raise ValueError(f"{table['n'].max()} seeds at the look of {look}")
    position = plan.looks.index(look)
    effect = plan.effect[position]
    table["p_adjusted"] = shared_levels(table["p"].tolist(), plan, look, "effect")
    table["p_tost_adjusted"] = shared_levels(table["p_tost"].tolist(), plan, look, "equivalence")
    pairs = [d[~np.isnan(d)] for d in table["d"]]
    limits = [rule.method.test.estimate(d, effect, part) if d.size > 1 else None for d, part in zip(pairs, table["part"])]
    table["skew_level"] = min(alpha, plan.shared_by(1).equivalence[position])
    table["simultaneous_low"] = [limit and limit.low for limit in limits]
    table["simultaneous_high"] = [limit and limit.high for limit in limits]
    if position + 1 < len(plan.looks):
        table["next_look"] = plan.looks[position + 1]
    return conclude(table, planned, plan.arms)


def say_when_decided(table: pd.DataFrame, plan: Boundaries, look: int) -> pd.DataFrame:
    """Say in each reason at which interim analysis the arm was decided, or that it is not.

    >>> table = pd.DataFrame({"verdict": ["helps", "inconclusive"], "reason": ["+1.0", "+0.1"]})
    >>> say_when_decided(table, boundaries((5, 8), 1, paths=10_000), 5)["reason"].tolist()
    ['+1.0; decided at interim analysis 1 of 2, 5 seeds', '+0.1; undecided at interim analysis 1 of 2, 5 seeds']
    """
    when = f"at interim analysis {plan.looks.index(look) + 1} of {len(plan.looks)}, {look} seeds"
    undecided = table["verdict"].isin([Verdict.INCONCLUSIVE, Verdict.NONE])
    return table.assign(reason=table["reason"] + undecided.map({True: f"; undecided {when}", False: f"; decided {when}"}))


def judge_extension(scores: pd.DataFrame, references: Mapping[str, str], rule: Rule, pilot: Collection[Hashable]) -> pd.DataFrame:
    """Judge a study that was extended without declared interim analyses: on its new seeds alone, the old ones are its pilot.

    Testing old and new seeds together, after the old ones were judged, gives 12.6 % false positives after judging at 5, 8, 12 and
    16 seeds.

    Args:
        scores: as for `compare`, old and new seeds.
        references: as for `compare`.
        rule: as for `compare`, with the *new* seeds as planned.
        pilot: seeds that were judged before.

    Returns:
        As `compare`, for the new seeds; the reason says how many earlier seeds were left out.

    >>> runs = pd.DataFrame([(arm, s, 0.9 + 0.001 * s + (arm == "a") * (0.02 + 0.001 * (s % 2))) for arm in ("a", "base")
    ...                      for s in range(9)], columns=["arm", "seed", "score"])
    >>> judge_extension(runs, {"a": "base"}, Rule(0.005), pilot=range(5))["n"].tolist()
    [4]
    """
    old = scores["seed"].isin(list(pilot))
    return said_of_extension(compare(scores[~old], references, rule), scores, pilot)


def said_of_extension(table: pd.DataFrame, scores: pd.DataFrame, pilot: Collection[Hashable]) -> pd.DataFrame:
    """Say in each reason how many earlier seeds were left out; arguments as of `judge_extension`, ``table`` what it concludes.

    >>> table = pd.DataFrame({"arm": ["a"], "n": [4], "reason": ["+1.0"]})
    >>> said_of_extension(table, pd.DataFrame({"arm": ["a"] * 5, "seed": range(5)}), pilot=[0])["reason"].tolist()
    ['+1.0; judged on the 4 new seeds; 1 earlier ones were its pilot']
    """
    used = scores[scores["seed"].isin(list(pilot))].groupby("arm")["seed"].nunique()
    return table.assign(reason=[f"{row.reason}; judged on the {row.n} new seeds; {used[row.arm]} earlier ones were its pilot"
                                if row.arm in used else row.reason for row in table.itertuples()])


@lru_cache(maxsize=2)
def _t_process(looks: tuple[int, ...], paths: int) -> NDArray[np.float64]:
    """Simulate t statistics at the looks, shape (paths, looks), of independent standard normal differences."""
    rng = np.random.default_rng(0)
    chunks: list[NDArray[np.float64]] = []
    for start in range(0, paths, CHUNK):
        d = rng.normal(size=(min(CHUNK, paths - start), looks[-1]))
        chunks.append(np.column_stack([d[:, :n].mean(axis=1) / d[:, :n].std(axis=1, ddof=1) * np.sqrt(n) for n in looks]))
    return np.vstack(chunks)


def _levels(t: NDArray[np.float64], spent: NDArray[np.float64], looks: Sequence[int], sides: int) -> list[float]:
    """Find the one-sided t level of each look whose crossings, with those of earlier looks, use up what is spent by then."""
    levels = [float(spent[0] / sides)]
    stopped = t[:, 0] >= stats.t.isf(levels[0], looks[0] - 1)
    for column in range(1, len(looks)):
        allowed = max(int(spent[column] * len(t)) - int(stopped.sum()), 1)
        at_risk = np.where(stopped, -np.inf, t[:, column])
        boundary = np.partition(at_risk, len(t) - allowed)[len(t) - allowed]
        stopped |= at_risk >= boundary
        levels.append(float(stats.t.sf(boundary, looks[column] - 1)))
    return levels
