"""What is asked of results that others made, and the ``judge.toml`` that says it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from dlbench.app.columns import Taken
from dlbench.study.toml import parsed
from dlbench.study.toml import read as text_of
from dlbench.values.errors import InputError, unknown

FILE = "judge.toml"


@dataclass(frozen=True)
class Question:
    """What is asked of results that others made; what is unset is found, and said.

    Attributes:
        source: a file or folder, or a data frame.
        margin: the smallest difference that matters, in the unit of the score: a number, or text such as ``"0.5pp"``.
        reads: name of the reader.
        arm: columns that make an arm.
        seed, score: columns.
        step: column that numbers the values of one run's history, where a row is a value of it.
        history: which value of a run's history is its score: ``last``, ``best`` or ``last-quarter``, the mean of its last quarter.
        baseline: an arm's name, or ``column=value`` for those of several columns.
        higher_is_better: the direction of the score.
        paired: runs of one seed are pairs: the seed draws the same numbers in both arms.
        wide: a column an arm, a row a seed.
        drop_missing: leave runs without a score out.
        trials: rows are trials of a search for settings, so that the expected best of as many trials is shown for every arm.
        examples: a column that names each run's file of values per test example, or such a name with ``{arm}`` and ``{seed}`` in it.
        labels: file of the true classes, where the files of examples hold predicted ones.
        question: the report's title.
        published: values of others: ``name, mean, sd, n, source, arm`` each.
    """

    source: str | Path | pd.DataFrame
    margin: float | str | None = None
    reads: str | None = None
    arm: tuple[str, ...] = ()
    seed: str | None = None
    score: str | None = None
    baseline: str | None = None
    higher_is_better: bool | None = None
    paired: bool | None = None
    wide: bool | None = None
    drop_missing: bool = False
    question: str = ""
    published: tuple[Mapping[str, Any], ...] = ()
    step: str | None = None
    history: str | None = None
    trials: bool = False
    examples: str | None = None
    labels: str | Path | None = None

    @property
    def name(self) -> str:
        """What the results are called: the source's name without its ending."""
        return Path(self.source).stem if isinstance(self.source, str | Path) else "judged"

    def beside(self, name: str | Path) -> Path:
        """Return the path of a file that the results name: relative ones lie beside the source."""
        source = self.source if isinstance(self.source, str | Path) else "."
        folder = Path(source) if Path(source).is_dir() else Path(source).parent
        return folder / name


PATHS = ("source", "labels")
"""Keys of ``judge.toml`` that are paths, relative to the file."""
KINDS: dict[str, tuple[type, ...]] = {
    "source": (str,), "reads": (str,), "question": (str,), "wide": (bool,), "arm": (list,), "seed": (str,), "score": (str,), "step": (str,),
    "history": (str,), "higher_is_better": (bool,), "baseline": (str,), "paired": (bool,), "margin": (int, float, str),
    "drop_missing": (bool,), "trials": (bool,), "examples": (str,), "labels": (str,), "published": (list,)}
"""Key of ``judge.toml`` -> what its value may be."""
CALLED = {str: "a text", bool: "true or false", list: "a list", int: "a number", float: "a number"}


def from_file(asked: Question) -> Question:
    """Return what a ``judge.toml`` says, with what is stated beside it in the place of what it says.

    Raises:
        InputError: there is no such file, or a key or value in it cannot be used.
    """
    path = Path(str(asked.source))
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    table = parsed(path.name, text_of(path))
    for key, value in table.items():
        if key not in KINDS:
            raise InputError(f"{path.name}: {unknown('key', key, KINDS)}")
        if type(value) not in KINDS[key]:
            accepted = " or ".join(dict.fromkeys(CALLED[kind] for kind in KINDS[key]))
            raise InputError(f"{path.name}: {key} = {value!r}; accepted: {accepted}")
    if "source" not in table:
        raise InputError(f"{path.name}: source is missing; accepted: the path of the results, relative to this file")
    if not all(isinstance(one, dict) for one in table.get("published", ())):
        raise InputError(f"{path.name}: published; accepted: tables, each below a line [[published]]")
    stated = {key: value for key, value in vars(asked).items() if key != "source" and value not in (None, (), "", False)}
    known: dict[str, Any] = {**table, **{key: tuple(table.get(key, ())) for key in ("arm", "published")}}
    known |= {key: path.parent / known[key] for key in PATHS if key in known}
    return replace(Question(**known), **stated)


def facts(asked: Question, found: Taken, folder: Path) -> dict[str, Any]:
    """Return what ``judge.toml`` says: all that was stated or found, paths relative to its own folder."""
    source = None if isinstance(asked.source, pd.DataFrame) else os.path.relpath(asked.source, folder)
    labels = None if asked.labels is None else os.path.relpath(asked.labels, folder)
    wide, columns = "wide" in found.said, {key: value for key, (value, _) in found.said.items()}
    said = {"source": source, "reads": asked.reads, "question": asked.question or None, "wide": True if wide else None,
            "arm": None if wide else columns["arm"], "seed": columns["seed"], "score": None if wide else columns["score"],
            "step": columns.get("step"), "history": asked.history, "higher_is_better": asked.higher_is_better, "baseline": asked.baseline,
            "paired": asked.paired, "margin": asked.margin, "drop_missing": asked.drop_missing or None, "trials": asked.trials or None,
            "examples": asked.examples, "labels": labels, "published": [dict(one) for one in asked.published] or None}
    return {key: value for key, value in said.items() if value is not None}
