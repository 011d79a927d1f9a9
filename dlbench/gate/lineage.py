"""A lineage: one proposal after the other is trained beside the incumbent, and kept where it is shown to be better."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from dlbench.gate import versions
from dlbench.gate.ledger import Confirmation, Incumbent, Ledger, Proposal, Version
from dlbench.gate.sides import Side, tree
from dlbench.gate.training import Trained, Training, run_identities, train, training
from dlbench.stats.method import METHOD
from dlbench.stats.proposals import DISCARD, KEEP, OPEN, UNDECIDED, ErrorControl, Look, judge
from dlbench.values.errors import InputError, unknown
from dlbench.values.placeholders import placeholders

CONFIRMING = 5
"""Fresh seeds on which a new incumbent and the first one are trained."""
NOT_RUN, UNCHANGED, BEGUN = "not run", "nothing changed", "begun"
CODES = {KEEP: 0, DISCARD: 1, UNDECIDED: 3, NOT_RUN: 4, UNCHANGED: 4, BEGUN: 0}
"""Verdict -> exit code."""
UNREPEATABLE = ("training is not deterministic: seed {} of the incumbent scored {:.6g}, and {:.6g} when it was run again; the verdict "
                "holds, but trainings of one seed have less in common, so that it takes more seeds; fix what your framework draws by the "
                "seed")
FAILED_SEEDS = 2
"""So many seeds on which the incumbent does not train, from the first on, end the comparison."""


@dataclass(frozen=True)
class Answer:
    """What became of a proposal.

    Attributes:
        verdict: ``keep``, ``discard``, ``undecided``, ``not run``, ``nothing changed``, or ``begun``: there is a first incumbent,
            and no proposal yet.
        why: in a sentence.
        proposal: its line in the ledger; None where it was not tested.
        confirmation: the gain over the first incumbent on fresh seeds, where it was kept.
        wealth: of error, that is left.
    """

    verdict: str
    why: str
    proposal: Proposal | None
    wealth: float
    confirmation: Confirmation | None = None

    @property
    def code(self) -> int:
        """The exit code: 0 keep or begun, 1 discard, 3 undecided, 4 not run or nothing changed."""
        return CODES[self.verdict]

    def as_json(self) -> dict[str, Any]:
        """What a program reads."""
        one, sure = self.proposal, self.confirmation
        return {"verdict": self.verdict, "effect": one and one.gain,
                "interval": [one.low, one.high] if one and one.low is not None else None, "seeds": len(one.seeds) if one else 0,
                "wealth": self.wealth, "why": self.why, "remarks": list(one.remarks) if one else [], "proposal": one and one.number,
                "total": sure and {"gain": sure.gain, "interval": [sure.low, sure.high], "seeds": len(sure.seeds)}}

    @property
    def text(self) -> str:
        """The verdict, the gain, the wealth that is left, and what fresh seeds say, in a line or two."""
        one, sure = self.proposal, self.confirmation
        number = f"proposal {one.number}: " if one else ""
        gain = f"; gain {_between(one)} on {len(one.seeds)} seeds" if one and one.low is not None else ""
        total = f"\non {len(sure.seeds)} fresh seeds, over the first incumbent: {_between(sure)}" if sure and sure.low is not None else ""
        remarks = "".join(f"\n{remark}" for remark in one.remarks) if one else ""
        return f"{number}{self.verdict}; {self.why}{gain}; wealth left {self.wealth:.3g}{total}{remarks}"


def _between(one: Proposal | Confirmation) -> str:
    return f"{one.gain:+.4g} ({one.low:+.4g} to {one.high:+.4g})"


class Trees(NamedTuple):
    """A version on the disk: its folder, and the training with its parameters filled in."""

    side: Side
    training: Training
    files: str


@dataclass
class Lineage:
    """A ledger, and the means to train.

    Attributes:
        ledger: of the lineage, begun.
        folder: for trees and what trainings write; outside of the project.
        say: receives lines of progress.
        limit_s: seconds that a training may take.
    """

    ledger: Ledger
    folder: Path
    say: Callable[[str], None]
    limit_s: float | None = None
    written: dict[str, Trees] = field(default_factory=dict)

    @property
    def control(self) -> ErrorControl:
        """The error control, after all proposals so far."""
        return ErrorControl(self.ledger.about.control, self.ledger.about.alpha, self.ledger.p_values)

    def propose(self, version: Version, name: str) -> Answer:
        """Judge a version, and write its verdict into the ledger.

        Raises:
            InputError: the files of the incumbent are gone, or the command cannot be used.
        """
        control, incumbent = self.control, self.ledger.incumbent
        if version == incumbent.version:
            return Answer(UNCHANGED, "the proposal has the files and parameters of the incumbent", None, control.wealth)
        if before := self._judged_before(version, incumbent):
            return Answer(before.verdict, f"judged before, as proposal {before.number}: {before.why}; the same files and parameters are not"
                          " judged twice", before, control.wealth)
        seeds, look, why = self._compare(version, incumbent, control.level)
        if look is None:
            return Answer(NOT_RUN, why, None, control.wealth)
        proposal = self._entry(version, name, look, seeds)
        self.ledger.add_proposal(proposal)
        self.keep_alive(version, proposal.number)
        return Answer(look.verdict, look.why, proposal, proposal.wealth, self._confirm(proposal) if look.verdict == KEEP else None)

    def resume(self) -> None:
        """Train a kept incumbent on fresh seeds where that was interrupted."""
        known = {one.proposal for one in self.ledger.confirmations}
        for proposal in self.ledger.proposals[-1:]:
            if proposal.verdict == KEEP and proposal.number not in known:
                self._confirm(proposal)

    def _judged_before(self, version: Version, incumbent: Incumbent) -> Proposal | None:
        against = [one for one in self.ledger.proposals if one.incumbent.proposal == incumbent.proposal and one.verdict != KEEP]
        return next((one for one in against if one.version == version), None)

    def _compare(self, version: Version, incumbent: Incumbent, level: float) -> tuple[list[int], Look | None, str]:
        """Train look by look until there is a verdict; without one, the reason why nothing can be said."""
        about = self.ledger.about
        gains, seeds, failed = list[float](), list[int](), 0
        pairs: list[tuple[float, float]] = []
        for seed in range(incumbent.seed, incumbent.seed + 2 * about.looks[-1]):
            old, new = self.trained(incumbent.version, seed), self.trained(version, seed)
            if old.score is None:
                failed += 1
                if failed >= FAILED_SEEDS and not gains:
                    return seeds, None, f"the incumbent does not train: seed {seed}: {old.reason}"
                continue
            if new.score is None:
                return seeds, Look(DISCARD, 1.0, math.nan, math.nan, math.nan,
                                          f"its training has no score on seed {seed}, and the incumbent's has: {new.reason}"), ""
            pairs.append((old.score, new.score))
            gains.append((old.score - new.score) * (1 if about.lower else -1))
            seeds.append(seed)
            if len(gains) not in about.looks:
                continue
            look = self._seed_ignored(pairs, judge(gains, level, about.margin, about.looks))
            self.say(f"{len(gains)} seeds: {look.verdict}; {look.why}")
            if look.verdict != OPEN:
                return seeds, look, ""
        return seeds, None, f"the incumbent has no score on {failed} of {failed + len(gains)} seeds"

    @staticmethod
    def _seed_ignored(pairs: Sequence[tuple[float, float]], look: Look) -> Look:
        """No verdict where every seed gives both the same score: then nothing is known of the spread."""
        if all(len(set(of_tree)) == 1 for of_tree in zip(*pairs)) and pairs[0][0] != pairs[0][1]:
            return Look(UNDECIDED, 1.0, look.gain, math.nan, math.nan, f"the seed is ignored: all {len(pairs)} trainings of the incumbent "
                        f"score {pairs[0][0]:.6g}, and all of the proposal {pairs[0][1]:.6g}")
        return look

    def _not_repeatable(self, seeds: Sequence[int]) -> list[str]:
        """Say so where the incumbent's training of a seed gives another score when it is run once more."""
        incumbent = self.ledger.incumbent.version
        for seed in seeds:
            first, again = self.trained(incumbent, seed).score, self.trained(incumbent, seed, repeat=1).score
            if None not in (first, again) and first != again:
                return [UNREPEATABLE.format(seed, first, again)]
        return []

    def trained(self, version: Version, seed: int, repeat: int = 0) -> Trained:
        """Return what a training left; it is run only where the ledger does not have it."""
        trees = self._trees(version)
        (identity,) = run_identities(trees.training, trees.files, [seed], repeat)
        if identity not in self.ledger.runs:
            (found,) = train(trees.training, trees.side, [seed], self.folder / "runs", trees.files, repeat)
            self.ledger.add_run(found)
        return self.ledger.runs[identity]

    def _trees(self, version: Version) -> Trees:
        key = version.model_dump_json()
        if key not in self.written:
            about = self.ledger.about
            what = "the incumbent" if version == self.ledger.incumbent.version else "a version of the ledger"
            root = versions.write_out(version.tree, self.folder / f"tree-{len(self.written)}", what)
            command = filled(about.train, version.parameters)
            one = training(command, about.score, not about.lower, about.score_pattern, self.limit_s)
            self.written[key] = Trees(tree(version.tree[:9], root), one, version.tree)
        return self.written[key]

    def _entry(self, version: Version, name: str, look: Look, seeds: Sequence[int]) -> Proposal:
        control, incumbent = self.control, self.ledger.incumbent
        number, level = len(self.ledger.p_values) + 1, control.level
        control.add(look.p)
        if look.verdict == KEEP:
            fresh = incumbent.seed + 2 * self.ledger.about.looks[-1]
            incumbent = Incumbent(version=version, proposal=number, seed=fresh)
        scores, remarks = [self.trained(version, seed).score for seed in seeds], self._not_repeatable(seeds[:1])
        return Proposal(number=number, version=version, name=name, verdict=look.verdict, why=look.why, p=look.p, level=level,  # type: ignore
                        wealth=control.wealth, gain=_finite(look.gain), low=_finite(look.low), high=_finite(look.high), seeds=list(seeds),
                        score=_mean(scores), incumbent=incumbent, remarks=remarks)

    def _confirm(self, proposal: Proposal) -> Confirmation:
        """Train the new incumbent and the first one on fresh seeds, and keep what they say."""
        about, first = self.ledger.about, proposal.incumbent.seed
        seeds = list(range(first, first + CONFIRMING))
        self.say(f"kept; {CONFIRMING} fresh seeds of it and of the first incumbent")
        pairs = [(self.trained(about.first, seed).score, self.trained(proposal.version, seed).score) for seed in seeds]
        whole = np.array([pair for pair in pairs if None not in pair], float).reshape(-1, 2)
        gain, low, high = interval((whole[:, 0] - whole[:, 1]) * (1 if about.lower else -1))
        found = Confirmation(proposal=proposal.number, seeds=seeds, gain=gain, low=low, high=high, score=_mean([new for _, new in pairs]),
                             first_score=_mean([old for old, _ in pairs]))
        self.ledger.add_confirmation(found)
        return found

    def keep_alive(self, version: Version, number: int) -> None:
        """Keep a version's files in git, so that they can be trained as long as the repository is there."""
        versions.keep_alive(version.tree, f"{self.ledger.about.first.tree[:12]}/{number}-{version.tree[:12]}")


def filled(command: str, parameters: dict[str, str]) -> str:
    """Return a command with its parameters filled in.

    Raises:
        InputError: a parameter has no placeholder in it.

    Example:
        >>> filled("python train.py --seed {seed} --lr {lr}", {"lr": "0.1"})
        "python train.py --seed '{seed}' --lr 0.1"
    """
    words = shlex.split(command)
    there = placeholders(words) - {"seed", "out"}
    for name, value in parameters.items():
        if name not in there:
            raise InputError(f"--set {unknown('parameter', name, sorted(there))}; accepted: names in braces in --train")
        words = [word.replace(f"{{{name}}}", value) for word in words]
    return shlex.join(words)


def interval(gains: Any) -> tuple[float | None, float | None, float | None]:
    """Return the mean of gains and its t interval; None for what so few do not give."""
    d = np.asarray(gains, float)
    if not d.size:
        return None, None, None
    mean = float(d.mean())
    if d.size < 2:
        return mean, None, None
    half = float(stats.t.isf(METHOD.alpha / 2, d.size - 1)) * float(d.std(ddof=1)) / math.sqrt(d.size)
    return mean, mean - half, mean + half


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _mean(scores: Sequence[float | None]) -> float | None:
    known = [score for score in scores if score is not None]
    return float(np.mean(known)) if known else None
