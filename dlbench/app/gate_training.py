"""The gate of training quality: does this tree train worse models than another version of it?"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dlbench.gate.quality import Comparison, Quality, Tree
from dlbench.gate.repository import git
from dlbench.gate.sides import Side
from dlbench.gate.studies import study_trainings
from dlbench.gate.terms import LOOKS, Judged, Terms, stated_looks
from dlbench.gate.training import Training, training, tree_hash
from dlbench.study.seeds import stated_seconds
from dlbench.values.errors import InputError
from dlbench.values.program import PYTHON

OWN = ("gate.json", "gate.md", "gate/index.html")
"""Files that the gate itself writes into a tree."""


@dataclass(frozen=True)
class Asked:
    """What is asked of the quality of training, as options state it.

    Attributes:
        train: the command.
        study: a study file, whose baseline is trained instead.
        score: the name of the score.
        lower: whether lower scores are better.
        margin: the largest loss that does not matter.
        looks: seeds at the interim analyses.
        spend: how long all trainings may take, such as ``20min``, in place of ``looks``.
        score_pattern: a regular expression with a named group for each score.
        train_limit: how long one training may take.
    """

    train: str | None = None
    study: Path | None = None
    score: str | None = None
    lower: bool = False
    margin: float | None = None
    looks: str | None = None
    spend: str | None = None
    score_pattern: str = ""
    train_limit: str | None = None

    @property
    def wanted(self) -> bool:
        """Whether training is judged at all."""
        return self.train is not None or self.study is not None

    def check(self) -> None:
        """Refuse options that are missing, or do not go together.

        Raises:
            InputError: naming them.
        """
        of_command = {"--score": self.score, "--margin": self.margin, "--lower": self.lower or None,
                      "--score-pattern": self.score_pattern or None}
        if self.train is not None and self.study is not None:
            raise InputError("--train and --study do not go together; accepted: one of them")
        if not self.wanted:
            given = {**of_command, "--looks": self.looks, "--spend": self.spend, "--train-limit": self.train_limit}
            if stray := [name for name, value in given.items() if value is not None]:
                raise InputError(f"{stray[0]} belongs to a training; accepted: with --train COMMAND or --study FILE")
            return
        if self.study is not None and (stray := [name for name, value in of_command.items() if value is not None]):
            raise InputError(f"{stray[0]} and --study do not go together: the study says it")
        if missing := [name for name in ("--score", "--margin") if self.train is not None and of_command[name] is None]:
            raise InputError(f"--train: {missing[0]} is missing; accepted: --train COMMAND --score NAME --margin X, and --lower where "
                             "lower scores are better")
        if self.margin is not None and not 0 < self.margin < math.inf:
            raise InputError(f"--margin {self.margin:g}: accepted: a number above 0, the largest loss of the score that does not matter")
        if self.looks is not None and self.spend is not None:
            raise InputError("--looks and --spend do not go together: the time says when training is judged")


NOTHING_TRAINED = Asked()


def train_gate(asked: Asked, sides: tuple[Side, Side], undecided: str, folder: Path, note: Callable[[str], None],  # noqa: PLR0913
               python: str | None = None) -> Quality:
    """Train both trees, and judge whether this one is worse.

    Args:
        asked: what is trained, and what is to be shown.
        sides: the base and this tree.
        undecided: whether an undecided answer fails, is warned of, or passes.
        folder: for what trainings write.
        note: receives progress, a line each.
        python: the interpreter that runs a command that begins with ``python``; the one on the PATH where unset.

    Raises:
        InputError: the command, the study or an option cannot be used.
    """
    spend_s = stated_seconds(f"--spend {asked.spend}", asked.spend) if asked.spend is not None else 0.0
    limit_s = stated_seconds(f"--train-limit {asked.train_limit}", asked.train_limit) if asked.train_limit is not None else None
    trainings, metrics, command = _trainings(asked, sides, limit_s)
    terms = Terms(metrics, LOOKS if spend_s else stated_looks(asked.looks), spend_s, undecided)
    trainings = [_with_python(one, side.python, python) for one, side in zip(trainings, sides)]
    base, head = (Tree(side, tree_hash(_top(side), OWN), one) for side, one in zip(sides, trainings))
    when = f"for {spend_s:g} s" if spend_s else f"judged at {', '.join(map(str, terms.looks))} seeds"
    note(f"training {head.side.label} against {base.side.label}, in turns, {when}")
    return Comparison(base, head, terms, folder, note, command).run()


def _trainings(asked: Asked, sides: tuple[Side, Side], limit_s: float | None) -> tuple[Sequence[Training], tuple[Judged, ...], str]:
    """The training of the base and of this tree, the metrics that are judged, and the command as it is shown."""
    if asked.study is not None:
        return study_trainings(asked.study, sides, limit_s)
    command, score, margin = asked.train or "", asked.score or "", asked.margin or 0.0  # checked: none of them is missing
    one = training(command, score, not asked.lower, asked.score_pattern, limit_s)
    for word in one.command.run:
        if any(f"{root}{os.sep}" in word for root in (Path.cwd(), sides[1].root)):
            raise InputError(f"--train: '{word}' is a file of this tree, which the base would train with too; accepted: a path from "
                             f"{sides[1].root.name} on, for the command runs in the folder of each tree")
    return (one, one), (Judged(score, margin, not asked.lower),), command


def _with_python(one: Training, built: str, python: str | None) -> Training:
    """The training with the interpreter that is asked for, or that was built for its tree."""
    words = one.command.run
    if words[0] != PYTHON or (python is None and built == sys.executable):
        return one
    return replace(one, command=replace(one.command, run=(built, *words[1:])))


def _top(side: Side) -> Path:
    """The top of the repository that a tree belongs to, of which the project may be a folder."""
    depth = len(Path(git("rev-parse", "--show-prefix")).parts)
    return Path(os.path.normpath(side.root / Path(*[".."] * depth)))
