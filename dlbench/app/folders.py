"""What is done with results folders: their state, their check and repair, merging and exporting them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dlbench.analysis import analyse
from dlbench.app.outcome import Outcome
from dlbench.exports import FORMATS, export
from dlbench.store.database import Store
from dlbench.store.merge import Merged, merge
from dlbench.store.read import progress, read
from dlbench.store.repair import Repair, repair
from dlbench.store.schema import SCHEMA

__all__ = ["FORMATS", "Merged", "Repair", "Verified", "export_folder", "merge", "progress", "repair", "verify"]


@dataclass(frozen=True)
class Verified:
    """The check of a results folder.

    Attributes:
        rows: table -> how many rows it has.
        damage: a line for each row that is not as it was written.
        sealed: whether the rows have hashes; an older dlbench wrote none.
    """

    rows: dict[str, int]
    damage: tuple[str, ...]
    sealed: bool

    @property
    def outcome(self) -> Outcome:
        """What the exit code follows from."""
        return Outcome(failed=bool(self.damage))


def verify(folder: Path) -> Verified:
    """Check that every row of a results folder is as it was written.

    Raises:
        InputError: there are no results.
    """
    with Store(folder) as store:
        check = store.check()
        return Verified(check.rows, check.damage, store.schema >= SCHEMA)


def export_folder(folder: Path, format: str, out: Path | None = None) -> list[Path]:
    """Write the results of a folder for other programs, as :func:`dlbench.exports.export` does; into ``FOLDER/export`` where no place
    is given.
    """
    return export(analyse(read(folder)), format, out or folder / "export")
