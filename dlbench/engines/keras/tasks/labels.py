"""Scores of several labels an example, and the value of each example whose mean is the score.

They are those of scikit-learn, and the values of their linearisation (delta method) where they are no means over examples, see
:mod:`dlbench.engines.keras.tasks.numbers`. A label is predicted where its probability is above one half. Of measures by label, labels for
which they are not defined are left out of the mean.
"""

from __future__ import annotations

import warnings

import numpy as np

from dlbench.values.by_label import average_precision_of_label, ratio_values


def hamming_losses(known: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the share of each example's labels that are predicted wrongly."""
    return ((predicted > 0.5) != (known > 0.5)).mean(axis=1)


def exact_matches(known: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return 1 for each example whose labels are all predicted rightly, and 0 for each other."""
    return (hamming_losses(known, predicted) == 0).astype(np.float64)


def micro_f1_values(known: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return F + (2·tp - F·d)/D of each example: d is its 2·tp + fp + fn over all labels, D the mean of d, F the F1 of all decisions.

    Not a number where no label occurs or is predicted.

    Example:
        >>> micro_f1_values(np.array([[1, 0], [1, 1]]), np.array([[0.9, 0.1], [0.9, 0.2]])).mean().round(6).item()
        0.8
    """
    hits, either = _counts(known, predicted)
    return ratio_values(hits.sum(axis=1, keepdims=True), either.sum(axis=1, keepdims=True))[:, 0]


def macro_f1_values(known: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return the mean over labels of what :func:`micro_f1_values` returns for one label.

    Example:
        >>> macro_f1_values(np.array([[1, 0], [1, 1]]), np.array([[0.9, 0.1], [0.9, 0.2]])).mean().round(6).item()
        0.5
    """
    return _over_labels(ratio_values(*_counts(known, predicted)))


def average_precision_values(known: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return values of the examples whose mean is the mean over labels of the average precision.

    Example:
        >>> known, predicted = np.array([[1, 0], [0, 1], [1, 1]]), np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
        >>> average_precision_values(known, predicted).mean().round(6).item()
        0.916667

    See :func:`dlbench.values.by_label.average_precision_of_label` of one label.
    """
    return _over_labels(np.stack([average_precision_of_label(y > 0.5, scores) for y, scores in zip(known.T, predicted.T)], axis=1))


def _counts(known: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return 2·tp and 2·tp + fp + fn of each example and label, float64."""
    has, said = known > 0.5, predicted > 0.5
    return 2.0 * (has & said), has.astype(np.float64) + said


def _over_labels(values: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # no label has a value: then there is no mean
        return np.nanmean(values, axis=1)


OF_EACH = {"mean_average_precision": average_precision_values, "label_micro_f1": micro_f1_values, "label_macro_f1": macro_f1_values,
           "hamming_loss": hamming_losses, "exact_match": exact_matches}
"""Name of a metric -> the value of each example."""


def mean_average_precision(known: np.ndarray, predicted: np.ndarray) -> float:
    """Mean over labels of the average precision: how many of the examples ranked down to each positive one are positive.

    Args:
        known: labels [n, labels] of 0 and 1.
        predicted: probabilities [n, labels].

    Example:
        >>> mean_average_precision(np.array([[1, 0], [0, 1]]), np.array([[0.9, 0.1], [0.2, 0.3]]))
        1.0
    """
    return float(average_precision_values(known, predicted).mean())


def label_micro_f1(known: np.ndarray, predicted: np.ndarray) -> float:
    """F1 = 2·TP / (2·TP + FP + FN) over all decisions, one for each example and label.

    Example:
        >>> label_micro_f1(np.array([[1, 0], [0, 1]]), np.array([[0.9, 0.1], [0.2, 0.8]]))
        1.0
    """
    return float(micro_f1_values(known, predicted).mean())


def label_macro_f1(known: np.ndarray, predicted: np.ndarray) -> float:
    """Mean over labels of F1: every label counts alike, however rare.

    Example:
        >>> label_macro_f1(np.array([[1, 0], [0, 1]]), np.array([[0.9, 0.1], [0.2, 0.8]]))
        1.0
    """
    return float(macro_f1_values(known, predicted).mean())


def hamming_loss(known: np.ndarray, predicted: np.ndarray) -> float:
    """Share of wrong decisions, one for each example and label.

    Example:
        >>> hamming_loss(np.array([[1, 0], [0, 1]]), np.array([[0.9, 0.8], [0.2, 0.8]]))
        0.25
    """
    return float(hamming_losses(known, predicted).mean())


def exact_match(known: np.ndarray, predicted: np.ndarray) -> float:
    """Share of examples whose labels are all predicted rightly.

    Example:
        >>> exact_match(np.array([[1, 0], [0, 1]]), np.array([[0.9, 0.8], [0.2, 0.8]]))
        0.5
    """
    return float(exact_matches(known, predicted).mean())
