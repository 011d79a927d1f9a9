"""The two versions that are compared: a tree on the path of a Python."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dlbench.engines.protocol import engine_named
from dlbench.gate.layout import lay_over, packages
from dlbench.gate.repository import git
from dlbench.values.errors import InputError

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NUMEXPR_NUM_THREADS",
           "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(32 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(2**30)}
"""Has glibc keep freed memory. By default it learns from the first blocks that are freed when to return memory to the system, so
that one process requests its arrays again and again and the next one never: up to a tenth of a kernel's time, at random."""


@dataclass(frozen=True)
class Side:
    """One version of the code.

    Attributes:
        label: names it in the report.
        root: the folder that it runs in; suites lie below it.
        python: the interpreter.
        path: folders that go before all others on its path.
        variables: set in its environment.
        commit: that its tree is; empty where it is none, or has changes that are not committed.
    """

    label: str
    root: Path
    python: str = sys.executable
    path: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    commit: str = ""

    def environment(self, seed: int, scratch: Path) -> dict[str, str]:
        """Return the variables of a server: its hash seed, one thread and an allocator that keeps memory, unless the user sets others."""
        defaults = dict.fromkeys(THREADS, "1") | ALLOCATOR | dict(engine_named().variables)
        path = [*map(str, self.path), *filter(None, [os.environ.get("PYTHONPATH")])]
        of_server = {"PYTHONPATH": os.pathsep.join(path), "PYTHONHASHSEED": str(seed), "TMPDIR": str(scratch)}
        return defaults | dict(os.environ) | of_server | dict(self.variables)


def tree(label: str, root: Path, python: str = sys.executable, variables: Mapping[str, str] | None = None) -> Side:
    """Return the version that lies in a folder, with its packages in the folder, in ``src`` or elsewhere below it.

    Example:
        >>> [folder.name for folder in tree("mine", Path("/project")).path]
        ['project']
    """
    source = root / "src"
    path: list[Path] = [*([source] if source.is_dir() else []), root, *packages(root).values()]
    return Side(label, root, python, tuple(dict.fromkeys(path)), variables or {})


def working_tree(python: str = sys.executable) -> Side:
    """Return the version in the current folder, with the commit that it is based on where there is one."""
    try:
        commit, changed = git("rev-parse", "HEAD"), git("status", "--porcelain", "--untracked-files=no")
    except InputError:
        return tree("this tree", Path.cwd(), python)
    side = tree(f"this tree ({commit[:9]}{' and changes' if changed else ''})", Path.cwd(), python)
    return side if changed else replace(side, commit=commit)


def with_tests_of(head: Side, base: Side, suites: Sequence[str], folder: Path) -> Side | None:
    """Return a copy of a version that has the tests of another one; None where that changes nothing."""
    copied = folder / "with-tests"
    shutil.copytree(base.root, copied, symlinks=True)
    if not suites or not lay_over(suites, head.root, copied):
        return None
    path = tuple(copied / part.relative_to(base.root) if part.is_relative_to(base.root) else part for part in base.path)
    return replace(base, root=copied, path=path)


def installed(python: str) -> Side:
    """Return the version that is installed in the environment of an interpreter.

    Raises:
        InputError: there is no such interpreter.
    """
    return Side(python, Path.cwd(), interpreter("--base-python", python))


def interpreter(option: str, python: str) -> str:
    """Return the path of an interpreter that an option names.

    Raises:
        InputError: there is no such program.
    """
    program = shutil.which(python)
    if program is None:
        raise InputError(f"{option} {python}: no such program; accepted: the path of a Python interpreter")
    return os.path.abspath(program)


def checked_out(reference: str, folder: Path, python: str = sys.executable, exact: bool = True, option: str = "--base",  # noqa: PLR0913
                branch: str = "HEAD") -> Side:
    """Write the version at a git reference of the current repository below a folder; the repository stays as it is.

    Args:
        exact: take the reference itself, not the commit at which ``branch`` left it.
        option: that names the reference.
        branch: whose merge base is taken.

    Raises:
        InputError: this is no git repository, or it has no such reference.
    """
    top, prefix = Path(git("rev-parse", "--show-toplevel")), git("rev-parse", "--show-prefix")
    try:
        named = commit = git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    except InputError:
        accepted = "a commit, branch or tag that this clone has (a shallow one may need `git fetch`)"
        raise InputError(f"{option} {reference}: no such git reference; accepted: {accepted}") from None
    if not exact:
        with contextlib.suppress(InputError):  # histories without a common commit, or cut off
            commit = git("merge-base", commit, branch)
    _write(top, commit, folder / "tree", folder / "index")
    root = folder / "tree" / prefix
    if not root.is_dir():
        raise InputError(f"{option} {reference}: it has no folder {prefix}")
    side = tree(f"{reference} ({commit[:9]}{', the merge base' if commit != named else ''})", root, python)
    return replace(side, commit=commit)


def _write(repository: Path, commit: str, folder: Path, index: Path) -> None:
    """Write a commit's files, and those of its submodules that this clone has."""
    environment = {**os.environ, "GIT_INDEX_FILE": str(index)}
    git("-C", str(repository), "read-tree", commit, env=environment)
    git("-C", str(repository), "checkout-index", "--all", f"--prefix={folder}/", env=environment)
    for line in git("-C", str(repository), "ls-files", "--stage", env=environment).splitlines():
        mode, inner, _ = line.split("\t")[0].split()
        path = line.split("\t", 1)[1]
        if mode == "160000" and (repository / path / ".git").exists():
            _write(repository / path, inner, folder / path, index.with_name(f"{index.name}-{len(path)}"))
