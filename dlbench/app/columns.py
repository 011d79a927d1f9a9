"""Which column of a table is the arm, the seed and the score: as stated, or found by names and contents, and said."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import pandas as pd

from dlbench.app.cells import ARMS, BETTER, CLOCKS, MISSING, REPEATS, STEPS, full_name, is_seed, number_of, numeric, text_of, word
from dlbench.values.errors import InputError, unknown
from dlbench.values.text import listed, one_line, plural

SUFFIX = re.compile(r"^(?P<arm>.*?)[\s_./-]*\(?(?<![a-z])seed[\s_=:-]*(?P<seed>\d+)\)?$", re.IGNORECASE)
RUN_OF_ARM = re.compile(r"(?:seed|run|trial|repeat|repetition|rep|replicate|fold|round|s|#)?[\s_.:=/#-]*(?P<seed>\d+)", re.IGNORECASE)
"""Names of columns that are runs, where a row is an arm."""
SPREAD = re.compile(r"\d\s*(±|\+/-|\+-|\$?\\pm\$?)\s*\d")
UNNAMED = re.compile(r"|Unnamed: \d+")
"""What an index is called that pandas has written beside its columns, and by pandas that has read that."""
SEED, SCORE = "seed", "score"
STATUS, REFERENCE = "status", "reference"
"""Columns of our own exports: how a run ended, and the arm that its arm is compared with."""


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
    index = [name for name in table if UNNAMED.fullmatch(name) and _numbers_rows(table[name])]
    found = _taken(where, table.drop(columns=index), asked)
    if index:
        found.notes.insert(0, f"{plural(len(index), 'column')} without a name, whose whole numbers all differ, left out: it numbers rows")
    return found


def _numbers_rows(column: pd.Series) -> bool:
    texts = column.map(text_of)
    return texts.is_unique and texts.str.fullmatch(r"\d+").all()


def _taken(where: str, table: pd.DataFrame, asked: Asked) -> Taken:
    asked = replace(asked, arm=tuple(full_name(name, table) for name in asked.arm), seed=asked.seed and full_name(asked.seed, table),
                    score=asked.score and full_name(asked.score, table))
    for name in (*asked.arm, *(name for name in (asked.seed, asked.score) if name)):
        if name not in table:
            raise InputError(f"{where}: {unknown('column', name, list(table.columns))}")
    said: dict[str, tuple[Any, str]] = {}
    if asked.wide is not False and not asked.score and not asked.seed and (runs := _columns_of_runs(table, asked.arm)):
        return _runs_beside(where, table, asked, runs, said)
    if asked.wide or (asked.wide is None and not asked.score and not asked.arm and _is_wide(table)):
        table, asked = _long(where, table, asked, said)
    return _runs(where, table, asked, said)


def _columns_of_runs(table: pd.DataFrame, others: Sequence[str]) -> dict[str, int]:
    """Column -> its number, of a table whose rows are arms and whose columns of numbers are runs, ``seed 1, seed 2``; else nothing."""
    columns = [name for name in table if name not in others and numeric(table[name])]
    numbers = {name: int(found["seed"]) for name in columns if (found := RUN_OF_ARM.fullmatch(name))}
    named = any(name not in numbers and not is_seed(name) and word(name) not in REPEATS for name in table)
    return numbers if named and 1 < len(numbers) == len(set(numbers.values())) == len(columns) else {}


def _runs_beside(where: str, table: pd.DataFrame, asked: Asked, runs: dict[str, int], said: dict[str, tuple[Any, str]]) -> Taken:
    said["wide"] = (True, f"a row an arm, a column a run: {listed([repr(name) for name in runs], most=6)}")
    arms = list(asked.arm) or [name for name in table if name not in runs]
    parts = [table[arms].assign(**{SEED: number, SCORE: table[name]}) for name, number in runs.items()]
    found = _runs(where, _there(pd.concat(parts), SCORE), Asked(tuple(arms), SEED, SCORE, False, asked.drop_missing), said)
    found.said["seed"] = (None, "seed: the numbers of the columns")
    return found


def _there(table: pd.DataFrame, score: str) -> pd.DataFrame:
    empty = table[score].map(lambda value: str(value).strip().lower() in MISSING)
    return table[~empty].reset_index(drop=True)


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
    long = pd.concat([pd.DataFrame({"arm": name, SEED: seeds, SCORE: table[name]}) for name in arms], ignore_index=True)
    return _there(long, SCORE), Asked(("arm",), SEED if seed else None, SCORE, False, asked.drop_missing)


def _runs(where: str, table: pd.DataFrame, asked: Asked, said: dict[str, tuple[Any, str]]) -> Taken:
    seed = asked.seed or next((name for name in table if is_seed(name)), None)
    score = asked.score or _score(where, table, [*asked.arm, *([seed] if seed else [])])
    said["score"] = (score, f"score: column '{score}'" + ("" if asked.score else ", the one that is called so"))
    arms = list(asked.arm) or _arm_columns(where, table, seed, score)
    notes, settings = list[str](), dict[str, dict[str, str]]()
    if len(arms) == 1:
        names = table[arms[0]].map(text_of)
        said["arm"] = (arms, f"arm: column '{arms[0]}'")
    else:
        columns = {name: table[name].map(text_of) for name in arms}
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
        lost = table[STATUS].ne("done") & table[score].map(lambda value: text_of(value).lower() in MISSING)
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
    stated = {arm: text_of(reference) for arm, reference in zip(names, table[REFERENCE]) if text_of(reference)}
    return stated if stated and set(stated.values()) <= set(names) else {}


def _score(where: str, table: pd.DataFrame, others: Sequence[str]) -> str:
    numbers = [name for name in table if name not in others and not is_seed(name) and word(name) not in (*REPEATS, *ARMS, *CLOCKS)
               and numeric(table[name])]
    called = [name for name in numbers if word(name) == "score"] or [name for name in numbers if BETTER.search(name)]
    tests = [name for name in called if "test" in name.lower()]
    for found in (called, tests, numbers):
        if len(found) == 1:
            return found[0]
    if not numbers:
        _refuse_words(where, table)
    accepted = listed([repr(name) for name in (called or numbers)], most=12)
    raise InputError(f"{where}: which column is the score cannot be told; accepted: --score with one of {accepted}")


def _refuse_words(where: str, table: pd.DataFrame) -> NoReturn:
    for name in table:
        if spread := next((text for text in table[name].map(text_of) if SPREAD.search(text)), None):
            raise InputError(f"{where}: '{name}' holds means with their spread, such as '{spread[:40]}', without the number of runs; "
                             "accepted: a number a run; a mean that was published stands in judge.toml under [[published]]")
    raise InputError(f"{where}: no column holds numbers, so none is the score; columns: "
                     f"{listed([repr(one_line(name, 40)) for name in table], most=8)}; accepted: a column of numbers, such as 0.91 or 91 %")


def _arm_columns(where: str, table: pd.DataFrame, seed: str | None, score: str) -> list[str]:
    """The column that is called as arms are, or all that differ and are neither seed nor score nor a number of runs."""
    others = [name for name in table if name not in (seed, score)]
    for known in ARMS:
        if found := [name for name in others if word(name) == known and not numeric(table[name])]:
            return found[:1]
    scores = [name for name in others if BETTER.search(name) and numeric(table[name])]
    taken_up = (*scores, STATUS, REFERENCE)
    differ = [name for name in others if name not in taken_up and word(name) not in (*REPEATS, *STEPS, *CLOCKS)
              and table[name].map(text_of).nunique() > 1]
    if not differ:
        raise InputError(f"{where}: no column tells arms apart; accepted: --arm with the columns that make one, of "
                         f"{listed([repr(name) for name in others], most=12) or 'none'}")
    if all(table[name].map(text_of).nunique() == len(table) for name in differ) and len(table) > 1 and not any(
            SUFFIX.match(text_of(value)) for value in table[differ[0]]):
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
    texts = table[seed].map(text_of)
    if all(re.fullmatch(r"-?\d+(\.0+)?", text) for text in texts):
        return [int(float(text)) for text in texts], names, f"seed: column '{seed}'"
    codes = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    return [codes[text] for text in texts], names, f"seed: column '{seed}', numbered in the order of its values, which are no whole numbers"


def _numbers(where: str, table: pd.DataFrame, score: str) -> tuple[list[float], bool]:
    """The scores as numbers, NaN where there is none, and whether they are written with a percent sign."""
    numbers, signs = list[float](), dict[bool, int]()
    for row, value in enumerate(table[score], start=1):
        text = text_of(value)
        number = number_of(text)
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


def _whole(where: str, scores: pd.Series, runs: pd.DataFrame, drop: bool, notes: list[str]) -> pd.DataFrame:
    """The runs that have a finite score; those without are refused unless they are to be left out."""
    bad = runs[~runs["score"].abs().lt(1e100)]
    if not len(bad):
        return runs
    rows = listed([str(row + 1) for row in bad["row"]], most=6)
    if not drop:
        first = int(bad["row"].iloc[0])
        shown = text_of(scores.iloc[first]) or "empty"
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
