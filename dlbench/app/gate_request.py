"""What a call of the gate asks for, as options state it: which versions, which cases, and how sure the answer has to be."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dlbench.gate import sides
from dlbench.gate.pairs import Timer
from dlbench.gate.schedule import FEWEST_PAIRS, Settings
from dlbench.gate.sides import Side
from dlbench.gate.sources import Source, Wanted, declared
from dlbench.values.errors import InputError


@dataclass(frozen=True)
class Versions:
    """Which versions are compared.

    Attributes:
        base: the version to compare with: a git commit, branch or tag; what ``base_python`` has installed where unset.
        head: the commit, branch or tag that is judged; the working tree where unset.
        bisect: ``BASE..HEAD`` in place of ``base``: find the first commit that fails.
        base_exact: compare with ``base`` itself, not with the commit at which this branch left it.
        base_python: the base's interpreter; that of the head where unset.
        python: the interpreter of the head, and of a ``base`` for which ``base_python`` names no other; this one where unset.
    """

    base: str | None = None
    head: str | None = None
    bisect: str | None = None
    base_exact: bool = False
    base_python: str | None = None
    python: str | None = None

    def check(self, history: Path | None) -> None:
        """Refuse options that do not go together.

        Raises:
            InputError: naming them.
        """
        if self.bisect is not None:
            named = {"--base": self.base, "--base-python": self.base_python, "--base-exact": self.base_exact or None,
                     "--history": history, "--head": self.head}
            if clash := [name for name, value in named.items() if value is not None]:
                raise InputError(f"--bisect and {clash[0]} do not go together; accepted: --bisect BASE..HEAD alone")
        elif self.base is None and self.base_python is None:
            raise InputError("gate: nothing to compare with; accepted: --base REF, --base-python PATH, both, or --bisect BASE..HEAD")
        elif history is not None and self.base is None:
            raise InputError("--history keeps changes between commits; accepted: with --base REF")

    @property
    def interpreter(self) -> str:
        """The path of the head's interpreter.

        Raises:
            InputError: there is no such program.
        """
        return sides.interpreter("--python", self.python) if self.python is not None else sys.executable

    def sides(self, folder: Path) -> tuple[Side, Side]:
        """Return the base and the head; commits are written below a folder.

        Raises:
            InputError: there is no such version or interpreter.
        """
        head, other = self._head(folder), sides.installed(self.base_python) if self.base_python is not None else None
        if self.base is None:
            return other or sides.installed(""), head
        python = other.python if other else head.python
        return sides.checked_out(self.base, folder, python, self.base_exact, branch=self.head or "HEAD"), head

    def _head(self, folder: Path) -> Side:
        if self.head is None:
            return sides.working_tree(self.interpreter)
        return sides.checked_out(self.head, Path(tempfile.mkdtemp(dir=folder)), self.interpreter, option="--head")


@dataclass(frozen=True)
class Measures:
    """Which cases are measured, and how sure the answer has to be.

    Attributes:
        modules: with ``CASES``; cases that the project declares where neither these nor suites are named.
        suites: of pytest-benchmark.
        words: only cases whose name holds one of them.
        min_effect: the smallest change that matters, a share.
        min_memory: the smallest growth of memory or allocations that matters, a share.
        budget_s: for measuring, once the servers have started; in proportion to the number of cases where unset.
        undecided: whether what stays open fails (``fail``), is warned of (``warn``), or passes (``pass``); unset, cases are warned of, and
            a training fails.
        build: a command that prepares a version's tree, in the folder of that version.
        servers: on each side.
        clock: ``cpu``, ``wall``, or ``auto``: wall time of cases that mostly wait.
    """

    modules: Sequence[str] = ()
    suites: Sequence[str] = ()
    words: Sequence[str] = ()
    min_effect: float = 0.05
    min_memory: float = 0.10
    budget_s: float | None = None
    undecided: str | None = None
    build: str | None = None
    servers: int = 3
    clock: str = "auto"

    @property
    def named(self) -> tuple[Source, ...]:
        """The sources of cases that options name."""
        return (*(("module", name) for name in self.modules), *(("pytest", path) for path in self.suites))

    def wanted(self) -> Wanted:
        """Return the cases that options name; those that the project declares where they name none.

        Raises:
            InputError: the project's declaration is wrong.
        """
        return Wanted(self.named or declared(Path.cwd()), tuple(self.words))

    def settings(self) -> Settings:
        """Return how sure to be: as many rounds as a confirmation needs, from the number of servers."""
        return Settings(self.min_effect, servers=self.servers, rounds=-(-FEWEST_PAIRS // self.servers**2), budget_s=self.budget_s,
                        timer=Timer(self.clock), undecided=self.undecided or "warn", min_memory=self.min_memory)
