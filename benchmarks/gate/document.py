"""The report of the suites: three claims, each with what was seen."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd
from scipy import stats

from benchmarks.gate.suites import SHARES
from dlbench.gate.rows import FAILING
from dlbench.gate.schedule import Settings, budget
from dlbench.gate.units import percent

REQUIRED = {"aa": 20, "injected": 20, "small": 5}
FOUND = 18
Row = dict[str, Any]


def document(rows: Sequence[Row], settings: Settings, simulated: pd.DataFrame, command: str) -> str:
    """Markdown of everything; while suites are missing it says so first."""
    by_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in SHARES}
    missing = {kind: count - len(by_kind[kind]) for kind, count in REQUIRED.items() if len(by_kind[kind]) < count}
    counts = ", ".join(f"{len(found)} {kind}" for kind, found in by_kind.items())
    parts = ["# The gate, measured", "", f"Command: `{command}`  ", f"Suites: {counts}  ", *_machine(rows), ""]
    if missing:
        parts += ["**PARTIAL**: still to be measured: " + ", ".join(f"{count} {kind}" for kind, count in missing.items()), ""]
    parts += [*_method(rows, settings), *_claims(by_kind), *_cases(rows), *_simulation(simulated)]
    return "\n".join(parts) + "\n"


def _machine(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return []
    origin = rows[0]["origin"]
    return [f"Machine: {origin['cpu']}, {origin['cores']} cores, {origin['system']}, Python {origin['python']}  ",
            f"Code: gate {origin['gate']}, cases {origin['cases']} (SHA-256)"]


def _method(rows: Sequence[Row], settings: Settings) -> list[str]:
    cases = len(rows[0]["cases"]) if rows else 0
    seconds = [sum(row["seconds"]) for row in rows]
    took = f" A suite took {min(seconds):.0f} to {max(seconds):.0f} s{_others(rows)}." if seconds else ""
    s = settings
    return [f"A suite is one run of the gate on two copies of this tree, with servers of its own: {cases} cases, {s.servers} servers "
            f"a side, {s.pairs} pairs to confirm, a smallest effect of {100 * s.min_effect:g} %, a budget of "
                f"{s.budget_s or budget(cases):g} s."
            f"{took} A slowdown is injected into one case of one copy, the cases taking turns: after each call it works on for a share "
            "of the processor time that the call took.", ""]


def _others(rows: Sequence[Row]) -> str:
    shares = sorted(row["others"] for row in rows)
    return (f"; other programs than the busy loops used {statistics.median(shares):.0%} of the machine meanwhile "
            f"(median; {shares[0]:.0%} to {shares[-1]:.0%})")


def _claims(by_kind: dict[str, list[Row]]) -> list[str]:
    return ["## Claims", "", "| claim | required | seen | |", "|---|---|---|---|",
            *("| " + " | ".join(cells) + " |" for cells in (_quiet(by_kind["aa"]), _found(by_kind["injected"]), _small(by_kind["small"]))),
            "", *_bound(by_kind["aa"])]


def alarms(row: Row, but: str = "") -> list[str]:
    """The cases that a suite failed on, except one."""
    return [case[0] for case in row["cases"] if case[1] in FAILING and case[0] != but]


def _quiet(rows: list[Row]) -> tuple[str, ...]:
    loud = sum(bool(alarms(row)) for row in rows)
    busy = sum(row["busy_core"] is not None for row in rows)
    return (f"the tree against itself, {len(rows)} suites, {busy} with a busy loop on one core", "no false alarm",
            f"{loud} suites with a false alarm", _verdict(loud == 0, len(rows), REQUIRED["aa"]))


def _found(rows: list[Row]) -> tuple[str, ...]:
    hits = sum(row["slowed"] in alarms(row) for row in rows)
    elsewhere = sum(bool(alarms(row, row["slowed"])) for row in rows)
    return (f"10 % slower in one case, {len(rows)} suites", f"found in at least {FOUND} of {REQUIRED['injected']}, and nowhere else",
            f"found in {hits}{_missed(rows)}; {elsewhere} suites with an alarm elsewhere",
            _verdict(hits >= FOUND and elsewhere == 0, len(rows), REQUIRED["injected"]))


def _missed(rows: list[Row]) -> str:
    """What the slowed case is called where it is not found, with how often."""
    called = Counter(case[1] for row in rows for case in row["cases"] if case[0] == row["slowed"] and case[1] not in FAILING)
    return "".join(f", called {verdict} in {count}" for verdict, count in sorted(called.items()))


def _small(rows: list[Row]) -> tuple[str, ...]:
    loud = sum(bool(alarms(row)) for row in rows)
    return (f"3 % slower in one case, {len(rows)} suites", "never reported as beyond 5 %", f"reported in {loud}",
            _verdict(loud == 0, len(rows), REQUIRED["small"]))


def _verdict(holds: bool, seen: int, required: int) -> str:
    return "**not complete**" if seen < required else "met" if holds else "**NOT MET**"


def _bound(rows: list[Row]) -> list[str]:
    if not rows:
        return []
    loud, tests = sum(bool(alarms(row)) for row in rows), sum(len(row["cases"]) for row in rows)
    single = sum(len(alarms(row)) for row in rows)
    undecided = sum(case[1] == "undecided" for row in rows for case in row["cases"])
    return [f"With {loud} false alarms in {len(rows)} suites, at most {upper(loud, len(rows)):.1%} of such suites alarm falsely, and with "
            f"{single} in {tests} verdicts at most {upper(single, tests):.2%} of verdicts are false alarms (95 %, one-sided, "
            f"Clopper and Pearson). {undecided} verdicts were undecided.", ""]


def upper(hits: int, n: int) -> float:
    """The one-sided 95 % upper limit of a share.

    >>> round(upper(0, 40), 4)
    0.0722
    """
    return 1.0 if hits >= n else float(stats.beta.ppf(0.95, hits + 1, n - hits))


def _cases(rows: Sequence[Row]) -> list[str]:
    """Per case: how much it scattered where nothing changed, and what was seen of the injected changes."""
    if not rows:
        return []
    table = pd.DataFrame([(row["kind"], row["slowed"] == case[0], *case) for row in rows for case in row["cases"]],
                         columns=["kind", "slowed", "case", "verdict", "pairs", "mean", "low", "high"])
    table["mean"] = table["mean"].astype(float)
    lines = ["## By case", "", "| case | unchanged: change, mean ± sd over suites | 10 % injected: seen, found | 3 % injected: seen |",
             "|---|---|---|---|"]
    for name, of_case in table.groupby("case", sort=False):
        quiet = of_case[~of_case["slowed"]]["mean"].dropna()
        spread = f"{percent(quiet.mean())} ± {100 * quiet.std():.2f} %, n = {len(quiet)}" if len(quiet) > 1 else ""
        lines.append(f"| `{name}` | {spread} | {_seen(of_case, 'injected', True)} | {_seen(of_case, 'small', False)} |")
    return [*lines, ""]


def _seen(of_case: pd.DataFrame, kind: str, count: bool) -> str:
    chosen = of_case[of_case["slowed"] & (of_case["kind"] == kind)]
    changes = ", ".join(f"{percent(value)} %" for value in chosen["mean"] if not math.isnan(value))
    found = int((chosen["verdict"] == "regression").sum())
    return f"{changes}; {found} of {len(chosen)}" if count and len(chosen) else changes


def _simulation(table: pd.DataFrame) -> list[str]:
    formats = ["{:.1%}"] * 2 + ["{:.0%}"] + ["{:.1%}"] * 3 + ["{:.2%}"]
    lines = ["| " + " | ".join(form.format(value) for form, value in zip(formats, row)) + " |"
             for row in table.itertuples(index=False, name=None)]
    return ["## Coverage of the interval, by simulation", "",
            "What the layout of a server's memory does to a time repeats in all processes forked from it. The gate pairs each base server "
            "with each head server and takes its variance from both and from what is left (`dlbench.stats.nested.nested_mean`). Beside it: "
            "a t interval over all pairs as if they were independent, and one over server pairs (one partner each). Share of nominal "
            "95 % intervals that hold the true change:", "",
            "| " + " | ".join(table.columns) + " |", "|" + "---|" * len(table.columns), *lines, ""]
