"""The verdicts of `dlbench.stats` for many studies at once: same rules, one array operation per step.

`tests/benchmarks/error_rates/test_twin.py` shows on random studies that each verdict equals that of `compare` or `judge_interim`.
"""

import numpy as np
from scipy.special import stdtr, stdtrit

from dlbench.stats.boundaries import Boundaries
from dlbench.stats.crossed import tail
from dlbench.stats.equivalence import LEAST_SEEDS, in_two_groups, skewed_quantile
from dlbench.stats.method import METHOD

INCONCLUSIVE, HELPS, HURTS, EQUIVALENT = range(4)
NAMES = ("inconclusive", "helps", "hurts", "no meaningful effect")


def p_values(d, margin, part=None):
    """Two-sided paired-t p and TOST p of differences of shape (..., seeds); no two of which are all equal.

    ``part``: standard errors over test examples, shape (...), and the number of these, for a claim about new data.
    """
    n = d.shape[-1]
    error = d.std(axis=-1, ddof=1) / np.sqrt(n)
    mean = np.abs(d.mean(axis=-1))
    if part is None:
        return 2 * stdtr(n - 1, -mean / error), stdtr(n - 1, (mean - margin) / error)
    over_seeds, of_examples = 2 * stdtr(n - 1, -mean / error), np.maximum(part[0], 1e-12)
    beyond = tail(np.abs(margin - mean), error, n, of_examples, part[1])
    return np.maximum(over_seeds, 2 * tail(mean, error, n, of_examples, part[1])), np.where(mean < margin, beyond, 1 - beyond)


def provable(d, margin, level=METHOD.alpha, part=None):
    """Whether differences can show equivalence at all, as `objection` says of each arm's."""
    n = d.shape[-1]
    of_examples = 0.0 if part is None else stdtrit(part[1] - 1, 1 - level) * part[0]
    width = np.hypot(skewed_quantile(level, n) * d.std(axis=-1, ddof=1) / np.sqrt(n), of_examples)
    return ~in_two_groups(d, margin) & (n >= LEAST_SEEDS) & (np.abs(d.mean(axis=-1)) + width < margin)


def holm(p):
    """Holm-adjusted p over the last axis."""
    k = p.shape[-1]
    order = np.argsort(p, axis=-1)
    stepped = np.maximum.accumulate(np.take_along_axis(p, order, -1) * np.arange(k, 0, -1), axis=-1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(stepped, 1), -1)
    return adjusted


def verdicts(d, margin, alpha=METHOD.alpha, part=None):
    """Codes of shape (studies, arms) of differences of shape (studies, arms, seeds), as `compare` judges them."""
    p, p_tost = p_values(d, margin, part)
    return _codes(d, holm(p) < alpha, (holm(p_tost) < alpha) & provable(d, margin, alpha, part))


def adaptive_verdicts(d, margin, plan: Boundaries, parts=None):
    """Codes and seeds used, each of shape (studies, arms), as `judge_interim` decides them look by look; ``parts``: of each look."""
    codes = np.full(d.shape[:-1], INCONCLUSIVE)
    used = np.full(d.shape[:-1], plan.looks[-1])
    for place, look in enumerate(plan.looks):
        before, codes = codes, at_look(d[..., :look], codes, margin, plan, parts and parts[place])
        used[(before == INCONCLUSIVE) & (codes != INCONCLUSIVE)] = look
    return codes, used


def at_look(seen, codes, margin, plan: Boundaries, part=None):
    """Codes after one look at differences of shape (studies, arms, seeds), of codes before it; seeds as many as one of the looks."""
    place, still = plan.looks.index(seen.shape[-1]), codes == INCONCLUSIVE
    shares = [plan.shared_by(arms) for arms in range(1, plan.arms + 1)]
    p, p_tost = p_values(seen, margin, part)
    significant = _stepwise(p, still, plan.arms - np.isin(codes, (HELPS, HURTS)).sum(axis=1), [one.effect[place] for one in shares])
    small = _stepwise(p_tost, still, plan.arms - (codes == EQUIVALENT).sum(axis=1), [one.equivalence[place] for one in shares])
    now = _codes(seen, significant, small & provable(seen, margin, min(plan.alpha, shares[0].equivalence[place]), part))
    return np.where(still, now, codes)


def _stepwise(p, still, left, levels):
    """Whether each p of the open arms, the smallest first, is below the level that so many arms leave, as in `shared_levels`."""
    order, rows = np.argsort(np.where(still, p, np.inf), axis=1), np.arange(len(p))
    rejected, going, levels = np.zeros(p.shape, bool), np.ones(len(p), bool), np.array(levels)
    for arm in order.T:
        going = going & still[rows, arm] & (p[rows, arm] < levels[np.maximum(left, 1) - 1])
        rejected[rows, arm] = going
        left = left - going
    return rejected


def _codes(d, significant, equivalent):
    """Equivalence first, then the sign of a significant effect."""
    return np.where(equivalent, EQUIVALENT, np.where(significant, np.where(d.mean(axis=-1) > 0, HELPS, HURTS), INCONCLUSIVE))
