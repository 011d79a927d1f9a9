"""``dlbench judge``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from dlbench.app.judge import Question, demand_folder, judge, plain_values, save
from dlbench.app.outcome import Exit, Outcome, held_conditions
from dlbench.app.report import FORMATS
from dlbench.cli import options
from dlbench.cli.text import echo, echo_json, exit_code, say
from dlbench.values.errors import InputError
from dlbench.values.files import write
from dlbench.values.text import listed, one_line

MOST_NAME = 120
"""Characters of an arm's name that a line shows."""
PASTED = "pasted"
"""Name of results from standard input."""


@click.command("judge")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--margin", metavar="X", help="The smallest difference that matters, in the unit of the score, or in points: 0.5pp.")
@click.option("--reads", metavar="READER", help="How SOURCE is read, such as csv, tensorboard, mlflow. [default: by its name and contents]")
@click.option("--arm", "--arm-from", "arms", metavar="COLUMN", multiple=True,
              help="Column that makes an arm; several with commas, or repeated.")
@click.option("--seed", "--seed-from", "seed", metavar="COLUMN", help="Column of the seed.")
@click.option("--score", metavar="COLUMN", help="Column of the score.")
@click.option("--baseline", "--against", "baselines", metavar="ARM", multiple=True,
              help="What the others are compared with: a name, or column=value,…")
@click.option("--higher/--lower", "higher", default=None, help="Whether more of the score is better. [default: by its name]")
@click.option("--paired", is_flag=True, default=None, help="Runs of one seed are pairs: it draws the same numbers in both arms.")
@click.option("--pair-by", metavar="COLUMN", help="Runs of one value of this column are pairs, such as a fold or a dataset.")
@click.option("--wide", is_flag=True, default=None,
              help="A column is an arm, a row a seed; or a row is an arm, and numbered columns are its runs.")
@click.option("--step", metavar="COLUMN", help="Column that numbers the values of a run's history. [default: by its name, such as epoch]")
@click.option("--history", metavar="WAY", help="The value of each run's history that is its score: last, best or last-quarter (its mean).")
@click.option("--trials", is_flag=True, help="Rows are trials of a search: show the expected best of as many trials for every arm.")
@click.option("--examples", metavar="FILES", help="Values per test example: a column of files, or values/{arm}_{seed}.npy beside SOURCE.")
@click.option("--labels", type=click.Path(path_type=Path), help="True classes, where the files of --examples hold predicted ones.")
@click.option("--drop-missing", is_flag=True, help="Leave runs without a score out, and say so.")
@click.option("--question", default="", help="The report's title.")
@click.option("--out", type=options.FOLDER, help="Folder of the report. [default: judged/SOURCE]")
@click.option("--format", "formats", multiple=True, type=click.Choice(list(FORMATS)), help="Repeatable. [default: html, md]")
@options.into
@options.fail_on
@options.as_json
def command(source: Path, arms: tuple[str, ...], higher: bool | None, out: Path | None, formats: tuple[str, ...],  # noqa: PLR0913
            into: bool, fail_on: tuple[str, ...], as_json: bool, pair_by: str | None, baselines: tuple[str, ...], **given: Any) -> Exit:
    """Judge results that others made: SOURCE is a table, a folder of runs, an export, a judge.toml, or - for a pasted table.

    Says which column was taken as what, judges every arm against the baseline, and writes a page and a judge.toml that runs again.
    """
    if len(baselines) > 1:
        raise InputError(f"--baseline is named {len(baselines)} times ({listed([repr(name) for name in baselines], most=4)}); "
                         "accepted: once")
    given["baseline"] = next(iter(baselines), None)
    columns = tuple(name.strip() for text in arms for name in text.split(",") if name.strip())
    if pair_by:
        if given["seed"]:
            raise InputError(f"--pair-by {pair_by} beside --seed {given['seed']}: accepted: one of the two, for pairs have one name")
        given |= {"seed": pair_by, "paired": True}
    if str(source) == "-":
        source, out = _pasted(out, into, as_json), out or Path("judged") / PASTED
        into = True
    found = judge(Question(source, arm=columns, higher_is_better=higher, **given), out)
    verdicts = found.result.verdicts
    if as_json:
        echo_json(plain_values(found))
    else:
        for sentence in found.said:
            say(sentence)
        for path in save(found, formats or ("html", "md"), into)[:1]:
            say(f"report: {path}")
        for row in verdicts.itertuples():
            echo(f"{one_line(row.arm, MOST_NAME)}: {row.verdict}: {row.reason}")
    return exit_code(Outcome(held=held_conditions(verdicts, fail_on), nothing=not len(verdicts)))


def _pasted(out: Path | None, into: bool, as_json: bool) -> Path:
    """Keep what stands on standard input as a file beside the report, or, where none is written, as one that is thrown away."""
    text = sys.stdin.read()
    if not text.strip():
        raise InputError("-: nothing stands on standard input; accepted: a table with a line of names, such as cells of a spreadsheet")
    folder = Path(tempfile.mkdtemp(prefix="dlbench-")) if as_json else (out or Path("judged") / PASTED)
    demand_folder(folder, into)
    return write(folder / f"{PASTED}.tsv", text)
