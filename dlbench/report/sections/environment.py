"""Environment: what the runs ran in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from dlbench.analysis import Analysis
from dlbench.report import tested
from dlbench.report.document import Block, Row, Section, Table, Text, columns
from dlbench.report.wording import NOTHING
from dlbench.values.text import plain


def build(analysis: Analysis) -> Iterator[Block]:
    """Environments side by side, one row a fact; facts that differ are marked."""
    environments = analysis.results.environments
    if not tested.control(analysis):
        return
    if not any(environments.values()):
        yield Text("No environment has been recorded yet.")
        return
    names = dict.fromkeys(name for facts in environments.values() for name in facts)
    caption = "What the runs ran in." if len(environments) == 1 else "What the runs ran in; facts that differ are marked."
    yield Table("environments", "Environment", caption, columns("Fact", *(str(digest)[:12] for digest in environments)),
                tuple(_fact(name, [facts.get(name, _UNKNOWN) for facts in environments.values()]) for name in names))


_UNKNOWN = object()
MOST_SHOWN = 20


def _fact(name: str, values: list[object]) -> Row:
    texts = [NOTHING if value is _UNKNOWN else _text(value) for value in values]
    differs = len(set(texts)) > 1
    return Row((f"{name} (differs)" if differs else name, *texts), marked=differs)


def _text(value: Any) -> str:
    """A fact as text; of a long list, what tells it from another one."""
    if isinstance(value, list) and len(value) > MOST_SHOWN:
        return f"{len(value)} in all, {hashlib.sha256(plain(value).encode()).hexdigest()[:8]} (an export lists them)"
    return plain(value)


SECTION = Section("environment", "Environment", build)
