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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy import stats

from dlbench.gate.show import WIDTH, duration, elided, percent
from dlbench.stats.method import METHOD
from dlbench.values.errors import InputError

CALIBRATION = "calibration"
"""The group of the calibration cases, `@pytest.mark.benchmark(group="calibration")`."""
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
    """

    calibration: Mapping[str, float]
    changes: tuple[Change, ...]
    appeared: tuple[str, ...]
    vanished: tuple[str, ...]
    machines: tuple[str, str]

    @property
    def factor(self) -> float:
        """How much slower the new session's machine is, as a log-ratio."""
        return statistics.fmean(self.calibration.values())

    @property
    def text(self) -> str:
        """A line a case for a terminal, then the basis of the comparison."""
        lines = [_line("case", "old", "new", "change", "interval, %", "verdict"), _line(*("-" * width for width in (27, 8, 8, 8, 14, 10)))]
        lines += [_line(elided(change.name, 27), duration(change.old_s), duration(change.new_s), f"{percent(change.log_ratio)} %",
                        f"{percent(change.low)} to {percent(change.high)}", change.verdict) for change in self.changes]
        lines += [f"{name}: only in the new file" for name in self.appeared] + [f"{name}: only in the old file" for name in self.vanished]
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
            "appeared": list(self.appeared), "vanished": list(self.vanished),
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
    marked = files[0].calibration | files[1].calibration
    ratios = {name: math.log(after[name] / before[name]) for name in after if name in before}
    calibration = {name: value for name, value in ratios.items() if name in marked}
    if len(calibration) < 2:
        return (f"the files have {len(calibration)} calibration cases in common, two or more are needed: cases of the group "
                f"'{CALIBRATION}', run in the same session, as `dlbench bench` has them")
    if len(calibration) == len(ratios):
        return "the files have no case in common"
    factor, half = statistics.fmean(calibration.values()), _half_width(list(calibration.values()))
    changes = []
    for name, value in ratios.items():
        if name not in marked:
            low, high = value - factor - half, value - factor + half
            changes.append(Change(name, before[name], after[name], value - factor, low, high, _verdict(low, high, math.log1p(min_effect))))
    changes.sort(key=lambda change: -change.log_ratio)
    appeared, vanished = (tuple(name for name in one if name not in {*other, *marked}) for one, other in ((after, before), (before, after)))
    return Comparison(calibration, tuple(changes), appeared, vanished, (files[0].machine, files[1].machine))


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
    """Median seconds of each case, the names of the calibration cases, and the machine (without a host name)."""

    times: dict[str, float]
    calibration: set[str]
    machine: str


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
        median, info = _mapping(case.get("stats")).get("median"), _mapping(case.get("extra_info"))
        if isinstance(median, bool) or not isinstance(median, int | float) or not 0 < median < math.inf:
            raise InputError(f"{path}: {case['fullname']}: stats.median is {median!r}; accepted: seconds, above 0")
        name = str(info.get("case", case["fullname"]))  # `dlbench bench` names the kernel case, whatever the file of its test
        file.times[name] = float(median)
        if case.get("group") == CALIBRATION or info.get("family") == "machine":
            file.calibration.add(name)
    return file


def _machine(info: dict[str, Any]) -> str:
    brand = _mapping(info.get("cpu")).get("brand_raw")
    return f"{brand or info.get('machine') or 'unknown processor'}, Python {info.get('python_version', 'unknown')}"


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
