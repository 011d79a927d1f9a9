"""The baseline of a study as a training command, in each of two trees."""

from __future__ import annotations

import os
from pathlib import Path

from dlbench.gate.sides import Side
from dlbench.gate.terms import Judged
from dlbench.gate.training import Training
from dlbench.study.parse import load
from dlbench.study.study import Study
from dlbench.study.trust import Trust
from dlbench.values.command import Command
from dlbench.values.errors import InputError
from dlbench.values.program import PYTHON

PROGRAM = "dlbench.app.gate_baseline"
"""Trains the baseline of a study that dlbench itself trains, in a tree's own process."""


def study_trainings(study: Path, sides: tuple[Side, Side], limit_s: float | None) -> tuple[list[Training], tuple[Judged, ...], str]:
    """Return how the baseline of a study is trained in the base and in this tree, its metrics, and the command as it is shown.

    The metrics and margins are those of this tree's study file. A script's baseline is that of each tree's own file, so that a changed
    parameter is judged too.

    Args:
        study: a study file below this tree.
        sides: the base and this tree.
        limit_s: seconds that a training may take; those of the study where unset.

    Raises:
        InputError: the file is not there in both trees, or it is no study.
    """
    place = Path(os.path.relpath(study.absolute(), Path.cwd()))
    if ".." in place.parts or not (sides[1].root / place).is_file():
        raise InputError(f"--study {study}: no such file in {sides[1].label}; accepted: the path of a study file below this folder")
    if not (sides[0].root / place).is_file():
        raise InputError(f"--study {study}: {sides[0].label} has no such file; accepted: a base that has it, or --train COMMAND")
    head = load(str(sides[1].root / place), trust=Trust(None))
    metrics = tuple(Judged(one.name, margin, one.higher_is_better) for one, margin in head.measures)
    return [_training(head, side, place, limit_s) for side in sides], metrics, f"the baseline of {place}"


def _training(head: Study, side: Side, place: Path, limit_s: float | None) -> Training:
    limit_s, measure = limit_s or head.resources.seconds, head.measure
    if head.baseline.command.run:
        of_tree = load(str(side.root / place), trust=Trust(None))
        return Training(of_tree.baseline.command, measure.name, measure.higher_is_better, limit_s, measure, str(place.parent))
    command = Command((PYTHON, "-m", PROGRAM, str(place), "{seed}"))
    return Training(command, measure.name, measure.higher_is_better, limit_s, measure)
