"""How often nominal 95 % intervals of the mean difference cover it."""

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import ndtr, ndtri

from dlbench.stats.method import METHOD

SIZES = (3, 5, 8, 10, 20)
RESAMPLES = 1_000
CHUNK = 200
EXAMPLES = 360


def normal(rng, shape):
    """Standard normal differences; their true mean is 0."""
    return rng.normal(size=shape), 0.0


def skewed(rng, shape):
    """Exponential differences, skewness 2."""
    return rng.exponential(size=shape), 1.0


def discrete(rng, shape):
    """Accuracy on 360 test examples: the arm wins 4 examples and loses 2 on average (Poisson), so d is a multiple of 1/360."""
    return (rng.poisson(4.0, shape) - rng.poisson(2.0, shape)) / EXAMPLES, 2.0 / EXAMPLES


SHAPES = {"normal": normal, "skewed (exponential)": skewed, "discrete (accuracy on 360 examples)": discrete}


def t_limits(d, alpha=METHOD.alpha):
    """Paired t limits of differences of shape (studies, seeds)."""
    n = d.shape[1]
    half = stats.t.ppf(1 - alpha / 2, n - 1) * d.std(axis=1, ddof=1) / np.sqrt(n)
    return d.mean(axis=1) - half, d.mean(axis=1) + half


def bootstrap_limits(d, rng, alpha=METHOD.alpha):
    """Percentile and BCa limits of the mean: two pairs (low, high) of shape (studies,)."""
    percentile, bca = [], []
    for start in range(0, len(d), CHUNK):
        part = d[start : start + CHUNK]
        index = rng.integers(0, part.shape[1], (len(part), RESAMPLES, part.shape[1]))
        means = np.sort(np.take_along_axis(part[:, None, :], index, axis=2).mean(axis=2), axis=1)
        percentile.append(np.quantile(means, [alpha / 2, 1 - alpha / 2], axis=1).T)
        bca.append(_bca(part, means, alpha))
    return np.vstack(percentile).T, np.vstack(bca).T


def _bca(d, means, alpha):
    """Limits of shape (studies, 2) from sorted resampled means; the mean itself where all differences are equal."""
    centre = d.mean(axis=1, keepdims=True)
    below = ((means < centre).mean(axis=1) + (means <= centre).mean(axis=1)) / 2
    bias = ndtri(np.clip(below, 1 / RESAMPLES, 1 - 1 / RESAMPLES))[:, None]
    away = centre - d
    squares = (away**2).sum(axis=1)
    cubes = (away**3).sum(axis=1)
    acceleration = np.divide(-cubes, 6 * squares**1.5, out=np.zeros(len(d)), where=squares > 0)[:, None]
    z = bias + ndtri([alpha / 2, 1 - alpha / 2])
    share = ndtr(bias + z / (1 - acceleration * z))
    return np.take_along_axis(means, np.clip((share * RESAMPLES).astype(int), 0, RESAMPLES - 1), axis=1)


def coverage(rng, studies):
    """Table of coverage, one row per shape and n; bootstraps on a fifth of the studies."""
    rows = []
    for name, draw in SHAPES.items():
        for n in SIZES:
            d, mean = draw(rng, (studies, n))
            few = d[: max(studies // 5, 100)]
            percentile, bca = bootstrap_limits(few, rng)
            rows.append((name, n, _covers(*t_limits(d), mean), _covers(*percentile, mean), _covers(*bca, mean)))
    return pd.DataFrame(rows, columns=["differences", "n", "t", "percentile bootstrap", "BCa bootstrap"])


def _covers(low, high, mean):
    """Share of intervals that hold the true mean, allowing for rounding of 1e-12."""
    return float(((low <= mean + 1e-12) & (high >= mean - 1e-12)).mean())
