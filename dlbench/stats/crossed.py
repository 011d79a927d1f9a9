"""Seeds and test examples as two samples: tests and intervals of a claim about new data.

A test set is itself a sample, and all seeds share its luck. A claim about new data adds what the test examples contribute to the variance
of a mean difference, its `ExamplePart`, to what the seeds contribute.

Limits of the two parts are added as squares, each at its own degrees of freedom. Satterthwaite's degrees of freedom do not hold with few
seeds: some that happen to agree make their own part look negligible. What is used holds its level at any number of seeds, and is
conservative where both parts are alike; ``reports/error_rates.md`` has both beside each other.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from dlbench.stats.paired import PairedT, all_equal, checked, paired_t, tost

SMALLEST_P = 1e-300
HALVINGS = 60


class ExamplePart(NamedTuple):
    """What the test examples contribute to the variance of a mean difference, and how many they are; 0 and 0: nothing is claimed of new
    examples."""

    variance: float = 0.0
    examples: int = 0


THIS_TEST_SET = ExamplePart()
"""The part of a claim about one test set."""


def value_differences(ours: ArrayLike, theirs: ArrayLike) -> NDArray[np.float64]:
    """Differences of two arrays of values, both of shape (seeds, examples).

    Raises:
        ValueError: the shapes differ, or there are fewer than two seeds or examples.

    >>> value_differences([[1, 0], [1, 1]], [[0.5, 0], [1, 1]]).tolist()
    [[0.5, 0.0], [0.0, 0.0]]
    """
    a, b = np.asarray(ours, float), np.asarray(theirs, float)
    if a.ndim != 2 or a.shape != b.shape or min(a.shape) < 2:
        raise ValueError(f"need two arrays of shape (seeds, examples), at least 2 by 2, not {a.shape} and {b.shape}")
    return a - b


def example_part(ours: ArrayLike, theirs: ArrayLike) -> ExamplePart:
    """Estimate the part of the test examples: ``max(0, MS_examples - MS_rest) / (n m)`` of n seeds and m examples.

    Args:
        ours: values of an arm, shape (seeds, examples): shares of right answers, losses, or whatever its score is the mean of.
        theirs: the same of its reference, on the same seeds and examples.

    >>> example_part([[1, 0], [1, 1]], [[0, 0], [0, 1]])
    ExamplePart(variance=0.25, examples=2)

    Source: S. R. Searle, G. Casella and C. E. McCulloch, "Variance components", Wiley, 1992, https://doi.org/10.1002/9780470316856
    """
    d = value_differences(ours, theirs)
    n, m = d.shape
    examples = d.mean(axis=0)
    rest = ((d - d.mean(axis=1, keepdims=True) - examples + d.mean()) ** 2).sum() / ((n - 1) * (m - 1))
    return ExamplePart(max(0.0, float(n * examples.var(ddof=1) - rest)) / d.size, m)


def unpaired_part(ours: ArrayLike, theirs: ArrayLike) -> ExamplePart:
    """Estimate the part of the test examples where runs are no pairs: both sides are still tested on the same examples.

    ``max(0, V - MS_ours / n - MS_theirs / k) / m``, with V the variance over the m examples of the difference between the mean values of
    the n and k runs, and MS the mean square of what run and example together leave of a side's values.

    Args:
        ours: values of an arm, shape (runs, examples).
        theirs: the same of its reference, on the same examples; the number of runs may differ.

    Raises:
        ValueError: the examples differ in number, or a side has fewer than two runs or examples.

    >>> unpaired_part([[1, 0], [1, 1]], [[0, 0], [0, 1], [0, 1]]).examples
    2
    """
    a, b = np.asarray(ours, float), np.asarray(theirs, float)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or min(*a.shape, *b.shape) < 2:
        raise ValueError(f"need arrays of shape (runs, examples), at least 2 by 2, of as many examples, not {a.shape} and {b.shape}")
    rests = [((x - x.mean(axis=1, keepdims=True) - x.mean(axis=0) + x.mean()) ** 2).sum() / ((len(x) - 1) * (x.shape[1] - 1)) / len(x)
             for x in (a, b)]
    between = (a.mean(axis=0) - b.mean(axis=0)).var(ddof=1)
    return ExamplePart(max(0.0, float(between - sum(rests))) / a.shape[1], a.shape[1])


def resampled_part(differences: ArrayLike, examples: int) -> ExamplePart:
    """Estimate the part of the test examples for a score that is no mean over examples, from resampled test sets.

    Args:
        differences: of the score, shape (resamples, seeds): every row on one resample of the test examples, the same for all seeds and
            both arms.
        examples: in the test set.

    The variance of the mean over resamples holds that of what each seed has for itself, which is taken off.

    Raises:
        ValueError: there are fewer than two resamples or seeds, or a difference is not finite.

    >>> resampled_part([[0.1, 0.1], [0.3, 0.3]], 50)
    ExamplePart(variance=0.02, examples=50)
    """
    d = np.asarray(differences, float)
    if d.ndim != 2 or min(d.shape) < 2 or not np.isfinite(d).all():
        raise ValueError(f"need finite differences of shape (resamples, seeds), at least 2 by 2, not {d.shape}")
    own = d - d.mean(axis=0)
    shared = own.mean(axis=1).var(ddof=1) - (own - own.mean(axis=1, keepdims=True)).var(axis=1, ddof=1).mean() / d.shape[1]
    return ExamplePart(round(max(0.0, float(shared)), 15), examples)


def over_folds(parts: Sequence[tuple[int, ExamplePart]]) -> ExamplePart:
    """Combine the parts of disjoint folds of the test examples, each with the number of seeds that tested it.

    A fold counts with the probability that two of the n seeds share it, ``n_f (n_f - 1) / (n (n - 1))``: with that, spread over seeds and
    parts together are without bias. Where each fold has one seed, the spread over seeds holds all that the examples contribute.
    Training parts of folds overlap, and what a training part does to all of its seeds is counted in the spread over seeds alone: the sum
    is too small by as much as that effect repeats from round to round, for which there is no unbiased estimate.

    >>> over_folds([(2, ExamplePart(0.06, 50)), (2, ExamplePart(0.12, 50))])
    ExamplePart(variance=0.03, examples=100)
    >>> over_folds([(1, THIS_TEST_SET), (1, THIS_TEST_SET)]).variance, over_folds([(8, ExamplePart(0.25, 9))]).variance
    (0.0, 0.25)

    Source: C. Nadeau and Y. Bengio, "Inference for the generalization error", Mach. Learn. 52, 2003,
    https://doi.org/10.1023/A:1024068626366; Y. Bengio and Y. Grandvalet, "No unbiased estimator of the variance of k-fold
    cross-validation", J. Mach. Learn. Res. 5, 2004, https://www.jmlr.org/papers/v5/grandvalet04a.html
    """
    n = sum(seeds for seeds, _ in parts)
    pairs = max(n * (n - 1), 1)
    variance = sum(seeds * (seeds - 1) / pairs * part.variance for seeds, part in parts)
    return ExamplePart(round(variance, 15), sum(part.examples for _, part in parts))


def by_fold(seeds: Iterable[int], folds: int) -> list[list[int]]:
    """Group seeds by the fold that each of them tests: seed s tests fold s mod ``folds``; 0 folds are one.

    >>> by_fold([0, 1, 2, 3, 4], 2), by_fold([0, 1], 0)
    ([[0, 2, 4], [1, 3]], [[0, 1]])
    """
    found: dict[int, list[int]] = {}
    for seed in seeds:
        found.setdefault(seed % (folds or 1), []).append(seed)
    return [found[fold] for fold in sorted(found)]


def examples_tested(sizes: pd.DataFrame, folds: int = 0) -> pd.Series:
    """Add up the test examples of each arm over the folds that it tests.

    Args:
        sizes: columns ``arm, seed, examples``.
        folds: 0: all seeds test the same examples.

    >>> examples_tested(pd.DataFrame({"arm": "a", "seed": [0, 1, 2], "examples": [50, 49, 50]}), folds=2)["a"].item()
    99
    """
    known = sizes.assign(fold=sizes["seed"] % (folds or 1))
    return known.groupby(["arm", "fold"])["examples"].min().groupby("arm").sum(min_count=1)


def example_parts(runs: pd.DataFrame, references: Mapping[str, str], values: Callable[[list[Any]], Mapping[Any, NDArray[Any]]],
                  folds: int = 0) -> dict[str, ExamplePart]:
    """Estimate the part of the test examples for every arm that has them.

    Args:
        runs: columns ``arm, seed, run_id``, of the runs that are compared.
        references: arm -> the arm that it is compared with.
        values: run ids -> the value of each test example, shape (examples,), of the runs that left them.
        folds: of which each seed tests one; 0: all test the same examples.

    Returns:
        Arm -> its part; an arm is left out where a compared seed lacks values, or test sets differ that should be one.

    >>> runs = pd.DataFrame([(arm, seed, f"{arm}{seed}") for arm in "ab" for seed in (0, 1)], columns=["arm", "seed", "run_id"])
    >>> kept = {"a0": np.array([1, 0]), "a1": np.array([1, 1]), "b0": np.array([0, 0]), "b1": np.array([0, 1])}
    >>> example_parts(runs, {"a": "b"}, lambda run_ids: kept)
    {'a': ExamplePart(variance=0.25, examples=2)}
    """
    ids: dict[str, dict[int, Any]] = {arm: dict(zip(part["seed"], part["run_id"])) for arm, part in runs.groupby("arm")}
    found: dict[str, ExamplePart] = {}
    for arm, reference in references.items():
        own, other = ids.get(arm, {}), ids.get(reference, {})
        seeds = [seed for seed in own if seed in other]
        kept = values([side[seed] for seed in seeds for side in (own, other)])
        if len(seeds) < 2 or any(side[seed] not in kept for seed in seeds for side in (own, other)):
            continue
        parts = [_fold_part([(kept[own[seed]], kept[other[seed]]) for seed in fold]) for fold in by_fold(seeds, folds)]
        if None not in parts:
            found[arm] = over_folds([part for part in parts if part is not None])
    return found


def _fold_part(pairs: list[tuple[NDArray[Any], NDArray[Any]]]) -> tuple[int, ExamplePart] | None:
    """Return the number of seeds and the part of examples that they share; None where their numbers of examples differ, or are below 2."""
    shapes = {one.shape for pair in pairs for one in pair}
    if len(shapes) > 1 or min(next(iter(shapes)) or (0,)) < 2:
        return None
    ours, theirs = (np.stack(side) for side in zip(*pairs))
    return len(pairs), example_part(ours, theirs) if len(pairs) > 1 else ExamplePart(0.0, ours.shape[1])


def quantile(level: float, df: float) -> float:
    """The value that a t statistic exceeds with the given probability.

    >>> round(quantile(0.025, 7), 3)
    2.365
    """
    return -float(stdtrit(df, level))


def half_width(level: float, error: float, n: float, part: ExamplePart) -> float:
    """Distance of a one-sided limit of the given level from a mean: ``sqrt(t(n-1)² error² + t(m-1)² variance of the part)``.

    Args:
        level: one-sided, in (0, 0.5).
        error: standard error of the mean over seeds.
        n: seeds; of means of unequal groups, Welch's degrees of freedom and 1.
        part: of the test examples.

    >>> round(half_width(0.025, 1.0, 8, THIS_TEST_SET), 3), round(half_width(0.025, 1.0, 8, ExamplePart(1.0, 500)), 3)
    (2.365, 3.074)

    Source: W. G. Howe, "Approximate confidence limits on the mean of X + Y where X and Y are two tabled independent random variables",
    J. Am. Stat. Assoc. 69, 1974, https://doi.org/10.1080/01621459.1974.10482019
    """
    of_examples = quantile(level, part.examples - 1) * np.sqrt(part.variance) if part.variance else 0.0
    return float(np.hypot(quantile(level, n - 1) * error, of_examples))


def tail(distance: ArrayLike, error: ArrayLike, n: float, example_error: ArrayLike, examples: int) -> NDArray[np.float64]:
    """One-sided p-values: the level at which a limit lies exactly so far from the mean; 0.5 at no distance.

    Args:
        distance: of means from what is tested, 0 or more.
        error: standard errors over seeds.
        n: seeds.
        example_error: square roots of the parts of the test examples, above 0.
        examples: in the test set.

    >>> tail(3.0739, 1.0, 8, 1.0, 500).round(3).item()
    0.025
    """
    distance, error, example_error = np.broadcast_arrays(*(np.asarray(one, float) for one in (distance, error, example_error)))
    low, high = np.full(distance.shape, np.log(SMALLEST_P)), np.full(distance.shape, np.log(0.5))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        level = np.exp(middle)
        inside = np.hypot(stdtrit(n - 1, level) * error, stdtrit(examples - 1, level) * example_error) >= distance
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return np.exp((low + high) / 2)


def crossed_t(d: ArrayLike, alpha: float, part: ExamplePart = THIS_TEST_SET) -> PairedT:
    """Mean paired difference with its interval over seeds and test examples, and the p-value that belongs to it.

    Without a part of the test examples, :func:`dlbench.stats.paired.paired_t`.

    >>> d = [0.01, 0.03, 0.02, 0.02]
    >>> [round(value, 4) for value in crossed_t(d, 0.05, ExamplePart(1e-4, 200))]
    [0.02, -0.0036, 0.0436, 0.0873, 0.0082]
    """
    seeds = paired_t(d, alpha)
    if not part.variance:
        return seeds
    n, mean = np.size(d), seeds.difference
    half = half_width(alpha / 2, seeds.sd / np.sqrt(n), n, part)
    p = 2 * float(tail(abs(mean), seeds.sd / np.sqrt(n), n, np.sqrt(part.variance), part.examples))
    return PairedT(mean, mean - half, mean + half, min(1.0, max(p, 0.0 if seeds.sd else seeds.p)), seeds.sd)


def crossed_tost(d: ArrayLike, margin: float, part: ExamplePart = THIS_TEST_SET) -> float:
    """P-value of equivalence over seeds and test examples; without a part of these, :func:`dlbench.stats.paired.tost`.

    >>> d = [0.001, -0.002, 0.0, 0.001]
    >>> round(crossed_tost(d, 0.005), 4), round(crossed_tost(d, 0.005, ExamplePart(4e-6, 200)), 4)
    (0.0029, 0.0172)
    """
    over_seeds = tost(d, margin)
    if not part.variance:
        return over_seeds
    d = checked(d, 2)
    distance, error = margin - abs(float(d.mean())), 0.0 if all_equal(d) else float(d.std(ddof=1) / np.sqrt(d.size))
    beyond = float(tail(abs(distance), error, d.size, np.sqrt(part.variance), part.examples))
    return max(beyond if distance > 0 else 1 - beyond, over_seeds if not error else 0.0)
