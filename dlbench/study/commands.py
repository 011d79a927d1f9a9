"""What of a script's study can run but probably does not do what its author meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dlbench.study.study import Study
from dlbench.values.program import CALL, program
from dlbench.values.text import listed


def command_warnings(study: Study) -> Iterator[str]:
    """Warn of a program that is not on this machine, and of a pattern that tells another score than the metric."""
    command = study.baseline.command
    if not command.run or command.run[0] == CALL:
        return
    if program(command.run[0], Path(study.origin).resolve().parent) is None:
        yield f"run: '{command.run[0]}' is no program on this machine; accepted: a program on the PATH, or the path of one"
    groups = re.compile(command.score_pattern).groupindex
    if groups and study.declared and study.metric not in groups:
        yield (f"score_pattern tells {listed(list(groups), most=6)}, and not the metric '{study.metric}': the script must tell it in "
               f"another way, or the pattern name it: (?P<{study.metric}>…)")
