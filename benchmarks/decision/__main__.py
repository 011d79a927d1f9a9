"""The command line: pilots, interleaved rounds, the report; each goes on where it was."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.decision.cases import CASES, Case, find
from benchmarks.decision.document import document, headline
from benchmarks.decision.estimates import RESAMPLES
from benchmarks.decision.findings import judged
from benchmarks.decision.pilots import extracted, keep, pilot_file, train_pilot
from benchmarks.decision.timing import FILE, Timing, read
from dlbench.values.errors import InputError
from dlbench.values.files import write

STEPS = ("pilots", "timing", "report")


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--step", "steps", multiple=True, type=click.Choice(STEPS), default=STEPS, show_default=True,
              help="pilots: train what is missing (any time). timing: interleaved rounds (leave the machine alone). report: write it"
                   " from the records, and print the row of the README. Repeatable.")
@click.option("--case", "names", multiple=True, default=tuple(case.name for case in CASES), show_default=True,
              help="For pilots and timing. Repeatable.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="How often every way is timed.")
@click.option("--resamples", type=click.IntRange(2), default=RESAMPLES, show_default=True, help="Of seeds and rounds, for the intervals.")
@click.option("--data-dir", envvar="DLBENCH_DATA_DIR", help="Where MNIST lies prepared (tfds). [env: DLBENCH_DATA_DIR]")
@click.option("--records", type=click.Path(file_okay=False, path_type=Path), default=Path("reports/decision"), show_default=True,
              help="The folder of what was trained and timed, in small form.")
@click.option("--work", type=click.Path(file_okay=False, path_type=Path), default=Path("build/decision"), show_default=True,
              help="The folder of results that pilots resume from.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("reports/decision.md"), show_default=True,
              help="The report.")
def main(**given: Any) -> None:
    """Measure how long dlbench and a Keras loop take to come to the same decision, and write a report."""
    records, work, data_dir = given["records"], given["work"].absolute(), given["data_dir"]
    try:
        cases = [find(name) for name in given["names"]]
        for folder in (records, work):
            folder.mkdir(parents=True, exist_ok=True)
        if "pilots" in given["steps"]:
            _pilots(cases, records, work, data_dir)
        if "timing" in given["steps"]:
            _export(cases, work, data_dir)
            Timing(records / FILE, work, lambda text: click.echo(text, err=True)).measure(cases, given["rounds"])
        if "report" in given["steps"]:
            _report(records, given["out"], given["resamples"])
    except (InputError, RuntimeError) as error:
        raise click.UsageError(str(error)) from None


def _export(cases: Sequence[Case], work: Path, data_dir: str | None) -> None:
    """Write the data of the cases that have none there."""
    for case in cases:
        if (work / f"{case.name}-labels.npz").exists():
            continue
        place = ["--data-dir", data_dir] if data_dir else []
        command = [sys.executable, "-m", "benchmarks.decision.export", case.name, str(work), *place]
        made = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        if made.returncode:
            reason = made.stderr.strip().splitlines()[-1].removeprefix(f"{InputError.__module__}.{InputError.__name__}: ")
            raise InputError(f"the data of case '{case.name}' cannot be exported: {reason}")


def _pilots(cases: Sequence[Case], records: Path, work: Path, data_dir: str | None) -> None:
    """Train the pilots whose records are missing."""
    for case in cases:
        missing = [layout for layout in case.layouts if not pilot_file(records, case, layout).exists()]
        if missing:
            _export([case], work, data_dir)
        for layout in missing:
            click.echo(f"{case.name}, {layout}: training the pilot", err=True)
            out = train_pilot(case, layout, work)
            with np.load(work / f"{case.name}-labels.npz") as labels:
                own = {name: labels[name] for name in labels.files if name.startswith(layout)}
            keep(extracted(out, own, case.layouts[layout]), pilot_file(records, case, layout), case)


def _report(records: Path, out: Path, resamples: int) -> None:
    data = read(records / FILE)
    found = judged(records, data["rounds"], resamples)
    write(out, document(found, data))
    click.echo(headline(found))
    click.echo(f"report: {out}", err=True)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.decision")
