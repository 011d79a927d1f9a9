"""What the committed reports measured of each technique."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dlbench.study import load, plan, shipped
from dlbench.values.errors import InputError

REPORTS = Path(__file__).parents[2] / "reports"
COLUMNS = ("Arm", "Verdict", "Seeds")


@dataclass(frozen=True)
class Effect:
    """A row of a report's verdict table.

    Attributes:
        study: the report's folder.
        setting: dataset and model, in words.
        arm, verdict, difference, seeds: as the table has them, in Markdown.
    """

    study: str
    setting: str
    arm: str
    verdict: str
    difference: str
    seeds: str


def effects(reports: Path = REPORTS) -> dict[str, list[Effect]]:
    """Technique -> the arms that tried it alone, in every committed report of a shipped study."""
    found: dict[str, list[Effect]] = {}
    for path in sorted(reports.glob("**/report.md")):
        study = path.parent.relative_to(reports).as_posix()
        alone = _alone(study)
        for effect in _rows(path, study):
            if (technique := alone.get(_plain(effect.arm))) is not None:
                found.setdefault(technique, []).append(effect)
    return found


def _alone(study: str) -> dict[str, str]:
    """Arm -> technique, for the arms that are one technique, and are compared with an arm that has no other."""
    if study not in shipped():
        return {}
    try:
        arms = plan(load(study)).arms
    except InputError:
        return {}
    made_of = {arm.name: [words.partition("(")[0] for words in arm.techniques] for arm in arms}
    return {arm.name: made_of[arm.name][0] for arm in arms
            if len(arm.techniques) == 1 and set(made_of.get(arm.reference, ())) <= set(made_of[arm.name])}


def _rows(path: Path, study: str) -> Iterator[Effect]:
    text = path.read_text(encoding="utf-8")
    facts = dict(part.split(": ", 1) for part in text.split("\n\n")[1].split(" · ") if ": " in part)
    setting = ", ".join(facts[name] for name in ("dataset", "model", "budget") if name in facts)
    table = re.search(r"^## Verdicts\n.*?(^\|.*?)\n\n", text, flags=re.MULTILINE | re.DOTALL)
    if table is None:
        return
    header, _, *rows = [_cells(line) for line in table[1].splitlines() if line.startswith("|")]
    for row in rows:
        cells = dict(zip(header, row))
        if set(COLUMNS) <= set(cells) and (difference := _difference(cells)):
            yield Effect(study, setting, cells["Arm"], cells["Verdict"], difference, cells["Seeds"])


def _difference(cells: dict[str, str]) -> str:
    """The difference with its unit and interval; older reports have all three in one column."""
    for name, value in cells.items():
        if name == "Difference [95 %]":
            return value
        if name.startswith("Difference, "):
            return f"{value} {name.removeprefix('Difference, ')} {cells.get('95 % interval', '')}".strip()
    return ""


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def _plain(markdown: str) -> str:
    return re.sub(r"\\(.)", r"\1", markdown)
