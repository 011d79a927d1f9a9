"""What a project says of its cases in ``.dlbench-gate.toml``: limits, accepted slowdowns, ceilings, and cases that never fail."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field

from dlbench.gate.rows import Row
from dlbench.study.toml import parsed, read
from dlbench.study.validation import Table, check
from dlbench.values.errors import InputError

FILE = ".dlbench-gate.toml"
Share = Annotated[float, Field(gt=0, lt=10, allow_inf_nan=False)]
PATTERN = "names of cases, in which * stands for any text, such as \"tests/test_io.py::*\""


class Rule(Table):
    """A table of the file, and the cases that it speaks of."""

    cases: str = Field(min_length=1, description=PATTERN)

    def holds(self, name: str) -> bool:
        """Whether it speaks of a case.

        Example:
            >>> Rule(cases="test_io.py::*[a]").holds("test_io.py::test_read[a]"), Rule(cases="read").holds("test_read")
            (True, False)
        """
        return re.fullmatch(re.escape(self.cases).replace(r"\*", ".*"), name, re.DOTALL) is not None


class Limit(Rule):
    """The smallest change that matters to some cases."""

    min_effect: Share = Field(description="a share, such as 0.1 for 10 %")


class MemoryLimit(Rule):
    """The smallest growth of memory that matters to some cases."""

    min_effect: Share = Field(description="a share, such as 0.5 for 50 %")


class Accepted(Rule):
    """A slowdown that is accepted until a day."""

    reason: str = Field(min_length=1, description="a sentence that says why")
    until: date = Field(description="the last day on which it is accepted, such as 2030-12-31")
    up_to: Share = Field(description="the largest slowdown that is accepted, a share, such as 0.3 for 30 %")


class Ceiling(Rule):
    """The longest time that a call may take, whatever the base took."""

    seconds: float = Field(gt=0, allow_inf_nan=False, description="seconds a call, above 0, such as 0.02")


class Quiet(Rule):
    """Cases that are measured and shown, and never fail the gate."""

    reason: str = Field(min_length=1, description="a sentence that says why")


KINDS: dict[str, type[Rule]] = {"limit": Limit, "memory": MemoryLimit, "accept": Accepted, "ceiling": Ceiling, "quiet": Quiet}


class Rules(Table):
    """The whole file; of the tables of one kind, the first that speaks of a case counts."""

    limit: list[Limit] = Field(default=[], description="tables [[limit]] with cases and min_effect")
    memory: list[MemoryLimit] = Field(default=[], description="tables [[memory]] with cases and min_effect")
    accept: list[Accepted] = Field(default=[], description="tables [[accept]] with cases, reason, until and up_to")
    ceiling: list[Ceiling] = Field(default=[], description="tables [[ceiling]] with cases and seconds")
    quiet: list[Quiet] = Field(default=[], description="tables [[quiet]] with cases and reason")

    def unused(self, names: Sequence[str]) -> list[str]:
        """Say which tables speak of no case."""
        return [f"{FILE}: {kind}[{place}]: no case is called {rule.cases!r}" for kind in KINDS
                for place, rule in enumerate(getattr(self, kind)) if not any(rule.holds(name) for name in names)]

    def set_limits(self, rows: Sequence[Row]) -> None:
        """Give the rows their own limits, before anything is measured."""
        for row in rows:
            row.min_effect = next((rule.min_effect for rule in self.limit if rule.holds(row.name)), None)
            row.min_memory = next((rule.min_effect for rule in self.memory if rule.holds(row.name)), None)

    def settle(self, rows: Sequence[Row], today: date) -> None:
        """Apply ceilings, accepted slowdowns and quiet cases to the verdicts."""
        for row in rows:
            self._hold_under_ceiling(row)
            if row.verdict == "regression":
                self._accept(row, today)
        self.quieten(rows)

    def quieten(self, rows: Sequence[Row]) -> None:
        """Take cases that never fail for time or memory out of the failing ones."""
        for row in rows:
            quiet = next((rule for rule in self.quiet if rule.holds(row.name)), None)
            if quiet and row.verdict in ("regression", "more memory", "over ceiling"):
                row.close("accepted", f"{row.verdict}, but quiet: {quiet.reason}")

    def _hold_under_ceiling(self, row: Row) -> None:
        """A case is over its ceiling where even the fastest of its pairs took longer."""
        ceiling = next((rule for rule in self.ceiling if rule.holds(row.name)), None)
        fastest = min((pair.head_s for pair in row.pairs), default=0.0)
        if ceiling and fastest > ceiling.seconds:
            row.close("over ceiling", f"its fastest measurement took {fastest:.3g} s a call, above {ceiling.seconds:g} s")

    def _accept(self, row: Row, today: date) -> None:
        rule = next((rule for rule in self.accept if rule.holds(row.name)), None)
        if rule is None:
            return
        if today > rule.until:
            row.notes.append(f"was accepted until {rule.until} ({rule.reason})")
        elif row.mean > math.log1p(rule.up_to):
            row.notes.append(f"up to {100 * rule.up_to:g} % is accepted ({rule.reason}), and it is slower than that")
        else:
            row.close("accepted", f"until {rule.until}: {rule.reason}")


def rules_of(root: Path) -> Rules:
    """Read the file of a project; without one, nothing is ruled.

    Raises:
        InputError: the file is wrong.

    Example:
        >>> rules_of(Path("/nothing")).limit
        []
    """
    path = root / FILE
    if not path.exists():
        return Rules()
    try:
        tables = parsed(FILE, read(path))
        for kind, model in KINDS.items():
            listed = tables.get(kind)
            for place, table in enumerate(listed if isinstance(listed, list) else ()):
                check(model, table, f"{FILE}: {kind}[{place}]")
        return check(Rules, tables, FILE)
    except InputError as error:
        raise InputError(str(error).replace("docs/study.md", "docs/gate.md").replace(str(path), FILE)) from None
