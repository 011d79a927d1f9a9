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
    """Return a row for each case of either side, in this tree's order; cases that cannot be compared have their verdict."""
    rows = []
    for name in dict.fromkeys([*head, *base]):
        row = Row(name)
        base_problem, head_problem = (side.get(name, {}).get("problem", "") for side in (base, head))
        if name not in head:
            row.close("vanished")
        elif name not in base:
            row.close("crashed" if head_problem else "appeared", head_problem)
        elif head_problem:
            row.close("not run" if base_problem else "crashed", head_problem)
        elif base_problem:
            row.close("mended", f"at the base: {base_problem}")
        rows.append(row)
    return rows


def check(row: Row, base: Server, head: Server, scratch: Path, limit_s: float) -> None:
    """Run a case once on each side; compare its outputs with its references, and with each other."""
    files = [scratch / name for name in ("base.output", "head.output")]
    with ExitStack() as stack:
        processes = [_started(stack, server, row.name, limit_s, file) for server, file in zip((base, head), files)]
        lost = [process if isinstance(process, Lost) else _finished(process) for process in processes]
    wrong = ["" if problem else _wrong(file) for problem, file in zip(lost, files)]
    _judge(row, lost, wrong)
    if not row.verdict:
        row.output = _change(*map(read, files))
    for file in files:
        file.unlink(missing_ok=True)


def _started(stack: ExitStack, server: Server, name: str, limit_s: float, path: Path) -> Process | Lost:
    try:
        return stack.enter_context(server.fork(name, limit_s, path))
    except Lost as lost:
        return lost


def _finished(process: Process) -> Lost | None:
    try:
        process.receive()
        process.ask({"finish": True})
    except Lost as lost:
        return lost
    return None


def _judge(row: Row, lost: list[Lost | None], wrong: list[str]) -> None:
    """Give a verdict where one side, or both, cannot be run or is wrong."""
    base, head = lost
    if head is not None:
        not_run = head.kind == "skipped" or (head.kind == "unavailable" and base is not None and base.kind == "unavailable")
        failed = "wrong output" if str(head).startswith(("AssertionError", "assert ")) else "crashed"
        row.close("not run" if not_run else failed, str(head))
    elif wrong[1]:
        row.close("wrong output", wrong[1])
    elif base or wrong[0]:
        row.close("mended", f"at the base: {base or wrong[0]}")


def _wrong(path: Path) -> str:
    """How an output differs from its reference; empty where it does not, or has none."""
    values = read(path)
    return compare(values["seen"], values["reference"], tuple(values["tolerance"])) if "reference" in values else ""


def _change(base: dict[str, Any], head: dict[str, Any]) -> str:
    if _opaque(base["output"]) or _opaque(head["output"]):
        return "not comparable"
    if not compare(head["output"], base["output"], (0.0, 0.0)):
        return "same"
    difference = compare(head["output"], base["output"], tuple(head["tolerance"]))
    return f"changed: {difference}" if difference else "same within tolerance"


def _opaque(value: Any) -> bool:
    if isinstance(value, dict | list | tuple):
        return any(map(_opaque, value.values() if isinstance(value, dict) else value))
    return isinstance(value, Opaque)


def read(path: Path) -> dict[str, Any]:
    """Read what :mod:`dlbench.gate.side.output` wrote."""
    header, _, data = path.read_bytes().partition(b"\n")
    return {name: _decoded(value, data) for name, value in json.loads(header).items()}


def _decoded(value: dict[str, Any], data: bytes) -> Any:
    kind, content = next(iter(value.items()))
    if kind == "mapping":
        return {key: _decoded(item, data) for key, item in content}
    if kind in ("tuple", "list"):
        items = tuple(_decoded(item, data) for item in content)
        return items if kind == "tuple" or _ragged(items) else list(items)
    if kind == "array":
        part = data[value["start"] : value["start"] + value["size"]]
        return part if content == "bytes" else np.frombuffer(part, content).reshape(value["shape"])
    return Opaque() if kind == "opaque" else content


def _ragged(items: tuple) -> bool:
    """Whether items make no array, so that they have to be compared one by one."""
    try:
        np.asarray(items)
    except ValueError:
        return True
    return False
