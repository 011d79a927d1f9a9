"""The ledger of a lineage: what was proposed, trained and kept. Lines are only added, each with a hash of itself and the one before.

Two writers are refused; a line that a crash cut off, or that was changed, is left out and named, and what is whole is used.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from dlbench.gate.training import Trained
from dlbench.study.validation import Table, check
from dlbench.values.errors import InputError
from dlbench.values.text import listed, plural

FIRST = "0" * 64
"""Stands for the hash of the line before the first one."""


class Version(Table):
    """Files and parameters that are trained."""

    tree: str = Field(pattern="^[0-9a-f]{40,64}$", description="of git, which has the files")
    parameters: dict[str, str] = Field(description="that fill the command's placeholders")


class Header(Table):
    """What a ledger is about; proposals of another kind are refused."""

    format: Literal[1] = Field(description="version of this format")
    project: str = Field(description="the first commit of the repository, and the folder below it")
    train: str = Field(min_length=1, description="the command")
    score: str = Field(min_length=1, description="its name")
    lower: bool = Field(description="whether lower scores are better")
    score_pattern: str = Field(description="how the score is found in the output; empty where the script tells it")
    margin: float = Field(ge=0, allow_inf_nan=False, description="the smallest gain that is worth its seeds")
    control: Literal["fdr", "fwer"] = Field(description="of the error over the whole stream")
    alpha: float = Field(gt=0, lt=0.5, description="level of that control")
    looks: list[int] = Field(min_length=1, description="seeds at the looks at one proposal")
    first: Version = Field(description="the first incumbent")


class Incumbent(Table):
    """The best version so far."""

    version: Version = Field(description="what is trained")
    proposal: int = Field(ge=0, description="that it was; 0 for the first")
    seed: int = Field(ge=0, description="the first of the seeds on which it is compared with proposals")


class Proposal(Table):
    """A proposal and its verdict."""

    number: int = Field(ge=1, description="in the order of verdicts")
    version: Version = Field(description="that was proposed")
    name: str = Field(description="in words")
    verdict: Literal["keep", "discard", "undecided"] = Field(description="of the test")
    why: str = Field(description="in a sentence")
    p: float = Field(ge=0, le=1, description="that there is no gain, all looks together")
    level: float = Field(ge=0, le=1, description="at which it was tested")
    wealth: float = Field(description="of error, that is left after it")
    gain: float | None = Field(description="mean over the seeds, above 0 where it is better; null where there is none")
    low: float | None = Field(description="of an interval of 95 % at the last look; null where there is none")
    high: float | None = Field(description="its upper end")
    seeds: list[int] = Field(description="that were compared")
    score: float | None = Field(description="mean on these seeds")
    incumbent: Incumbent = Field(description="after the verdict")
    remarks: list[str] = Field([], description="what else a reader has to know of the comparison, a sentence each")


class Confirmation(Table):
    """The gain of a new incumbent over the first one, on seeds that chose nothing."""

    proposal: int = Field(ge=1, description="that was kept")
    seeds: list[int] = Field(description="on which both were trained")
    gain: float | None = Field(description="mean; null where fewer than two seeds have both scores")
    low: float | None = Field(description="of an interval of 95 %")
    high: float | None = Field(description="its upper end")
    score: float | None = Field(description="mean of the new incumbent")
    first_score: float | None = Field(description="mean of the first one")


KINDS: dict[str, type[Table]] = {"header": Header, "proposal": Proposal, "confirmation": Confirmation}


@dataclass
class Ledger:
    """What is whole of a ledger's file.

    Attributes:
        path: of the file.
        header: what it is about; None where there is no file yet.
        proposals: by their number.
        confirmations: of those that were kept.
        runs: what each training left, by its identity.
        damage: what is not whole, a sentence each.
        last: the hash of the last whole line.
        bare_end: whether the last line has no end, so that the next one begins with it.
    """

    path: Path
    header: Header | None = None
    proposals: list[Proposal] = field(default_factory=list)
    confirmations: list[Confirmation] = field(default_factory=list)
    runs: dict[str, Trained] = field(default_factory=dict)
    damage: list[str] = field(default_factory=list)
    last: str = FIRST
    bare_end: bool = False

    @property
    def incumbent(self) -> Incumbent:
        """The best version so far: as the last verdict left it."""
        if self.proposals:
            return self.proposals[-1].incumbent
        return Incumbent(version=self.about.first, proposal=0, seed=0)

    @property
    def about(self) -> Header:
        """The header of a ledger that is begun."""
        if self.header is None:
            raise ValueError(f"{self.path} is not begun")
        return self.header

    @property
    def p_values(self) -> list[float]:
        """The p-values of all proposals; one whose line is lost counts as tested and not kept."""
        known = {proposal.number: proposal.p for proposal in self.proposals}
        return [known.get(number, 1.0) for number in range(1, max(known, default=0) + 1)]

    def begin(self, header: Header) -> None:
        """Write the first line."""
        self.header = header
        self._add("header", header.model_dump())

    def add_run(self, trained: Trained) -> None:
        """Keep what a training left, so that it is not run again."""
        self.runs[trained.run] = trained
        self._add("run", trained.as_json())

    def add_proposal(self, proposal: Proposal) -> None:
        """Keep a verdict."""
        self.proposals.append(proposal)
        self._add("proposal", proposal.model_dump())

    def add_confirmation(self, confirmation: Confirmation) -> None:
        """Keep what fresh seeds said of a new incumbent."""
        self.confirmations.append(confirmation)
        self._add("confirmation", confirmation.model_dump())

    def _add(self, kind: str, content: Mapping[str, Any]) -> None:
        line = {"kind": kind, "previous": self.last, **content}
        self.last = line_hash(line)
        text = ("\n" if self.bare_end else "") + json.dumps({**line, "hash": self.last}) + "\n"
        self.bare_end = False
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise InputError(f"--ledger {self.path}: {error.strerror}; accepted: a file that can be written") from None


def line_hash(line: Mapping[str, Any]) -> str:
    """Return the hash of a line's content, its own hash left out.

    Example:
        >>> line_hash({"kind": "run", "hash": "1"}) == line_hash({"kind": "run"})
        True
    """
    return hashlib.sha256(json.dumps({key: value for key, value in line.items() if key != "hash"}, sort_keys=True).encode()).hexdigest()


def read_ledger(path: Path) -> Ledger:
    """Read what is whole of a ledger; one that does not exist yet is empty.

    Raises:
        InputError: it cannot be read, is no ledger, or its header is not whole.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    except OSError as error:
        raise InputError(f"--ledger {path}: cannot be read: {error.strerror}; accepted: a file of JSON lines") from None
    ledger = Ledger(path, bare_end=bool(text) and not text.endswith("\n"))
    cut: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        content = _whole(line)
        if content is None:
            cut.append(number)
        else:
            _take(ledger, content, number, bool(cut) and cut[-1] == number - 1)
        if ledger.header is None:
            raise InputError(f"--ledger {path}: line 1 is no whole header of a ledger, and without it nothing is known of the others; "
                             "accepted: a file that dlbench propose wrote, or a name that is free")
    if cut:
        ledger.damage.append(f"{'line' if len(cut) == 1 else 'lines'} {listed([str(number) for number in cut])} of {path} "
                             f"{'is' if len(cut) == 1 else 'are'} damaged and left out; {plural(len(text.splitlines()) - len(cut), 'line')}"
                             " are whole and used")
    return ledger


def _whole(line: str) -> dict[str, Any] | None:
    """The content of a line; None where it is not what was written."""
    try:
        content = json.loads(line)
        return content if content["hash"] == line_hash(content) and isinstance(content["previous"], str) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _take(ledger: Ledger, content: dict[str, Any], number: int, after_damage: bool) -> None:
    before, kind, previous, ledger.last = ledger.last, content.pop("kind", ""), content.pop("previous"), content.pop("hash")
    if previous != before and not after_damage:
        ledger.damage.append(f"lines are missing from {ledger.path} before line {number}, or it was moved")
    if kind == "run":
        trained = Trained.from_json(content)
        ledger.runs[trained.run] = trained
    elif kind in KINDS:
        known = check(KINDS[kind], content, f"--ledger {ledger.path}: line {number}")
        if isinstance(known, Header):
            ledger.header = known
        elif isinstance(known, Proposal):
            ledger.proposals.append(known)
        else:
            ledger.confirmations.append(known)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Hold a ledger for writing, until this process ends at the latest.

    Raises:
        InputError: another process writes to it, or the file cannot be locked.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise InputError(f"--ledger {path}: {error.strerror}; accepted: a file that can be written") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise InputError(f"--ledger {path}: another dlbench propose is writing to it; wait until it has ended: verdicts of one lineage "
                         "come one after the other") from None
    finally:
        os.close(handle)
