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
"""glibc keeps the memory that is freed. By default it learns from what was freed first when to give some back, so that one process
asks the system for its arrays again and again and the next one never: by up to a tenth of a kernel's time, at random."""


@dataclass(frozen=True)
class Side:
    """One version of the code.

    Attributes:
        label: what it is called in the report.
        root: the folder that it is run in; suites are looked for below it.
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
        """The variables of a server: one thread and an allocator that keeps memory unless the user says otherwise, and a hash seed of
        its own."""
        usual = {name: "1" for name in THREADS} | ALLOCATOR | dict(engine_named().variables)
        path = [*map(str, self.path), *filter(None, [os.environ.get("PYTHONPATH")])]
        own = {"PYTHONPATH": os.pathsep.join(path), "PYTHONHASHSEED": str(seed), "TMPDIR": str(scratch)}
        return usual | dict(os.environ) | own | dict(self.variables)


def tree(label: str, root: Path, python: str = sys.executable, variables: Mapping[str, str] | None = None) -> Side:
    """The version that lies in a folder; packages are found in it, and in its ``src`` folder where there is one.

    Example:
        >>> [folder.name for folder in tree("mine", Path("/project")).path]
        ['project']
    """
    source = root / "src"
    return Side(label, root, python, (source, root) if source.is_dir() else (root,), variables or {})


def installed(python: str) -> Side:
    """The version that is installed in another environment.

    Raises:
        InputError: there is no such interpreter.
    """
    program = shutil.which(python)
    if program is None:
        raise InputError(f"--base-python {python}: no such program; accepted: the path of a Python interpreter")
    return Side(python, Path.cwd(), os.path.abspath(program))


def checked_out(reference: str, folder: Path, python: str = sys.executable) -> Side:
    """The version at a git reference of the repository that we stand in, written below a folder; the repository is left as it is.

    Raises:
        InputError: this is no git repository, or it has no such reference.
    """
    top, prefix = Path(_git("rev-parse", "--show-toplevel")), _git("rev-parse", "--show-prefix")
    commit = _commit(reference)
    index = {**os.environ, "GIT_INDEX_FILE": str(folder / "index")}
    _git("-C", str(top), "read-tree", commit, env=index)
    _git("-C", str(top), "checkout-index", "--all", f"--prefix={folder}/tree/", env=index)
    root = folder / "tree" / prefix
    if not root.is_dir():
        raise InputError(f"--base {reference}: it has no folder {prefix}")
    return tree(f"{reference} ({commit[:9]})", root, python)


def _commit(reference: str) -> str:
    try:
        return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    except InputError:
        wanted = "accepted: a commit, branch or tag that this clone has (a shallow one may need `git fetch`)"
        raise InputError(f"--base {reference}: no such git reference; {wanted}") from None


def _git(*arguments: str, env: dict[str, str] | None = None) -> str:
    try:
        ended = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, env=env)
    except FileNotFoundError:
        raise InputError("--base: git is not installed; accepted without it: --base-python PATH") from None
    except subprocess.CalledProcessError as error:
        raise InputError(f"--base: {' '.join(error.stderr.split()) or 'git failed'}") from None
    return ended.stdout.strip()
