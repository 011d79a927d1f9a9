"""The reference of the command line, from what each command says of itself."""

from __future__ import annotations

import click

from dlbench.cli import COMMANDS, Lazy, dlbench

WIDTH = 100


def pages() -> dict[str, str]:
    """The one page."""
    group = Lazy()
    parts = ["# Commands", "What each command prints with `--help`.", _block(dlbench, "dlbench")]
    for name in COMMANDS:
        parts += [f"## dlbench {name}", _block(group.get_command(click.Context(group), name), f"dlbench {name}")]
    return {"commands.md": "\n\n".join(parts) + "\n"}


def _block(command: click.Command, path: str) -> str:
    context = click.Context(command, info_name=path, terminal_width=WIDTH, max_content_width=WIDTH)
    return f"```text\n{command.get_help(context)}\n```"
