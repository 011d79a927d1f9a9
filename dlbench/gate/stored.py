"""Two stored pytest-benchmark files, perhaps of different machines, made comparable by calibration cases.

Each file is one session: drift, neighbours and memory layout are in its numbers, and machines differ in more than one speed. So this
is weaker than the gate, and every text about it says so.
"""

from __future__ import annotations

import json
import math
import statistics
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scipy import stats

from dlbench.gate.show import WIDTH, elided
from dlbench.gate.units import duration, percent
from dlbench.stats.method import METHOD
from dlbench.values.errors import InputError

CALIBRATION = "calibration"
"""The group of the calibration cases, `@pytest.mark.benchmark(group="calibration")`."""
FEWEST = 4
"""Calibration cases: what two or three of them agree on says little of the others."""
WEAKER = ("One session on each side: drift, neighbours and memory layout are not cancelled, and one factor cannot hold all that two "
          "machines differ in. This is weaker than `dlbench gate`, which measures both versions side by side.")


@dataclass(frozen=True)
class Change:
    """How much a case changed.

    Attributes:
        name: of the case.
        old_s, new_s: medians, seconds a call, as stored.
        log_ratio: log(new / old) less that of the calibration cases.
        low, high: its 95 % limits, from the differences between the calibration cases alone.
        verdict: ``slower``, ``faster``, ``no change`` or ``undecided``.
    """

    name: str
    old_s: float
    new_s: float
    log_ratio: float
    low: float
    high: float
    verdict: str


@dataclass(frozen=True)
class Comparison:
    """A comparison of two files.

    Attributes:
        calibration: log(new / old) of each calibration case.
        changes: of the other cases, the slowest first.
        appeared, vanished: names of cases of one file only.
        machines: processor and Python of the old and of the new file.
        incomparable: why a case is left out, by its name.
    """

    calibration: Mapping[str, float]
    changes: tuple[Change, ...]
    appeared: tuple[str, ...]
    vanished: tuple[str, ...]
    machines: tuple[str, str]
    incomparable: Mapping[str, str] = field(default_factory=dict)

    @property
    def factor(self) -> float:
        """Return how much slower the new session's machine is, as a log-ratio."""
        return statistics.fmean(self.calibration.values())

    @property
    def text(self) -> str:
        """A line a case for a terminal, then the basis of the comparison."""
        lines = [_line("case", "old", "new", "change", "interval, %", "verdict"), _line(*("-" * width for width in (27, 8, 8, 8, 14, 10)))]
        lines += [_line(elided(change.name, 27), duration(change.old_s), duration(change.new_s), f"{percent(change.log_ratio)} %",
                        f"{percent(change.low)} to {percent(change.high)}", change.verdict) for change in self.changes]
        lines += [f"{name}: only in the new file" for name in self.appeared] + [f"{name}: only in the old file" for name in self.vanished]
        left_out = [f"{name}: not comparable, {reason}" for name, reason in self.incomparable.items()]
        lines += [line for text in left_out for line in textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_long_words=False)]
        values = self.calibration.values()
        notes = (f"Old: {self.machines[0]}.", f"New: {self.machines[1]}.",
                 f"Changes are after calibration: in the new session the {len(values)} calibration cases take {percent(self.factor)} % "
                 f"more time ({percent(min(values))} to {percent(max(values))} %); what they disagree by is in the intervals.", WEAKER)
        return "\n".join([*lines, "", *(line for note in notes for line in textwrap.wrap(note, WIDTH))])

    def as_json(self) -> dict[str, Any]:
        """The same as data; ratios of the new to the old, after calibration."""
        return {
            "note": WEAKER, "machines": list(self.machines), "machine_ratio": _ratio(self.factor),
            "calibration": {name: _ratio(value) for name, value in self.calibration.items()},
            "cases": [{"name": change.name, "verdict": change.verdict, "old_s": change.old_s, "new_s": change.new_s,
                       "ratio": _ratio(change.log_ratio), "low": _ratio(change.low), "high": _ratio(change.high)}
                      for change in self.changes],
            "appeared": list(self.appeared), "vanished": list(self.vanished), "not_comparable": dict(self.incomparable),
        }


def _line(*cells: str) -> str:
    name, old, new, change, limits, verdict = cells
    return f"{name:27} {old:>8} {new:>8} {change:>8} {limits:>14} {verdict}"


def _ratio(log_ratio: float) -> float:
    return round(math.exp(log_ratio), 6)


def compare_files(old: Path, new: Path, min_effect: float) -> Comparison | str:
    """Compare two files, or say why that cannot be done.

    Args:
        old, new: as pytest-benchmark writes them.
        min_effect: smallest change that matters; 0.05 is 5 %.

    Raises:
        InputError: one of them is no such file.
    """
    files = _read(old), _read(new)
    before, after = (file.times for file in files)
    marked, incomparable = files[0].calibration | files[1].calibration, _incomparable(*files)
    ratios = {name: math.log(after[name] / before[name]) for name in after if name in before and name not in incomparable}
    calibration = {name: value for name, value in ratios.items() if name in marked}
    left_out = "".join(f"; {name} is not comparable: {reason}" for name, reason in incomparable.items())
    if len(calibration) < FEWEST:
        return (f"the files have {len(calibration)} calibration cases in common, {FEWEST} or more are needed: cases of the group "
                f"'{CALIBRATION}', run in the same session, as `dlbench bench` has them{left_out}")
    if len(calibration) == len(ratios):
        return f"the files have no case in common{left_out}"
    changes = _changes(files, ratios, calibration, min_effect)
    appeared, vanished = (tuple(name for name in one if name not in {*other, *marked, *incomparable})
                          for one, other in ((after, before), (before, after)))
    return Comparison(calibration, changes, appeared, vanished, (files[0].machine, files[1].machine), incomparable)


def _incomparable(old: _File, new: _File) -> dict[str, str]:
    """Why a case cannot be compared, by its name, with the file that is to blame."""
    reasons: dict[str, list[str]] = {}
    for side, file in (("old", old), ("new", new)):
        for name, reason in file.unusable.items():
            reasons.setdefault(name, []).append(f"in the {side} file {reason}")
    return {name: " and ".join(parts) for name, parts in reasons.items()}


def _changes(files: tuple[_File, _File], ratios: Mapping[str, float], calibration: Mapping[str, float],
             min_effect: float) -> tuple[Change, ...]:
    """The cases that do not calibrate, the slowest first."""
    factor, half = statistics.fmean(calibration.values()), _half_width(list(calibration.values()))
    changes = []
    for name, value in ratios.items():
        if name not in calibration:
            low, high = value - factor - half, value - factor + half
            old_s, new_s = (file.times[name] for file in files)
            changes.append(Change(name, old_s, new_s, value - factor, low, high, _verdict(low, high, math.log1p(min_effect))))
    return tuple(sorted(changes, key=lambda change: -change.log_ratio))


def _half_width(log_ratios: list[float]) -> float:
    """Half the width of the t prediction interval of one more case that differs as the calibration cases do."""
    n = len(log_ratios)
    return float(stats.t.ppf(1 - METHOD.alpha / 2, n - 1)) * statistics.stdev(log_ratios) * math.sqrt(1 + 1 / n)


def _verdict(low: float, high: float, margin: float) -> str:
    if low > margin or high < -margin:
        return "slower" if low > margin else "faster"
    return "no change" if max(-low, high) < margin else "undecided"


@dataclass(frozen=True)
class _File:
    """Median seconds of each case, the names of the calibration cases, the machine (without a host name), and why a case is unusable."""

    times: dict[str, float]
    calibration: set[str]
    machine: str
    unusable: dict[str, str] = field(default_factory=dict)


def _read(path: Path) -> _File:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: cannot be read: {error}; accepted: a JSON file of pytest-benchmark") from None
    cases = _mapping(data).get("benchmarks")
    if not isinstance(cases, list) or not all(isinstance(_mapping(case).get("fullname"), str) for case in cases):
        raise InputError(f"{path}: has no list 'benchmarks' of cases with a 'fullname'; accepted: a JSON file of pytest-benchmark")
    file = _File({}, set(), _machine(_mapping(data.get("machine_info"))))
    for case in cases:
        name = str(_mapping(case.get("extra_info")).get("case", case["fullname"]))  # `dlbench bench` names the kernel, whatever its test
        median = _mapping(case.get("stats")).get("median")
        if name in file.times or name in file.unusable:
            file.unusable[name] = "its name stands more than once"
        elif isinstance(median, bool) or not isinstance(median, int | float) or not 0 < median < math.inf:
            file.unusable[name] = f"stats.median is {median!r} (accepted: seconds, above 0)"
        else:
            file.times[name] = float(median)
        if case.get("group") == CALIBRATION or _mapping(case.get("extra_info")).get("family") == "machine":
            file.calibration.add(name)
    return file


def _machine(info: dict[str, Any]) -> str:
    brand = _mapping(info.get("cpu")).get("brand_raw")
    return f"{brand or info.get('machine') or 'unknown processor'}, Python {info.get('python_version', 'unknown')}"


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
