"""The command line: simulate histories, judge them as the gate does after each commit, and write ``reports/gate_history.md``."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy import stats

from dlbench.gate.history import CaseEntry, Entry
from dlbench.gate.trend import Trend, trends
from dlbench.stats.changepoints import ALPHA, LEAST, change_points

SERIES = 200
COMMITS = 60
ERROR = 0.007
"""Standard error of one gate's log-ratio, about that of reports/gate.md."""
MIN_EFFECT = 0.05
EVERY = 5
"""Commits after which a history is looked at in the simulation; a project looks after each one."""
NOISE: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "normal": lambda rng, n: rng.normal(0, ERROR, n),
    "t with 3 degrees of freedom": lambda rng, n: rng.standard_t(3, n) * ERROR / math.sqrt(3),
    "a tenth four times as wide": lambda rng, n: rng.normal(0, ERROR, n) * np.where(rng.random(n) < 0.1, 4, 1),
}
CHANGES: dict[str, tuple[float, ...]] = {"four commits of +3.5 %": (0.035,) * 4, "eight commits of +2 %": (0.02,) * 8,
                                         "one commit of +10 %": (0.10,)}
START = 30


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate and write the report (minutes)."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate_history", description=main.__doc__)
    parser.add_argument("--series", type=int, default=SERIES, metavar="N", help="histories of each kind (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("reports/gate_history.md"), help="the report (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    if chosen.series < 1:
        parser.error(f"--series {chosen.series}: accepted: 1 or more")
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(document(chosen.series), encoding="utf-8")
    print(f"report: {chosen.out}", file=sys.stderr)


def document(series: int) -> str:
    """Markdown of all simulations."""
    false = [f"| {noise} | {_share(points)} | {_share(drifts)} | {_share(totals)} |" for noise, points, drifts, totals in _false(series)]
    found = [f"| {name} | {_share(points)} | {_share(drifts)} | {_share(totals)} |" for name, points, drifts, totals in _found(series)]
    options = "" if series == SERIES else f" --series {series}"
    return "\n".join([
        "# The history of a gate, simulated", "", f"Command: `python -m benchmarks.gate_history{options}`", "",
        f"A history is the log-ratios of one case over {COMMITS} commits, each with a standard error of {100 * ERROR:g} %, seeds 0 to "
        f"{series - 1}. Change points are those of E-divisive on the log-ratios (`dlbench.stats.changepoints`: each test of a split at "
        f"{100 * ALPHA:g} %, at least {LEAST} commits between two changes). What the gate tells is more than that: a stretch between "
        f"change points, or the whole history, must lie beyond {100 * MIN_EFFECT:g} % with its interval. The history is looked at after "
        f"every {EVERY} commits, and counts if any of these looks told something.", "",
        "## Nothing changed", "", "Share of histories; 95 % limits by Clopper and Pearson.", "",
        "| noise | a change point, at the end | a drift told, in any look | a total told, in any look |", "|---|---|---|---|", *false, "",
        "## Something changed", "", f"Normal noise; the change begins at commit {START}.", "",
        "| change | a change point, at the end | a drift told, in any look | a total told, in any look |", "|---|---|---|---|",
        *found]) + "\n"


def _share(told: Sequence[bool]) -> str:
    hits = sum(told)
    limits = stats.binomtest(hits, len(told)).proportion_ci(0.95, "exact")
    return f"{hits / len(told):.1%} ({limits.low:.1%} to {limits.high:.1%}), n = {len(told)}"


def _false(series: int) -> Iterator[tuple[str, list[bool], list[bool], list[bool]]]:
    for name, draw in NOISE.items():
        yield name, *_judged([draw(np.random.default_rng(seed), COMMITS) for seed in range(series)])


def _found(series: int) -> Iterator[tuple[str, list[bool], list[bool], list[bool]]]:
    for name, change in CHANGES.items():
        histories = [NOISE["normal"](np.random.default_rng(seed), COMMITS) for seed in range(series)]
        for steps in histories:
            steps[START : START + len(change)] += np.log1p(change)
        yield name, *_judged(histories)


def _judged(histories: Sequence[np.ndarray]) -> tuple[list[bool], list[bool], list[bool]]:
    points = [bool(change_points(steps)) for steps in histories]
    looks = [[trend_of(steps[:end]) for end in range(EVERY, len(steps) + 1, EVERY)] for steps in histories]
    return points, [any(look.drifts for look in one) for one in looks], [any(look.beyond for look in one) for one in looks]


def trend_of(steps: np.ndarray) -> Trend:
    """What the gate says of a history with these log-ratios."""
    def entry(number: int, value: float) -> Entry:
        ratio, low, high = (math.exp(value + 2 * sign * ERROR) for sign in (0, -1, 1))
        case = CaseEntry(name="a", verdict="no change", ratio=ratio, low=low, high=high)
        return Entry(format=1, commit=f"{number + 1:040x}", base=f"{number:040x}", date="", machine={}, cases=[case])

    [trend] = trends([entry(number, float(value)) for number, value in enumerate(steps)], None, MIN_EFFECT)
    return trend


if __name__ == "__main__":
    main()
