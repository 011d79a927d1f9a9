"""The levels at which a study that is judged more than once may decide, and how arms share them.

The boundaries are our own, because those of the libraries are for normal statistics: a t statistic of few seeds crosses them more than
twice as often as they promise (13 % instead of 5 %).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from dlbench.stats.method import METHOD
from dlbench.values.text import missing

PATHS = 2_000_000
SPENDING, PROPORTIONAL = 3.0, 1.0
"""Exponents of what is spent: of new studies, and of those whose first analysis was taken before there was a choice."""


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
        shares: of what is spent, as the share of the whole plan that is over at each look; the last one is 1 once the plan is.
        decided: arms that earlier analyses have decided.
    """

    looks: tuple[int, ...]
    arms: int
    alpha: float
    effect: tuple[float, ...]
    equivalence: tuple[float, ...]
    exponent: float
    paths: int
    shares: tuple[float, ...]
    decided: Decided = NOTHING_DECIDED

    def shared_by(self, arms: int) -> Boundaries:
        """The boundaries of the same interim analyses where so many arms share alpha, from the same simulation."""
        return self if arms == self.arms else replace(
            boundaries(self.looks, arms, self.alpha, self.exponent, self.paths, self.shares), decided=self.decided)


@lru_cache(maxsize=64)
def boundaries(looks: tuple[int, ...], arms: int, alpha: float = METHOD.alpha, exponent: float = PROPORTIONAL,  # noqa: PLR0913
               paths: int = PATHS, shares: tuple[float, ...] | None = None) -> Boundaries:
    """Find the levels that spend ``alpha / arms`` by a power of the share of the seeds: ``alpha_j = (n_j / n_J) ** exponent alpha / arms``.

    Where it is time that is shared out, and not a number of seeds, ``shares`` states how much of it is over at each look; the number of
    seeds of a look may then depend on how long runs take, but not on their scores.

    The t statistic is simulated along paths of independent normal differences. The boundary of an interim analysis is a quantile of
    the paths that no earlier one has stopped. The first level is exact; what all looks spend together carries a Monte Carlo error of
    about 1 % of ``alpha / arms`` at ten arms.

    Args:
        looks: declared numbers of seeds, increasing, at least 2 each.
        arms: arms in the family.
        exponent: 1 spends in proportion to the seeds; 3 keeps most for the last analyses, so that looks cost little where nothing is found.
        paths: simulated paths.
        shares: of the plan that is over at each look, in (0, 1]; unset, that of the seeds.

    Raises:
        ValueError: no look, a look below 2 seeds or not above the one before, or no arm.

    >>> plan = boundaries((5, 8), arms=1, paths=100_000)
    >>> [round(level, 3) for level in plan.effect]
    [0.031, 0.028]

    Sources: K. K. G. Lan and D. L. DeMets, "Group sequential procedures: calendar versus information time", Stat. Med. 8, 1989,
    https://doi.org/10.1002/sim.4780081003 (shares of time); "Discrete sequential boundaries for clinical trials", Biometrika 70, 1983,
    https://doi.org/10.1093/biomet/70.3.659 (spending functions); K. Kim and D. L. DeMets, "Design and analysis of group sequential tests
    based on the type I error spending rate function", Biometrika 74, 1987, https://doi.org/10.1093/biomet/74.1.149 (their powers)
    """
    if not looks or looks[0] < 2 or any(a >= b for a, b in pairwise(looks)) or arms < 1 or not 0 < alpha < 0.5:
        raise ValueError("looks must increase from at least 2, for at least one arm and alpha in (0, 0.5):"
                         f" {looks}, {arms}, {alpha}")
    t = _t_process(looks, paths)
    shares = shares or tuple(look / looks[-1] for look in looks)
    spent = alpha / arms * np.array(shares) ** exponent
    return Boundaries(tuple(looks), arms, alpha,
                      tuple(2 * level for level in _levels(np.abs(t), spent, looks, 2)),
                      tuple(_levels(np.vstack([t, -t]), spent, looks, 1)), exponent, paths, shares)


def shared_levels(p: Sequence[Sequence[float | None]], plan: Boundaries, look: int, kind: str) -> list[list[float | None]]:
    """Test the arms that are open at an interim analysis, the smallest p first; each that is decided leaves its share to the others.

    The graphical procedure of Maurer and Bretz with equal shares: of the arms that are not decided yet, here or earlier, each has the
    boundary of its analysis at ``alpha / their number``. Without looks it is Holm's. With several metrics, an arm's share passes from
    one metric to the next, and to the other arms after its last one. The family-wise error holds at alpha, whatever the dependence of
    arms and metrics, because every set of hypotheses is tested by a group-sequential Bonferroni test at alpha.

    Args:
        p: of each metric, in their order, those of the open arms; None where an arm has none.
        plan: the boundaries of all arms of the family.
        look: number of seeds, one of ``plan.looks``.
        kind: ``"effect"`` or ``"equivalence"``.

    Returns:
        p-values on the scale where alpha decides, in the same order: no smaller for a metric than for the one before.

    >>> plan = boundaries((5, 8), 3, paths=100_000)
    >>> [[round(p, 3) for p in row] for row in shared_levels([[0.001, 0.012, 0.6]], plan, 8, "effect")]
    [[0.006, 0.049, 1.0]]

    Source: W. Maurer and F. Bretz, "Multiple testing in group sequential trials using graphical approaches", Stat. Biopharm. Res. 5, 2013,
    https://doi.org/10.1080/19466315.2013.807748
    """
    place, left = plan.looks.index(look), plan.arms - getattr(plan.decided, kind)
    adjusted: list[list[float | None]] = [[None] * len(row) for row in p]
    waiting = {arm: 0 for arm, value in enumerate(p[0]) if not _unknown(value)}
    most = 0.0
    while waiting:
        arm = min(waiting, key=lambda arm: float(p[waiting[arm]][arm] or 0.0))
        metric = waiting.pop(arm)
        level = getattr(plan.shared_by(max(left, 1)), kind)[place]
        most = adjusted[metric][arm] = max(most, min(1.0, float(p[metric][arm] or 0.0) * plan.alpha / level))
        if metric + 1 == len(p):
            left -= most < plan.alpha
        elif not _unknown(p[metric + 1][arm]):
            waiting[arm] = metric + 1
    return adjusted


def _unknown(p: float | None) -> bool:
    return p is None or missing(p)


@lru_cache(maxsize=2)
def _t_process(looks: tuple[int, ...], paths: int) -> NDArray[np.float64]:
    """Simulate t statistics at the looks, shape (paths, looks), of independent standard normal differences.

    Only sums and sums of squares are drawn: of m differences they are normal and, beside the square of the mean, chi-squared.
    """
    rng = np.random.default_rng(0)
    total, squares, columns = np.zeros(paths), np.zeros(paths), list[NDArray[np.float64]]()
    for before, n in pairwise((0, *looks)):
        m = n - before
        added = rng.normal(scale=np.sqrt(m), size=paths)
        squares += added**2 / m + (rng.chisquare(m - 1, paths) if m > 1 else 0.0)
        total += added
        columns.append(total / n / np.sqrt((squares - total**2 / n) / (n - 1) / n))
    return np.column_stack(columns)


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
