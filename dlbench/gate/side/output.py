"""A case's output as a file: one line of JSON that holds the structure with its types, then the bytes of its arrays."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DEEPEST = 100
"""Containers within containers; what lies deeper is not compared."""


class Unwritable(Exception):
    """A value that cannot be compared, because of its type or its depth."""


def write(values: dict[str, Any], path: str) -> None:
    """Write numbers, texts, arrays and tensors, and tuples, lists and mappings of them; of anything else its type alone."""
    blobs: list[bytes] = []
    header = json.dumps({name: _whole(value, blobs) for name, value in values.items()})
    Path(path).write_bytes(header.encode() + b"\n" + b"".join(blobs))


def _whole(value: Any, blobs: list[bytes]) -> Any:
    try:
        return encoded(value, blobs)
    except Unwritable as error:
        return {"opaque": str(error), "type": type(value).__name__}


def encoded(value: Any, blobs: list[bytes], depth: int = DEEPEST) -> dict[str, Any]:
    """A value as JSON, with its type; arrays are appended to the blobs.

    Raises:
        Unwritable: it, or something within it, cannot be compared.
    """
    if depth == 0:
        raise Unwritable(f"deeper than {DEEPEST} containers")
    return {**_content(value, blobs, depth), "type": type(value).__name__}


def _content(value: Any, blobs: list[bytes], depth: int) -> dict[str, Any]:
    if type(value) is int:
        return {"plain": value} if value.bit_length() < 64 else {"integer": hex(value)}
    if value is None or type(value) in (bool, float, str):
        return {"plain": value}
    if isinstance(value, Mapping):
        return {"mapping": [[encoded(key, blobs, depth - 1), encoded(item, blobs, depth - 1)] for key, item in value.items()]}
    if isinstance(value, tuple | list):
        return {"tuple" if isinstance(value, tuple) else "list": [encoded(item, blobs, depth - 1) for item in value]}
    if isinstance(value, bytes):
        return _blob("bytes", (len(value),), value, blobs)
    if hasattr(value, "__array__") and "numpy" in sys.modules:
        return _array(value, blobs)
    raise Unwritable(type(value).__name__)


def _array(value: Any, blobs: list[bytes]) -> dict[str, Any]:
    try:
        array = sys.modules["numpy"].asarray(value)
        if array.dtype.kind == "V" and array.dtype.names is None:  # bfloat16 and the like, which a numpy without that extension cannot name
            array = array.astype("float32")
    except Exception as error:
        raise Unwritable(f"{type(value).__name__}: {error}"[:200]) from None
    if array.dtype.kind not in "biufcSU":
        raise Unwritable(str(array.dtype))
    return _blob(array.dtype.str, array.shape, array.tobytes(), blobs)


def _blob(kind: str, shape: tuple[int, ...], data: bytes, blobs: list[bytes]) -> dict[str, Any]:
    start = sum(map(len, blobs))
    blobs.append(data)
    return {"array": kind, "shape": list(shape), "start": start, "size": len(data)}
