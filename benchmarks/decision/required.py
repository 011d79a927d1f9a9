"""How many seeds each way of deciding needs, from what a pilot tells of the spread. Differences and margins are fractions.

Throughout: a test at 5 % finds a true difference of one margin with 80 % power, one arm against its reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import integrate, stats
from statsmodels.stats.power import TTestIndPower

from dlbench.stats.crossed import ExamplePart, over_folds, quantile
from dlbench.stats.method import METHOD
from dlbench.stats.power import Spread, equivalence_power, fewest, paired_power, seeds_needed
from dlbench.stats.sequential import SPENDING, boundaries

POWER = 0.8
STUDIES = 20_000
"""Simulated to find what looks save."""
PATHS = 200_000
MONTE_CARLO = 0.005
"""What a simulated power may fall short by."""
MOST_ROUNDS = 100
"""Of folds, or of single seeds for equivalence, and by which looks may be later: more seeds than that are none that anybody trains."""


class Examples(NamedTuple):
    """What the test examples of one test part contribute to the variance of a mean difference, how many they are, and the folds."""

    variance: float
    tested: int
    folds: int = 0

    @property
    def step(self) -> int:
        """Seeds are needed in multiples of it."""
        return self.folds or 1

    def part(self, n: int) -> ExamplePart:
        """Return the contribution that n seeds share: all of it on one test part, and with folds what two seeds of a fold share."""
        one = ExamplePart(self.variance, self.tested)
        return over_folds([(n // self.step, one)] * self.step) if self.folds else one

    def seen(self, n: int) -> float:
        """Return the variance of the examples that is seen in the spread over n seeds, which test different folds."""
        return self.variance * (n - n // self.folds) / (n - 1) if self.folds else 0.0


def loop_seeds(first_sd: float, second_sd: float, margin: float) -> int | None:
    """Return the seeds per arm of a Welch test of two independent arms, their variances taken as one, which favours it.

    >>> loop_seeds(1.0, 1.0, 1.0)
    17
    """
    effect = margin / max(math.sqrt((first_sd**2 + second_sd**2) / 2), 1e-12)
    return fewest(lambda n: not TTestIndPower().power(effect, n, METHOD.alpha) < POWER)


def paired_seeds(sd: float, margin: float) -> int | None:
    """Return the seeds of a paired t-test, for a claim about one test part.

    >>> paired_seeds(1.0, 1.0)
    10
    """
    return seeds_needed(margin, sd)


def new_data_seeds(within: float, examples: Examples, margin: float) -> int | None:
    """Return the seeds for a claim about new data, in whole rounds of folds; None where test examples are missing.

    Args:
        within: standard deviation over seeds that test the same examples.
        examples: what they contribute.
        margin: to be found.

    >>> new_data_seeds(1.0, Examples(0.0, 500), 1.0), new_data_seeds(1.0, Examples(0.0, 500, folds=4), 1.0)
    (10, 12)
    >>> new_data_seeds(0.1, Examples(1.0, 500), 1.0) is None
    True
    """
    if not examples.folds:
        return seeds_needed(margin, Spread(within, examples.part(2)))
    return _in_rounds(examples.folds, lambda n: paired_power(margin, _spread(within, examples, n), n) >= POWER)


def _in_rounds(step: int, enough: Callable[[int], bool]) -> int | None:
    """Return the smallest multiple of a step, of two or more, that is enough; None beyond `MOST_ROUNDS`."""
    if step > 1 and enough(step):
        return step
    found = fewest(lambda count: count > MOST_ROUNDS or enough(count * step))
    return None if found is None or found > MOST_ROUNDS else found * step


def _spread(within: float, examples: Examples, n: int) -> Spread:
    return Spread(math.sqrt(within**2 + examples.seen(n)), examples.part(n))


def looks_at(n: int, step: int) -> tuple[int, ...]:
    """Return the interim analyses of n seeds: after half, three quarters and all of them, in whole rounds of folds.

    >>> looks_at(8, 4), looks_at(10, 1), looks_at(2, 1)
    ((4, 8), (5, 8, 10), (2,))
    """
    shares = [step * math.ceil(share * n / step) for share in (0.5, 0.75)]
    return tuple(sorted({max(2, look) for look in shares} | {n}))


@lru_cache(maxsize=4096)
def with_looks(within: float, examples: Examples, first: int, effect: float = 1.0) -> tuple[float, tuple[int, ...]]:
    """Return the mean number of seeds where looks are declared, and the looks: the fewest that find one margin with 80 % power.

    Args:
        within, examples: as of `new_data_seeds`, in margins.
        first: seeds without looks, from which the search begins.
        effect: the true difference, in margins.

    >>> mean, looks = with_looks(1.0, Examples(0.0, 500), 10)
    >>> looks, 8 < mean < 10
    ((6, 9, 11), True)
    """
    for n in range(first, first + MOST_ROUNDS * examples.step, examples.step):
        looks = looks_at(n, examples.step)
        if n == first == looks[0] or _stopped(within, examples, looks, 1.0)[0] >= POWER - MONTE_CARLO:
            return _stopped(within, examples, looks, effect)[1], looks
    raise ValueError(f"looks at up to {n} seeds do not reach the power that {first} have without looks")


@lru_cache(maxsize=4096)
def _stopped(within: float, examples: Examples, looks: tuple[int, ...], effect: float) -> tuple[float, float]:
    """Simulate studies; return the share that finds the effect, and the mean number of seeds."""
    rng, n = np.random.default_rng(0), looks[-1]
    of_folds = rng.normal(0, math.sqrt(examples.variance), (STUDIES, examples.step))
    d = effect + of_folds[:, np.arange(n) % examples.step] + rng.normal(0, within, (STUDIES, n))
    levels = boundaries(looks, 1, METHOD.alpha, SPENDING, PATHS).effect
    used, found = np.full(STUDIES, n), np.zeros(STUDIES, bool)
    for look, level in zip(looks, levels):
        part = examples.part(look)
        beside = quantile(level / 2, part.examples - 1) * math.sqrt(part.variance) if part.variance else 0.0
        error = d[:, :look].std(axis=1, ddof=1) / math.sqrt(look)
        now = ~found & (np.abs(d[:, :look].mean(axis=1)) >= np.hypot(quantile(level / 2, look - 1) * error, beside))
        used[now], found = look, found | now
    return float(found.mean()), float(used.mean())


def loop_equivalence_seeds(first_sd: float, second_sd: float, margin: float) -> int | None:
    """Return the seeds per arm with which two one-sided tests of independent arms show that there is no difference where there is none.

    >>> loop_equivalence_seeds(1.0, 1.0, 1.0)
    18

    Source: K. F. Phillips, "Power of the two one-sided tests procedure in bioequivalence", J. Pharmacokinet. Biopharm. 18, 1990,
    https://doi.org/10.1007/BF01063556
    """
    sd = max(math.sqrt((first_sd**2 + second_sd**2) / 2), 1e-12)
    return fewest(lambda n: not _loop_equivalence_power(sd * math.sqrt(2 / n), margin, 2 * n - 2) < POWER)


def _loop_equivalence_power(error: float, margin: float, df: int) -> float:
    critical, scale = quantile(METHOD.alpha, df), math.sqrt(df)

    def shown(u: float) -> float:
        return float((2 * stats.norm.cdf(margin / error - critical * u) - 1) * stats.chi.pdf(u * scale, df)) * scale

    return float(integrate.quad(shown, 0, min(margin / error / critical, 1 + 10 / scale), limit=200)[0])


def equivalence_seeds(within: float, examples: Examples, margin: float) -> int | None:
    """Return the seeds with which dlbench shows "no meaningful effect" on new data where there is none: it excludes skewed losses too.

    >>> equivalence_seeds(1.0, Examples(0.0, 500), 1.0)
    17
    """
    return _in_rounds(examples.step, lambda n: equivalence_power(margin, _spread(within, examples, n), n) >= POWER)
