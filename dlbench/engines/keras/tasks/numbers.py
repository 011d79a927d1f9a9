"""Scores of predicted numbers, and the value of each example whose mean is the score.

A score that is no mean over examples has the values of its linearisation (delta method): their mean is the score, and their spread
over examples is what the choice of examples contributes to its variance.

Source: A. W. van der Vaart, "Asymptotic statistics", 1998, chapter 20, https://doi.org/10.1017/CBO9780511802256.
"""

from __future__ import annotations

from functools import partial

import numpy as np


def absolute(known: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the absolute error of each example, in the unit of the targets."""
    return np.abs(predicted - known)


def relative(known: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the absolute error of each example as a share of its target; not a number where a target is 0.

    Example:
        >>> relative(np.array([2.0, 0.0]), np.array([1.0, 1.0])).tolist()
        [0.5, nan]
    """
    return np.abs(predicted - known) / np.where(known == 0, np.nan, np.abs(known))


def root_mean_square(known: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return e²/(2·RMSE) + RMSE/2 of each example's error e.

    Example:
        >>> root_mean_square(np.array([0.0, 0.0]), np.array([3.0, 4.0])).mean().round(6).item()
        3.535534
    """
    squares = (predicted - known) ** 2
    root = np.sqrt(squares.mean())
    return squares / (2 * root) + root / 2 if root else squares


def determination(known: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return 1 - R - (e² - R·d²)/V of each example: d is its distance from the mean target, V the mean of d², R the mean of e² over V.

    Not a number where all targets are equal.

    Example:
        >>> determination(np.array([1.0, 3.0]), np.array([1.0, 2.0])).mean().item()
        0.5
    """
    squares, distances = (predicted - known) ** 2, (known - known.mean()) ** 2
    variance = distances.mean()
    if not variance:
        return np.full(len(known), np.nan)
    share = squares.mean() / variance
    return 1 - share - (squares - share * distances) / variance


def pinball(known: np.ndarray, predicted: np.ndarray, quantile: float) -> np.ndarray:
    """Return ``quantile`` times what a prediction is too low, or 1 - ``quantile`` times what it is too high, in the unit of the targets.

    The quantile of a target given its example has the lowest mean.

    Example:
        >>> pinball(np.array([10.0, 10.0]), np.array([8.0, 12.0]), 0.9).round(6).tolist()
        [1.8, 0.2]

    Source: R. Koenker, G. Bassett, "Regression quantiles", Econometrica 46, 1978, https://doi.org/10.2307/1913643.
    """
    return np.maximum(quantile * (known - predicted), (quantile - 1) * (known - predicted))


OF_EACH = {"mae": absolute, "rmse": root_mean_square, "mape": relative, "r2": determination,
           "pinball_10": partial(pinball, quantile=0.1), "pinball_90": partial(pinball, quantile=0.9)}
"""Name of a metric -> the value of each example."""


def rmse(known: np.ndarray, predicted: np.ndarray) -> float:
    """Root of the mean squared error, in the unit of the targets.

    Args:
        known: targets [n].
        predicted: predictions [n].

    Example:
        >>> rmse(np.array([0.0, 0.0]), np.array([1.0, -1.0]))
        1.0
    """
    return float(np.sqrt(np.mean((predicted - known) ** 2)))


def mape(known: np.ndarray, predicted: np.ndarray) -> float:
    """Mean absolute error as a share of the target; not a number where a target is 0.

    Example:
        >>> mape(np.array([2.0, 4.0]), np.array([1.0, 4.0]))
        0.25
    """
    return float(relative(known, predicted).mean())


def r2(known: np.ndarray, predicted: np.ndarray) -> float:
    """Share of the variance of the targets that is explained; 0: no better than their mean. Not a number where all targets are equal.

    Example:
        >>> r2(np.array([1.0, 3.0]), np.array([1.0, 3.0])), r2(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
        (1.0, 0.0)

    Source: S. Wright, "Correlation and causation", J. Agric. Res. 20, 1921, page 557.
    """
    return float(determination(known, predicted).mean())


def pinball_10(known: np.ndarray, predicted: np.ndarray) -> float:
    """Mean pinball loss of the quantile 0.1, where a prediction that is too high costs nine times one that is too low.

    Example:
        >>> round(pinball_10(np.array([10.0, 10.0]), np.array([8.0, 12.0])), 6)
        1.0

    Source: that of :func:`pinball`.
    """
    return float(pinball(known, predicted, 0.1).mean())


def pinball_90(known: np.ndarray, predicted: np.ndarray) -> float:
    """Mean pinball loss of the quantile 0.9, where a prediction that is too low costs nine times one that is too high.

    Example:
        >>> round(pinball_90(np.array([10.0, 10.0]), np.array([6.0, 12.0])), 6)
        1.9

    Source: that of :func:`pinball`.
    """
    return float(pinball(known, predicted, 0.9).mean())
