"""What a script tells of its run: scores, curves, answers to test examples, costs and hashes, from the files and lines that it writes."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from dlbench.engines.command import trackers
from dlbench.values.errors import InputError
from dlbench.values.text import listed, one_line

RESULT = "result.jsonl"
PROVEN = ("data", "split", "evaluation", "init", "order", "weights", "global_draws")
COSTS = ("parameters", "macs", "model_bytes", "nonzero_parameters", "epochs", "steps", "examples", "load_s", "train_s", "evaluate_s")
KEYS = ("scores", "examples", "cost", "prove")
RATIO = re.compile(r"\s*([-+0-9.eE]+)\s*/\s*([0-9.eE+]+)\s*")
MOST_FILE = 64 * 2**20


class Unreadable(Exception):
    """What a script told cannot be used."""


@dataclass
class Told:
    """What a script told.

    Attributes:
        scores: name -> value.
        curves: one list per quantity, one entry per epoch.
        arrays: as of :class:`dlbench.values.record.Outcome`.
        cost: fields of :class:`dlbench.values.record.Cost`.
        proofs: parts of :class:`dlbench.values.record.Controls` -> hashes.
        rows: the epochs that curves are made of.
    """

    scores: dict[str, float] = field(default_factory=dict)
    curves: dict[str, list[float]] = field(default_factory=dict)
    arrays: dict[str, Any] = field(default_factory=dict)
    cost: dict[str, Any] = field(default_factory=dict)
    proofs: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, float]] = field(default_factory=list)


def read(out: Path, reads: str, cwd: Path, lines: Mapping[str, list[str]]) -> Told:
    """Read everything that a script told.

    Args:
        out: its folder, with ``result.jsonl`` or ``metrics.json`` where it wrote one.
        reads: where else scores are read from; a path is looked for in ``out``, then in ``cwd``.
        cwd: the study's folder.
        lines: scores that were found in its output, each with every value.

    Raises:
        Unreadable: something that it told cannot be used, or it told one score twice.
    """
    told = Told()
    if (file := out / RESULT).is_file():
        for number, line in enumerate(_text(file).splitlines(), 1):
            if line.strip():
                _take(told, _object(file.name, number, line), out)
    if (file := out / "metrics.json").is_file():
        _take(told, _object(file.name, 1, _text(file)), out)
    if reads:
        _take_file(told, reads, out, cwd)
    for name, values in lines.items():
        _add_score(told, name, number_of(name, values[-1]))
    if len(rounds := {len(values) for values in lines.values()}) == 1 and (most := rounds.pop()) > 1:
        told.rows += [{name: number_of(name, values[place]) for name, values in lines.items()} for place in range(most)]
    told.curves = _curves(told.rows)
    return told


def number_of(name: str, text: str) -> float:
    """Read a number as people print it: a ratio and a percentage become fractions.

    Raises:
        Unreadable: it is none.

    Example:
        >>> number_of("accuracy", "9918/10000"), number_of("accuracy", "99.2%"), number_of("loss", "2e-1")
        (0.9918, 0.992, 0.2)
    """
    text = text.strip()
    try:
        if ratio := RATIO.fullmatch(text):
            return float(ratio[1]) / float(ratio[2])
        return float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)
    except (ValueError, ZeroDivisionError):
        raise Unreadable(f"score_pattern: '{one_line(text, 60)}' as {name} is no number; accepted: 0.99, 99%, 9918/10000") from None


def _text(file: Path) -> str:
    if file.stat().st_size > MOST_FILE:
        raise Unreadable(f"{file.name} has {file.stat().st_size / 1e6:.0f} MB; accepted: up to {MOST_FILE / 1e6:.0f} MB")
    return file.read_text(encoding="utf-8", errors="replace")


def _object(file: str, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        raise Unreadable(f"{file}, line {number}: no JSON: '{one_line(line, 60)}'") from None
    if not isinstance(value, dict):
        raise Unreadable(f"{file}, line {number}: '{one_line(line, 60)}'; accepted: an object such as {{\"accuracy\": 0.9}}")
    return cast("dict[str, Any]", value)


def _take(told: Told, line: dict[str, Any], out: Path) -> None:
    if "epoch" in line:
        told.rows.append({name: _number(name, value) for name, value in line.items()})
        return
    nested = {key: line[key] for key in KEYS if isinstance(line.get(key), dict)}
    for name, value in {**{name: value for name, value in line.items() if name not in nested}, **nested.get("scores", {})}.items():
        _add_score(told, name, _number(name, value))
    told.cost |= {name: value for name, value in nested.get("cost", {}).items() if name in COSTS}
    for name, proof in _proofs(nested.get("prove", {})):
        told.proofs[name] = told.proofs.get(name, ()) + proof if isinstance(proof, tuple) else proof
    if "examples" in nested:
        told.arrays |= _answers(nested["examples"], out)


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable(f"{name} = {one_line(value, 40)!r} is no number")
    return float(value)


def _add_score(told: Told, name: str, value: float) -> None:
    earlier = told.scores.get(name, value)
    if earlier != value and not (math.isnan(earlier) and math.isnan(value)):
        raise Unreadable(f"two scores are told as '{name}': {earlier:g} and {value:g}; accepted: one (epochs are told with \"epoch\")")
    told.scores[name] = value


def _proofs(prove: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in prove.items():
        if name not in PROVEN:
            raise Unreadable(f"prove: '{name}'; accepted: {', '.join(PROVEN)}")
        if name == "init":
            yield name, {str(layer): str(digest) for layer, digest in value.items()} if isinstance(value, dict) else {"all": str(value)}
        elif name in ("order", "global_draws"):
            yield name, tuple(map(str, cast("list[Any]", value))) if isinstance(value, list) else (str(value),)
        else:
            yield name, str(value)


def _answers(files: Mapping[str, Any], out: Path) -> dict[str, Any]:
    """The arrays of answers to test examples: right or wrong, classes that were predicted, and true ones."""
    found = {name: _array(name, out / str(file)) for name, file in files.items()}
    if "correct" not in found and {"predictions", "labels"} <= found.keys():
        found["correct"] = found["predictions"] == found["labels"]
    lengths = {name: len(array) for name, array in found.items()}
    if len(set(lengths.values())) > 1:
        raise Unreadable(f"examples: {listed([f'{name} has {length}' for name, length in lengths.items()])}; accepted: equally many")
    if "correct" not in found:
        return {}
    right = found["correct"].astype(bool)
    classes = found.get("predictions", right).astype(np.uint16)
    labels = found.get("labels", np.ones(len(right))).astype(np.uint16) if "predictions" in found else np.ones(len(right), np.uint16)
    return {"test_bits": np.packbits(right), "test_predictions": classes, "test_labels": labels}


def _array(name: str, file: Path) -> np.ndarray:
    if name not in ("correct", "predictions", "labels"):
        raise Unreadable(f"examples: '{name}'; accepted: correct, predictions, labels")
    try:
        array = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise Unreadable(f"examples: {file.name}: {one_line(error, 120)}") from None
    if array.ndim != 1 or array.dtype.kind not in "biuf" or not len(array):
        raise Unreadable(f"examples: {file.name}: {array.dtype} {list(array.shape)}; accepted: one number an example")
    return array


def _curves(rows: Iterable[Mapping[str, float]]) -> dict[str, list[float]]:
    """Turn epochs into one list a quantity; what only some epochs have is left out."""
    rows = list(rows)
    names = [name for name in (rows[0] if rows else ()) if all(name in row for row in rows) and name != "epoch"]
    curves = {"epoch": [row.get("epoch", float(place)) for place, row in enumerate(rows, 1)]} if rows else {}
    return curves | {name: [row[name] for row in rows] for name in names}


def _take_file(told: Told, reads: str, out: Path, cwd: Path) -> None:
    """Take what a file of the script's own holds: every row of a CSV is an epoch, and its last row has the scores."""
    kind, _, name = reads.partition(":")
    if kind in trackers.TRACKERS:
        _take_logged(told, reads, out)
        return
    path = next((path for path in (out / name, cwd / name) if path.exists()), None)
    if path is None:
        raise Unreadable(f"reads = '{reads}': {name} was not written, neither in {{out}} nor in the study's folder")
    if kind == "json":
        _take(told, _object(path.name, 1, _text(path)), out)
        return
    rows = [_numbers(row) for row in csv.DictReader(_text(path).splitlines())]
    if not rows:
        raise Unreadable(f"reads = '{reads}': it has no row")
    told.rows += [row for row in rows if len(rows) > 1]
    for name, value in rows[-1].items():
        if name not in ("epoch", "step"):
            _add_score(told, name, value)


def _take_logged(told: Told, reads: str, out: Path) -> None:
    """Take what a script logged to a tracker: the last value of each number is a score, and their histories are curves."""
    kind, _, name = reads.partition(":")
    if not (out / name).exists():
        raise Unreadable(f"reads = '{reads}': {name} was not written in {{out}}; a store that lies elsewhere holds other runs too")
    try:
        logged = trackers.histories(kind, out / name)
    except (ValueError, InputError) as error:
        raise Unreadable(f"reads = '{reads}': {one_line(error, 200)}") from None
    for score, history in logged.items():
        _add_score(told, score, history[-1])
    told.rows = told.rows or trackers.epochs(logged)


def _numbers(row: Mapping[str, Any]) -> dict[str, float]:
    numbers = dict[str, float]()
    for name, value in row.items():
        try:
            numbers[str(name).strip()] = float(value)
        except (TypeError, ValueError):
            continue
    return numbers
