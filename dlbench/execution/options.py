"""Options, progress and summary of a session that runs a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from dlbench.study.parts import Shard


class Reuse(StrEnum):
    """Which runs of other studies are taken in the place of making them anew: those of the same versions, data and kind of hardware; those
    of any; or none."""

    SAME = "same"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True)
class Options:
    """How a plan is run.

    Attributes:
        out: results folder.
        command: what reproduces the study, for the report.
        jobs: worker processes; None: on a cluster, as many as find room.
        data_dir, cache_dir: where data lies, and where decoded data is kept.
        timeout_s: limit for one run.
        fresh: set earlier results aside.
        wait: wait for another process that is writing to the folder.
        renew: run again what was made with other versions than the present ones.
        rounds: of the timing phase; 0 leaves it out.
        imagenet: file of ImageNet weights; None downloads them where a study asks for them.
        backend: ``local`` or ``ray``.
        address: of a running Ray cluster; None: one of this machine alone.
        shard: the part of the runs to carry out; None: all.
        reuse: which runs of other studies are taken.
        shared_bytes: how much is kept of the runs of all studies, in the cache; 0: nothing, and none are taken.
        screened: what the results keep of runs in bfloat16 that chose their arms, see :mod:`dlbench.values.precision`; None: none did.
        features_bytes: how much is kept of what frozen networks compute, in the cache; 0: nothing, and they compute it in every step.
    """

    out: Path
    command: str
    jobs: int | None
    data_dir: str | None
    cache_dir: str
    timeout_s: float | None = None
    fresh: bool = False
    wait: bool = False
    renew: bool = False
    rounds: int = 10
    imagenet: str | None = None
    backend: str = "local"
    address: str | None = None
    shard: Shard | None = None
    reuse: Reuse = Reuse.SAME
    shared_bytes: int = 0
    screened: Mapping[str, Sequence[str]] | None = None
    features_bytes: int = 0


class Listener(Protocol):
    """Shows progress."""

    def phase(self, name: str, total: int) -> None:
        """Begin a phase of ``total`` parts."""

    def update(self, done: int, running: int, failed: int) -> None:
        """Show counts within the phase."""

    def note(self, text: str) -> None:
        """Show a line."""


@dataclass
class Summary:
    """Counts of runs made now, there already, and taken from other studies; and the reasons of failures by run id."""

    done: int = 0
    reused: int = 0
    taken: int = 0
    failures: dict[str, str] = field(default_factory=dict)
