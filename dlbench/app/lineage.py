"""``dlbench lineage``: the page of a ledger."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from pathlib import Path

from dlbench.gate.ledger import read_ledger
from dlbench.values.errors import InputError
from dlbench.values.files import write


def lineage(path: Path, out: Path | None, note: Callable[[str], None]) -> Path:
    """Write the page of a ledger, and return where it lies.

    Args:
        path: of the ledger.
        out: of the page; beside the ledger, with the suffix ``.html``, where unset.
        note: receives what is not whole of the ledger, a line each.

    Raises:
        InputError: there is no such ledger, or the page cannot be written.
    """
    ledger = read_ledger(path)
    if ledger.header is None:
        raise InputError(f"{path}: there is no ledger; accepted: a file that dlbench propose --ledger wrote")
    for damage in ledger.damage:
        note(f"warning: {damage}")
    render = pkgutil.resolve_name("dlbench.report.lineage:render")  # drawing takes a second to import
    try:
        return write(out or path.with_suffix(".html"), render(ledger))
    except OSError as error:
        raise InputError(f"--out {out or path.with_suffix('.html')}: {error.strerror}; accepted: a file that can be written") from None
