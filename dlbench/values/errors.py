"""Exceptions that the user sees as one line, without a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


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
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    hint = f"; did you mean '{near[0]}'?" if near else "."
    return f"unknown {kind} '{name}'{hint} Accepted: {', '.join(names) or 'nothing'}"
