"""What a claim of equivalence needs beside a small p: ties are no proof.

A t-test sees no spread where all differences are 0, so two dead networks would be "shown" to be equal. What was never seen to happen in
a number of trials may still happen at a rate that only their number bounds: of seeds, and of test examples.

Rare falls stay: an arm that loses 20 points in one run of five, and has small noise otherwise, is called equivalent in 33 % (5 seeds),
17 % (8) and 3 % (16) of studies, one that falls in one run of ten in 59, 43 and 19 %. These are the chances that no seed shows a fall,
which no rule can lower without more seeds. So does skew: losses of an exponential law are called equivalent in 16, 14 and 12 %.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc

from dlbench.stats.method import METHOD, Rule

LEAST_SEEDS = 5
"""Fewer seeds never show equivalence."""


def unseen_rate(trials: int, alpha: float = METHOD.alpha) -> float:
    """Return the largest rate of an event that so many trials without it do not exclude: ``1 - alpha ** (1 / trials)``, which is exact.

    >>> round(unseen_rate(8), 2), round(unseen_rate(450), 4)
    (0.31, 0.0066)

    Source: C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
    Biometrika 26, 1934, https://doi.org/10.1093/biomet/26.4.404
    """
    return 1 - alpha ** (1 / trials)


def in_two_groups(d: ArrayLike, margin: float) -> NDArray[np.bool_]:
    """Return whether differences, shape (..., seeds), fall into two groups: their widest gap is at least the margin, and more than twice as
    wide as either group.

    >>> in_two_groups([0.0, 0.1, 0.0, -0.1, -2.0], margin=1.0).item(), in_two_groups([0.0, 0.5, 1.0, -0.5, -1.0], margin=1.0).item()
    (True, False)
    """
    ordered = np.sort(np.asarray(d, float), axis=-1)
    gaps = np.diff(ordered, axis=-1)
    cut = gaps.argmax(axis=-1)[..., None]
    parts = ((gaps, cut), (ordered, cut), (ordered, cut + 1))
    gap, below, above = (np.take_along_axis(values, place, -1)[..., 0] for values, place in parts)
    widest = np.maximum(below - ordered[..., 0], ordered[..., -1] - above)
    return (gap >= margin) & (gap > 2 * widest)


def examples_suffice(difference: float, examples: int, rule: Rule) -> bool:
    """Return whether a share of answers that differs by so little on the test set differs by less than the margin on new examples.

    Exact where the arm only loses, or only gains: the probability of at most so many changed answers among the test examples, at a rate
    of one margin, is below alpha. Without a changed answer that is ``margin > unseen_rate(examples)``. Gains that hide losses are not seen.

    >>> examples_suffice(0.0, 450, Rule(0.01)), examples_suffice(0.0, 100, Rule(0.01))
    (True, False)
    """
    changed = min(abs(difference) * examples, examples - 1.0)
    return bool(betainc(examples - changed, changed + 1, 1 - min(rule.margin, 1.0)) < rule.method.alpha)


def objection(d: NDArray[np.float64], rule: Rule, examples: int | None = None) -> str:
    """Say why these differences cannot show equivalence, however small their p; empty where they can.

    Args:
        d: differences by seed, two or more.
        rule: margin and level.
        examples: test examples that each score is the share of right answers to; None where it is no such share.

    >>> objection(np.array([0.001, -0.001]), Rule(0.01))
    'equivalence takes at least 5 seeds'
    >>> objection(np.zeros(8), Rule(0.01))
    'all 8 differences are exactly 0, and ties do not show that there is no difference'
    """
    if not d.any():
        return f"all {d.size} differences are exactly 0, and ties do not show that there is no difference"
    if d.size < LEAST_SEEDS:
        return f"equivalence takes at least {LEAST_SEEDS} seeds"
    if in_two_groups(d, rule.margin):
        return "the differences fall into two groups, so their mean describes no run"
    if examples and not examples_suffice(float(d.mean()), examples, rule):
        return f"{examples:,} test examples are too few{_enough(rule)}"
    return ""


def _enough(rule: Rule) -> str:
    """How many test examples could show equivalence at the margin."""
    needed = math.ceil(math.log(rule.method.alpha) / math.log1p(-rule.margin)) if rule.margin < 1 else 1
    return f" for this margin and difference; it takes {needed:,} or more"
