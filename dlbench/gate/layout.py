"""Where a project keeps its packages and its tests, and how one version's tests are laid over another version's code."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

DEEPEST = 3
"""Folders below the project's in which a folder of packages is looked for, such as ``packages/x/src``."""
TESTS = ("test", "tests", "testing", "bench", "benches", "benchmark", "benchmarks", "perf", "performance")
OTHER = ("doc", "docs", "example", "examples", "build", "dist", "node_modules", "vendor", "third_party", "extern", "venv", "env", "tools",
         "scripts")
PATTERNS = ("test_*.py", "*_test.py", "bench_*.py", "*_bench.py", "conftest.py")
"""The files of a suite that lies among other code."""


def packages(root: Path) -> dict[str, Path]:
    """Return the folder that holds each package of a project, by the package's name; tests, documents and examples are left out.

    Example:
        >>> packages(Path("/nothing"))
        {}
    """
    return {package.name: package.parent for package in _packages(root, DEEPEST)}


def _packages(folder: Path, deeper: int) -> Iterator[Path]:
    try:
        inner = sorted(Path(entry.path) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
    except OSError:
        return
    for path in inner:
        if path.name.startswith((".", "_")) or path.name in (*TESTS, *OTHER) or (path / "pyvenv.cfg").is_file() or "-packages" in path.name:
            continue
        if (path / "__init__.py").is_file():
            yield path
        elif deeper:
            yield from _packages(path, deeper - 1)


def lay_over(suites: Sequence[str], head: Path, base: Path) -> bool:
    """Give the tree at ``base`` the tests of the tree at ``head``; the code under test stays. Returns whether there was anything to do."""
    laid = False
    for suite in suites:
        path = Path(suite.partition("::")[0])
        if path.is_absolute() or ".." in path.parts or not (head / path).exists():
            continue
        laid = True
        for source in _files(head / path, head):
            target = base / source.relative_to(head)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return laid


def _files(path: Path, root: Path) -> Iterator[Path]:
    """The files that belong to a suite, and what prepares it in the folders above."""
    for folder in path.parents:
        yield from (folder / name for name in ("conftest.py",) if (folder / name).is_file())
        if folder == root:
            break
    if path.is_file():
        yield path
    elif path.name in TESTS and path != root:
        yield from (file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    else:
        found = (file for pattern in PATTERNS for file in path.rglob(pattern))
        yield from (file for file in found if not any(part.startswith(".") for part in file.relative_to(root).parts))


def shared(base: dict[str, str], head: dict[str, str], roots: tuple[Path, Path], tests: set[str]) -> str:
    """Say which of the project's modules both sides load from one file; empty where there is none.

    Args:
        base, head: the file of each module that a side imported.
        roots: the trees of both.
        tests: files of cases, which may be the same.
    """
    own = packages(roots[1])
    same = {name: file for name, file in head.items() if base.get(name) == file and file not in tests}
    below = {name: file for name, file in same.items() if roots[0] != roots[1] and _below(file, roots)}
    found = below | {name: file for name, file in same.items() if name.partition(".")[0] in own}
    if not found:
        return ""
    first = min(found, key=lambda name: (name.count("."), name))
    more = f" (and {len(found) - 1} more modules)" * (len(found) > 1)
    return f"both sides load {first} from {found[first]}{more}"


def _below(file: str, roots: tuple[Path, Path]) -> bool:
    return "-packages" not in file and any(file.startswith(os.path.realpath(root) + os.sep) for root in roots)
