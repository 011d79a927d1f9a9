"""Exceptions that the user sees as one line, without a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

STOPPED_CODE = 3
"""The exit code of a command that cannot go on, or of which some runs failed."""


class InputError(Exception):
    """Input that cannot be used; the command line prints its message and exits with code 2."""


class Stopped(RuntimeError):
    """This machine cannot go on: the disk is full, or no worker starts. The command line prints the message and exits with code 3."""


def unknown(kind: str, name: object, accepted: Iterable[object]) -> str:
    """Word a message about an unknown name, with the nearest match.

    Example:
        >>> unknown("technique", "dropuot", ["dropout", "l2"])
        "unknown technique 'dropuot'; did you mean 'dropout'? Accepted: dropout, l2"
    """
    names = [str(one) for one in accepted]
    return f"unknown {kind} '{name}'{nearest(name, names) or '.'} Accepted: {', '.join(names) or 'nothing'}"


def nearest(name: object, names: Sequence[str]) -> str:
    """Ask for the nearest of the names that there are; empty where none is near.

    Example:
        >>> nearest("dropuot", ["dropout", "l2"]), nearest("dropout", [])
        ("; did you mean 'dropout'?", '')
    """
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else ""
