"""Features that alone tell the label: a copy of it, an identifier, a consequence of the label, a mark that was left in images of one class.

`telling_features` finds any of them by predicting test examples from one feature; `RepeatedLabel` finds exact copies while a file is read.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dlbench.datasets.declaration import Arrays

BINS = 16
MOST_FEATURES, MOST_EXAMPLES = 4096, 5000
EXPLAINED = 0.9
"""Share of the errors of always naming the most frequent class that a telling feature avoids."""


def telling_features(arrays: Arrays, train: NDArray[np.int64], test: NDArray[np.int64]) -> tuple[tuple[str, float], ...]:
    """Find the features each of which alone says the class of nearly all test examples.

    A feature is a column, or a channel of a pixel; texts, and examples of more than 4,096 features, have none.

    Args:
        arrays: the dataset.
        train, test: positions in it; evenly spaced samples of at most 5,000 each are looked at.

    Returns:
        Name -> share of the test examples whose class it says, the best first.

    Example:
        >>> x = np.stack([np.arange(40) % 7, np.arange(40) % 2], axis=1).astype(float)
        >>> telling_features(Arrays(x, np.arange(40) % 2, 40, 2, 1.0), np.arange(20), np.arange(20, 40))
        (('column 2', 1.0),)
    """
    if arrays.inputs:
        both, place = np.concatenate([train, test]), np.arange(len(train) + len(test))
        found = [telling_features(one, place[: len(train)], place[len(train) :]) for one in arrays.alone(both)]
        return tuple(sorted((item for some in found for item in some), key=lambda item: -item[1]))
    if arrays.kind == "text" or int(np.prod(arrays.x.shape[1:])) > MOST_FEATURES:
        return ()
    train, test = (rows[:: -(-len(rows) // MOST_EXAMPLES) or 1] for rows in (train, test))
    known, asked = (np.asarray(arrays.x[rows], np.float64).reshape(len(rows), -1) for rows in (train, test))
    usual = np.bincount(arrays.y[train]).argmax()
    least = 1 - (1 - EXPLAINED) * float((arrays.y[test] != usual).mean())
    shares = [_share(known[:, place], arrays.y[train], asked[:, place], arrays.y[test]) for place in range(known.shape[1])]
    found = [(_name(arrays, place), share) for place, share in enumerate(shares) if share >= least]
    return tuple(sorted(found, key=lambda item: -item[1])) if (arrays.y[test] != usual).any() else ()


class RepeatedLabel:
    """Find the columns that repeat the label, one value for each class, as the rows of a file come.

    Args:
        names: of the columns.
        classes: how many different labels there are.

    Example:
        >>> watched = RepeatedLabel(["a", "b"], 2)
        >>> watched.add(np.array([[7.0, 0.0], [8.0, 0.0], [7.0, 1.0]]), np.array([0, 1, 0]))
        >>> watched.columns()
        ['a']
    """

    def __init__(self, names: Sequence[str], classes: int) -> None:
        self.names, self.classes = names, classes
        self._label_of: dict[str, dict[float, int]] = {name: {} for name in names}

    def add(self, x: NDArray, labels: NDArray) -> None:
        """Take in the next rows, [n, columns], and the numbers of their labels, [n]."""
        for place, name in enumerate(self.names):
            if name in self._label_of and not self._repeats(name, x[:, place], labels):
                del self._label_of[name]

    def _repeats(self, name: str, values: NDArray, labels: NDArray) -> bool:
        """Say whether each value of a column still stands beside one label, and there are no more values than labels."""
        different, first = np.unique(values, return_index=True)
        if len(different) > self.classes:
            return False
        label_of = self._label_of[name] = dict(zip(different.tolist(), labels[first].tolist())) | self._label_of[name]
        beside = zip(values.tolist(), labels.tolist())
        return 0 < len(label_of) <= self.classes and all(label_of.get(value) == label for value, label in beside)

    def columns(self) -> list[str]:
        """Return the columns whose values stand for the labels, one each."""
        return [name for name, label_of in self._label_of.items() if len(label_of) == self.classes == len(set(label_of.values()))]


def _share(known: NDArray, classes: NDArray, asked: NDArray, truth: NDArray) -> float:
    """The share of examples in whose bin of a feature's values their class is the most frequent one of training."""
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
    if known.min() == known.max():
        return 0.0
    values = np.unique(known)
    edges = (values[1:] + values[:-1]) / 2 if len(values) <= BINS else edges
    counts = np.zeros((len(edges) + 1, int(max(classes.max(), truth.max())) + 1))
    np.add.at(counts, (np.digitize(known, edges), classes), 1)
    return float((counts.argmax(axis=1)[np.digitize(asked, edges)] == truth).mean())


def _name(arrays: Arrays, place: int) -> str:
    if arrays.kind == "sequence":
        step, channel = np.unravel_index(place, arrays.x.shape[1:])
        return f"channel {channel + 1} at step {step + 1}"
    if arrays.kind != "image":
        return arrays.names_of_columns[place] if place < len(arrays.names_of_columns) else f"column {place + 1}"
    row, column, channel = np.unravel_index(place, arrays.x.shape[1:])
    return f"pixel in row {row + 1}, column {column + 1}" + (f", channel {channel + 1}" if arrays.x.shape[-1] > 1 else "")
