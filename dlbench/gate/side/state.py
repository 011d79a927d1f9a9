"""Whether calls of a subject change what later calls find: an iterator is used up, a list grows, an array is sorted in place."""

from __future__ import annotations

import functools
import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Any

from .output import Unwritable, encoded
from .spent import forked

SAMPLE = 20
"""Items at either end of a container that are looked at."""
DEPTH = 5
COUNTS = (100, 10, 1)
"""So many calls are made from one copy of the state, the first of these that works."""
PLAIN = (bool, int, float, complex, str, bytes, bytearray, type(None))


def calls_in_a_copy(call: Callable[[], Any], parts: Sequence[Any], fixed: int | None) -> int:
    """Return how many calls may be made from one state; 0 for any number, because no call changes it.

    Args:
        call: the subject.
        parts: the objects that it works on.
        fixed: so many where its state changes, because the test says so.
    """
    if any(isinstance(part, Iterator) for part in parts):
        return fixed or 1
    try:
        kind = forked(lambda: _kind(call, parts))
    except RuntimeError:  # a second call fails, where the first one did not
        return fixed or 1
    return 0 if not kind else fixed or (1 if kind == "once" else _works(call))


def _kind(call: Callable[[], Any], parts: Sequence[Any]) -> str:
    """``once`` where the first call leaves something else to the second one, ``on`` where each does, empty where none does."""
    states, outputs = [fingerprint(parts)], []
    for _ in range(3):
        outputs.append(_digest(call()))
        states.append(fingerprint(parts))
    if states[1] != states[2] or states[2] != states[3]:
        return "on"
    if outputs[0] != outputs[1]:
        return "once" if outputs[1] == outputs[2] else ""  # an output that is random is no state
    return "once" if states[0] != states[1] and outputs[0] is None else ""


def _works(call: Callable[[], Any]) -> int:
    def several(calls: int) -> bool:
        for _ in range(calls):
            call()
        return True

    for calls in COUNTS:
        try:
            if forked(lambda calls=calls: several(calls)):
                return calls
        except RuntimeError:
            continue
    return 1


def _digest(output: Any) -> str | None:
    """Of an output that can be compared; None where it says nothing."""
    if output is None:
        return None
    blobs: list[bytes] = []
    try:
        header = repr(encoded(output, blobs))
    except Unwritable:
        return None
    return hashlib.sha256(header.encode() + b"".join(blobs)).hexdigest()


def fingerprint(value: Any, depth: int = DEPTH) -> Any:
    """Return what is seen of a value: numbers and texts, sizes and the items at both ends of containers, what a function refers to."""
    if isinstance(value, PLAIN):
        return hash(bytes(value) if isinstance(value, bytearray) else value)
    if depth == 0 or isinstance(value, (type, ModuleType)):
        return type(value).__name__
    if isinstance(value, Mapping):
        return len(value), [fingerprint(item, depth - 1) for item in list(value.values())[:SAMPLE]]
    if isinstance(value, (list, tuple, deque)):
        ends = value if len(value) <= 2 * SAMPLE else [value[i] for i in (*range(SAMPLE), *range(-SAMPLE, 0))]
        return len(value), [fingerprint(item, depth - 1) for item in ends]
    if hasattr(value, "tobytes") and hasattr(value, "dtype"):
        return hashlib.sha256(value.tobytes()).hexdigest() if value.dtype.kind != "O" else value.shape
    return [fingerprint(part, depth - 1) for part in _inside(value)]


def _inside(value: Any) -> list[Any]:
    if isinstance(value, functools.partial):
        return [value.func, value.args, value.keywords]
    if isinstance(value, (MethodType, BuiltinMethodType)):
        return [value.__self__, getattr(value, "__func__", None)]
    if isinstance(value, FunctionType):
        globals_ = [value.__globals__.get(name) for name in value.__code__.co_names]
        return [value.__defaults__, *(cell.cell_contents for cell in value.__closure__ or () if _filled(cell)),
                *(item for item in globals_ if isinstance(item, (*PLAIN, list, dict, set, deque)))]
    size = len(value) if isinstance(value, (set, frozenset)) else None
    return [size, getattr(value, "__dict__", None)]


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is cell.cell_contents
    except ValueError:
        return False
