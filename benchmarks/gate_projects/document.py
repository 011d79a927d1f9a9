"""The report of the suites: what was claimed, what was seen, project by project."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from scipy import stats

from benchmarks.gate_projects.projects import projects
from benchmarks.gate_projects.suites import COUNTS, SLOWER
from dlbench.gate.rows import FAILING

Row = dict[str, Any]
FOUND = 23
"""Slowdowns of 24 that have to be found."""
WORDS = {"aa": "nothing changed", "slower": "slower", "faster": "20 % faster", "changed": "another output"}


def document(rows: Sequence[Row]) -> str:
    """Markdown of everything; while suites are missing it says so first."""
    rows = sorted(rows, key=lambda row: (row["project"], row["kind"], row["number"]))
    by_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in COUNTS}
    left = sum(COUNTS.values()) * len(projects()) - len(rows)
    parts = ["# The gate on small projects, measured", "", "Command: `python -m benchmarks.gate_projects` (resumes)  ", *_machine(rows), ""]
    parts += [f"**PARTIAL**: {left} suites are still to be measured.", ""] if left > 0 else []
    parts += [*_method(rows), *_claims(by_kind), *_by_project(rows), *_slowdowns(by_kind["slower"]), *_surprises(rows)]
    return "\n".join(parts).rstrip("\n") + "\n"


def target(row: Row) -> list[Any] | None:
    """The case of a suite that the change is about."""
    name = next(project.target for project in projects() if project.name == row["project"])
    return next((case for case in row["cases"] if case[0].rpartition("::")[2] == name), None)


def alarms(row: Row) -> list[list[Any]]:
    """The cases that failed the gate, but for the one that is slower."""
    spared = target(row) if row["kind"] == "slower" else None
    return [case for case in row["cases"] if case[1] in FAILING and case != spared]


def verdict(row: Row) -> str:
    """The verdict on the case that the change is about; how the gate ended where it has none."""
    case = target(row)
    return case[1] if case else f"exit {row['code']}"


def _machine(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return ["Machine: none yet"]
    known = rows[0]["origin"]
    return [f"Machine: {known['cpu']}, {known['cores']} logical cores, {known['system']}, Python {known['python']}  ",
            f"Code: gate {known['gate']}, projects {known['projects']} (SHA-256)"]


def _method(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return []
    seconds, width = [row["seconds"] for row in rows], sorted({row["lanes"] for row in rows})
    at_a_time = " or ".join(map(str, width))
    return [
        "A suite is one call of `dlbench gate` with its default settings (smallest effect 5 %, budget by the number of cases) on two "
        "commits of a project that the command writes; nothing is cloned. In a slower version one function does a share of its work twice, "
        f"so that one case of the project is slower by that share ({', '.join(f'{again / 10:g} %' for again in SLOWER)}). "
        f"{at_a_time} gates ran at a time, each on cores of its own that no other gate used. A suite took {min(seconds):.0f} to "
        f"{max(seconds):.0f} s (median {statistics.median(seconds):.0f} s).", ""]


def _claims(by_kind: dict[str, list[Row]]) -> list[str]:
    aa, slower, faster, changed = (by_kind[kind] for kind in COUNTS)
    loud = sum(bool(alarms(row)) or row["code"] != 0 for row in aa)
    elsewhere = sum(bool(alarms(row)) for row in [*slower, *faster, *changed])
    found, asleep = (sum(verdict(row) == text for row in slower) for text in ("regression", "no change"))
    cells = [(f"nothing changed, {len(aa)} suites", "no false alarm, exit code 0", f"{loud} suites with another end", loud == 0),
             (f"one case 10 to 30 % slower, {len(slower)} suites", f"found in at least {FOUND} of 24", f"found in {found}",
              found >= FOUND or len(slower) < 24),
             ("the same", 'never told as "no change"', f"{asleep} told so", asleep == 0),
             (f"cases that did not change, of the {len(slower) + len(faster) + len(changed)} other suites", "no false alarm",
              f"{elsewhere} suites with one", elsewhere == 0),
             (f"one case 20 % faster, {len(faster)} suites", "told as faster", f"told in {sum(verdict(row) == 'faster' for row in faster)}",
              all(verdict(row) == "faster" for row in faster)),
             (f"another output, {len(changed)} suites", "told, and no failure", f"told in {sum(_told(row) for row in changed)}",
              all(_told(row) for row in changed))]
    complete = {kind: len(rows) >= COUNTS[kind] * len(projects()) for kind, rows in by_kind.items()}
    met = ["met" if good and all(complete.values()) else "not yet" if good else "**not met**" for *_, good in cells]
    return ["## Claims", "", "| change | required | seen | |", "|---|---|---|---|",
            *(f"| {' | '.join(texts)} | {told} |" for (*texts, _), told in zip(cells, met)), "", *_bound(aa, loud)]


def _told(row: Row) -> bool:
    case = target(row)
    return case is not None and case[6] == "changed" and row["code"] == 0


def _bound(aa: Sequence[Row], loud: int) -> list[str]:
    verdicts = sum(len(row["cases"]) for row in aa)
    false = sum(len(alarms(row)) for row in aa)
    if not aa:
        return []
    of_suites, of_verdicts = (stats.binomtest(seen, count).proportion_ci(0.90, "exact").high for seen, count in
                              ((loud, len(aa)), (false, verdicts)))
    return [f"With {loud} of {len(aa)} suites, at most {of_suites:.1%} of such suites end falsely; with {false} of {verdicts} verdicts, at "
            f"most {of_verdicts:.2%} of verdicts are false alarms (95 %, one-sided, Clopper and Pearson).", ""]


def _by_project(rows: Sequence[Row]) -> list[str]:
    lines = ["## By project", "", f"| project | manner | cases | {' | '.join(WORDS.values())} |", "|---|---|---:|" + "---|" * len(WORDS)]
    for project in projects():
        own = [row for row in rows if row["project"] == project.name]
        cells = [", ".join(verdict(row) if kind != "aa" else _end(row) for row in own if row["kind"] == kind) for kind in WORDS]
        lines.append(f"| {project.name} | {project.manner} | {project.cases} | {' | '.join(cells)} |")
    return [*lines, ""]


def _end(row: Row) -> str:
    names = ", ".join(case[0] for case in alarms(row))
    return f"exit {row['code']}" + (f" ({names})" if names else "")


def _slowdowns(rows: Sequence[Row]) -> list[str]:
    lines = ["## Slowdowns", "", "| project | true | seen | verdict |", "|---|---:|---:|---|"]
    for row in rows:
        case = target(row)
        seen = f"{100 * (case[3] - 1):+.1f} %" if case and case[3] else ""
        lines.append(f"| {row['project']} | {100 * row['share']:+.0f} % | {seen} | {verdict(row)} |")
    return [*lines, ""]


def _surprises(rows: Sequence[Row]) -> list[str]:
    """What did not end as it should, with the gate's own words."""
    odd = [row for row in rows if alarms(row) or row["code"] not in (0, 1) or (row["kind"] == "slower" and verdict(row) != "regression")]
    lines = [f"- {row['project']}, {WORDS[row['kind']]} {row['number']}: {row['result']}"
             + "".join(f"; {case[0]}: {case[1]} ({case[7]})" for case in alarms(row)) for row in odd]
    return ["## What did not end as it should", "", *(lines or ["Nothing."]), ""]
