"""The gate: is this tree slower than another version of it?"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from dlbench.gate import builds, measure, sides
from dlbench.gate.measure import Result
from dlbench.gate.pairs import Timer
from dlbench.gate.rules import rules_of
from dlbench.gate.schedule import FEWEST_PAIRS, Settings
from dlbench.gate.show import markdown, table
from dlbench.gate.sources import Wanted, declared
from dlbench.values.errors import InputError
from dlbench.values.files import write

__all__ = ["gate", "table"]


def gate(out: Path, note: Callable[[str], None], base: str | None = None, base_python: str | None = None,  # noqa: PLR0913
         modules: Sequence[str] = (), suites: Sequence[str] = (), words: Sequence[str] = (), min_effect: float = 0.05,
         budget_s: float | None = None, servers: int = 3, clock: str = "auto", base_exact: bool = False, build: str | None = None,
         undecided: str = "warn", python: str | None = None, min_memory: float = 0.10) -> Result:
    """Measure both versions side by side, and write ``gate.json`` and ``gate.md``.

    Args:
        out: where the two files go.
        note: receives progress, a line each.
        base: the version to compare with: a git commit, branch or tag; what ``base_python`` has installed where unset.
        base_python: the base's interpreter; that of this tree where unset.
        modules: with ``CASES``; those that the project declares where neither these nor suites are named.
        suites: of pytest-benchmark.
        words: only cases whose name holds one of them.
        min_effect: the smallest change that matters, a share.
        budget_s: for measuring, once the servers have started; in proportion to the number of cases where unset.
        servers: on each side.
        clock: ``cpu``, ``wall``, or ``auto``: wall time of cases that mostly wait.
        base_exact: compare with ``base`` itself, not with the commit at which this branch left it.
        build: a command that prepares a version's tree, in the folder of that version.
        undecided: whether cases that stay open ``fail``, are warned of, or ``pass``.
        min_memory: the smallest growth of memory or allocations that matters, a share.
        python: the interpreter of this tree, and of a ``base`` for which ``base_python`` names no other; this one where unset.

    Raises:
        InputError: there is no base, no case or no such version, or the folder cannot be written.
    """
    if base is None and base_python is None:
        raise InputError("gate: nothing to compare with; accepted: --base REF, --base-python PATH, or both")
    sources = [*(("module", name) for name in modules), *(("pytest", path) for path in suites)]
    wanted = Wanted(tuple(sources) or declared(Path.cwd()), tuple(words))
    settings = Settings(min_effect, servers=servers, rounds=-(-FEWEST_PAIRS // servers**2), budget_s=budget_s, timer=Timer(clock),
                        undecided=undecided, min_memory=min_memory)
    rules = rules_of(Path.cwd())
    own = sides.interpreter("--python", python) if python is not None else sys.executable
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dlbench-base-")))
        head, other = sides.working_tree(own), _base(folder, base, base_python, base_exact, own)
        note(f"{head.label} against {other.label}")
        if build is not None:
            head, other = builds.built(head, build, folder, note), builds.built(other, build, folder, note) if base is not None else other
        paths = [name for kind, name in wanted.sources if kind == "pytest"]
        laid = sides.with_tests_of(head, other, paths, folder) if base is not None and paths else None
        result = measure.gate(laid or other, head, wanted, settings, note, other if laid else None, rules)
    try:
        written = [write(out / "gate.json", json.dumps(result.as_json(), indent=1) + "\n"), write(out / "gate.md", markdown(result))]
    except OSError as error:
        raise InputError(f"--out {out}: {error.strerror}") from None
    note(f"written: {', '.join(map(str, written))}")
    return result


def _base(folder: Path, base: str | None, base_python: str | None, exact: bool, own: str) -> sides.Side:
    other = sides.installed(base_python) if base_python is not None else None
    if base is None:
        return other or sides.installed("")
    return sides.checked_out(base, folder, other.python if other else own, exact)
