"""``dlbench gate``."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import click

from dlbench.app.gate import Asked, Measures, Versions, gate
from dlbench.cli import options
from dlbench.cli.text import echo, interrupted, say

Part = TypeVar("Part", Versions, Measures, Asked)


@click.command("gate")
@click.option("--base", metavar="REF", help="The version to compare with: a git commit, branch or tag.")
@click.option("--head", metavar="REF", help="The version that is judged, in place of this working tree.")
@click.option("--bisect", metavar="BASE..HEAD", help="In place of --base: find the first commit that fails, by the same verdicts.")
@click.option("--history", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Keeps what each gate found (JSON lines), adds up small changes, and writes gate/index.html with the trends.")
@click.option("--base-exact", is_flag=True, help="REF itself, not the commit at which this branch left it (the merge base).")
@click.option("--base-python", metavar="PATH", help="The base's interpreter. Without --base: what is installed there is the base.")
@click.option("--python", metavar="PATH", help="This tree's interpreter, and that of --base unless --base-python names another.")
@click.option("--cases", "modules", multiple=True, metavar="MODULE",
              help="A module with CASES: dlbench's cases, or a mapping of names to functions. Repeatable.")
@click.option("--pytest", "suites", multiple=True, metavar="PATH", help="A pytest-benchmark suite. Repeatable.")
@click.option("--train", metavar="COMMAND", help="Train both trees on the same seeds, such as 'python train.py --seed {seed}', and fail "
              "where this tree's score is worse. Speed is then measured of --cases and --pytest alone.")
@click.option("--study", type=options.FILE, metavar="FILE",
              help="In place of --train: the baseline of a study, judged by all of its metrics.")
@click.option("--score", metavar="NAME", help="The score of --train.")
@click.option("--lower", is_flag=True, help="Lower scores are better.")
@click.option("--margin", type=float, metavar="X", help="The largest loss of the score that does not matter.")
@click.option("--looks", metavar="N,...", help="Seeds after which training is judged.  [default: 5,8,12,20]")
@click.option("--spend", metavar="TIME", help="In place of --looks: how long all trainings may take, such as 20min.")
@click.option("--score-pattern", default="", metavar="REGEX", help="Finds scores in the output: a named group for each.")
@click.option("--train-limit", metavar="TIME", help="How long one training may take, such as 10min.")
@click.option("-k", "words", multiple=True, metavar="TEXT", help="Only cases whose name holds this text. Repeatable.")
@click.option("--min-effect", type=options.Percent(), default=0.05, show_default="5%", help="The smallest change that matters.")
@click.option("--min-memory", type=options.Percent(), default=0.10, show_default="10%",
              help="The smallest growth of a call's memory or allocations that matters.")
@click.option("--budget", "budget_s", type=click.FloatRange(1), show_default="120, more from 7 cases on", metavar="SECONDS",
              help="For measuring, once the servers have started; what it leaves open is undecided.")
@click.option("--undecided", type=click.Choice(("fail", "warn", "pass")), show_default="warn; fail for a training",
              help="What cases that stay undecided or suspected, and an undecided training, do to the exit code.")
@click.option("--build", metavar="COMMAND", help="Prepares each version in its own folder, such as 'python setup.py build_ext --inplace'; "
              "one with 'pip install' gets an environment of its own.")
@click.option("--servers", type=click.IntRange(3, 16), default=3, show_default=True, help="Servers on each side.")
@click.option("--clock", type=click.Choice(("auto", "cpu", "wall")), default="auto", show_default=True,
              help="Processor time of a process with its threads and children, or wall time. auto: wall time of cases that mostly wait.")
@click.option("--out", type=options.FOLDER, default=Path("."), show_default="this folder", help="Where gate.json and gate.md are written.")
def command(out: Path, history: Path | None, **given: Any) -> int:
    """Is this tree slower than another version of it, or does it train worse models? Both are measured side by side, in fresh processes,
    and a slowdown is only told when it is confirmed; of a training it is shown that its score is not worse by more than --margin.

    Without --train, --study, --cases and --pytest, the cases are those of the table [tool.dlbench.gate] in pyproject.toml
    (cases = [MODULE, ...], pytest = [PATH, ...]), or else the entry points that the project declares in the group dlbench.cases.

    Exit codes: 0 no regression, training not worse; 1 a regression, a wrong output, a crash, or worse training; 2 usage; 3 training
    undecided; 4 nothing was measured, or the base cannot run; 130 interrupted: nothing is kept."""
    try:
        found = gate(out, say, _part(Versions, given), _part(Measures, given), _part(Asked, given), history)
    except KeyboardInterrupt:
        return interrupted()
    echo(found.table())
    return found.code


def _part(kind: type[Part], given: dict[str, Any]) -> Part:
    """Make a part of the request of the options that it has as fields."""
    return kind(**{field.name: given[field.name] for field in fields(kind)})
