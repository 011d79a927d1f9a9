"""``dlbench propose`` and ``dlbench lineage``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from dlbench.app.lineage import lineage
from dlbench.app.propose import Proposed, propose
from dlbench.cli.text import echo, say


@click.command("propose")
@click.option("--ledger", "path", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE",
              help="The lineage (JSON lines); begun where there is none.")
@click.option("--train", metavar="COMMAND", help="Trains once, such as 'python train.py --seed {seed}'. Needed to begin a ledger, which "
              "keeps it and what follows.")
@click.option("--score", metavar="NAME", help="The score of --train.")
@click.option("--lower/--higher", default=None, help="Whether lower scores are better.  [default: higher]")
@click.option("--margin", type=float, metavar="X", help="The smallest gain that is worth its seeds: a proposal whose gain is below it, "
              "with 80 % confidence, is given up.  [default: 0]")
@click.option("--score-pattern", metavar="REGEX", help="Finds scores in the output: a named group for each.")
@click.option("--control", type=click.Choice(("fdr", "fwer")), help="Of the error over all proposals, at 5 %: fdr, the share of false ones "
              "among those kept; fwer, the chance that any is.  [default: fdr]")
@click.option("--base", metavar="REF", help="The first incumbent of a ledger that is begun.  [default: HEAD]")
@click.option("--patch", type=click.Path(path_type=Path), metavar="FILE",
              help="Propose the incumbent's files with this patch, in place of the working tree.")
@click.option("--set", "parameters", multiple=True, metavar="NAME=VALUE",
              help="Propose the incumbent with another value of {NAME} in --train. Repeatable.")
@click.option("--name", metavar="TEXT", help="The proposal in words, for the page.")
@click.option("--train-limit", metavar="TIME", help="How long one training may take, such as 10min.")
@click.option("--json", "as_json", is_flag=True, help="Write the verdict as JSON.")
def command(path: Path, as_json: bool, **given: Any) -> int:
    """Is the working tree better than the best version so far? Both are trained on the same seeds, few at first, more while there is a
    prospect; the false ones among all that are ever kept are held at 5 %. A version that is kept becomes the one to beat, and is trained
    again on fresh seeds.

    Exit codes: 0 keep; 1 discard; 2 usage; 3 undecided, which is not to be kept; 4 nothing changed, or nothing can be trained; 130
    interrupted: the same command resumes."""
    found = propose(Proposed(**given), path, say)
    echo(json.dumps(found.as_json()) if as_json else found.text)
    return found.code


@click.command("lineage")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="PAGE", help="The page.  [default: FILE with .html]")
def lineage_command(path: Path, out: Path | None) -> None:
    """Write the page of a ledger: score against proposals, what was kept with its interval, and the total gain on fresh seeds beside the
    greedy claim."""
    echo(str(lineage(path, out, say)))
