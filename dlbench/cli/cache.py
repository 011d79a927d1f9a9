"""``dlbench cache``."""

from __future__ import annotations

from dataclasses import asdict

import click

from dlbench.app.cache import Entry, entries, remove
from dlbench.app.request import cache_dir
from dlbench.cli import options
from dlbench.cli.text import definitions, echo, echo_json, say
from dlbench.values.errors import InputError

MEBI = 2**20


@click.command("cache")
@click.argument("datasets", nargs=-1)
@click.option("--remove", "removed", is_flag=True, help="Remove what is kept of these DATASETS, or of all with --all.")
@click.option("--all", "every", is_flag=True, help="With --remove: everything.")
@options.as_json
def command(datasets: tuple[str, ...], removed: bool, every: bool, as_json: bool) -> None:
    """Show what is kept of decoded data, and where, or remove it. What is removed is decoded again when a study needs it."""
    if removed and bool(datasets) == every:
        raise InputError("cache --remove: accepted: names of datasets as `dlbench cache` shows them, or --all")
    if not removed and (datasets or every):
        raise InputError("cache: names and --all are accepted with --remove")
    kept = list(remove(datasets)) if removed else entries()
    if as_json:
        echo_json([asdict(entry) for entry in kept])
        return
    if kept:
        echo(definitions([(entry.dataset, _words(entry)) for entry in kept]))
    total = sum(entry.size_bytes for entry in kept) / MEBI
    say(f"{'removed from ' if removed else ''}{cache_dir()}: {len(kept)} decoded datasets, {total:,.1f} MiB")


def _words(entry: Entry) -> str:
    shape = f" of {'x'.join(map(str, entry.shape))}" if entry.shape else ""
    return f"{entry.examples:,} examples{shape}, {entry.size_bytes / MEBI:,.1f} MiB, {entry.used:%Y-%m-%d}, {entry.key}"
