"""What git says of the current folder's repository."""

from __future__ import annotations

import subprocess

from dlbench.values.errors import InputError


def git(*arguments: str, env: dict[str, str] | None = None) -> str:
    """Return what a command of git prints.

    Raises:
        InputError: git is not installed, or the command failed.
    """
    try:
        ended = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, env=env)
    except FileNotFoundError:
        raise InputError("--base: git is not installed; accepted without it: --base-python PATH") from None
    except subprocess.CalledProcessError as error:
        raise InputError(f"--base: {' '.join(error.stderr.split()) or 'git failed'}") from None
    return ended.stdout.strip()


def commits_between(base: str, head: str) -> list[str]:
    """Return the commits of the line of first parents that ``head`` has and ``base`` has not, the oldest first.

    Raises:
        InputError: one of them is no commit.
    """
    for name in (base, head):
        try:
            git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except InputError:
            accepted = "BASE..HEAD, commits, branches or tags"
            raise InputError(f"--bisect {base}..{head}: {name} is no git reference; accepted: {accepted}") from None
    return git("rev-list", "--first-parent", "--reverse", f"{base}..{head}", "--").split()


def main_line() -> list[str] | None:
    """Return the commits from the first to the current one along first parents; None where this clone does not have them all."""
    try:
        if git("rev-parse", "--is-shallow-repository") == "true":
            return None
        return git("rev-list", "--first-parent", "--reverse", "HEAD", "--").split()
    except InputError:
        return None


def described(commit: str) -> str:
    """Return a commit's short name and the first line of its message."""
    return git("show", "-s", "--format=%h %s", commit)


def date_of(commit: str) -> str:
    """Return when a commit was made, as ISO 8601."""
    return git("show", "-s", "--format=%cI", commit)
