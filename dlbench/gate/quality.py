"""The gate of training quality: both trees are trained on the same seeds, in turns, until the claim is decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dlbench.execution.interim import Size
from dlbench.gate.sides import Side
from dlbench.gate.terms import Terms
from dlbench.gate.training import Trained, Training, train
from dlbench.gate.verdicts import NOT_RUN, NOT_WORSE, UNDECIDED, WORSE, Answer, Pair, judge
from dlbench.stats.method import METHOD
from dlbench.stats.paired import time_ratio

SHORTEST_S = 2.0
"""A process is looked at five times a second, so that the time of a shorter training says little."""
FAILED_SEEDS = 2
"""So many seeds on which a tree never trains, from the first on, end the comparison."""


@dataclass(frozen=True)
class Tree:
    """One of the two trees.

    Attributes:
        side: its folder, packages and label.
        files: the hash of its files.
        training: its command; where a study names it, each tree has its own.
    """

    side: Side
    files: str
    training: Training


class Speed(NamedTuple):
    """How long a training of this tree takes, as a multiple of the base's, with its 95 % interval."""

    ratio: float
    low: float
    high: float


@dataclass(frozen=True)
class Quality:
    """What a gate of training quality found.

    Attributes:
        base, head: labels of the trees.
        command: that was trained, as it was typed.
        terms: what was to be shown.
        verdict: ``not worse``, ``worse``, ``undecided`` or ``not run``.
        reason: why, in a sentence.
        pairs: what the base's and this tree's training of each seed left.
        taken: the interim analyses.
        answers: of each metric; none where nothing could be judged.
        paired: whether trainings of one seed were compared with each other.
        remarks: what else a reader has to know, a sentence each.
        speed: None where fewer than two seeds were trained on both sides, or their trainings were too short to be timed.
    """

    base: str
    head: str
    command: str
    terms: Terms
    verdict: str
    reason: str
    pairs: tuple[Pair, ...] = ()
    taken: tuple[Size, ...] = ()
    answers: tuple[Answer, ...] = ()
    paired: bool = True
    remarks: tuple[str, ...] = ()
    speed: Speed | None = None

    @property
    def code(self) -> int:
        """The exit code: 0 not worse, 1 worse, 3 undecided unless that is warned of or passes, 4 not run."""
        return {NOT_WORSE: 0, WORSE: 1, UNDECIDED: 3 * (self.terms.undecided == "fail"), NOT_RUN: 4}[self.verdict]


class Comparison:
    """Trains two trees and judges them.

    Args:
        base, head: the trees.
        terms: what is to be shown, and when it is judged.
        out: a folder for what trainings write.
        say: receives lines of progress.
        command: as it was typed.
    """

    def __init__(self, base: Tree, head: Tree, terms: Terms, out: Path, say: Callable[[str], None], command: str) -> None:  # noqa: PLR0913
        self.trees, self.terms, self.out, self.say, self.command = (base, head), terms, out, say, command
        self.pairs: list[Pair] = []
        self.again: Trained | None = None
        self.taken: list[Size] = []

    def run(self) -> Quality:
        """Train and judge until the claim is decided, or the plan or its time is over."""
        base, head = self.trees
        if base.files == head.files and base.training == head.training:
            return self._ended(NOT_WORSE, "nothing changed: both trees have the same files, so nothing is trained")
        while len(self.pairs) < FAILED_SEEDS:
            self._train_pair()
        if ended := self._never_trained():
            return ended
        found = self._ended(UNDECIDED, "")
        while size := self.terms.next_size(self.taken, self._pair_s, self._used_s):
            while len(self.pairs) < size.seeds:
                self._train_pair()
            self.taken.append(size)
            found = self._judged()
            self.say("; ".join([f"{len(self.pairs)} seeds: {found.verdict}; {found.reason}", *self._ahead(found.answers)]))
            if found.verdict != UNDECIDED or self._seed_ignored:
                break
        return found

    def _train_pair(self) -> None:
        """Train both trees with the next seed; which of them begins alternates."""
        seed = len(self.pairs)
        found: dict[int, Trained] = {}
        for place in (0, 1) if seed % 2 == 0 else (1, 0):
            found[place] = self._train(self.trees[place], seed)
        self.pairs.append(Pair(found[0], found[1]))
        if self.again is None and found[0].score is not None:
            self.again = self._train(self.trees[0], seed, repeat=1)

    def _train(self, tree: Tree, seed: int, repeat: int = 0) -> Trained:
        (one,) = train(tree.training, tree.side, [seed], self.out / ("base" if tree is self.trees[0] else "head"), tree.files, repeat)
        told = f"{tree.training.score} {one.score:.6g}" if one.score is not None else f"no score: {one.reason}"
        self.say(f"seed {seed}{', once more' * bool(repeat)}, {tree.side.label}: {told} ({one.wall_s or 0:.1f} s)")
        return one

    def _never_trained(self) -> Quality | None:
        """The end of a comparison in which a tree has no score on its first seeds; None where both have one."""
        never = [all(pair[place].score is None for pair in self.pairs) for place in (0, 1)]
        if not any(never):
            return None
        reasons = [next((pair[place].reason for pair in self.pairs if pair[place].reason), "") for place in (0, 1)]
        if all(never):
            return self._ended(NOT_RUN, f"neither tree trains: {reasons[1]}")
        if never[0]:
            return self._ended(NOT_RUN, f"the base does not train: {reasons[0]} (what git does not keep is not in its folder; --build "
                                        "COMMAND prepares it)")
        return self._ended(WORSE, f"this tree does not train, and the base does: {reasons[1]}")

    @property
    def _used_s(self) -> float:
        runs = [one for pair in self.pairs for one in pair] + ([self.again] if self.again else [])
        return sum(one.wall_s or 0.0 for one in runs)

    @property
    def _pair_s(self) -> float:
        return sum(one.wall_s or 0.0 for pair in self.pairs for one in pair) / max(len(self.pairs), 1)

    @property
    def _repeatable(self) -> bool | None:
        """Whether the base's training of a seed gives the same score twice; None where that is not known."""
        first = next((pair.base.score for pair in self.pairs if pair.base.score is not None), None)
        return None if self.again is None or self.again.score is None else self.again.score == first

    @property
    def _seed_ignored(self) -> bool:
        """Whether each tree has one score on all of its seeds."""
        scores = [{pair[place].score for pair in self.pairs} for place in (0, 1)]
        return all(len(of_tree) == 1 for of_tree in scores)

    def _judged(self) -> Quality:
        """Judge every metric on the trainings so far."""
        plan, paired = self.terms.plan(self.taken), self._repeatable is not False
        if self._seed_ignored:
            values = [self.pairs[0][place].score for place in (0, 1)]
            return self._ended(UNDECIDED, f"the seed is ignored: all {len(self.pairs)} trainings of the base score {values[0]:.6g}, and "
                                          f"all of this tree {values[1]:.6g}, so nothing is known of their spread")
        answers = tuple(judge(one, self.pairs, plan, len(self.taken) - 1, paired, len(self.terms.metrics)) for one in self.terms.metrics)
        verdict = next((kind for kind in (WORSE, UNDECIDED) if any(one.verdict == kind for one in answers)), NOT_WORSE)
        decisive = next(one for one in answers if one.verdict == verdict)
        found = self._ended(verdict, decisive.reason)
        return replace(found, answers=answers, paired=paired, remarks=(*found.remarks, *self._ahead(answers)))

    def _ahead(self, answers: Sequence[Answer]) -> list[str]:
        """Say how many seeds each undecided metric needs, and what those of declared interim analyses are enough for."""
        planned = None if self.terms.spend_s else self.terms.looks[-1]
        return [answer.needs(planned) for answer in answers if answer.verdict == UNDECIDED and answer.power]

    def _ended(self, verdict: str, reason: str) -> Quality:
        base, head = self.trees
        return Quality(base.side.label, head.side.label, self.command, self.terms, verdict, reason, tuple(self.pairs), tuple(self.taken),
                       remarks=tuple(self._remarks()), speed=_speed(self.pairs))

    def _remarks(self) -> list[str]:
        remarks = []
        if self._repeatable is False:
            remarks.append("a training of the base with one seed gave two scores, so it is not deterministic: trainings are compared as "
                           "two groups (Welch), not seed by seed")
        for place, label in enumerate(("the base", "this tree")):
            failed = [pair[place] for pair in self.pairs if pair[place].score is None]
            if failed and len(failed) < len(self.pairs):
                remarks.append(f"{len(failed)} of {len(self.pairs)} trainings of {label} have no score: seed {failed[0].seed}: "
                               f"{failed[0].reason}")
        return remarks


def _speed(pairs: Sequence[Pair]) -> Speed | None:
    """The time of a training, this tree's over the base's, on the seeds that both trained; None where it is too short to be told."""
    trained = [pair for pair in pairs if pair.head.score is not None and pair.base.score is not None]
    times = np.array([(pair.head.wall_s or 0.0, pair.base.wall_s or 0.0) for pair in trained]).reshape(-1, 2)
    long = times[times.min(axis=1) > SHORTEST_S]
    return Speed(*time_ratio(long[:, 0], long[:, 1], METHOD.alpha)) if len(long) > 1 else None
