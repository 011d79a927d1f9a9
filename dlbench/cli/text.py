"""Text for a terminal."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import click

from dlbench.app.outcome import Exit, Outcome
from dlbench.values.command import field_name
from dlbench.values.field import Traits
from dlbench.values.recipe import TRAITS
from dlbench.values.text import fitted, visible, wrapped

WIDEST = 34
"""Characters of the first of two columns."""


def echo(text: Any = "", err: bool = False, **style: Any) -> None:
    """Print text as the reports show it, in the width of the terminal and without what would steer it; ``style`` is click's."""
    click.secho(fitted(visible(str(text)), err), err=err, **style)


def say(text: str) -> None:
    """Print a line on standard error."""
    echo(text, err=True)


def hint(text: str) -> None:
    """Print a line on standard error for a person who waits at a terminal, and nothing elsewhere."""
    if sys.stderr is not None and sys.stderr.isatty():
        say(text)


def interrupted() -> Exit:
    """Say that a command was stopped which keeps nothing; return its exit code."""
    say("dlbench: interrupted; nothing is kept, the same command starts anew")
    return Exit.INTERRUPTED


def warn(*warnings: str) -> None:
    """Print warnings on standard error, a line each."""
    for text in warnings:
        echo(f"warning: {text}", err=True, fg="yellow")


def echo_json(value: Any) -> None:
    """Print JSON on standard output."""
    click.echo(visible(json.dumps(value, indent=2, default=str)))


def exit_code(outcome: Outcome) -> Exit:
    """The exit code of an outcome; arms with a fault and the ``--fail-on`` conditions that held go to standard error."""
    if outcome.faulty:
        say(f"fault: {', '.join(outcome.faulty)}: what the arm changes had no effect on training, so it has no verdict")
    if outcome.code == Exit.HELD:
        for condition, arms in outcome.held.items():
            say(f"--fail-on {condition}: {', '.join(arms)}")
    return outcome.code


def command_line(instead: Mapping[str, str] = MappingProxyType({})) -> str:
    """The command that was called, as one would type it.

    Args:
        instead: argument -> what to say in its place.
    """
    return shlex.join(["dlbench", *(instead.get(part, part) for part in sys.argv[1:])])


def definitions(rows: Sequence[tuple[str, str]], indent: int = 0) -> str:
    """Two columns that fit the terminal, the second wrapped; a name that is wider than the first has a line of its own."""
    width = min(shutil.get_terminal_size().columns, 120)
    place = indent + min(max((len(name) for name, _ in rows), default=0), WIDEST) + 2
    lines = []
    for name, text in rows:
        head, body = " " * indent + name, wrapped(" " * place + text, " " * place, width)
        lines.append(head.ljust(place) + body[place:] if len(head) + 2 <= place else f"{head}\n{body}")
    return "\n".join(line.rstrip() for line in lines)


def section(title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Print a bold title, two indented columns below it, and a blank line."""
    echo(title, bold=True)
    echo(definitions(rows, indent=2) + "\n")


def changes_text(changes: Mapping[str, tuple[Any, Any]]) -> str:
    """Say what an arm changes, computed from the recipes.

    Example:
        >>> changes_text({"model.dropout": (0.0, 0.5)})
        'model.dropout 0 → 0.5'
    """
    shown = {path: TRAITS.get(path, Traits()).words or _plain for path in changes}
    return ", ".join(f"{field_name(path)} {shown[path](old)} → {shown[path](new)}" for path, (old, new) in changes.items())


def _plain(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ",".join(map(_plain, value)) or "none"
    if value is None or isinstance(value, bool):
        return {None: "none", True: "on", False: "off"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)
