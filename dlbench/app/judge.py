"""Judging results that others made: read, said what was taken as what, judged by the rules of our own studies, and shown."""

from __future__ import annotations

import math
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from dlbench.analysis.foreign import Judged, made_by_others
from dlbench.app.columns import BASELINES, BETTER_HIGH, BETTER_LOW, Asked, Taken, taken
from dlbench.app.result import Result
from dlbench.exports.files import plain
from dlbench.readers import read
from dlbench.study.toml import document, parsed
from dlbench.study.toml import read as text_of
from dlbench.values.errors import InputError, unknown
from dlbench.values.files import write
from dlbench.values.metric import Metric
from dlbench.values.text import listed

FILE = "judge.toml"
Curves = Mapping[str, Mapping[Any, Sequence[float]]]
LEAST_HISTORY = 4
"""Values of a history by which its best is told from its last."""
KEYS = ("source", "reads", "arm", "seed", "score", "wide", "percent", "higher_is_better", "baseline", "paired", "margin", "drop_missing",
        "question", "published")
SHARES = r"acc|f1|precision|recall|auc|auprc|top.?\d|exact|iou|dice|map\b"


@dataclass(frozen=True)
class Question:
    """What is asked of results that others made; what is unset is found, and said.

    Attributes:
        source: a file or folder, or a data frame.
        margin: the smallest difference that matters, in the unit of the score: a number, or text such as ``"0.5pp"``.
        reads: name of the reader.
        arm: columns that make an arm.
        seed, score: columns.
        baseline: an arm's name, or ``column=value`` for those of several columns.
        higher_is_better: the direction of the score.
        paired: runs of one seed are pairs: the seed draws the same numbers in both arms.
        wide: a column an arm, a row a seed.
        drop_missing: leave runs without a score out.
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


@dataclass(frozen=True)
class Judgement:
    """The judged results, and what was taken as what, one sentence each; ``file`` says all of it as TOML."""

    result: Result
    said: tuple[str, ...]
    file: str


def judge(asked: Question, out: Path | None = None) -> Judgement:
    """Judge results that others made; nothing is written.

    Args:
        asked: the results, and how they are to be judged. A source that is a ``judge.toml`` says everything itself; what is stated beside
            it goes before what it says.
        out: the folder that reports are meant for; ``judged/NAME`` where unset.

    Raises:
        InputError: the source, a column, a row, the baseline or the margin cannot be used.
    """
    asked = _from_file(asked) if isinstance(asked.source, str | Path) and Path(asked.source).suffix == ".toml" else asked
    where, table, said, curves = _read(asked)
    found = taken(where, table, Asked(asked.arm, asked.seed, asked.score, asked.wide, asked.drop_missing))
    said += [sentence for key, (_, sentence) in found.said.items() if sentence and ("wide" not in found.said or key in ("wide", "seed"))]
    score = str(found.said["score"][0])
    metric, scale = _metric(where, asked, score, found, said)
    runs = found.table.assign(score=found.table["score"] / scale)
    baseline = _baseline(where, asked, runs, found, said)
    paired = bool(asked.paired)
    said.append("runs of one seed are pairs, as stated (--paired): paired t-test" if paired else
                "runs are not taken as pairs (--paired says that one seed draws the same numbers in both arms): Welch's t-test")
    _demand_spread(where, runs, baseline)
    margin = _margin(where, asked, metric, scale)
    said += [*found.notes, *best_of_curve(runs, curves.get(score, {}), metric, scale)]
    name = Path(asked.source).stem if isinstance(asked.source, str | Path) else "judged"
    question = asked.question or f"Which arms of {name} differ in {score} by more than a margin from {baseline}?"
    folder = out or Path("judged") / name
    stated = replace(asked, baseline=baseline, paired=paired, higher_is_better=metric.higher_is_better)
    text = document(_facts(stated, found, folder))
    command = "dlbench.judge(table, …)" if isinstance(asked.source, pd.DataFrame) else f"dlbench judge {shlex.quote(str(folder / FILE))}"
    made = Judged(name, question, metric, margin, baseline, paired, text, command,
                  tuple(said), tuple(_published(asked, runs, metric, scale)))
    references = found.references if asked.baseline is None else {}
    return Judgement(Result(folder, made_by_others(runs, made, references, found.settings)), tuple(said), text)


def save(judgement: Judgement, formats: Sequence[str], into: bool = False) -> list[Path]:
    """Write ``judge.toml`` and the report into the folder; the paths, the page first.

    Raises:
        InputError: the folder holds something that is not of this command's making.
    """
    folder = judgement.result.folder
    if folder.is_dir() and any(folder.iterdir()) and not (folder / FILE).is_file() and not into:
        raise InputError(f"{folder}: holds something else; accepted: --into, or another --out")
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / FILE, judgement.file)
    return judgement.result.report(*formats)


def _from_file(asked: Question) -> Question:
    """What a ``judge.toml`` says, with what is stated beside it in the place of what it says."""
    path = Path(str(asked.source))
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    table = parsed(path.name, text_of(path))
    for key in table:
        if key not in KEYS:
            raise InputError(f"{path.name}: {unknown('key', key, KEYS)}")
    if "source" not in table:
        raise InputError(f"{path.name}: source is missing; accepted: the path of the results, relative to this file")
    stated = {key: value for key, value in vars(asked).items() if key != "source" and value not in (None, (), "", False)}
    known = {key: value for key, value in table.items() if key not in ("source", "percent")}
    known |= {"arm": tuple(known.get("arm", ())), "published": tuple(known.get("published", ()))}
    source = Path(table["source"])
    return replace(Question(source if source.is_absolute() else path.parent / source, **known), **stated)


def _read(asked: Question) -> tuple[str, pd.DataFrame, list[str], Curves]:
    if isinstance(asked.source, pd.DataFrame):
        return "the table", asked.source, [], {}
    path = Path(asked.source)
    reader, found = read(path, asked.reads)
    said = [f"{path}: {len(found.table)} rows, read as {reader.name} ({reader.what})", *found.notes]
    return path.name, found.table, said, found.curves or {}


def best_of_curve(runs: pd.DataFrame, curves: Mapping[Any, Sequence[float]], metric: Metric, scale: float) -> list[str]:
    """Say where scores are the best of their own history, by how much that lies above the mean of the last quarter.

    The best of many noisy values is a biased estimate: what is chosen by the score looks better on it than it is.
    """
    pick = max if metric.higher_is_better else min
    gains: list[float] = []
    for row, score in zip(runs["row"], runs["score"]):
        history = curves.get(row, ())
        if len(history) < LEAST_HISTORY or not math.isclose(pick(history) / scale, score, rel_tol=1e-9, abs_tol=1e-12):
            return []
        last = history[-max(len(history) // 4, 1):]
        gains.append(abs(score - sum(last) / len(last) / scale))
    if not gains or max(gains) == 0:
        return []
    return [f"every score is the best of its run's history, which flatters: on average it lies {sum(gains) / len(gains):.4g} beyond the "
            "mean of the last quarter, which is the fairer score"]


def _metric(where: str, asked: Question, score: str, found: Taken, said: list[str]) -> tuple[Metric, float]:
    """What the scores mean, and by what they are divided."""
    higher = asked.higher_is_better
    if higher is None:
        ways = [better for pattern, better in ((BETTER_LOW, False), (BETTER_HIGH, True)) if re.search(pattern, score, re.IGNORECASE)]
        if len(ways) != 1 and score.lower() != "score":
            raise InputError(f"{where}: whether more of '{score}' is better or worse cannot be told by its name; accepted: --higher or "
                             "--lower")
        higher = ways[0] if len(ways) == 1 else True
        better, other = ("higher", "lower") if higher else ("lower", "higher")
        said.append(f"{better} is better, by the name of '{score}' (--{other} says otherwise)")
    least, most = float(found.table["score"].min()), float(found.table["score"].max())
    share = bool(re.search(SHARES, score, re.IGNORECASE))
    scale = 100.0 if share and not found.said["percent"][0] and least >= 0 and 1.5 < most <= 100 else 1.0
    if scale > 1:
        said.append(f"'{score}' lies between {least:g} and {most:g}: taken as percent and divided by 100; so is the margin")
    fraction = found.said["percent"][0] or (share and least >= 0 and most / scale <= 1)
    limits = (0.0, 1.0) if fraction else (-math.inf, math.inf)
    unit = "fraction" if fraction else "s" if re.search(r"seconds|_s$|latency_s|time_s", score) else ""
    return Metric(score, unit, higher, *limits, "test"), scale


def _baseline(where: str, asked: Question, runs: pd.DataFrame, found: Taken, said: list[str]) -> str:
    arms = list(dict.fromkeys(runs["arm"]))
    if len(arms) < 2:
        raise InputError(f"{where}: there is one arm only, '{arms[0] if arms else ''}'; accepted: results of two or more")
    if asked.baseline is None and found.references:
        said.append("each arm is compared with the one that column 'reference' names")
        return next(iter(set(found.references.values()) - set(found.references)), arms[0])
    if asked.baseline is None:
        called = [arm for arm in arms if arm.lower() in BASELINES]
        if len(called) == 1:
            said.append(f"baseline: '{called[0]}', the arm that is called so")
            return called[0]
        raise InputError(f"{where}: which arm the others are compared with is not stated; accepted: --baseline with one of "
                         f"{listed([repr(arm) for arm in arms], most=12)}")
    if asked.baseline in arms:
        said.append(f"baseline: '{asked.baseline}'")
        return asked.baseline
    wanted = {key.strip(): value for key, equals, value in (part.partition("=") for part in asked.baseline.split(",")) if equals}
    fitting = [arm for arm in arms if wanted and all(_same(found.settings.get(arm, {}).get(key), value) for key, value in wanted.items())]
    if len(fitting) != 1:
        if fitting:
            names = listed([repr(arm) for arm in fitting], most=6)
            raise InputError(f"{where}: --baseline {asked.baseline} fits {len(fitting)} arms: {names}; accepted: what fits one")
        raise InputError(f"{where}: --baseline: {unknown('arm', asked.baseline, arms)}")
    said.append(f"baseline: '{fitting[0]}'")
    return fitting[0]


def _same(one: str | None, other: str) -> bool:
    if one is None or one == other.strip():
        return one is not None
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _demand_spread(where: str, runs: pd.DataFrame, baseline: str) -> None:
    counts = runs["arm"].value_counts()
    if counts.max() < 2:
        raise InputError(f"{where}: every arm has one run, and one number says nothing of how far another run would lie from it; accepted: "
                         "at least 2 runs an arm, better 5 or more")
    if counts[baseline] < 2:
        raise InputError(f"{where}: the baseline '{baseline}' has one run; accepted: at least 2, better 5 or more")


def _margin(where: str, asked: Question, metric: Metric, scale: float) -> float:
    text = "" if asked.margin is None else str(asked.margin).strip()
    points = text.endswith("pp")
    try:
        value = float(text.removesuffix("pp")) / (100 if points else scale)
    except ValueError:
        raise InputError(f"{where}: margin = '{text}': the smallest difference that matters is yours to say; accepted: --margin with a "
                         "number in the unit of the score, or of points, such as 0.5pp") from None
    if points and metric.unit != "fraction":
        raise InputError(f"{where}: --margin {text}: '{metric.name}' is no share; accepted: a number in the unit of the score")
    metric.demand_margin(f"{where}: ", value)
    return value


def _facts(asked: Question, found: Taken, folder: Path) -> dict[str, Any]:
    """What ``judge.toml`` says: all that was stated or found, the source relative to its own folder."""
    source = None if isinstance(asked.source, pd.DataFrame) else os.path.relpath(asked.source, folder)
    wide, columns = "wide" in found.said, {key: value for key, (value, _) in found.said.items()}
    facts = {"source": source, "reads": asked.reads, "question": asked.question or None, "wide": True if wide else None,
             "arm": None if wide else columns["arm"], "seed": columns["seed"], "score": None if wide else columns["score"],
             "higher_is_better": asked.higher_is_better, "baseline": asked.baseline, "paired": asked.paired, "margin": asked.margin,
             "drop_missing": asked.drop_missing or None, "published": [dict(one) for one in asked.published] or None}
    return {key: value for key, value in facts.items() if value is not None}


PUBLISHED = ("name", "mean", "sd", "n", "source", "arm")


def _published(asked: Question, runs: pd.DataFrame, metric: Metric, scale: float) -> list[dict[str, Any]]:
    """The published values in the metric's stored unit, each beside an arm."""
    arms = list(dict.fromkeys(runs["arm"]))
    found: list[dict[str, Any]] = []
    for place, one in enumerate(asked.published):
        where = f"published[{place}]"
        for key in one:
            if key not in PUBLISHED:
                raise InputError(f"{where}: {unknown('key', key, PUBLISHED)}")
        if not isinstance(one.get("mean"), int | float) or "name" not in one:
            raise InputError(f"{where}: name or mean is missing; accepted: name = TEXT, mean = NUMBER, and sd, n, source, arm where known")
        arm = one.get("arm", one["name"] if one["name"] in arms else None)
        if arm not in arms:
            raise InputError(f"{where}: arm: {unknown('arm', str(arm), arms)}")
        by = scale if scale > 1 else 100.0 if metric.unit == "fraction" and one["mean"] > 1.5 else 1.0
        found.append({"name": one["name"], "arm": arm, "mean": one["mean"] / by, "sd": one["sd"] / by if one.get("sd") else None,
                      "n": one.get("n"), "source": one.get("source", "")})
    return found


def plain_values(found: Judgement) -> dict[str, Any]:
    """Return a judgement as plain values, ready for JSON; a number that does not exist is None."""
    study, verdicts = found.result.study, found.result.verdicts
    return plain({"metric": study["metric"], "margin": study["margin"], "paired": study["judged"]["paired"], "taken": found.said,
                  "arms": verdicts.to_dict("records")})
