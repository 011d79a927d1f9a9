"""``dlbench cache``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import click

from dlbench.app.cache import RUNS, Entry, entries, remove
from dlbench.app.request import cache_dir
from dlbench.cli import options
from dlbench.cli.text import definitions, echo, echo_json, say
from dlbench.values.errors import InputError
from dlbench.values.text import plural

MEBI = 2**20


@click.command("cache")
@click.argument("datasets", nargs=-1, metavar="[NAME]...")
@click.option("--remove", "removed", is_flag=True, help="Remove what is kept of these NAMEs, or of all with --all.")
@click.option("--all", "every", is_flag=True, help="With --remove: everything.")
@options.as_json
def command(datasets: tuple[str, ...], removed: bool, every: bool, as_json: bool) -> None:
    """Show what is kept of decoded data, of what frozen networks compute of it, and of finished runs, and where; or remove it by its
    name. What is removed is made again when a study needs it. DLBENCH_RUNS_GIB and DLBENCH_FEATURES_GIB are limits."""
    if removed and bool(datasets) == every:
        raise InputError("cache --remove: accepted: names of datasets as `dlbench cache` shows them, runs, or --all")
    if not removed and (datasets or every):
        raise InputError("cache: names and --all are accepted with --remove")
    kept = list(remove(datasets)) if removed else entries()
    if as_json:
        echo_json([asdict(entry) for entry in kept])
        return
    features = [entry for entry in kept if entry.key.endswith(".npy")]
    others = [entry for entry in kept if entry not in features]
    if kept:
        echo(definitions([*((entry.dataset, _words(entry)) for entry in others), *_summed(features)]))
    runs = sum(entry.dataset == RUNS for entry in others)
    parts = [f"{len(others) - runs} decoded datasets", *["features"] * bool(features), *["finished runs"] * runs]
    total = sum(entry.size_bytes for entry in kept) / MEBI
    say(f"{'removed from ' if removed else ''}{cache_dir()}: {', '.join(parts)}, {total:,.1f} MiB")


def _summed(features: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """Sum up the features of each dataset, of which there is an array for each base and part of the data."""
    for name in dict.fromkeys(entry.dataset for entry in features):
        some = [entry for entry in features if entry.dataset == name]
        size = sum(entry.size_bytes for entry in some) / MEBI
        yield name, f"{plural(len(some), 'array')}, {size:,.1f} MiB, {max(entry.used for entry in some):%Y-%m-%d}"


def _words(entry: Entry) -> str:
    if entry.dataset == RUNS:
        count = plural(entry.examples, "finished run") if entry.examples >= 0 else "cannot be read"
        return f"{count}, {entry.size_bytes / MEBI:,.1f} MiB, {entry.used:%Y-%m-%d}, {entry.key}"
    shape = f" of {'x'.join(map(str, entry.shape))}" if entry.shape else ""
    return f"{entry.examples:,} examples{shape}, {entry.size_bytes / MEBI:,.1f} MiB, {entry.used:%Y-%m-%d}, {entry.key}"
