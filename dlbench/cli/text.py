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
from dlbench.values.field import Traits
from dlbench.values.recipe import TRAITS
from dlbench.values.text import visible


def echo(text: Any = "", err: bool = False, **style: Any) -> None:
    """Print text as the reports show it, without characters that would steer the terminal; ``style`` is click's."""
    click.secho(visible(str(text)), err=err, **style)


def say(text: str) -> None:
    """Print a line on standard error."""
    echo(text, err=True)


def hint(text: str) -> None:
    """Print a line on standard error for a person who waits at a terminal, and nothing elsewhere."""
    if sys.stderr is not None and sys.stderr.isatty():
        say(text)


def warn(*warnings: str) -> None:
    """Print warnings on standard error, a line each."""
    for text in warnings:
        echo(f"warning: {text}", err=True, fg="yellow")


def echo_json(value: Any) -> None:
    """Print JSON on standard output."""
    echo(json.dumps(value, indent=2, default=str))


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
    """Two columns that fit the terminal, the second wrapped."""
    formatter = click.HelpFormatter(width=min(shutil.get_terminal_size().columns, 120), indent_increment=indent)
    if indent:
        formatter.indent()
    formatter.write_dl(list(rows), col_max=34)
    return formatter.getvalue().rstrip()


def section(title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Print a bold title, two indented columns below it, and a blank line."""
    echo(title, bold=True)
    echo(definitions(rows, indent=2) + "\n")


def changes_text(changes: Mapping[str, tuple[Any, Any]]) -> str:
    """What an arm changes, computed from the recipes.

    Example:
        >>> changes_text({"model.dropout": (0.0, 0.5)})
        'model.dropout 0 → 0.5'
    """
    shown = {path: TRAITS.get(path, Traits()).words or _plain for path in changes}
    return ", ".join(f"{path} {shown[path](old)} → {shown[path](new)}" for path, (old, new) in changes.items())


def _plain(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ",".join(map(_plain, value)) or "none"
    if value is None or isinstance(value, bool):
        return {None: "none", True: "on", False: "off"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)
