"""Test-set noise: intervals for new seeds and new test examples, from one value per test example and run.

A test set is itself a sample. Scores of several seeds on one test set share its luck, so an interval over seeds answers for this test
set only. ``arm`` and ``reference`` hold right or wrong, or shares of right answers, shape (seeds, examples), of the same seeds and
examples, two or more of each; other shapes are a ValueError. Differences are in accuracy (0 to 1).
"""

import math
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from dlbench.stats.crossed import crossed_t, example_part, value_differences
from dlbench.stats.method import METHOD
from dlbench.stats.paired import differences

RESAMPLES = 2_000
CELLS_AT_ONCE = 4_000_000
PER_CLASS = ("label", "examples", "difference", "low", "high", "p", "p_adjusted")


class CrossedEffect(NamedTuple):
    """Mean difference with an interval over seeds and examples, its p, and standard errors of both and of seeds alone."""

    difference: float
    low: float
    high: float
    p: float
    error: float
    error_seeds: float


def crossed_effect(arm: ArrayLike, reference: ArrayLike, alpha: float = METHOD.alpha) -> CrossedEffect:
    """Difference in the mean value with the interval over both seeds and test examples that decides verdicts on new data.

    Never narrower than over seeds alone, see :func:`dlbench.stats.crossed.half_width`. Assumes that test examples are independent. No
    width and p = 1 where no answer differs; where all differ alike, p is the sign-flip p of the seeds.

    >>> rng = np.random.default_rng(0)
    >>> result = crossed_effect(rng.random((5, 400)) < 0.9, rng.random((5, 400)) < 0.8)
    >>> round(result.difference, 3), result.p < 0.05
    (0.093, True)
    """
    d = value_differences(arm, reference)
    part = example_part(arm, reference)
    found = crossed_t(differences(np.asarray(arm, float).mean(axis=1), np.asarray(reference, float).mean(axis=1)), alpha, part)
    error_seeds = found.sd / math.sqrt(len(d))
    return CrossedEffect(*found[:4], math.hypot(error_seeds, math.sqrt(part.variance)), error_seeds)


def crossed_bootstrap(arm: ArrayLike, reference: ArrayLike, rng: np.random.Generator | int = 0,
                      alpha: float = METHOD.alpha) -> tuple[float, float]:
    """Percentile interval from 2,000 resamples of seeds and, independently, of test examples.

    Needs no model, but counts what neither seed nor example explains three times, which makes it wide on test sets, and
    with few seeds it is too narrow in the share that the seeds contribute; `crossed_effect` is the interval to quote. ``rng`` is the
    generator or the seed of the resampling.

    >>> rng = np.random.default_rng(0)
    >>> low, high = crossed_bootstrap(rng.random((5, 400)) < 0.9, rng.random((5, 400)) < 0.8, rng)
    >>> 0 < low < 0.093 < high
    True

    Source: A. B. Owen, "The pigeonhole bootstrap", Ann. Appl. Stat. 1, 2007, https://doi.org/10.1214/07-AOAS122
    """
    d, rng = value_differences(arm, reference), np.random.default_rng(rng)
    n, m = d.shape
    seeds = rng.multinomial(n, np.full(n, 1 / n), RESAMPLES) / n
    means: list[NDArray[np.float64]] = []
    chunk = max(1, CELLS_AT_ONCE // m)
    for start in range(0, RESAMPLES, chunk):
        per_example = seeds[start : start + chunk] @ d
        drawn = rng.integers(0, m, (len(per_example), m), np.int64)
        means.append(np.take_along_axis(per_example, drawn, axis=1).mean(axis=1))
    low, high = np.quantile(np.concatenate(means), [alpha / 2, 1 - alpha / 2])
    return float(low), float(high)


def per_class_effects(arm: ArrayLike, reference: ArrayLike, labels: ArrayLike, alpha: float = METHOD.alpha) -> pd.DataFrame:
    """`crossed_effect` on the test examples of each class, adjusted over the classes.

    Args:
        arm: right or wrong, or shares.
        reference: the same.
        labels: true class of each example, shape (examples,).

    Returns:
        One row per class, by label, with `PER_CLASS`. A class with a single example has NA for all but its difference.

    >>> rng = np.random.default_rng(0)
    >>> arm, reference, labels = rng.random((5, 400)) < 0.9, rng.random((5, 400)) < 0.8, np.arange(400) % 2
    >>> per_class_effects(arm, reference, labels)["examples"].tolist()
    [200, 200]
    """
    arm, reference, labels = (np.asarray(values) for values in (arm, reference, labels))
    if arm.shape[-1:] != labels.shape:
        raise ValueError(f"{labels.shape} labels for answers of shape {arm.shape}")
    rows: list[dict[str, Any]] = []
    d = value_differences(arm, reference)
    for label in np.unique(labels):
        own = labels == label
        row: dict[str, Any] = {"label": label, "examples": int(own.sum()), "difference": float(d[:, own].mean())}
        rows.append(row | (crossed_effect(arm[:, own], reference[:, own], alpha)._asdict() if own.sum() > 1 else {}))
    table = pd.DataFrame(rows, columns=list(PER_CLASS))
    tested = table["p"].notna()
    table.loc[tested, "p_adjusted"] = METHOD.correction.adjust(table.loc[tested, "p"].to_numpy(float))
    return table.astype({name: "Float64" for name in PER_CLASS[2:]})


def satterthwaite(total: float, squares: tuple[tuple[float, int], ...]) -> float:
    """Degrees of freedom of a sum or difference of mean squares, at least those of the first."""
    return max(total**2 / sum(square**2 / df for square, df in squares), squares[0][1])
