"""Two stored pytest-benchmark files, perhaps of different machines, made comparable by calibration cases.

Each file is one session: drift, neighbours and memory layout are in its numbers, and machines differ in more than one speed. So this
is weaker than the gate, and every text that it gives says so.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy import stats

from dlbench.stats.method import METHOD
from dlbench.values.errors import InputError

CALIBRATION = "calibration"
"""The group of the calibration cases, `@pytest.mark.benchmark(group="calibration")`."""
WEAKER = ("One session on each side: drift, neighbours and memory layout are not cancelled, and one factor cannot hold all that two "
          "machines differ in. This is weaker than `dlbench gate`, which measures both versions side by side.")


@dataclass(frozen=True)
class Change:
    """A case's change.

    Attributes:
        name: the case's.
        old_s, new_s: medians, seconds a call, as stored.
        log_ratio: log(new / old) less that of the calibration cases.
        low, high: its 95 % limits; they hold what the calibration cases disagree by, and nothing else.
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
    """What two files have in common.

    Attributes:
        calibration: log(new / old) of each calibration case.
        changes: of the other cases, the slowest first.
        appeared, vanished: names of cases of one file only.
        machines: of the old and of the new file, in a few words.
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


def compare_files(old: Path, new: Path, min_effect: float) -> Comparison | str:
    """Compare two files, or say why that cannot be done.

    Args:
        old, new: as pytest-benchmark writes them.
        min_effect: smallest change that matters; 0.05 is 5 %.

    Raises:
        InputError: one of them is no such file.
    """
    data = [_read(path) for path in (old, new)]
    times = [_times(path, content) for path, content in zip((old, new), data)]
    ratios = {name: math.log(times[1][name] / times[0][name]) for name in times[1] if name in times[0]}
    marked = {_name(case) for content in data for case in content["benchmarks"] if _calibrates(case)}
    calibration = {name: value for name, value in ratios.items() if name in marked}
    if len(calibration) < 2:
        return (f"the files have {len(calibration)} calibration cases in common, two or more are needed: cases of the group "
                f"'{CALIBRATION}', run in the same session, as `dlbench bench` has them")
    cases = [name for name in ratios if name not in marked]
    if not cases:
        return "the files have no case in common"
    half = _half(list(calibration.values()))
    found = [_change(name, times, ratios[name] - statistics.fmean(calibration.values()), half, min_effect) for name in cases]
    found.sort(key=lambda change: -change.log_ratio)
    added, gone = (tuple(name for name in times[a] if name not in times[b] and name not in marked) for a, b in ((1, 0), (0, 1)))
    return Comparison(calibration, tuple(found), added, gone, (_machine(data[0]), _machine(data[1])))


def _half(log_ratios: list[float]) -> float:
    """Half the width of the t prediction interval of one more case that differs as the calibration cases do."""
    n = len(log_ratios)
    return float(stats.t.ppf(1 - METHOD.alpha / 2, n - 1)) * statistics.stdev(log_ratios) * math.sqrt(1 + 1 / n)


def _change(name: str, times: list[dict[str, float]], log_ratio: float, half: float, min_effect: float) -> Change:
    low, high, margin = log_ratio - half, log_ratio + half, math.log1p(min_effect)
    within = max(-low, high) < margin
    verdict = "slower" if low > margin else "faster" if high < -margin else "no change" if within else "undecided"
    return Change(name, times[0][name], times[1][name], log_ratio, low, high, verdict)


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: cannot be read: {error}; accepted: a JSON file of pytest-benchmark") from None
    listed = data.get("benchmarks") if isinstance(data, dict) else None
    if not isinstance(listed, list) or not all(isinstance(case, dict) and isinstance(case.get("fullname"), str) for case in listed):
        raise InputError(f"{path}: has no list 'benchmarks' of cases with a 'fullname'; accepted: a JSON file of pytest-benchmark")
    return data


def _times(path: Path, data: dict[str, Any]) -> dict[str, float]:
    """Median seconds of each case."""
    found = {}
    for case in data["benchmarks"]:
        held = case.get("stats")
        median = held.get("median") if isinstance(held, dict) else None
        if isinstance(median, bool) or not isinstance(median, int | float) or not 0 < median < math.inf:
            raise InputError(f"{path}: {case['fullname']}: stats.median is {median!r}; accepted: seconds, above 0")
        found[_name(case)] = float(median)
    return found


def _name(case: dict[str, Any]) -> str:
    """What a case is called whatever its file's place: in files of `dlbench bench` the kernel case, else the test."""
    info = case.get("extra_info")
    return str(info["case"]) if isinstance(info, dict) and "case" in info else case["fullname"]


def _calibrates(case: dict[str, Any]) -> bool:
    info = case.get("extra_info")
    return case.get("group") == CALIBRATION or (isinstance(info, dict) and info.get("family") == "machine")


def _machine(data: dict[str, Any]) -> str:
    """The processor and Python that a file names; no host name."""
    info = data.get("machine_info")
    info = info if isinstance(info, dict) else {}
    cpu = info.get("cpu")
    brand = cpu.get("brand_raw") if isinstance(cpu, dict) else None
    return f"{brand or info.get('machine') or 'unknown processor'}, Python {info.get('python_version', 'unknown')}"
