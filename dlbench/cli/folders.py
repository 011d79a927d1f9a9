"""``dlbench status``, ``dlbench merge`` and ``dlbench export``: what is done with results folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dlbench.app.folders import FORMATS, load, log_of, merge, progress, repair, verify
from dlbench.app.outcome import Exit
from dlbench.app.recipe import export_recipe
from dlbench.cli import options
from dlbench.cli.text import echo, echo_json, say
from dlbench.values.errors import InputError
from dlbench.values.text import plural

KERAS = "keras"
"""The format that writes an arm's recipe instead of results."""


@click.command("status")
@options.folder
@options.as_json
@click.option("--verify", "verified", is_flag=True, help="Check that every record is as it was written. Exit code 3 where one is not.")
@click.option("--repair", "repaired", is_flag=True, help="Save what can be read of damaged results; the damaged file is kept.")
@click.option("--log", metavar="RUN", help="Show what a script wrote in a run, named by how its id begins.")
def status_command(folder: Path, as_json: bool, verified: bool, repaired: bool, log: str | None) -> Exit:
    """Show the runs of results FOLDER by status, and the reasons of failures."""
    if as_json + verified + repaired + (log is not None) > 1:
        raise InputError("--json, --verify, --repair and --log: accepted: one of them")
    if log is not None:
        echo(log_of(folder, log).rstrip("\n"))
        return Exit.DONE
    if verified:
        return _verify(folder)
    if repaired:
        _repair(folder)
    elif as_json:
        echo_json(progress(folder))
    else:
        _show(progress(folder))
    return Exit.DONE


def _show(status: dict[str, Any]) -> None:
    names = status["datasets"]
    datasets = f" on {len(names)} datasets: {', '.join(names)}" if len(names) > 1 else ""
    echo(f"{status['study']}: {status['planned']} runs planned{datasets}")
    for name, count in status["statuses"].items():
        echo(f"  {name:10} {count}")
    for versions, count in status["versions"].items() if len(status["versions"]) > 1 else ():
        echo(f"  {count} made with {versions or 'unknown versions'}; runs of different versions are not compared")
    for place, count in status["taken"].items():
        echo(f"  {plural(count, 'run')} made for another study, in {place}")
    for number, look in enumerate(status["looks"], 1):
        echo(_interim_analysis(number, look))
    for failure in status["failures"]:
        echo(f"{failure['arm']}, seed {failure['seed']} ({failure['run_id']}): {failure['status']}: {failure['reason']}")


def _interim_analysis(number: int, look: dict[str, Any]) -> str:
    """One interim analysis in a line."""
    line = f"look {number}, {look['seeds']} seeds, {look['taken']}"
    if look["declared"]:
        return f"{line}: " + "; ".join(f"{arm}: {verdict}" for arm, verdict in look["verdicts"].items())
    return line + (f": judged on {look['seeds'] - look['pilot']} new seeds, {look['pilot']} earlier ones were the pilot"
                   if look["pilot"] else ": judged on all of them")


def _verify(folder: Path) -> Exit:
    checked = verify(folder)
    for line in checked.damage:
        echo(line)
    if checked.damage:
        say(f"{folder}: damaged; `dlbench status {folder} --repair` saves what can be read")
    elif checked.sealed:
        echo(f"{_counted(checked.rows)}: all as they were written")
    else:
        echo(f"{_counted(checked.rows)}: readable; written by an older dlbench, without hashes (the next run adds them)")
    return Exit.FAILED if checked.damage else Exit.DONE


def _repair(folder: Path) -> None:
    done = repair(folder)
    if done is None:
        echo(f"{folder}: nothing is damaged, nothing was changed")
        return
    echo(f"saved: {_counted(done.saved)}")
    echo(f"damaged and left out: {_counted(done.lost)}; what lay on unreadable pages is not counted")
    echo(f"the damaged file is kept as {done.kept.name}; `dlbench run` runs again what is missing")


def _counted(rows: dict[str, int]) -> str:
    """How many of each, in words.

    Example:
        >>> _counted({"records": 2, "looks": 1, "cells": 0})
        '2 records, 1 look'
    """
    counts = [f"{count:,} {table if count != 1 else table.removesuffix('s').replace('studie', 'study')}" for table, count in rows.items()
              if count]
    return ", ".join(counts) or "nothing"


@click.command("merge")
@click.argument("folders", nargs=-1, required=True, type=options.FOLDER)
@click.option("--out", required=True, type=options.FOLDER, help="The folder to make; it has no results yet.")
@click.option("--fresh", is_flag=True, help="Set results that are in --out aside (renamed, not deleted).")
@options.into
def merge_command(folders: tuple[Path, ...], out: Path, fresh: bool, into: bool) -> Exit:
    """Join results FOLDERS of one study, from several machines or shards, into one. Every attempt at every run is kept; of a run
    that several folders have, the first folder's result counts. Exit code 4 where results of one run contradict each other."""
    merged = merge(folders, out, fresh, into)
    left = merged.planned - merged.finished
    rest = f"; {left} are left: `dlbench run STUDY --out {out}` runs them" if left else ""
    say(f"{out}: {merged.finished} of {merged.planned} runs, {merged.attempts} attempts{rest}")
    for line in merged.conflicts:
        echo(f"conflict: {line}")
    return Exit.NOTHING if merged.conflicts else Exit.DONE


@click.command("export")
@options.folder
@click.option("--format", "format", type=click.Choice([*FORMATS, KERAS]), default="parquet", show_default=True, help="What to write.")
@click.option("--out", type=options.FOLDER, help="Where to. [default: FOLDER/export]")
@options.into
@options.judged
@click.option("--arm", help="With --format keras: the arm whose recipe is written. [default: the confirmed one]")
@click.option("--study", help="With --format keras: the study file that the results were made from. [default: found by their command]")
@options.data_dir
def export_command(folder: Path, format: str, out: Path | None, into: bool, arm: str | None, study: str | None,  # noqa: PLR0913
                   data_dir: str | None, **judged: Any) -> None:
    """Write the results in FOLDER for other programs: tables as Parquet, CSV or JSON, runs for MLflow or TensorBoard; or, with
    --format keras, the recipe of an arm: a study file that starts from it, its model, its data, and a plain Keras script."""
    rejudged = any(value is not None for value in judged.values())
    if format == KERAS:
        if rejudged:
            raise InputError("--metric and --margin: accepted with results, not with --format keras, which writes a recipe")
        paths = export_recipe(folder, arm, out, into, study, data_dir)
    else:
        for name, value in (("--arm", arm), ("--study", study), ("--data-dir", data_dir)):
            if value is not None:
                raise InputError(f"{name}: accepted with --format keras")
        result = load(folder)
        paths = (result.rejudged(**judged) if rejudged else result).export(format, out, into)
    for path in paths:
        echo(path)
