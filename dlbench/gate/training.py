"""A training command that is run in a tree of files: what it is, and one outcome for each seed.

The command engine runs it, so that a script tells its score here as it does in a study: docs/scripts.md.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dlbench.engines.command.engine import Scripts
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.gate.repository import git
from dlbench.gate.sides import Side
from dlbench.values.command import Command
from dlbench.values.errors import InputError
from dlbench.values.identity import run_ids
from dlbench.values.metric import Metric
from dlbench.values.placeholders import placeholders
from dlbench.values.program import program
from dlbench.values.recipe import Recipe, edit
from dlbench.values.record import Outcome
from dlbench.values.text import listed

FILLED = ("seed", "out")
"""Placeholders of a training command: the seed, and a folder for what a run writes."""


@dataclass(frozen=True)
class Training:
    """A command that trains once, and the score that it is judged by.

    Attributes:
        command: its words with ``{seed}`` and ``{out}``, variables of its environment, and where scores are read from beside what the
            script tells itself (``score_pattern``, ``reads``).
        score: the name of the score.
        higher_is_better: the direction of the score.
        limit_s: seconds after which a training is ended; None for no limit.
        measure: unit and range of the score, where they are known; a score beyond its range is a failure.
        folder: below the tree, in which the command runs.
    """

    command: Command
    score: str
    higher_is_better: bool = True
    limit_s: float | None = None
    measure: Metric | None = None
    folder: str = ""


@dataclass(frozen=True)
class Trained:
    """What one training left.

    Attributes:
        run: its identity, a hash of the tree's files, the command and the seed.
        seed: that it was trained with.
        score: None where there is none that can be judged.
        reason: why there is no score, in one line; empty where there is one.
        scores: every finite score that the script told.
        curves: one list a quantity, one entry an epoch, as the script told them.
        wall_s: seconds of wall clock that it took; None where it did not start.
    """

    run: str
    seed: int
    score: float | None
    reason: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, list[float]] = field(default_factory=dict)
    wall_s: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The outcome as JSON keeps it; :meth:`from_json` reads it back."""
        return {"run": self.run, "seed": self.seed, "score": self.score, "reason": self.reason, "scores": dict(self.scores),
                "curves": dict(self.curves), "wall_s": self.wall_s}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Trained:
        """Return the outcome that :meth:`as_json` wrote.

        Example:
            >>> one = Trained("ab12", 3, 0.5, scores={"loss": 0.5})
            >>> Trained.from_json(one.as_json()) == one
            True
        """
        return cls(**stored)


def training(run: str, score: str, higher_is_better: bool = True, score_pattern: str = "", limit_s: float | None = None,  # noqa: PLR0913
             env: Mapping[str, str] | None = None) -> Training:
    """Check what the user says of a training, and return it.

    Args:
        run: the command as a shell would split it; no shell reads it.
        score: the name of the score.
        higher_is_better: the direction of the score.
        score_pattern: a regular expression with a named group for each score in a line of the output.
        limit_s: seconds that a training may take.
        env: variables that are set for it.

    Raises:
        InputError: the command is empty, has another placeholder, or the pattern names no score.

    Example:
        >>> training("python train.py --seed {seed}", "val_loss", higher_is_better=False).command.run
        ('python', 'train.py', '--seed', '{seed}')
    """
    try:
        words = tuple(shlex.split(run))
    except ValueError as error:
        raise InputError(f"--train {run!r}: {error}; accepted: words as a shell would split them") from None
    if not words or not all(words):
        raise InputError(f"--train {run!r}: accepted: a command, such as \"python train.py --seed {{seed}}\"")
    if other := sorted(placeholders(words) - {*FILLED}):
        raise InputError(f"--train: {{{other[0]}}} has no value; accepted: {{seed}}, {{out}}, or {{{{{other[0]}}}}} for these very signs")
    _demand_named_groups(score_pattern, score)
    return Training(Command(words, env=tuple(sorted((env or {}).items())), score_pattern=score_pattern), score, higher_is_better, limit_s)


def _demand_named_groups(pattern: str, score: str) -> None:
    accepted = f"accepted: a regular expression of Python such as '{score}: (?P<{score}>[0-9.e+-]+)'"
    try:
        groups = re.compile(pattern).groupindex
    except re.error as error:
        raise InputError(f"--score-pattern {pattern!r}: {error}; {accepted}") from None
    if pattern and score not in groups:
        told = f"it tells {listed(list(groups), most=6)}, and not '{score}'" if groups else "it names no score"
        raise InputError(f"--score-pattern {pattern!r}: {told}; {accepted}")


def _demand_program(one: Training, side: Side) -> None:
    """Refuse a command whose program is not there.

    Raises:
        InputError: naming the program.
    """
    if program(one.command.run[0], side.root / one.folder) is None:
        raise InputError(f"--train: '{one.command.run[0]}' is no program that can be started; accepted: a program on the PATH, or the path "
                         "of one below the tree")


def train(one: Training, side: Side, seeds: Iterable[int], out: Path, files: str = "", repeat: int = 0) -> Iterator[Trained]:  # noqa: PLR0913
    """Run a training in a tree once for each seed, one after the other, and yield each outcome as soon as it is there.

    A run is a fresh process in the tree (``side.root``, or the training's folder below it), with the tree's own packages first on its
    ``PYTHONPATH``. It ends with this process. A training that fails is an outcome with a reason; nothing is raised.

    Args:
        one: the training.
        side: the tree, as :func:`dlbench.gate.sides.tree`, ``working_tree`` or ``checked_out`` return it.
        seeds: one outcome is yielded for each, in this order.
        out: a folder for what the runs write, their ``output.log`` among it; it must lie outside of the tree.
        files: the hash of the tree's files, where the caller knows it; unset, they are hashed before the first training.
        repeat: which repetition of the same run this is, for the test whether a training can be repeated.

    Raises:
        InputError: the program of the command is not there.
    """
    _demand_program(one, side)
    recipe = edit(Recipe(), command=replace(one.command, env=_variables(one.command, side), repeat=repeat))
    scripts = Scripts(Settings("", beside=str(side.root / one.folder), out=str(out), seconds=one.limit_s, cpus=os.cpu_count() or 1))
    files = files or tree_hash(side.root)
    for seed in seeds:
        (identity,) = run_identities(one, files, [seed], repeat)
        yield _trained(identity, seed, scripts.run(recipe, seed, RunInputs(one.score, measure=one.measure)), one.score)


def _variables(command: Command, side: Side) -> tuple[tuple[str, str], ...]:
    """The variables of a run: the tree's own packages come before all others."""
    path = os.pathsep.join([*map(str, side.path), *filter(None, [os.environ.get("PYTHONPATH")])])
    return tuple(sorted({"PYTHONPATH": path, **side.variables, **dict(command.env)}.items()))


def _trained(identity: str, seed: int, outcome: Outcome, score: str) -> Trained:
    scores = {name: value for name, value in outcome.scores.items() if value is not None}
    known = None if outcome.reason else scores.get(score)
    return Trained(identity, seed, known, outcome.reason, scores, outcome.curves, outcome.cost.wall_s)


def run_identities(one: Training, files: str, seeds: Iterable[int], repeat: int = 0) -> list[str]:
    """Return the identity of each seed's run: equal wherever the files of the tree, the command, the seed and the repetition are.

    Args:
        one: the training.
        files: of the tree, as :func:`tree_hash` returns it.
        seeds: of the runs.
        repeat: which repetition of the same run is meant.

    Example:
        >>> one = training("python train.py --seed {seed}", "loss")
        >>> run_identities(one, "ab", [0, 1]) == run_identities(one, "ab", [0, 1]), len({*run_identities(one, "ab", [0, 1])})
        (True, 2)
    """
    command = replace(one.command, repeat=repeat)
    return run_ids(edit(Recipe(), command=command, code=(("tree", files), ("score", one.score))), seeds)


def tree_hash(root: Path, without: Collection[str] = ()) -> str:
    """Return a hash of the names and contents of a tree's files.

    In a git repository these are the files that git keeps, and new ones that it does not ignore, as they are on disk; in another folder all
    files but those of ``__pycache__``. A checked out commit and a clean working tree of it have one hash.

    Args:
        root: of the tree.
        without: paths below it that do not count, such as files that dlbench writes.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     empty = tree_hash(Path(folder))
        ...     _ = (Path(folder) / "train.py").write_text("print(1)")
        ...     empty == tree_hash(Path(folder))
        False
    """
    digest = hashlib.sha256()
    for name in sorted(set(_files(root)).difference(without)):
        path = root / name
        content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
    return digest.hexdigest()


def _files(root: Path) -> Iterator[str]:
    try:
        listed_ = git("-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    except InputError:
        listed_ = ""
    names = listed_.split("\0") if listed_ else (
        str(path.relative_to(root)) for path in root.rglob("*") if "__pycache__" not in path.parts)
    yield from (name for name in names if name and ((root / name).is_file() or (root / name).is_symlink()))
