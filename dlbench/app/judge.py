"""Judging results that others made: read, said what was taken as what, judged by the rules of our own studies, and shown."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from dlbench.analysis.foreign import Judged, made_by_others
from dlbench.app.columns import Asked, Taken, taken
from dlbench.app.examples_given import given_values
from dlbench.app.histories import Curves, best_of_history, folded, said_of_folding, take
from dlbench.app.meaning import baseline_of, demand_spread, higher_is_better, margin_of, metric_of, published_of
from dlbench.app.question import FILE, Question, facts, from_file
from dlbench.app.result import Result
from dlbench.exports.files import plain
from dlbench.readers import read
from dlbench.study.toml import document
from dlbench.values.errors import InputError
from dlbench.values.files import write
from dlbench.values.metric import Metric

__all__ = ["FILE", "Judgement", "Question", "demand_folder", "judge", "plain_values", "save"]
PAIRS = "runs of one seed are pairs, as stated (--paired): paired t-test"
NO_PAIRS = "runs are not taken as pairs (--paired says that one seed draws the same numbers in both arms): Welch's t-test"


@dataclass(frozen=True)
class Judgement:
    """The judged results, and what was taken as what, one sentence each; ``file`` says all of it as TOML."""

    result: Result
    said: tuple[str, ...]
    file: str


@dataclass(frozen=True, eq=False)
class Runs:
    """Results of others as runs.

    Attributes:
        where: the source's name, which messages begin with.
        table: as it was read, a row a run.
        found: which columns are what.
        curves: column of a score -> its history by row of the table.
        reads: name of the reader; None of a data frame.
        metric, scale: what the scores mean, and by what they were divided.
        runs: columns ``arm, seed, score, row``, scores in the metric's stored unit.
    """

    where: str
    table: pd.DataFrame
    found: Taken
    curves: Curves
    reads: str | None
    metric: Metric
    scale: float
    runs: pd.DataFrame


def judge(asked: Question, out: Path | None = None) -> Judgement:
    """Judge results that others made; nothing is written.

    Args:
        asked: the results, and how they are to be judged. A source that is a ``judge.toml`` says everything itself; what is stated beside
            it goes before what it says.
        out: the folder that reports are meant for; ``judged/NAME`` where unset.

    Raises:
        InputError: the source, a column, a row, the baseline, the margin or a file of examples cannot be used.
    """
    asked = from_file(asked) if isinstance(asked.source, str | Path) and Path(asked.source).suffix == ".toml" else asked
    said: list[str] = []
    known = _runs(asked, said)
    baseline = baseline_of(known.where, asked, known.runs, known.found, said)
    said.append(PAIRS if asked.paired else NO_PAIRS)
    demand_spread(known.where, known.runs, baseline)
    margin = margin_of(known.where, asked, known.metric, known.scale)
    said += [*known.found.notes, *best_of_history(known.runs, known.curves, known.metric.name, known.metric, known.scale)]
    stated = replace(asked, reads=known.reads, baseline=baseline, paired=bool(asked.paired), higher_is_better=known.metric.higher_is_better)
    return _judged(known, stated, margin, {} if asked.baseline else known.found.references, out or Path("judged") / asked.name, said)


def _judged(known: Runs, asked: Question, margin: float, references: dict[str, str], folder: Path,  # noqa: PLR0913
            said: list[str]) -> Judgement:
    values = given_values(known.where, asked, known.table, known.runs)
    runs = known.runs.assign(run_id=list(values)) if values else known.runs
    if values:
        said.append(f"values of {len(next(iter(values.values()))):,} test examples of each run are known: the verdicts are about new data")
    text = document(facts(replace(asked, baseline=None) if references else asked, known.found, folder))
    command = "dlbench.judge(table, …)" if isinstance(asked.source, pd.DataFrame) else f"dlbench judge {shlex.quote(str(folder / FILE))}"
    question = asked.question or f"Which arms of {asked.name} differ in {known.metric.name} by more than a margin from {asked.baseline}?"
    made = Judged(asked.name, question, known.metric, margin, str(asked.baseline), bool(asked.paired), text, command, tuple(said),
                  tuple(published_of(asked, runs, known.metric, known.scale)), values, asked.trials)
    return Judgement(Result(folder, made_by_others(runs, made, references, known.found.settings)), tuple(said), text)


def save(judgement: Judgement, formats: Sequence[str], into: bool = False) -> list[Path]:
    """Write ``judge.toml`` and the report into the folder; the paths, the page first.

    Raises:
        InputError: the folder holds something that is not of this command's making.
    """
    folder = judgement.result.folder
    demand_folder(folder, into)
    write(folder / FILE, judgement.file)
    return judgement.result.report(*formats)


def demand_folder(folder: Path, into: bool = False) -> None:
    """Make a folder for a judgement, and refuse one that holds something else, unless it is to be written ``into`` all the same.

    Raises:
        InputError: it does, or cannot be made.
    """
    try:
        if folder.is_dir() and any(folder.iterdir()) and not (folder / FILE).is_file() and not into:
            raise InputError(f"{folder}: holds something else; accepted: --into, or another --out")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}; accepted: --out with a folder") from None


def _runs(asked: Question, said: list[str]) -> Runs:
    """Read results, fold histories, and find out which columns are what."""
    where, read_table, curves, reads = _read(asked, said)
    table, histories, step = folded(where, read_table, asked.step, [*asked.arm, *([asked.seed] if asked.seed else [])])
    curves = {**curves, **histories}
    columns = Asked(asked.arm, asked.seed, asked.score, asked.wide, asked.drop_missing)
    found = taken(where, table, columns)
    score = str(found.said["score"][0])
    higher = higher_is_better(where, asked, score, saying := [])
    if asked.history:
        table = take(where, table, curves, score, asked.history, higher)
        found = taken(where, table, replace(columns, score=score))
        saying.append(f"of each run's history of '{score}', the {asked.history.replace('-', ' ')} is its score")
    if step:
        found.said["step"] = (step, said_of_folding(step, len(read_table), len(table)))
    said += [text for key, (_, text) in found.said.items() if text and ("wide" not in found.said or key in ("wide", "seed"))]
    metric, scale = metric_of(score, higher, found, saying)
    said += saying
    return Runs(where, table, found, curves, reads, metric, scale, found.table.assign(score=found.table["score"] / scale))


def _read(asked: Question, said: list[str]) -> tuple[str, pd.DataFrame, Curves, str | None]:
    table: Any = asked.source
    if isinstance(table, pd.DataFrame):
        return "the table", _stripped(table.reset_index(drop=True)), {}, None
    path = Path(table)
    reader, found = read(path, asked.reads)
    said += [f"{path}: {len(found.table)} rows, read as {reader.name} ({reader.what})", *found.notes]
    return path.name, _stripped(found.table), found.curves or {}, reader.name


def _stripped(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={name: str(name).strip() for name in table})


def plain_values(found: Judgement) -> dict[str, Any]:
    """Return a judgement as plain values, ready for JSON; a number that does not exist is None."""
    study, verdicts = found.result.study, found.result.verdicts
    return plain({"metric": study["metric"], "margin": study["margin"], "paired": study["judged"]["paired"], "taken": found.said,
                  "arms": verdicts.to_dict("records")})
