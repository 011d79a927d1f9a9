"""Where in a tree a function stands, and which of its lines are new."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
"""What the profiler counts as a function."""


def place_of(function: str, path: str, line: int, base: Path, head: Path) -> dict[str, Any]:
    """Return where a function stands in the judged tree, and which of its lines the base does not have.

    Args:
        function: its name.
        path: of its file, below both trees.
        line: its first one.
        base, head: the trees.

    Returns:
        ``function``, ``path``, ``line``, ``end_line``, and ``changed``: pairs of first and last line.
    """
    new = _text(head / path)
    end = _end(new, line)
    changed = [(max(first, line), min(last, end)) for first, last in changes(_text(base / path), new) if first <= end and last >= line]
    return {"function": function, "path": path, "line": line, "end_line": end, "changed": [list(pair) for pair in changed]}


def changes(old: str, new: str) -> Iterator[tuple[int, int]]:
    """The first and last line, from 1, of each stretch of a text that is new or was replaced.

    Example:
        >>> list(changes("a\\nb\\nc", "a\\nB\\nc\\nd"))
        [(2, 2), (4, 4)]
    """
    matcher = difflib.SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    for kind, _, _, first, last in matcher.get_opcodes():
        if kind in ("insert", "replace"):
            yield first + 1, last


def _end(text: str, line: int) -> int:
    """The last line of the function that begins at a line; that line itself where it cannot be told."""
    try:
        nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, SCOPES)]
    except (SyntaxError, ValueError):
        return line
    first = {node: min([node.lineno, *(part.lineno for part in getattr(node, "decorator_list", ()))]) for node in nodes}
    return max((node.end_lineno or line for node in nodes if line in (first[node], node.lineno)), default=line)


def _text(path: Path) -> str:
    """The text of a file; empty where a tree does not have it."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
