"""The method of the verdicts: which test, which correction and which level, and how captions name them.

A change here changes every verdict and every sentence about one: `dlbench.stats.verdict` computes by the method of its rule, and
reports take their words from it. Nothing else names a test, a correction or a level.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dlbench.stats.crossed import THIS_TEST_SET, ExamplePart, crossed_t, crossed_tost
from dlbench.stats.family import holm
from dlbench.stats.paired import LARGEST, PairedT


@dataclass(frozen=True)
class DifferenceTest:
    """How the paired differences of one arm are tested.

    Attributes:
        name: as a sentence names it.
        short: as the heading of a column names it.
        interval: name of the interval that belongs to it.
        estimate: ``(differences, alpha, part)`` -> the mean difference, its interval of level ``1 - alpha``, p and sd; ``part`` is what
            test examples contribute, see :class:`dlbench.stats.crossed.ExamplePart`.
        equivalence: ``(differences, margin, part)`` -> p-value of "the effect is at least as large as the margin".
    """

    name: str
    short: str
    interval: str
    estimate: Callable[[ArrayLike, float, ExamplePart], PairedT]
    equivalence: Callable[[ArrayLike, float, ExamplePart], float]


@dataclass(frozen=True)
class Correction:
    """How the p-values of a family are adjusted: the procedure's name, and p-values -> adjusted ones in the same order."""

    name: str
    adjust: Callable[[ArrayLike], NDArray[np.float64]]


PAIRED_T = DifferenceTest("paired t-test", "paired t", "t", crossed_t, crossed_tost)
HOLM = Correction("Holm", holm)


@dataclass(frozen=True)
class Method:
    """How arms are judged, and the words for it.

    Args:
        alpha: family-wise error, held separately for helps/hurts and for equivalence; in (0, 0.5).
        test: of one arm's differences, with its interval and its test of equivalence.
        correction: of the p-values of a family.

    >>> method = Method(alpha=0.1)
    >>> method.interval, method.adjusted, method.test.name
    ('90 % t interval', 'Holm-adjusted', 'paired t-test')
    """

    alpha: float = 0.05
    test: DifferenceTest = PAIRED_T
    correction: Correction = HOLM
    simultaneous: ClassVar[str] = "Bonferroni"
    """Name of the intervals that hold for a whole family at once."""

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 0.5:
            raise ValueError(f"alpha must lie between 0 and 0.5, not {self.alpha}")

    @property
    def confidence(self) -> str:
        """Level of the intervals: "95 %"."""
        return f"{100 * (1 - self.alpha):g} %"

    @property
    def error(self) -> str:
        """Family-wise error: "5 %"."""
        return f"{100 * self.alpha:g} %"

    @property
    def interval(self) -> str:
        """Name of the interval of one arm's difference: "95 % t interval"."""
        return f"{self.confidence} {self.test.interval} interval"

    @property
    def adjusted(self) -> str:
        """What was done to the p-values of a family: "Holm-adjusted"."""
        return f"{self.correction.name}-adjusted"

    def simultaneous_interval(self, d: ArrayLike, k: int, part: ExamplePart = THIS_TEST_SET) -> tuple[float, float]:
        """Interval of one arm's ``d`` that holds together with those of all ``k`` arms of the family: its level is ``1 - alpha / k``.

        Dunnett's intervals assume independent groups of equal variance, which paired arms are not.

        >>> [round(limit, 3) for limit in METHOD.simultaneous_interval([1.0, 2.0, 3.0, 2.0], k=10)]
        [-1.043, 5.043]

        Source: O. J. Dunn, "Multiple comparisons among means", J. Am. Stat. Assoc. 56, 1961,
        https://doi.org/10.1080/01621459.1961.10482090
        """
        result = self.test.estimate(d, self.alpha / k, part)
        return result.low, result.high


METHOD = Method()
"""The method of every study: the paired t-test with Holm's correction at 5 %."""


@dataclass(frozen=True)
class Rule:
    """How a family of arms is judged on one metric.

    Args:
        margin: smallest difference that matters, > 0, in the units of the metric.
        higher_is_better: direction of the metric.
        planned: seeds planned per arm; None: as many as there are distinct seeds in the scores.
        unit: unit of the metric; "accuracy" and "fraction" are written in percentage points.
        method: test, correction and level.
        parts: arm -> what the test examples contribute to the variance of its mean difference: the claim is about new data, seeds and
            test examples being samples both. Of an arm without one, the claim is about this test set.
        folds: of the data, which the seeds test in turn, so that they are needed in whole rounds; 0: all test the same examples.

    >>> Rule(margin=0.005, unit="accuracy").method.alpha
    0.05
    """

    margin: float
    higher_is_better: bool = True
    planned: int | None = None
    unit: str = ""
    method: Method = field(default_factory=lambda: METHOD)
    parts: Mapping[str, ExamplePart] = field(default_factory=dict[str, ExamplePart], hash=False)
    folds: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.margin <= LARGEST:
            raise ValueError(f"margin must be positive and finite, not {self.margin}")
        if self.planned is not None and self.planned < 0:
            raise ValueError(f"planned must not be negative, not {self.planned}")
