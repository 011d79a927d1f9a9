"""``dlbench status``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dlbench.cli.common import echo_json
from dlbench.store.database import Store
from dlbench.store.read import progress
from dlbench.store.repair import repair
from dlbench.store.schema import SCHEMA
from dlbench.values.errors import InputError


@click.command("status")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.option("--verify", "verified", is_flag=True, help="Check that every record is as it was written. Exit code 3 where one is not.")
@click.option("--repair", "repaired", is_flag=True, help="Save what can be read of damaged results; the damaged file is kept.")
def command(folder: Path, as_json: bool, verified: bool, repaired: bool) -> int:
    """Show the runs of results FOLDER by status, and the reasons of failures."""
    if as_json + verified + repaired > 1:
        raise InputError("--json, --verify and --repair: accepted: one of them")
    if repaired:
        return _repair(folder)
    return _verify(folder) if verified else _show(folder, as_json)


def _show(folder: Path, as_json: bool) -> int:
    facts = progress(folder)
    if as_json:
        echo_json(facts)
        return 0
    place = f" on {len(facts['datasets'])} datasets: {', '.join(facts['datasets'])}" if len(facts["datasets"]) > 1 else ""
    click.echo(f"{facts['study']}: {facts['planned']} runs planned{place}")
    for status, count in facts["statuses"].items():
        click.echo(f"  {status:10} {count}")
    for versions, count in facts["versions"].items() if len(facts["versions"]) > 1 else ():
        click.echo(f"  {count} made with {versions or 'unknown versions'}; runs of different versions are not compared")
    for number, look in enumerate(facts["looks"], 1):
        click.echo(_look(number, look))
    for failure in facts["failures"]:
        click.echo(f"{failure['arm']}, seed {failure['seed']} ({failure['run_id']}): {failure['status']}: {failure['reason']}")
    return 0


def _look(number: int, look: dict[str, Any]) -> str:
    """One look in a line."""
    line = f"look {number}, {look['seeds']} seeds, {look['taken']}"
    if look["declared"]:
        return f"{line}: " + "; ".join(f"{arm}: {verdict}" for arm, verdict in look["verdicts"].items())
    return line + (f": judged on {look['seeds'] - look['pilot']} new seeds, {look['pilot']} earlier ones were the pilot"
                   if look["pilot"] else ": judged on all of them")


def _verify(folder: Path) -> int:
    with Store(folder) as store:
        found, schema = store.check(), store.schema
    for line in found.damage:
        click.echo(line)
    if found.damage:
        click.echo(f"{folder}: damaged; `dlbench status {folder} --repair` saves what can be read", err=True)
        return 3
    if schema < SCHEMA:
        click.echo(f"{_counted(found.rows)}: readable; written by an older dlbench, without hashes (the next run adds them)")
    else:
        click.echo(f"{_counted(found.rows)}: all as they were written")
    return 0


def _repair(folder: Path) -> int:
    done = repair(folder)
    if done is None:
        click.echo(f"{folder}: nothing is damaged, nothing was changed")
        return 0
    click.echo(f"saved: {_counted(done.saved)}")
    click.echo(f"damaged and left out: {_counted(done.lost)}; what lay on unreadable pages is not counted")
    click.echo(f"the damaged file is kept as {done.kept.name}; `dlbench run` runs again what is missing")
    return 0


def _counted(rows: dict[str, int]) -> str:
    """How many of each, in words.

    Example:
        >>> _counted({"records": 2, "looks": 1, "cells": 0})
        '2 records, 1 look'
    """
    told = [f"{count:,} {table if count != 1 else table.removesuffix('s').replace('studie', 'study')}" for table, count in rows.items()
            if count]
    return ", ".join(told) or "nothing"
