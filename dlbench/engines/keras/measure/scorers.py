"""scikit-learn's scorers for a network's predictions. Each is a function of this module, under the scorer's name.

A metric names one by reference, such as ``dlbench.engines.keras.measure.scorers:balanced_accuracy``. Nothing else imports this module,
so scikit-learn is loaded for such a metric alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import get_scorer

from dlbench.values.metric import RANGES


class Predictions(ClassifierMixin, BaseEstimator):
    """A classifier whose input is the probabilities of the classes.

    Args:
        classes: their number.
    """

    def __init__(self, classes: int) -> None:
        self.classes = classes
        self.classes_ = np.arange(classes)

    def predict_proba(self, probabilities: np.ndarray) -> np.ndarray:
        """Return the input."""
        return probabilities

    def predict(self, probabilities: np.ndarray) -> np.ndarray:
        """Return the most probable class of each example."""
        return probabilities.argmax(axis=1)


def __getattr__(name: str) -> Callable[[np.ndarray, np.ndarray], float]:
    """Return the scorer of a name, as ``compute(labels, probabilities) -> float``."""
    if name not in RANGES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return partial(score, name)


def score(name: str, labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Compute a score; not a number where it is not defined because a class has no example.

    Args:
        name: of the scorer.
        labels: [n] from 0.
        probabilities: [n, classes].

    Example:
        >>> score("balanced_accuracy", np.array([0, 0, 1, 1]), np.eye(2)[[0, 0, 0, 1]])
        0.75
    """
    classes = probabilities.shape[1]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a class was never predicted: the scorer takes its share as 0
            return float(get_scorer(name)(Predictions(classes), probabilities, labels))
    except ValueError:
        if len(np.unique(labels)) == classes:
            raise
        return float("nan")
