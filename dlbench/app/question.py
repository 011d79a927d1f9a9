"""What is asked of results that others made, and the ``judge.toml`` that says it."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import Field

from dlbench.app.columns import Taken
from dlbench.study.toml import parsed
from dlbench.study.toml import read as text_of
from dlbench.study.validation import Table, check, only_where
from dlbench.values.errors import InputError

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
        wide: a column an arm, a row a seed; or a row an arm, and numbered columns its runs.
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
NumberOrText = Annotated[
    Any, only_where(lambda value: isinstance(value, str) or (type(value) in (int, float) and math.isfinite(value)))]
TEXT, FLAG, LIST = "a text", "true or false", "a list"


class PublishedKeys(Table):
    """``[[published]]``: a value of others."""

    name: str = Field(description=TEXT)
    mean: Annotated[float, Field(gt=-1e100, lt=1e100)] = Field(description="a finite number")
    sd: Annotated[float, Field(ge=0, lt=1e100)] | None = Field(None, description="a finite number of 0 or more")
    n: Annotated[int, Field(ge=1, lt=2**53)] | None = Field(None, description="a whole number of 1 or more")
    source: str = Field("", description=TEXT)
    arm: str | None = Field(None, description=TEXT)


class JudgeKeys(Table):
    """The keys of ``judge.toml``; published values are checked beside the arms, as those of Python are."""

    source: str = Field(description="the path of the results, relative to this file")
    reads: str | None = Field(None, description=TEXT)
    question: str = Field("", description=TEXT)
    wide: bool | None = Field(None, description=FLAG)
    arm: list[str] = Field([], description=LIST)
    seed: str | None = Field(None, description=TEXT)
    score: str | None = Field(None, description=TEXT)
    step: str | None = Field(None, description=TEXT)
    history: str | None = Field(None, description=TEXT)
    higher_is_better: bool | None = Field(None, description=FLAG)
    baseline: str | None = Field(None, description=TEXT)
    paired: bool | None = Field(None, description=FLAG)
    margin: NumberOrText = Field(None, description="a number, or a text such as \"0.5pp\"")
    drop_missing: bool = Field(False, description=FLAG)
    trials: bool = Field(False, description=FLAG)
    examples: str | None = Field(None, description=TEXT)
    labels: str | None = Field(None, description=TEXT)
    published: list[dict[str, Any]] = Field([], description="tables, each below a line [[published]]")


def from_file(asked: Question) -> Question:
    """Return what a ``judge.toml`` says, with what is stated beside it in the place of what it says.

    Raises:
        InputError: there is no such file, or a key or value in it cannot be used.
    """
    path = Path(str(asked.source))
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    known = check(JudgeKeys, parsed(path.name, text_of(path)), path.name).model_dump(exclude_unset=True)
    stated = {key: value for key, value in vars(asked).items() if key != "source" and value not in (None, (), "", False)}
    known |= {key: tuple(known[key]) for key in ("arm", "published") if key in known}
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
