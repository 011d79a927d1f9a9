"""The verdicts of `dlbench.stats` for many studies at once: same rules, one array operation per step.

`tests/benchmarks/error_rates/test_twin.py` shows on random studies that each verdict equals that of `compare` or `judge_interim`.
"""

import numpy as np
from scipy.special import stdtr

from dlbench.stats.equivalence import LEAST_SEEDS, in_two_groups
from dlbench.stats.method import METHOD
from dlbench.stats.sequential import Boundaries

INCONCLUSIVE, HELPS, HURTS, EQUIVALENT = range(4)
NAMES = ("inconclusive", "helps", "hurts", "no meaningful effect")


def p_values(d, margin):
    """Two-sided paired-t p and TOST p of differences of shape (..., seeds); no two of which are all equal."""
    n = d.shape[-1]
    error = d.std(axis=-1, ddof=1) / np.sqrt(n)
    mean = d.mean(axis=-1)
    return 2 * stdtr(n - 1, -np.abs(mean) / error), stdtr(n - 1, (np.abs(mean) - margin) / error)


def provable(d, margin):
    """Whether differences can show equivalence at all, as `objection` says of each arm's."""
    return ~in_two_groups(d, margin) & (d.shape[-1] >= LEAST_SEEDS)


def holm(p):
    """Holm-adjusted p over the last axis."""
    k = p.shape[-1]
    order = np.argsort(p, axis=-1)
    stepped = np.maximum.accumulate(np.take_along_axis(p, order, -1) * np.arange(k, 0, -1), axis=-1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(stepped, 1), -1)
    return adjusted


def verdicts(d, margin, alpha=METHOD.alpha):
    """Codes of shape (studies, arms) of differences of shape (studies, arms, seeds), as `compare` judges them."""
    p, p_tost = p_values(d, margin)
    return _codes(d, holm(p) < alpha, (holm(p_tost) < alpha) & provable(d, margin))


def adaptive_verdicts(d, margin, plan: Boundaries):
    """Codes and seeds used, each of shape (studies, arms), as `judge_interim` decides them look by look."""
    codes = np.full(d.shape[:-1], INCONCLUSIVE)
    used = np.full(d.shape[:-1], plan.looks[-1])
    for look, effect, equivalence in zip(plan.looks, plan.effect, plan.equivalence, strict=True):
        p, p_tost = p_values(d[..., :look], margin)
        now = _codes(d[..., :look], p < effect, (p_tost < equivalence) & provable(d[..., :look], margin))
        decided = (codes == INCONCLUSIVE) & (now != INCONCLUSIVE)
        codes[decided], used[decided] = now[decided], look
    return codes, used


def _codes(d, significant, equivalent):
    """Equivalence first, then the sign of a significant effect."""
    return np.where(equivalent, EQUIVALENT, np.where(significant, np.where(d.mean(axis=-1) > 0, HELPS, HURTS), INCONCLUSIVE))
