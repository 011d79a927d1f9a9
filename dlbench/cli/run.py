"""``dlbench run``."""

from __future__ import annotations

import signal
from pathlib import Path

import click
import pandas as pd

from dlbench.analysis import Analysis, analyse
from dlbench.cli.common import (
    FAIL_ON,
    cache_dir,
    checked_data_dir,
    command_line,
    failing,
    planned,
    results_folder,
    study_options,
)
from dlbench.cli.index import index
from dlbench.cli.place import place_options, placed, say_shard, shard_folder
from dlbench.cli.progress import listener
from dlbench.execution.driver import Driver, Options, Summary
from dlbench.report import render_analysis
from dlbench.store.read import progress, read
from dlbench.study import Plan, members
from dlbench.values.errors import InputError

WORST = (3, 4, 1, 0)
"""Exit codes of a study, the worst first."""


@click.command("run")
@study_options
@place_options
@click.option("--timeout", type=click.FloatRange(0, min_open=True), help="Seconds that one run may take.")
@click.option("--fresh", is_flag=True, help="Set earlier results aside (renamed, not deleted) and run everything.")
@click.option("--renew", is_flag=True, help="Run again what was made with other versions of dlbench, TensorFlow, Keras or numpy, or with "
              "other data.")
@click.option("--wait", is_flag=True, help="Wait for another run that is writing to the results folder. [default: exit with 2]")
@click.option("--no-timing", is_flag=True, help="Leave the timing phase out.")
@click.option("--no-report", is_flag=True, help="Render no report.")
@click.option("--fail-on", multiple=True, type=click.Choice(FAIL_ON), help="Exit with 1 where any arm is so. Repeatable.")
def command(study, seeds, arms, overrides, data_dir, out, **how) -> int:  # noqa: PLR0913
    """Run what STUDY has not run yet, then render its report.

    STUDY is a path, or a shipped study's name; a folder of studies, or a shipped one's name, stands for all of them, one after another.
    """
    def made(name: str, anew: bool = True) -> Plan:
        return planned(name, seeds, arms, overrides, checked_data_dir(data_dir), anew, how["weights"])

    names = members(study)
    if names == [study]:
        return _one(made(study), out, command_line(), data_dir, **how)
    if how["shard"]:
        raise InputError(f"--shard {how['shard']}: {study} stands for {len(names)} studies; accepted: with one of them")
    for name in names:
        made(name, anew=False)  # a slip in any of them is told before the first run
    folder, codes = out or Path("reports") / Path(study).resolve().name, []
    for number, name in enumerate(names, start=1):
        click.secho(f"{name}: study {number} of {len(names)}", err=True, bold=True)
        place = folder / Path(name).stem
        codes.append(_one(made(name), place, command_line({study: name, str(out): str(place)}), data_dir, **how))
    if not how["no_report"]:
        index(folder, ("html", "md"))
    return next(code for code in WORST if code in codes)


def _one(whole: Plan, out: Path | None, typed: str, data_dir: str | None, *,  # noqa: PLR0913
         timeout, weights, fresh, renew, wait, no_timing, no_report, fail_on, **place) -> int:
    where = placed(whole, **place)
    if part := where["shard"]:
        out, no_timing = out or shard_folder(whole.study.name, part), True
    options = Options(
        out=results_folder(whole.study, out), command=typed, data_dir=data_dir, cache_dir=cache_dir(),
        timeout_s=timeout, fresh=fresh, wait=wait, renew=renew, rounds=0 if no_timing else 10, imagenet=weights, **where,
    )
    for warning in whole.warnings:
        click.secho(f"warning: {warning}", err=True, fg="yellow")
    summary = _execute(whole, options)
    _say(summary, options.out)
    if part:
        say_shard(whole.study.name, part, options.out)
        return 3 if summary.failures else 0
    return conclude(options.out, () if no_report else ("html", "md"), fail_on, bool(summary.failures))


def _execute(whole: Plan, options: Options) -> Summary:
    def leave(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
    with listener() as shown:
        return Driver(whole, options, shown).carry_out()


def _say(summary: Summary, folder: Path) -> None:
    click.echo(f"{summary.done} runs done, {summary.reused} were there already, {len(summary.failures)} failed", err=True)
    failures = progress(folder)["failures"] if summary.failures else []
    by_id = {run["run_id"]: f"{run['arm']}, seed {run['seed']}" for run in failures}
    for run_id, reason in summary.failures.items():
        click.echo(f"  {by_id.get(run_id, 'pretraining')} ({run_id}): {reason}", err=True)


def conclude(folder: Path, formats: tuple[str, ...], fail_on: tuple[str, ...], failed: bool) -> int:
    """Render a results folder, print its verdicts, and work out the exit code: every family
    of verdicts counts, at default and tuned, on each dataset.
    """
    analysis = analyse(read(folder))
    table = _families(analysis)
    for path in render_analysis(analysis, folder, formats)[:1] if formats else ():
        click.echo(f"report: {path}", err=True)
    for row in table.itertuples():
        click.echo(f"{row.arm}: {row.verdict}: {row.reason}")
    if failed:
        return 3
    if not len(analysis.results.runs):
        return 4
    return 1 if failing(table, fail_on) else 0


def _families(analysis: Analysis) -> pd.DataFrame:
    """The verdicts of every comparison that the study makes, each adjusted on its own."""
    tables = []
    for part in analysis.parts:
        place = f", on {part.results.study['dataset']}" if analysis.others else ""
        tables.append(_named(part.verdicts, place))
        if part.tuned is not None:
            tables.append(_named(part.tuned.verdicts, f", tuned{place}"))
    return pd.concat(tables, ignore_index=True)


def _named(table: pd.DataFrame, words: str) -> pd.DataFrame:
    return table.assign(arm=[f"{arm}{words}" for arm in table.arm])
