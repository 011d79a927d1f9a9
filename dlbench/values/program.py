"""Where the program of a command is."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

PYTHON = "python"
CALL = "dlbench.evaluate"
"""Stands for the program of a study that has a Python function in the place of a command."""


def program(word: str, folder: str | Path) -> str | None:
    """Return the program that the first word of a command starts; None where there is none on this machine.

    Args:
        word: a path, looked for from ``folder``, or a name on the PATH; dlbench's own interpreter stands in where no ``python`` is there.
        folder: of the study.

    Example:
        >>> program("no such program", "."), program(sys.executable, ".") == sys.executable
        (None, True)
    """
    if os.sep in word:
        return shutil.which(str(Path(folder) / Path(word).expanduser()))
    return shutil.which(word) or (sys.executable if word == PYTHON else None)
