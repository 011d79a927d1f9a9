"""Calls the Python function of a study that has one, in a process of its own; a program: ``python -m dlbench.engines.command.call``."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Mapping
from pathlib import Path

from dlbench import track
from dlbench.engines.command import FUNCTION, SCORE


def main() -> None:
    """Call the function of the file that the engine names with this run's seed and parameters, and tell what it returns."""
    path, function = pickle.loads(Path(os.environ[FUNCTION]).read_bytes())  # written by the engine for this run, in a folder of its own
    sys.path[:] = path
    answer = pickle.loads(function)(track.seed(), **track.arguments())
    track.score(**(answer if isinstance(answer, Mapping) else {SCORE: answer}))


if __name__ == "__main__":
    main()
