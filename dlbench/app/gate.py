"""The gate: is this tree slower than another version of it?"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from dlbench.gate import measure, show, sides
from dlbench.gate.measure import Result, Wanted
from dlbench.gate.pairs import Timer
from dlbench.gate.schedule import FEWEST_PAIRS, Settings
from dlbench.gate.sources import declared
from dlbench.values.errors import InputError


@dataclass(frozen=True)
class Question:
    """What the gate is asked.

    Attributes:
        base: the version to compare with: a git commit, branch or tag; what ``base_python`` has installed where unset.
        base_python: the base's interpreter; this one where unset.
        modules: with ``CASES``.
        suites: of pytest-benchmark.
        words: only cases whose name holds one of them.
        min_effect: the smallest change that matters, a share.
        budget_s: for measuring, once the servers have started.
        servers: on each side.
        clock: ``cpu`` or ``wall``.
    """

    base: str | None = None
    base_python: str | None = None
    modules: tuple[str, ...] = ()
    suites: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    min_effect: float = 0.05
    budget_s: float = 120.0
    servers: int = 3
    clock: str = "cpu"


def gate(question: Question, out: Path, note: Callable[[str], None]) -> Result:
    """Measure both versions side by side, and write ``gate.json`` and ``gate.md``.

    Args:
        question: what is compared, and how.
        out: where the two files go.
        note: receives progress, a line each.

    Raises:
        InputError: the question cannot be answered, or the folder cannot be written.
    """
    if question.base is None and question.base_python is None:
        raise InputError("gate: nothing to compare with; accepted: --base REF, --base-python PATH, or both")
    sources = [*(("module", name) for name in question.modules), *(("pytest", path) for path in question.suites)]
    wanted = Wanted(tuple(sources) or declared(Path.cwd()), question.words)
    with ExitStack() as stack:
        result = measure.gate(_base(stack, question), sides.tree("this tree", Path.cwd()), wanted, _settings(question), note)
    _write(result, out)
    note(f"written: {out / 'gate.json'}, {out / 'gate.md'}")
    return result


def table(result: Result) -> str:
    """The result for a terminal."""
    return show.table(result)


def _settings(question: Question) -> Settings:
    rounds = -(-FEWEST_PAIRS // question.servers**2)
    return Settings(question.min_effect, servers=question.servers, rounds=rounds, budget_s=question.budget_s, timer=Timer(question.clock))


def _base(stack: ExitStack, question: Question) -> sides.Side:
    if question.base is None:
        return sides.installed(question.base_python or "")
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dlbench-base-")))
    python = {"python": sides.installed(question.base_python).python} if question.base_python else {}
    return sides.checked_out(question.base, folder, **python)


def _write(result: Result, out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "gate.json").write_text(json.dumps(result.as_json(), indent=1) + "\n", encoding="utf-8")
        (out / "gate.md").write_text(show.markdown(result), encoding="utf-8")
    except OSError as error:
        raise InputError(f"--out {out}: {error.strerror}") from None
