"""Calls the Python function of a study that has one, in a process of its own; a program: ``python -m dlbench.engines.command.call``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dlbench import track
from dlbench.engines.command import FUNCTION, SCORE
from dlbench.references.functions import unpacked


def main() -> None:
    """Call the function of the file that the engine names with this run's seed and parameters, and tell what it returns."""
    function = unpacked(Path(os.environ[FUNCTION]).read_bytes())  # written by the engine for this run, in a folder of its own
    answer = function(track.seed(), **track.arguments())
    track.score(**(answer if isinstance(answer, Mapping) else {SCORE: answer}))


if __name__ == "__main__":
    main()
