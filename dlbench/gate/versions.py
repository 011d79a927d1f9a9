"""Versions of a project's files as trees of git: those of the working tree or of a patch, kept alive by references of their own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dlbench.gate.repository import git
from dlbench.values.errors import InputError

REFERENCES = "refs/dlbench"
"""Where the versions of ledgers are kept, so that git does not remove their files."""
AUTHOR = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
          for what, value in (("NAME", "dlbench"), ("EMAIL", "dlbench@localhost"), ("DATE", "2000-01-01T00:00:00Z"))}


def project() -> str:
    """Return what a project is known by: the first commit of its repository, and the folder below it.

    Raises:
        InputError: this is no git repository, or it has no commit.
    """
    try:
        first = git("rev-list", "--max-parents=0", "HEAD", "--").split()[-1]
    except (InputError, IndexError):
        raise InputError("--ledger: versions are kept in git, and this folder is in no repository with a commit; accepted: a folder in "
                         "which `git commit` was called once") from None
    return f"{first}:{git('rev-parse', '--show-prefix')}"


def tree_of(reference: str, without: Sequence[Path]) -> str:
    """Return the files of a commit.

    Args:
        reference: of the commit.
        without: files that do not belong to it, such as the ledger.

    Raises:
        InputError: there is no such commit.
    """
    try:
        commit = git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    except InputError:
        raise InputError(f"--base {reference}: no such git reference; accepted: a commit, branch or tag that this clone has (a shallow one "
                         "may need `git fetch`)") from None
    with _index() as environment:
        git("read-tree", commit, env=environment)
        return _written(without, environment)


def working_tree(without: Sequence[Path]) -> str:
    """Return the working tree's files as they are, with new ones that git does not ignore; the index of git stays as it is."""
    top = git("rev-parse", "--show-toplevel")
    with _index() as environment:
        git("-C", top, "read-tree", "HEAD", env=environment)
        git("-C", top, "add", "--all", "--", ".", env=environment)
        return _written(without, environment)


def _written(without: Sequence[Path], environment: dict[str, str]) -> str:
    """Write an index as a tree, but for some files."""
    top = Path(git("rev-parse", "--show-toplevel")).resolve()
    inside = [path.resolve().relative_to(top) for path in without if path.resolve().is_relative_to(top)]
    if inside:
        git("-C", str(top), "rm", "--quiet", "--cached", "--ignore-unmatch", "--", *(f":(top,literal){path}" for path in inside),
            env=environment)
    return git("write-tree", env=environment)


def patched(tree: str, patch: Path) -> str:
    """Return a tree with a patch, as ``git diff`` writes it, applied.

    Raises:
        InputError: it cannot be read, or does not fit.
    """
    if not patch.is_file():
        raise InputError(f"--patch {patch}: no such file; accepted: what `git diff` wrote")
    with _index() as environment:
        git("read-tree", tree, env=environment)
        try:
            git("apply", "--cached", str(patch.resolve()), env=environment)
        except InputError as error:
            raise InputError(f"--patch {patch}: it does not fit the incumbent: {str(error).removeprefix('--base: ')}; accepted: a patch to "
                             "the incumbent's files, as `git diff` writes it") from None
        return git("write-tree", env=environment)


def keep_alive(tree: str, name: str) -> None:
    """Keep a tree's files from being removed by git, as ``refs/dlbench/NAME``."""
    commit = git("commit-tree", tree, "-m", f"dlbench: {name}", env={**os.environ, **AUTHOR})
    git("update-ref", f"{REFERENCES}/{name}", commit)


def write_out(tree: str, folder: Path, what: str) -> Path:
    """Write a tree's files into a folder, and return where in it the current folder's project lies.

    Raises:
        InputError: git has the tree no more.
    """
    try:
        git("cat-file", "-e", f"{tree}^{{tree}}")
    except InputError:
        raise InputError(f"{what}: its files are gone: this repository has no tree {tree[:12]}; accepted: the clone in which it was kept, "
                         f"or `git fetch` of its {REFERENCES}/*") from None
    folder.mkdir(parents=True)
    with _index() as environment:
        top = git("rev-parse", "--show-toplevel")
        git("-C", top, "read-tree", tree, env=environment)
        git("-C", top, "checkout-index", "--all", f"--prefix={folder}/", env=environment)
    return folder / git("rev-parse", "--show-prefix")


@contextmanager
def _index() -> Iterator[dict[str, str]]:
    """An index of git's that is not that of the repository."""
    with tempfile.TemporaryDirectory(prefix="dlbench-index-") as folder:
        yield {**os.environ, "GIT_INDEX_FILE": str(Path(folder) / "index")}
