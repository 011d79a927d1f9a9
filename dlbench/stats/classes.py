"""Scores that are no mean over test examples, but follow from how often each class is right, true and predicted."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dlbench.stats.crossed import ExamplePart, resampled_part

RESAMPLES = 400
Counts = NDArray[np.float64]


def _mean_share(hits: Counts, of: Counts) -> Counts:
    """Mean over the classes that occur of hits among so many; shape (resamples, classes) each -> (resamples,)."""
    shares = np.divide(hits, of, out=np.zeros_like(hits), where=of > 0)
    return shares.sum(axis=1) / np.maximum((of > 0).sum(axis=1), 1)


def balanced_accuracy(right: Counts, true: Counts, predicted: Counts) -> Counts:
    """Mean recall of the classes that occur; counts of shape (resamples, classes)."""
    return _mean_share(right, true)


def macro_f1(right: Counts, true: Counts, predicted: Counts) -> Counts:
    """Mean F1 of the classes that occur or are predicted; counts of shape (resamples, classes)."""
    return _mean_share(2 * right, true + predicted)


BY_COUNTS: dict[str, Callable[[Counts, Counts, Counts], Counts]] = {
    "macro_f1": macro_f1, "f1_macro": macro_f1, "balanced_accuracy": balanced_accuracy, "recall_macro": balanced_accuracy}
"""Measure -> its value from counts of each class: right, true and predicted."""


def class_part(measure: str, labels: ArrayLike, ours: ArrayLike, theirs: ArrayLike, seed: int = 0) -> ExamplePart:
    """Estimate the part of the test examples for a measure of `BY_COUNTS`: they are resampled once for all seeds and both arms.

    Args:
        measure: name.
        labels: true classes, shape (examples,).
        ours: classes that an arm predicts, shape (seeds, examples).
        theirs: those of its reference.
        seed: of the resampling.

    Raises:
        ValueError: there are fewer than two seeds or examples, or the shapes differ.

    >>> rng = np.random.default_rng(0)
    >>> labels = rng.integers(0, 3, 200)
    >>> wrong = np.where(np.arange(200) < 40, (labels + 1) % 3, labels)
    >>> part = class_part("macro_f1", labels, [labels, labels], [wrong, wrong])
    >>> round(part.variance**0.5, 3), part.examples
    (0.028, 200)
    """
    labels, sides = np.asarray(labels, np.int64), [np.asarray(side, np.int64) for side in (ours, theirs)]
    if any(side.shape != sides[0].shape or side.ndim != 2 or side.shape[1:] != labels.shape or min(side.shape) < 2 for side in sides):
        raise ValueError(f"need predictions of shape (seeds, {labels.size} examples), at least 2 by 2")
    every = np.arange(1 + max(int(labels.max()), *(int(side.max()) for side in sides)))
    weights = np.random.default_rng(seed).multinomial(labels.size, np.full(labels.size, 1 / labels.size), RESAMPLES).astype(float)
    true = (labels[:, None] == every).astype(float)

    def scores(predicted: NDArray[np.int64]) -> Counts:
        said = (predicted[:, None] == every).astype(float)
        return BY_COUNTS[measure](weights @ (true * said), weights @ true, weights @ said)

    one, other = (np.stack([scores(predicted) for predicted in side], axis=1) for side in sides)
    return resampled_part(one - other, labels.size)
