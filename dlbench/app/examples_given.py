"""Files of values per test example that lie beside results: what turns a claim about one test set into one about new data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from dlbench.app.question import Question
from dlbench.readers.arrays import values_of
from dlbench.values.errors import InputError, unknown
from dlbench.values.text import listed

ROUNDED = 5e-4
"""A score may differ by so much from the mean of its values: tables are rounded."""


def given_values(where: str, asked: Question, table: pd.DataFrame, runs: pd.DataFrame) -> dict[str, np.ndarray]:
    """Read the values of each run's test examples.

    Args:
        where: the results' name, which messages begin with.
        asked: names the column of the files, or how they are called, and the file of the true classes.
        table: as it was read; ``row`` of the runs is a row of it.
        runs: columns ``arm, seed, score, row``, scores in their stored unit.

    Returns:
        File, as it is named -> values, float64 [n]: 1 for right and 0 for wrong, losses, or whatever the score is the mean of; nothing
        where no files are named.

    Raises:
        InputError: a file cannot be read, two runs have one, they differ in length, or their mean is not the score.
    """
    if asked.examples is None:
        if asked.labels is not None:
            raise InputError(f"{where}: --labels {asked.labels} without --examples; accepted: both, for labels are what predictions are "
                             "compared with")
        return {}
    names = _names(where, asked, table, runs)
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise InputError(f"{where}: --examples: two runs have the file {twice[0]!r}; accepted: a file a run")
    labels = None if asked.labels is None else values_of(Path(asked.labels))
    known = {name: _values(asked.beside(name), labels) for name in names}
    lengths = {name: len(values) for name, values in known.items()}
    if len(set(lengths.values())) > 1:
        shown = [f"{name} {length:,}" for name, length in sorted(lengths.items(), key=lambda one: one[1])]
        raise InputError(f"{where}: --examples: files hold different numbers of values ({listed([shown[0], shown[-1]])}); accepted: the "
                         "same test examples in the same order for all runs")
    for name, score in zip(names, runs["score"]):
        if not abs(known[name].mean() - score) <= ROUNDED * max(1.0, abs(score)):
            raise InputError(f"{where}: --examples: the mean of {name} is {known[name].mean():.6g} and the run's score {score:.6g}; "
                             "accepted: values that the score is the mean of, such as 1 for right and 0 for wrong, or predicted classes "
                             "with --labels")
    return known


def _names(where: str, asked: Question, table: pd.DataFrame, runs: pd.DataFrame) -> list[str]:
    """Return each run's file as it is named: in a column, or by a pattern with the arm and the seed."""
    pattern = str(asked.examples)
    if "{" in pattern:
        for name in ("{arm}", "{seed}"):
            if name not in pattern:
                raise InputError(f"{where}: --examples {pattern}: {name} is missing in it; accepted: such as values/{{arm}}_{{seed}}.npy")
        return [pattern.replace("{arm}", str(arm)).replace("{seed}", str(seed)) for arm, seed in zip(runs["arm"], runs["seed"])]
    if pattern not in table:
        raise InputError(f"{where}: --examples: {unknown('column', pattern, list(table.columns))}")
    return [str(table[pattern].iloc[row]).strip() for row in runs["row"]]


def _values(path: Path, labels: np.ndarray | None) -> np.ndarray:
    values = values_of(path)
    if labels is None:
        return values
    if len(labels) != len(values):
        raise InputError(f"{path}: {len(values):,} predictions for {len(labels):,} labels; accepted: as many")
    return (values == labels).astype(float)
