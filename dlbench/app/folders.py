"""What is done with results folders: their state, their check and repair, merging and exporting them."""

import itertools
import os
from collections.abc import Sequence
from pathlib import Path

from dlbench.app.result import load
from dlbench.exports import FORMATS
from dlbench.store.database import Store
from dlbench.store.merge import Merged
from dlbench.store.merge import merge as merged
from dlbench.store.read import progress
from dlbench.store.repair import repair
from dlbench.store.verify import Check
from dlbench.values.errors import InputError
from dlbench.values.text import listed, visible

__all__ = ["FORMATS", "STUDY", "STUDY_MARK", "demand_ours", "load", "log_of", "merge", "progress", "repair", "verify"]

RUNS = "runs"
"""The folder of what scripts write, in a results folder."""
STUDY, STUDY_MARK = "study.toml", "# Written by dlbench.run."
"""The study file of objects of a program, and how its first line begins."""
PAGES = {"index.html": '<meta name="generator" content="dlbench', "report.md": "study: ", STUDY: STUDY_MARK}
"""Name of a file that dlbench writes -> what stands in one of its first lines."""


def verify(folder: Path) -> Check:
    """Check that every row of a results folder is as it was written.

    Raises:
        InputError: there are no results.
    """
    with Store(folder) as store:
        return store.check()


def log_of(folder: Path, run: str) -> str:
    """Return what a script wrote in a run, as far as it was kept.

    Args:
        folder: of the results.
        run: its id, or how that begins.

    Raises:
        InputError: there is no such run, several begin like this, or nothing was kept.
    """
    progress(folder)
    kept = folder / RUNS
    names = sorted(path.parent.name for path in kept.glob("*/output.log"))
    found = [name for name in names if name.startswith(run)] if run else []
    if len(found) != 1:
        known = f"runs that left output: {listed(names, most=4)}" if names else f"only runs of scripts leave output, in {kept}"
        raise InputError(f"--log {run}: {len(found) or 'no'} runs begin like this; {known}")
    return visible((kept / found[0] / "output.log").read_text(encoding="utf-8", errors="replace"))


def merge(folders: Sequence[Path], out: Path, fresh: bool = False, into: bool = False) -> Merged:
    """Join results folders of one study in one, see :func:`dlbench.store.merge.merge`; ``into`` as of :func:`demand_ours`."""
    demand_ours(out, into)
    return merged(folders, out, fresh)


def demand_ours(folder: Path, into: bool = False) -> None:
    """Make sure that a folder is empty or of dlbench's making: other people's files are called ``index.html`` and ``README.md`` too.

    Args:
        folder: that results and reports are written to.
        into: whether the user has said that it may be written to, whatever it holds.

    Raises:
        InputError: it holds something else.
    """
    names = [] if into or not folder.is_dir() else sorted(name for name in os.listdir(folder) if not name.startswith("."))
    if names and not (any(folder.glob("results*.sqlite*")) or any(_is_page(folder / name) for name in PAGES)):
        raise InputError(f"{folder}: dlbench has not made this folder, and it is not empty ({listed(names, most=3)}): what is there could "
                         "be overwritten; accepted: another --out, or --into, which writes into it")


def _is_page(file: Path) -> bool:
    """Whether dlbench has written a file."""
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            return any(PAGES[file.name] in line for line in itertools.islice(lines, 20))
    except OSError:
        return False
