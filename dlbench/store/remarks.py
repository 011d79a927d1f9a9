"""What people write beside results, so that it stands in the report: plain text in a file of its own, no part of any identity."""

from __future__ import annotations

from pathlib import Path

from dlbench.values.errors import InputError

FILE = "remarks.txt"


def remarks(folder: Path) -> str:
    """The text of ``remarks.txt`` in a folder; empty where there is none.

    Raises:
        InputError: it is no UTF-8 text.
    """
    path = Path(folder) / FILE
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}; accepted: plain text in UTF-8") from None
