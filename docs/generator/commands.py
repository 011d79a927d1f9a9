"""The reference of the command line: ``docs/commands.md``, and what each command prints with ``--help``."""

from __future__ import annotations

from pathlib import Path

import click

from dlbench.cli import COMMANDS, Lazy, dlbench

GUIDE = Path(__file__).parents[1] / "commands.md"
WIDTH = 100


def pages() -> dict[str, str]:
    """The one page: path -> text."""
    group = Lazy()
    guide = GUIDE.read_text(encoding="utf-8").rstrip()
    parts = [guide, "## Every option", "What each command prints with `--help`.", _block(dlbench, "dlbench")]
    for name in COMMANDS:
        parts += [f"### dlbench {name}", _block(group.get_command(click.Context(group), name), f"dlbench {name}")]
    return {"commands.md": "\n\n".join(parts) + "\n"}


def _block(command: click.Command, path: str) -> str:
    context = click.Context(command, info_name=path, terminal_width=WIDTH, max_content_width=WIDTH)
    return f"```text\n{command.get_help(context)}\n```"
