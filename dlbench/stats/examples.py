"""Test examples one by one: which of them a change turns, and which classes it confuses more, or less, than its reference."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

CONFUSION = ("label", "predicted", "ours", "theirs", "difference")


class Turned(NamedTuple):
    """Rows of the test set that an arm turns, those turned on the most seeds first.

    Attributes:
        fixed: right on more seeds with the arm than with its reference, int64.
        broken: right on fewer, int64.
    """

    fixed: NDArray[np.int64]
    broken: NDArray[np.int64]


def turned(ours: ArrayLike, theirs: ArrayLike, most: int) -> Turned:
    """Find the test examples that an arm fixes and breaks, over all seeds together.

    Args:
        ours: right or wrong with the arm, or the share of right answers, shape (seeds, examples).
        theirs: the same of its reference, on the same seeds and examples.
        most: the largest number of each kind; of equal ones, those that come first in the test set.

    >>> turned([[1, 0, 1], [1, 0, 0]], [[0, 1, 1], [0, 0, 0]], most=2)
    Turned(fixed=array([0]), broken=array([1]))
    """
    gain = np.asarray(np.asarray(ours, float).sum(axis=0) - np.asarray(theirs, float).sum(axis=0)).round(6)
    order = np.argsort(-np.abs(gain), kind="stable")
    return Turned(order[gain[order] > 0][:most], order[gain[order] < 0][:most])


def confusion(labels: ArrayLike, predictions: ArrayLike, classes: int) -> NDArray[np.float64]:
    """Count how many examples of each true class (row) are taken for each class (column), a mean over seeds.

    Args:
        labels: true classes, shape (examples,).
        predictions: predicted classes, shape (seeds, examples).
        classes: their number.

    Raises:
        ValueError: there is no seed, or no prediction for each example.

    >>> confusion([0, 1, 1], [[0, 1, 0], [0, 1, 1]], 2).tolist()
    [[1.0, 0.0], [0.5, 1.5]]
    """
    labels, predictions = np.asarray(labels, np.int64), np.asarray(predictions, np.int64)
    if predictions.ndim != 2 or not predictions.size or labels.shape != predictions.shape[1:]:
        raise ValueError(f"need predictions of shape (seeds, {labels.size} examples), not {predictions.shape}")
    pairs = labels * classes + predictions
    return np.bincount(pairs.ravel(), minlength=classes**2).reshape(classes, classes) / len(predictions)


def confusion_change(labels: ArrayLike, ours: ArrayLike, theirs: ArrayLike) -> pd.DataFrame:
    """Find the confusions of which an arm has more, or fewer, than its reference; the arguments are those of `confusion`.

    Returns:
        One row a pair of classes that changed: ``label, predicted``, mean examples a run of both (``ours, theirs``) and their
        ``difference``.

    >>> confusion_change([0, 1], [[0, 1]], [[0, 0]])[["label", "predicted", "difference"]].to_numpy().tolist()
    [[1.0, 0.0, -1.0], [1.0, 1.0, 1.0]]
    """
    classes = 1 + max(int(np.max(values, initial=0)) for values in (labels, ours, theirs))
    one, other = (confusion(labels, predictions, classes) for predictions in (ours, theirs))
    label, predicted = np.nonzero(one != other)
    columns = (label, predicted, one[label, predicted], other[label, predicted], (one - other)[label, predicted])
    return pd.DataFrame(dict(zip(CONFUSION, columns)))
