"""The one exception that means "the user's input is wrong", and how its message is worded."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(Exception):
    """Input that cannot be used; the command line prints its message and exits with code 2."""


def unknown(kind: str, name: object, accepted: Iterable[object]) -> str:
    """Word a message about an unknown name, with the nearest match.

    Example:
        >>> unknown("technique", "dropuot", ["dropout", "l2"])
        "unknown technique 'dropuot'; did you mean 'dropout'? Accepted: dropout, l2"
    """
    accepted = list(map(str, accepted))
    near = difflib.get_close_matches(str(name), accepted, n=1, cutoff=0.5)
    hint = f"; did you mean '{near[0]}'?" if near else "."
    return f"unknown {kind} '{name}'{hint} Accepted: {', '.join(accepted) or 'nothing'}"
