"""What is done with results folders: their state, their check and repair, merging and exporting them."""

from pathlib import Path

from dlbench.app.result import load
from dlbench.exports import FORMATS
from dlbench.store.database import Store
from dlbench.store.merge import merge
from dlbench.store.read import progress
from dlbench.store.repair import repair
from dlbench.store.verify import Check

__all__ = ["FORMATS", "load", "merge", "progress", "repair", "verify"]


def verify(folder: Path) -> Check:
    """Check that every row of a results folder is as it was written.

    Raises:
        InputError: there are no results.
    """
    with Store(folder) as store:
        return store.check()
