"""The file that keeps what each gate found, so that small changes which no single gate sees can be added up."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from dlbench.gate.measure import Result
from dlbench.study.validation import Table, check
from dlbench.values.errors import InputError

COMMIT = r"^[0-9a-f]{7,64}$"
Ratio = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class CaseEntry(Table):
    """What one gate found of a case."""

    name: str = Field(min_length=1, description="of the case")
    verdict: str = Field(description="of the gate")
    ratio: Ratio = Field(description="time of the judged commit over that of its base")
    low: Ratio = Field(description="lower end of the interval of the ratio, about 95 %")
    high: Ratio = Field(description="its upper end")

    @property
    def log_ratio(self) -> float:
        """The change on the log scale."""
        return math.log(self.ratio)

    @property
    def error(self) -> float:
        """The standard error of the log-ratio: a quarter of the interval."""
        return (math.log(self.high) - math.log(self.low)) / 4


class Entry(Table):
    """A line of the file: one gate, of a commit against its base."""

    format: Literal[1] = Field(description="version of this format")
    commit: str = Field(pattern=COMMIT, description="that was judged")
    base: str = Field(pattern=COMMIT, description="that it was compared with")
    date: str = Field(description="of the commit, as ISO 8601")
    machine: dict[str, str | int] = Field(description="processor, cores, system and Python")
    cases: list[CaseEntry] = Field(description="those that were measured")


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a line."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Entry.model_json_schema()}


def entry_of(result: Result, commits: tuple[str, str], date: str) -> Entry:
    """Return the line of a gate.

    Args:
        result: of the gate.
        commits: the base's and the judged one's.
        date: of the judged commit.
    """
    rows = [row for row in result.rows if row.pairs and not math.isnan(row.low)]
    cases = [CaseEntry(name=row.name, verdict=row.verdict, **{key: round(math.exp(value), 6) for key, value in
                       (("ratio", row.mean), ("low", row.low), ("high", row.high))}) for row in rows]
    return Entry(format=1, commit=commits[1], base=commits[0], date=date, machine=result.machine, cases=cases)


def read_history(path: Path) -> list[Entry]:
    """Read a history; one that does not exist yet is empty.

    Raises:
        InputError: it cannot be read, or a line is wrong.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--history {path}: cannot be read: {error}; accepted: a file of JSON lines") from None
    return [_entry(line, f"--history {path}: line {number}") for number, line in enumerate(lines, 1) if line.strip()]


def _entry(line: str, place: str) -> Entry:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: no JSON: {error}; accepted: a line that the gate wrote") from None
    if not isinstance(values, dict):
        raise InputError(f"{place}: {type(values).__name__}; accepted: an object that the gate wrote")
    for number, case in enumerate(values["cases"] if isinstance(values.get("cases"), list) else ()):
        check(CaseEntry, case if isinstance(case, dict) else {"name": case}, f"{place}: cases[{number}]")
    return check(Entry, values, place)


def add_entry(path: Path, entry: Entry) -> None:
    """Append a line; the same commits measured again are a line more.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(entry.model_dump_json() + "\n")
    except OSError as error:
        raise InputError(f"--history {path}: {error.strerror}; accepted: a file that can be written") from None


def names(entries: Iterable[Entry]) -> Sequence[str]:
    """Return the names of all cases, in the order in which they appear."""
    return list(dict.fromkeys(case.name for entry in entries for case in entry.cases))


if __name__ == "__main__":
    print(json.dumps(schema(), indent=1))
