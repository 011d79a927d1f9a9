"""Before anything is timed: which cases both sides have, whether their outputs are right, and whether they changed."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from dlbench.cases.checking import compare
from dlbench.gate.rows import Row
from dlbench.gate.servers import Lost, Process, Server

Listing = dict[str, dict[str, Any]]


UNBUILT = ("ImportError", "ModuleNotFoundError", "FileNotFoundError", "Unavailable")
"""How an import fails at a version whose files that git does not keep are missing."""


class Opaque:
    """An output of a type that cannot be compared."""


def match(base: Listing, head: Listing) -> list[Row]:
    """Return a row for each case of either side, in this tree's order; cases that cannot be compared have their verdict."""
    renamed = _renamed(base, head)
    rows = []
    for name in dict.fromkeys([*head, *base]):
        if name in renamed.values():
            continue
        row = Row(name, base_name=renamed.get(name, ""))
        _close(row, base.get(row.base_name or name), head.get(name), base, head)
        if row.base_name:
            row.notes.append(f"called {row.base_name} at the base")
        rows.append(row)
    return rows


def _close(row: Row, old: dict[str, Any] | None, new: dict[str, Any] | None, base: Listing, head: Listing) -> None:
    """Give a verdict where one of the two is not there, or cannot be run."""
    before, after = ((case or {}).get("problem", "") for case in (old, new))
    if new is None:
        problem = _file_problem(row.name, head)
        if before or problem:
            row.close("not run", f"at the base: {before}" if before else f"its file cannot be imported: {problem}")
        else:
            row.close("vanished")
    elif old is None:
        problem = _file_problem(row.name, base)
        verdict = "crashed" if after else "not run" if problem else "appeared"
        row.close(verdict, after or (f"at the base: {problem}" if problem else ""))
    elif after:
        row.close("not run" if before else "crashed", after)
    elif before:
        row.close("not run" if before.startswith(UNBUILT) else "mended", f"at the base: {before}")


def _file_problem(name: str, listing: Listing) -> str:
    """Why the file of a test cannot be collected on the other side; empty where it can."""
    problems = {part: case.get("problem", "") for part, case in listing.items()}
    return next((problem for part, problem in problems.items() if problem and name.startswith((f"{part}/", f"{part}::"))), "")


def _renamed(base: Listing, head: Listing) -> dict[str, str]:
    """Name in this tree -> name at the base, of cases that are there under one name only and whose code is the same, once on each side."""
    gone, new = ([(name, case["code"]) for name, case in one.items() if name not in other and case.get("code")]
                 for one, other in ((base, head), (head, base)))
    counts = Counter(code for _, code in [*gone, *new])
    return {name: old for name, code in new for old, same in gone if same == code and counts[code] == 2}


def check(row: Row, base: Server, head: Server, scratch: Path, limit_s: float) -> None:
    """Run a case once on each side; compare its outputs with its references, and with each other."""
    files = [scratch / name for name in ("base.output", "head.output")]
    with ExitStack() as stack:
        processes = [_started(stack, server, row.name, limit_s, file) for server, file in zip((base, head), files)]
        ended = [process if isinstance(process, Lost) else _finished(process) for process in processes]
    lost = [answer if isinstance(answer, Lost) else None for answer in ended]
    wrong = ["" if problem else _wrong(file) for problem, file in zip(lost, files)]
    _judge(row, lost, wrong)
    if not row.verdict:
        row.output = _change(*map(read, files))
        row.copies = min(filter(None, (answer["copies"] for answer in ended if isinstance(answer, dict))), default=0)
        if row.copies:
            row.notes.append(f"its calls change what later calls find: each measurement makes {row.copies} in a fresh copy")
    for file in files:
        file.unlink(missing_ok=True)


def _started(stack: ExitStack, server: Server, name: str, limit_s: float, path: Path) -> Process | Lost:
    try:
        return stack.enter_context(server.fork(name, limit_s, path))
    except Lost as lost:
        return lost


def _finished(process: Process) -> Lost | dict[str, Any]:
    try:
        ready = process.ready()
        process.ask({"finish": True})
    except Lost as lost:
        return lost
    return {"copies": 0, **ready}


def _judge(row: Row, lost: list[Lost | None], wrong: list[str]) -> None:
    """Give a verdict where one side, or both, cannot be run or is wrong."""
    base, head = lost
    if head is not None and (head.kind == "skipped" or base is not None):
        row.close("not run", str(head) if head.kind in ("skipped", "unavailable") else f"on both sides: {head}")
    elif head is not None:
        row.close("wrong output" if str(head).startswith(("AssertionError", "assert ")) else "crashed", str(head))
    elif wrong[1]:
        row.close("wrong output", wrong[1])
    elif base or wrong[0]:
        row.close("mended", f"at the base: {base or wrong[0]}")


def _wrong(path: Path) -> str:
    """How an output differs from its reference; empty where it does not, or has none."""
    values = read(path)
    return compare(values["seen"], values["reference"], tuple(values["tolerance"])) if "reference" in values else ""


def _change(base: dict[str, Any], head: dict[str, Any]) -> str:
    if isinstance(base["output"], Opaque) or isinstance(head["output"], Opaque):
        return "not comparable"
    if types := _types(head["output types"], base["output types"]):
        return f"changed: {types}"
    try:
        if not compare(head["output"], base["output"], (0.0, 0.0)):
            return "same"
        difference = compare(head["output"], base["output"], tuple(head["tolerance"]))
    except Exception as error:  # numpy cannot compare all that can be written
        return f"not comparable: {type(error).__name__}"
    return f"changed: {difference}" if difference else "same within tolerance"


def _types(head: Any, base: Any, place: str = "") -> str:
    """Where two outputs differ in type first; empty where they do not."""
    if head[0] != base[0]:
        return f"{place}is of type {head[0]} instead of {base[0]}"
    held = enumerate(zip(head[1], base[1]))
    return next(filter(None, (_types(new, old, f"item {key} {place and 'of '}{place}") for key, (new, old) in held)), "")


def read(path: Path) -> dict[str, Any]:
    """Read what :mod:`dlbench.gate.side.output` wrote, and the types of the output and of all within it."""
    header, _, data = path.read_bytes().partition(b"\n")
    values = json.loads(header)
    return {name: _decoded(value, data) for name, value in values.items()} | {"output types": _typed(values["output"])}


def _decoded(value: dict[str, Any], data: bytes) -> Any:
    kind, content = next(iter(value.items()))
    if kind == "mapping":
        return {_key(_decoded(key, data)): _decoded(item, data) for key, item in content}
    if kind in ("tuple", "list"):
        items = tuple(_decoded(item, data) for item in content)
        return items if kind == "tuple" or _ragged(items) else list(items)
    if kind == "array":
        part = data[value["start"] : value["start"] + value["size"]]
        return part if content == "bytes" else np.frombuffer(part, content).reshape(value["shape"])
    if kind == "integer":
        return int(content, 16)
    return Opaque() if kind == "opaque" else content


def _key(key: Any) -> Any:
    try:
        hash(key)
    except TypeError:
        return repr(key)
    return key


def _typed(value: dict[str, Any]) -> tuple[str, list[Any]]:
    """The type of a value, and those of what it holds."""
    kind, content = next(iter(value.items()))
    held = [part for pair in content for part in pair] if kind == "mapping" else content if kind in ("tuple", "list") else []
    return value["type"] + (f" {content}" if kind == "array" and content != "bytes" else ""), [_typed(part) for part in held]


def _ragged(items: tuple) -> bool:
    """Whether items make no array of numbers or texts, so that they have to be compared one by one."""
    try:
        return np.asarray(items).dtype.kind == "O"
    except ValueError:
        return True
