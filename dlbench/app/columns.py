"""Which column of a table is the arm, the seed and the score: as stated, or found by names and contents, and said."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from dlbench.values.errors import InputError, unknown
from dlbench.values.text import listed, plural

SEEDS = ("seed", "random_seed", "random_state", "rng_seed", "seed_id")
ARMS = ("arm", "config", "configuration", "method", "model", "variant", "algorithm", "algo", "experiment", "group", "name", "run_name",
        "run", "benchmark")
REPEATS = ("trial", "repeat", "repetition", "rep", "round", "fold", "replicate", "run_id", "id")
"""Columns that number runs: they tell runs of an arm apart, and make no arm."""
STEPS = ("step", "epoch", "global_step", "trainer_global_step", "iteration")
"""Columns that number the values of one run's history."""
CLOCKS = ("timestamp", "runtime", "wall_time", "relative_time", "created")
"""Columns that say when a value was written, or for how long a run went on."""
BETTER_HIGH = r"acc|auc|auprc|f1|score|precision|recall|bleu|rouge|map|iou|dice|reward|return|r2|ndcg|psnr|ssim|exact|mcc"
BETTER_LOW = r"loss|err|rmse|mse|mae|perplexity|ppl|nll|time|seconds|latency|wer|cer|fid|bits|cost|regret|distance"
BETTER = re.compile(f"{BETTER_HIGH}|{BETTER_LOW}", re.IGNORECASE)
SUFFIX = re.compile(r"^(?P<arm>.*?)[\s_./-]*\(?(?<![a-z])seed[\s_=:-]*(?P<seed>\d+)\)?$", re.IGNORECASE)
BASELINES = ("baseline", "base", "control", "default", "reference", "none", "vanilla")
STATUS, REFERENCE = "status", "reference"
"""Columns of our own exports: how a run ended, and the arm that its arm is compared with."""
MISSING = ("", "nan", "na", "n/a", "none", "null", "-")


@dataclass
class Taken:
    """What a table's columns are.

    Attributes:
        table: columns ``arm, seed, score``, one row a run; ``row`` is the row of what was read, from 0.
        said: what was taken, converted or left out, and why: key of ``judge.toml`` -> (value, sentence).
        notes: further sentences.
        settings: arm -> what was set, for arms that are made of several columns.
        references: arm -> the arm that it is compared with, where a column says so.
    """

    table: pd.DataFrame
    said: dict[str, tuple[Any, str]]
    notes: list[str] = field(default_factory=list)
    settings: dict[str, dict[str, str]] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What the user states of a table; None and empty: to be found.

    Attributes:
        arm: columns that make an arm.
        seed, score: columns.
        wide: a column an arm, a row a seed.
        drop_missing: leave runs without a score out.
    """

    arm: tuple[str, ...] = ()
    seed: str | None = None
    score: str | None = None
    wide: bool | None = None
    drop_missing: bool = False


def taken(where: str, read: pd.DataFrame, asked: Asked) -> Taken:
    """Say of a table which columns are arm, seed and score.

    Args:
        where: the file's name, which messages begin with.
        read: as a reader gives it.
        asked: what is stated.

    Raises:
        InputError: a column is not there, cannot be told, or holds what it must not; the message names file, row and column.
    """
    table = read.rename(columns={name: str(name).strip() for name in read})
    if twice := [str(name) for name in table.columns[table.columns.duplicated()]]:
        raise InputError(f"{where}: two columns are named '{twice[0]}'; accepted: different names")
    asked = replace(asked, arm=tuple(full_name(name, table) for name in asked.arm), seed=asked.seed and full_name(asked.seed, table),
                    score=asked.score and full_name(asked.score, table))
    for name in (*asked.arm, *(name for name in (asked.seed, asked.score) if name)):
        if name not in table:
            raise InputError(f"{where}: {unknown('column', name, list(table.columns))}")
    said: dict[str, tuple[Any, str]] = {}
    if asked.wide or (asked.wide is None and not asked.score and not asked.arm and _is_wide(table)):
        table, asked = _long(where, table, asked, said)
    return _runs(where, table, asked, said)


def full_name(name: str, columns: Iterable[str]) -> str:
    """Return the column of that name, or the only one whose path ends with it; the name itself where there is none.

    >>> full_name("lr", ["run", "hparam:lr", "hparam:decay"]), full_name("lr", ["adam/lr", "sgd/lr"])
    ('hparam:lr', 'lr')
    """
    known = [*columns]
    ends = [column for column in known if re.split(r"[/.:]", column)[-1] == name]
    return ends[0] if name not in known and len(ends) == 1 else name


def _is_wide(table: pd.DataFrame) -> bool:
    """Whether a table has a column an arm: two columns of numbers or more, none of which is called as a score is, and no others."""
    others = [name for name in table if not is_seed(name) and word(name) not in REPEATS]
    scores = [name for name in others if BETTER.search(name)]
    return (len(others) > 1 and not scores and not any(word(name) in ARMS for name in others)
            and all(numeric(table[name]) for name in others))


def _long(where: str, table: pd.DataFrame, asked: Asked, said: dict[str, tuple[Any, str]]) -> tuple[pd.DataFrame, Asked]:
    seed = asked.seed or next((name for name in table if is_seed(name) or word(name) in REPEATS), None)
    arms = [name for name in table if name != seed]
    said["wide"] = (True, f"a column an arm: {listed([repr(name) for name in arms], most=6)}; a row a seed")
    seeds = table[seed] if seed else pd.Series(range(len(table)), index=table.index)
    long = pd.concat([pd.DataFrame({"arm": name, "seed": seeds, "score": table[name]}) for name in arms], ignore_index=True)
    empty = long["score"].map(lambda value: str(value).strip().lower() in MISSING)
    return long[~empty].reset_index(drop=True), Asked(("arm",), "seed" if seed else None, "score", False, asked.drop_missing)


def _runs(where: str, table: pd.DataFrame, asked: Asked, said: dict[str, tuple[Any, str]]) -> Taken:
    seed = asked.seed or next((name for name in table if is_seed(name)), None)
    score = asked.score or _score(where, table, [*asked.arm, *([seed] if seed else [])])
    said["score"] = (score, f"score: column '{score}'" + ("" if asked.score else ", the one that is called so"))
    arms = list(asked.arm) or _arm_columns(where, table, seed, score)
    notes, settings = list[str](), dict[str, dict[str, str]]()
    if len(arms) == 1:
        names = table[arms[0]].map(_text)
        said["arm"] = (arms, f"arm: column '{arms[0]}'")
    else:
        columns = {name: table[name].map(_text) for name in arms}
        names = pd.Series([", ".join(f"{name}={value}" for name, value in zip(arms, row)) for row in zip(*columns.values())], table.index)
        said["arm"] = (arms, f"arm: columns {listed([repr(name) for name in arms], most=8)} together, all that differ but seed and score"
                       if not asked.arm else f"arm: columns {listed([repr(name) for name in arms], most=8)} together")
        settings = {name: dict(zip(arms, row)) for name, row in zip(names, zip(*columns.values()))}
    if not all(names):
        raise InputError(f"{where}, row {names.tolist().index('') + 1}: '{arms[0]}' is empty, so this run belongs to no arm; accepted: a "
                         "name in each row, or --arm with other columns")
    seeds, names, why = _seeds(where, table, seed, names)
    said["seed"] = (seed, why)
    numbers, percent = _numbers(where, table, score)
    runs = pd.DataFrame({"arm": names, "seed": seeds, "score": numbers, "row": range(len(table))})
    if percent:
        notes.append(f"'{score}' is written in percent: divided by 100")
    said["percent"] = (percent, "")
    if STATUS in table and score in table and "done" in set(table[STATUS]):
        lost = table[STATUS].ne("done") & table[score].map(lambda value: _text(value).lower() in MISSING)
        notes += [f"{plural(int(lost.sum()), 'run')} that did not end as done left out"] if lost.any() else []
        runs = runs[~lost.to_numpy()]
    runs = _whole(f"{where}, row", table[score], runs, asked.drop_missing, notes)
    _demand_once(where, runs)
    references = _references(table, names) if not asked.arm or asked.arm == ("arm",) else {}
    return Taken(runs.reset_index(drop=True), said, notes, settings, references)


def _references(table: pd.DataFrame, names: pd.Series) -> dict[str, str]:
    """Arm -> the arm that a column says it is compared with; nothing where no column does."""
    if REFERENCE not in table:
        return {}
    stated = {arm: _text(reference) for arm, reference in zip(names, table[REFERENCE]) if _text(reference)}
    return stated if stated and set(stated.values()) <= set(names) else {}


def _score(where: str, table: pd.DataFrame, others: Sequence[str]) -> str:
    numbers = [name for name in table if name not in others and not is_seed(name) and word(name) not in (*REPEATS, *ARMS, *CLOCKS)
               and numeric(table[name])]
    called = [name for name in numbers if word(name) == "score"] or [name for name in numbers if BETTER.search(name)]
    tests = [name for name in called if "test" in name.lower()]
    for found in (called, tests, numbers):
        if len(found) == 1:
            return found[0]
    accepted = listed([repr(name) for name in (called or numbers)], most=12) or "none: no column holds numbers"
    raise InputError(f"{where}: which column is the score cannot be told; accepted: --score with one of {accepted}")


def _arm_columns(where: str, table: pd.DataFrame, seed: str | None, score: str) -> list[str]:
    """The column that is called as arms are, or all that differ and are neither seed nor score nor a number of runs."""
    others = [name for name in table if name not in (seed, score)]
    for known in ARMS:
        if found := [name for name in others if word(name) == known and not numeric(table[name])]:
            return found[:1]
    scores = [name for name in others if BETTER.search(name) and numeric(table[name])]
    taken_up = (*scores, STATUS, REFERENCE)
    differ = [name for name in others if name not in taken_up and word(name) not in (*REPEATS, *STEPS, *CLOCKS)
              and table[name].map(_text).nunique() > 1]
    if not differ:
        raise InputError(f"{where}: no column tells arms apart; accepted: --arm with the columns that make one, of "
                         f"{listed([repr(name) for name in others], most=12) or 'none'}")
    if all(table[name].map(_text).nunique() == len(table) for name in differ) and len(table) > 1 and not any(
            SUFFIX.match(_text(value)) for value in table[differ[0]]):
        raise InputError(f"{where}: every row differs in {listed([repr(name) for name in differ], most=6)}, so each arm would have one "
                         "run; accepted: --arm with the columns that make an arm, or --seed with the one that numbers its runs")
    return differ


def _seeds(where: str, table: pd.DataFrame, seed: str | None, names: pd.Series) -> tuple[list[int], pd.Series, str]:
    """Seeds as whole numbers, the names of the arms without them, and where they are from."""
    if seed is None:
        found = [SUFFIX.match(name) for name in names]
        if found and all(found):
            arms = pd.Series([match["arm"] for match in found if match], names.index)
            return [int(match["seed"]) for match in found if match], arms, f"seed: from the arms' names, such as '{names.iloc[0]}'"
        return list(names.groupby(names).cumcount()), names, "seed: there is none, so the runs of each arm are numbered in their order"
    texts = table[seed].map(_text)
    if all(re.fullmatch(r"-?\d+(\.0+)?", text) for text in texts):
        return [int(float(text)) for text in texts], names, f"seed: column '{seed}'"
    codes = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    return [codes[text] for text in texts], names, f"seed: column '{seed}', numbered in the order of its values, which are no whole numbers"


def _numbers(where: str, table: pd.DataFrame, score: str) -> tuple[list[float], bool]:
    """The scores as numbers, NaN where there is none, and whether they are written with a percent sign."""
    numbers, signs = list[float](), dict[bool, int]()
    for row, value in enumerate(table[score], start=1):
        text = _text(value)
        number = _number(text)
        if number is None:
            raise InputError(f"{where}, row {row}: {score} = '{text[:60]}' is no number; accepted: a column of numbers, or another --score")
        numbers.append(number)
        if not math.isnan(number):
            signs.setdefault(text.endswith("%"), row)
    if len(signs) > 1:
        raise InputError(f"{where}: {score} is written with a percent sign in row {signs[True]} and without in row {signs[False]}; "
                         "accepted: one of the two in the whole column")
    percent = True in signs
    return ([number / 100 for number in numbers] if percent else numbers), percent


def _number(text: str) -> float | None:
    if text.lower() in MISSING:
        return math.nan
    try:
        return float(text.removesuffix("%").strip().replace("\u2212", "-"))
    except ValueError:
        return None


def _whole(where: str, scores: pd.Series, runs: pd.DataFrame, drop: bool, notes: list[str]) -> pd.DataFrame:
    """The runs that have a finite score; those without are refused unless they are to be left out."""
    bad = runs[~runs["score"].abs().lt(1e100)]
    if not len(bad):
        return runs
    rows = listed([str(row + 1) for row in bad["row"]], most=6)
    if not drop:
        first = int(bad["row"].iloc[0])
        shown = _text(scores.iloc[first]) or "empty"
        raise InputError(f"{where} {first + 1}: {scores.name} is {shown} ({plural(len(bad), 'run')} in all); accepted: "
                         "finite numbers, or --drop-missing, which leaves these runs out and says so")
    notes.append(f"{plural(len(bad), 'run')} without a finite score left out (rows {rows})")
    return runs.drop(bad.index)


def _demand_once(where: str, runs: pd.DataFrame) -> None:
    twice = runs[runs.duplicated(["arm", "seed"], keep=False)]
    if len(twice):
        first = twice.iloc[0]
        same = twice[(twice["arm"] == first["arm"]) & (twice["seed"] == first["seed"])]
        rows = listed([str(row + 1) for row in same["row"]], most=4)
        raise InputError(f"{where}, rows {rows}: arm '{first['arm']}', seed {first['seed']} stands there more than once; accepted: one row "
                         "an arm and seed, or --arm with the columns that tell them apart")


def word(name: str) -> str:
    """Return a column's name in small letters and underscores.

    >>> word(" Random-Seed ")
    'random_seed'
    """
    return re.sub(r"[^a-z0-9]+", "_", str(name).lower()).strip("_")


def _text(value: Any) -> str:
    if isinstance(value, float) and value == int(value if math.isfinite(value) else 0.5) and abs(value) < 1e15:
        return str(int(value)) if math.isfinite(value) else str(value)
    return "" if value is None else str(value).strip()


def is_seed(name: str) -> bool:
    """Return whether a column is called as seeds are, the last part of a path such as ``config.seed`` counting.

    >>> is_seed("parameters/seed"), is_seed("Random Seed"), is_seed("seeds_used")
    (True, True, False)
    """
    return word(name) in SEEDS or word(re.split(r"[/.:]", str(name))[-1]) in SEEDS


def numeric(column: pd.Series) -> bool:
    """Return whether every value of a column that is there is a number."""
    there = False
    for value in column:
        number = _number(_text(value))
        if number is None:
            return False
        there = there or not math.isnan(number)
    return there
