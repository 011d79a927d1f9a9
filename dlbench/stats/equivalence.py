"""What a claim of equivalence needs beside a small p: ties are no proof.

A t-test sees no spread where all differences are 0, so two dead networks would be "shown" to be equal. What was never seen to happen in
a number of trials may still happen at a rate that only their number bounds: of seeds, and of test examples.

Rare falls stay: an arm that loses 20 points in one run of five, and has small noise otherwise, is called equivalent in 33 % (5 seeds),
17 % (8) and 3 % (16) of studies, one that falls in one run of ten in 59, 43 and 19 %. These are the chances that no seed shows a fall,
which no rule can lower without more seeds.

Skew is met by a wider limit. The mean of few skewed differences mostly lies on the harmless side, with a small spread beside it: a t limit
calls losses of an exponential law equivalent in 16, 14 and 12 % (5, 8, 16 seeds). Each arm's limit must hold for such a law too.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import betainc, gammainc

from dlbench.stats.crossed import THIS_TEST_SET, ExamplePart, quantile
from dlbench.stats.method import METHOD, Rule

LEAST_SEEDS = 5
"""Fewer seeds never show equivalence."""
SAMPLES, MOST_SIZE = 1_000_000, 2_000
"""Values simulated for one quantile, and the largest number of seeds that one is simulated for: more seeds take the same."""
PLACES = (np.arange(200) + 0.5) / 200


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


@lru_cache(maxsize=1024)
def skewed_quantile(level: float, n: int) -> float:
    """The value that the t statistic of n differences of an exponential law, or of a normal one, exceeds with at most this probability.

    Given the coefficient of variation c of n exponential values, which is independent of their sum, the statistic exceeds t where the sum
    lies below ``n / (1 + t c / sqrt(n))``: a probability of the gamma law. Its mean over simulated c is smooth in t.

    Args:
        level: one-sided, in (0, 0.5).
        n: two or more.

    >>> round(skewed_quantile(0.05, 8), 1), round(quantile(0.05, 7), 1)
    (3.4, 1.9)

    Source: N. J. Johnson, "Modified t tests and confidence intervals for asymmetrical populations", J. Am. Stat. Assoc. 73, 1978,
    https://doi.org/10.1080/01621459.1978.10480051 (what skew does to t)
    """
    n = min(n, MOST_SIZE)
    drawn = np.random.default_rng(0).exponential(size=(min(SAMPLES // n, 10_000), n))
    spread = np.quantile(drawn.std(axis=1, ddof=1) / drawn.mean(axis=1), PLACES) / math.sqrt(n)

    def excess(t: float) -> float:
        return float(gammainc(n, n / (1 + t * spread)).mean()) - level

    most = 10.0
    while excess(most) > 0:
        most *= 10
    return max(float(brentq(excess, 0.0, most, xtol=1e-4)), quantile(level, n - 1))


def skewed_width(level: float, error: float, n: int, part: ExamplePart = THIS_TEST_SET) -> float:
    """Distance of a one-sided limit from a mean that holds for skewed seeds too; arguments as of `dlbench.stats.crossed.half_width`.

    >>> round(skewed_width(0.05, 1.0, 8), 1)
    3.4
    """
    of_examples = quantile(level, part.examples - 1) * math.sqrt(part.variance) if part.variance else 0.0
    return math.hypot(skewed_quantile(level, n) * error, of_examples)


def objection(d: NDArray[np.float64], rule: Rule, examples: int | None = None, part: ExamplePart = THIS_TEST_SET,
              level: float | None = None) -> str:
    """Say why these differences cannot show equivalence, however small their p; empty where they can.

    Args:
        d: differences by seed, two or more.
        rule: margin and level.
        examples: test examples that each score is the share of right answers to; None where it is no such share.
        part: what the test examples contribute to the variance of the mean.
        level: at which skew must be excluded for this one arm; alpha where unset.

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
        return f"{examples:,} test examples are too few for this margin and difference{_enough(float(d.mean()), examples, rule)}"
    error = float(d.std(ddof=1)) / math.sqrt(d.size)
    if abs(d.mean()) + skewed_width(level or rule.method.alpha, error, d.size, part) >= rule.margin:
        return f"{d.size} seeds are too few to exclude that rare large differences, none of them seen, reach the margin"
    return ""


def _enough(difference: float, examples: int, rule: Rule) -> str:
    """How many test examples could show equivalence at the margin, were the difference the same on them; empty where no number could."""
    if abs(difference) >= rule.margin:
        return ""
    low, high = examples, 2 * examples
    while not examples_suffice(difference, high, rule):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if examples_suffice(difference, middle, rule) else (middle, high)
    return f"; it takes {high:,} or more"
