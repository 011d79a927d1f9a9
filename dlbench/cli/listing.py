"""``dlbench list``."""

from __future__ import annotations

from typing import Any

import click

from dlbench.app.listing import listing
from dlbench.cli import options
from dlbench.cli.text import echo_json, section


@click.command("list")
@click.argument("what", type=click.Choice(["techniques", "datasets", "models", "studies", "kernels"]), required=False)
@options.as_json
def command(what: str | None, as_json: bool) -> None:
    """List techniques, datasets, models, studies or kernels, one entry each, with parameters and paper."""
    entries = listing(what)
    if as_json:
        echo_json(entries if what is None else entries[what])
        return
    for kind, rows in entries.items():
        section(kind, [(row["name"], _text(row)) for row in rows])


def _text(row: dict[str, Any]) -> str:
    parameters = "; ".join(f"{item['name']}: {item['accepted']}{_default(item)}" for item in row.get("parameters", ()))
    paper = row.get("paper") or row.get("citation") or ""
    return " ".join(part for part in (row["summary"] + ".", f"[{parameters}]" if parameters else "", paper) if part)


def _default(item: dict[str, Any]) -> str:
    return " (required)" if item["required"] else "" if item["default"] is None else f" = {_plain(item['default'])}"


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
