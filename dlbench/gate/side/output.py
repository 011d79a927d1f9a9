"""A case's output as a file: one line of JSON that holds the structure, then the bytes of its arrays."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write(values: dict[str, Any], path: str) -> None:
    """Write numbers, texts, arrays and tensors, and tuples, lists and mappings of them; of anything else its type alone."""
    blobs: list[bytes] = []
    header = json.dumps({name: _encoded(value, blobs) for name, value in values.items()})
    Path(path).write_bytes(header.encode() + b"\n" + b"".join(blobs))


def _encoded(value: Any, blobs: list[bytes]) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return {"plain": value}
    if isinstance(value, Mapping):
        return {"mapping": [[str(key), _encoded(item, blobs)] for key, item in value.items()]}
    if isinstance(value, tuple | list):
        return {"tuple" if isinstance(value, tuple) else "list": [_encoded(item, blobs) for item in value]}
    if isinstance(value, bytes):
        return _blob("bytes", (len(value),), value, blobs)
    if hasattr(value, "__array__") and "numpy" in sys.modules:
        return _array(value, blobs)
    return {"opaque": type(value).__name__}


def _array(value: Any, blobs: list[bytes]) -> Any:
    array = sys.modules["numpy"].asarray(value)
    if array.dtype.kind == "V":  # bfloat16 and the like, which a numpy without that extension cannot name
        array = array.astype("float32")
    if array.dtype.kind not in "biufcSU":
        return {"opaque": str(array.dtype)}
    return _blob(array.dtype.str, array.shape, array.tobytes(), blobs)


def _blob(kind: str, shape: tuple[int, ...], data: bytes, blobs: list[bytes]) -> Any:
    start = sum(map(len, blobs))
    blobs.append(data)
    return {"array": kind, "shape": list(shape), "start": start, "size": len(data)}
