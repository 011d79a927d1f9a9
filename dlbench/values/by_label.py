"""Scores of one label, and the value of each example whose mean is the score (linearisation, delta method)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def ratio_values(hits: NDArray[np.float64], either: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return R + (h - R·e) / E of each example, whose mean is R = H / E, the ratio of two means over the examples.

    Precision, recall and F1 are such ratios: the true positives over what is predicted, over what is there, and over half of both.

    Args:
        hits, either: h and e of each example and label, [n, labels]; H and E are their means over the examples.

    Returns:
        [n, labels]; not a number where E is 0.

    Example:
        >>> ratio_values(np.array([[1.0], [0.0]]), np.array([[1.0], [3.0]])).ravel().tolist()
        [0.625, -0.125]

    Source: W. G. Cochran, "Sampling techniques", 1977, chapter 6.
    """
    means = either.mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        score = hits.mean(axis=0) / means
        return score + (hits - score * either) / means


def average_precision_of_label(positive: NDArray[np.bool_], scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return values of the examples whose mean is the average precision of one label.

    With P positives among n examples, the value of example j is AP + n/P · (y_j·(p_j - AP) + Σ_i (y_j - p_i)/N_i): N_i examples have at
    least the score of i, p_i of them are positive (a share), and the sum is over the positives i that score at most as high as j. Equal
    scores are one threshold.

    Args:
        positive: which examples have the label, [n].
        scores: how likely each is to have it, on any scale, [n].

    Returns:
        [n]; not a number where no example has the label.

    Example:
        >>> average_precision_of_label(np.array([True, False, True]), np.array([0.9, 0.8, 0.3])).mean().round(6).item()
        0.833333

    Source: G. Salton, M. J. McGill, "Introduction to modern information retrieval", 1983, chapter 5; the linearisation is our own.
    """
    n, positives = len(scores), positive.sum()
    if not positives:
        return np.full(n, np.nan)
    place = np.unique(-scores, return_inverse=True)[1]  # 0 is the highest score
    above, above_positive = (np.cumsum(np.bincount(place, weights)) for weights in (None, positive))
    precision, here = above_positive / above, np.bincount(place, positive)
    average = (here * precision).sum() / positives
    share, lost = (np.cumsum(part[::-1])[::-1] for part in (here / above, here * precision / above))  # over positives at most as high
    return average + n / positives * (positive * (precision[place] - average) + positive * share[place] - lost[place])
