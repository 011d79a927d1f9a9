"""Before anything is timed: which cases both sides have, whether their outputs are right, and whether they changed."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from dlbench.cases.checking import compare
from dlbench.gate.rows import Row
from dlbench.gate.servers import Lost, Process, Server

Listing = dict[str, dict[str, Any]]


class Opaque:
    """An output of a type that cannot be compared."""


def match(base: Listing, head: Listing) -> list[Row]:
    """A row for each case of either side, in this tree's order; those of one side only have their verdict."""
    rows = []
    for name in dict.fromkeys([*head, *base]):
        row = Row(name)
        problems = [side[name]["problem"] for side in (base, head) if name in side]
        if name not in base:
            row.close("crashed", problems[0]) if problems[0] else row.close("appeared")
        elif name not in head:
            row.close("vanished")
        elif any(problems):
            _broken(row, *problems)
        rows.append(row)
    return rows


def _broken(row: Row, base: str, head: str) -> None:
    """The code of one side, or of both, cannot be imported."""
    if base and head:
        row.close("not run", head)
    else:
        row.close("crashed", head) if head else row.close("mended", f"at the base: {base}")


def check(row: Row, base: Server, head: Server, scratch: Path, limit_s: float) -> None:
    """Run a case once on each side; compare its outputs with its references, and with each other."""
    kept = [scratch / name for name in ("base.output", "head.output")]
    with ExitStack() as stack:
        processes = [_started(stack, server, row.name, limit_s, path) for server, path in zip((base, head), kept)]
        lost = [process if isinstance(process, Lost) else _finished(process) for process in processes]
    wrong = ["" if problem else _wrong(path) for problem, path in zip(lost, kept)]
    _judge(row, lost, wrong)
    if not row.verdict:
        row.output = _change(*(read(path) for path in kept))
    for path in kept:
        path.unlink(missing_ok=True)


def _started(stack: ExitStack, server: Server, name: str, limit_s: float, path: Path) -> Process | Lost:
    try:
        return stack.enter_context(server.fork(name, limit_s, path))
    except Lost as lost:
        return lost


def _finished(process: Process) -> Lost | None:
    try:
        process.hear()
        process.ask({"finish": True})
    except Lost as lost:
        return lost
    return None


def _judge(row: Row, lost: list[Lost | None], wrong: list[str]) -> None:
    """A verdict where one side, or both, cannot be run or is wrong."""
    base, head = lost
    if head is not None:
        away = head.kind == "skipped" or (head.kind == "unavailable" and base is not None and base.kind == "unavailable")
        failed = "wrong output" if str(head).startswith(("AssertionError", "assert ")) else "crashed"
        row.close("not run" if away else failed, str(head))
    elif wrong[1]:
        row.close("wrong output", wrong[1])
    elif base or wrong[0]:
        row.close("mended", f"at the base: {base or wrong[0]}")


def _wrong(path: Path) -> str:
    """How an output differs from its reference; empty where it does not, or has none."""
    kept = read(path)
    return compare(kept["seen"], kept["reference"], tuple(kept["tolerance"])) if "reference" in kept else ""


def _change(base: dict[str, Any], head: dict[str, Any]) -> str:
    if _opaque(base["output"]) or _opaque(head["output"]):
        return "not comparable"
    if not compare(head["output"], base["output"], (0.0, 0.0)):
        return "same"
    found = compare(head["output"], base["output"], tuple(head["tolerance"]))
    return f"changed: {found}" if found else "same within tolerance"


def _opaque(value: Any) -> bool:
    if isinstance(value, dict | list | tuple):
        return any(map(_opaque, value.values() if isinstance(value, dict) else value))
    return isinstance(value, Opaque)


def read(path: Path) -> dict[str, Any]:
    """What :mod:`dlbench.gate.side.output` wrote."""
    header, _, data = path.read_bytes().partition(b"\n")
    return {name: _decoded(value, data) for name, value in json.loads(header).items()}


def _decoded(value: dict[str, Any], data: bytes) -> Any:
    kind, held = next(iter(value.items()))
    if kind == "mapping":
        return {key: _decoded(item, data) for key, item in held}
    if kind in ("tuple", "list"):
        items = tuple(_decoded(item, data) for item in held)
        return items if kind == "tuple" or _ragged(items) else list(items)
    if kind == "array":
        part = data[value["start"] : value["start"] + value["size"]]
        return part if held == "bytes" else np.frombuffer(part, held).reshape(value["shape"])
    return Opaque() if kind == "opaque" else held


def _ragged(items: tuple) -> bool:
    """Whether items make no array, so that they have to be compared one by one."""
    try:
        np.asarray(items)
    except ValueError:
        return True
    return False
