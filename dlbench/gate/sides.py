"""The two versions that are compared: a tree on the path of a Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dlbench.engines.protocol import engine_named
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
    """

    label: str
    root: Path
    python: str = sys.executable
    path: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    def environment(self, seed: int, scratch: Path) -> dict[str, str]:
        """Return the variables of a server: its hash seed, one thread and an allocator that keeps memory, unless the user sets others."""
        defaults = dict.fromkeys(THREADS, "1") | ALLOCATOR | dict(engine_named().variables)
        path = [*map(str, self.path), *filter(None, [os.environ.get("PYTHONPATH")])]
        of_server = {"PYTHONPATH": os.pathsep.join(path), "PYTHONHASHSEED": str(seed), "TMPDIR": str(scratch)}
        return defaults | dict(os.environ) | of_server | dict(self.variables)


def tree(label: str, root: Path, python: str = sys.executable, variables: Mapping[str, str] | None = None) -> Side:
    """Return the version that lies in a folder, with its packages in the folder or in ``src`` below it.

    Example:
        >>> [folder.name for folder in tree("mine", Path("/project")).path]
        ['project']
    """
    source = root / "src"
    return Side(label, root, python, (source, root) if source.is_dir() else (root,), variables or {})


def installed(python: str) -> Side:
    """Return the version that is installed in the environment of an interpreter.

    Raises:
        InputError: there is no such interpreter.
    """
    program = shutil.which(python)
    if program is None:
        raise InputError(f"--base-python {python}: no such program; accepted: the path of a Python interpreter")
    return Side(python, Path.cwd(), os.path.abspath(program))


def checked_out(reference: str, folder: Path, python: str = sys.executable) -> Side:
    """Write the version at a git reference of the current repository below a folder; the repository stays as it is.

    Raises:
        InputError: this is no git repository, or it has no such reference.
    """
    top, prefix = Path(_git("rev-parse", "--show-toplevel")), _git("rev-parse", "--show-prefix")
    try:
        commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    except InputError:
        accepted = "a commit, branch or tag that this clone has (a shallow one may need `git fetch`)"
        raise InputError(f"--base {reference}: no such git reference; accepted: {accepted}") from None
    index = {**os.environ, "GIT_INDEX_FILE": str(folder / "index")}
    _git("-C", str(top), "read-tree", commit, env=index)
    _git("-C", str(top), "checkout-index", "--all", f"--prefix={folder}/tree/", env=index)
    root = folder / "tree" / prefix
    if not root.is_dir():
        raise InputError(f"--base {reference}: it has no folder {prefix}")
    return tree(f"{reference} ({commit[:9]})", root, python)


def _git(*arguments: str, env: dict[str, str] | None = None) -> str:
    try:
        ended = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, env=env)
    except FileNotFoundError:
        raise InputError("--base: git is not installed; accepted without it: --base-python PATH") from None
    except subprocess.CalledProcessError as error:
        raise InputError(f"--base: {' '.join(error.stderr.split()) or 'git failed'}") from None
    return ended.stdout.strip()
