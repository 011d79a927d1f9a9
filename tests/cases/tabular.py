"""Tables as files, what is read of them, and what they are refused with."""

from __future__ import annotations

import pytest

from dlbench.datasets.table import load
from dlbench.values.errors import InputError
from tests.datasets.helpers import kept

NUMBERS = [(0.25 * row, 1.5 - row, "yes" if row % 2 else "no") for row in range(12)]


def file(folder, rows, header="a,b,label", name="x.csv", encoding="utf-8", separator=","):
    """Write rows of cells; returns the name of the dataset."""
    text = "".join(line + "\n" for line in [header, *(separator.join(map(str, row)) for row in rows)])
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(text.encode(encoding))
    return f"csv:{name}"


def refused(folder, *given, fields=None, **how):
    """The message that a table is refused with; nothing is left in the cache."""
    with pytest.raises(InputError) as caught:
        kept(load, folder, file(folder, *given, **how), **fields or {})
    assert not list(folder.glob("cache/*"))
    return str(caught.value)


def noted(folder, *given, fields=None, **how):
    """The notes on what was read, in one text."""
    return "\n".join(kept(load, folder, file(folder, *given, **how), **fields or {}).notes)
