"""Tables that are filled row by row and hold numbers as arrays: a hundred thousand runs fit into memory."""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

QUANTITIES = ("epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "learning_rate", "seconds")
CURVE_COLUMNS = ["arm", "seed", *QUANTITIES]


class Columns:
    """One list a column; a row may bring new columns, and lack some.

    Example:
        >>> table = Columns()
        >>> table.append({"arm": "a"}), table.append({"arm": "b", "loss": 0.5})
        (None, None)
        >>> table.frame()["loss"].tolist()
        [nan, 0.5]
    """

    def __init__(self) -> None:
        self.lists: dict[str, list[Any]] = {}
        self.length = 0

    def append(self, row: Mapping[str, Any]) -> None:
        """Add a row."""
        for name, value in row.items():
            if len(column := self.lists.setdefault(name, [])) < self.length:
                column.extend([None] * (self.length - len(column)))
            column.append(value)
        self.length += 1

    def frame(self) -> pd.DataFrame:
        """The table; the lists are given up one by one, so that they and the table are never both whole."""
        columns = {}
        for name in list(self.lists):
            column = self.lists.pop(name)
            columns[name] = pd.Series(column + [None] * (self.length - len(column)))
        return pd.DataFrame(columns, copy=False)


class Curves:
    """Learning curves, eight bytes a value."""

    def __init__(self) -> None:
        self.values = {name: array("d") for name in QUANTITIES}
        self.cells: list[tuple[str, int]] = []
        self.lengths = array("q")

    def append(self, arm: str, seed: int, text: str) -> None:
        """Add the curves of a run, as the store keeps them: one list a quantity, one value an epoch."""
        curves = json.loads(text)
        epochs = len(curves.get("epoch", ()))
        if epochs:
            self.cells.append((arm, seed))
            self.lengths.append(epochs)
            for name, column in self.values.items():
                column.extend(curves.get(name) or [np.nan] * epochs)

    def frame(self) -> pd.DataFrame:
        """One row an arm, seed and epoch."""
        if not self.cells:
            return pd.DataFrame(columns=CURVE_COLUMNS)
        arms, seeds = zip(*self.cells)
        lengths = np.frombuffer(self.lengths, np.int64)
        head = {"arm": np.repeat(np.array(arms, object), lengths), "seed": np.repeat(np.array(seeds), lengths)}
        return pd.DataFrame(head | {name: np.frombuffer(column) for name, column in self.values.items()}, copy=False)
