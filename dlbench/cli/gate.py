"""``dlbench gate``."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from dlbench.cli.common import Percent
from dlbench.gate import show, sides
from dlbench.gate.measure import Result, Wanted, gate
from dlbench.gate.pairs import Timer
from dlbench.gate.schedule import FEWEST_PAIRS, Settings
from dlbench.gate.sources import declared
from dlbench.values.errors import InputError


@click.command("gate")
@click.option("--base", metavar="REF", help="The version to compare with: a git commit, branch or tag.")
@click.option("--base-python", metavar="PATH", help="The base's interpreter. Without --base: what is installed there is the base.")
@click.option("--cases", "modules", multiple=True, metavar="MODULE",
              help="A module with CASES: dlbench's cases, or a mapping of names to functions. Repeatable.")
@click.option("--pytest", "suites", multiple=True, metavar="PATH", help="A pytest-benchmark suite. Repeatable.")
@click.option("-k", "words", multiple=True, metavar="TEXT", help="Only cases whose name holds this text. Repeatable.")
@click.option("--min-effect", type=Percent(), default=0.05, show_default="5%", help="The smallest change that matters.")
@click.option("--budget", type=click.FloatRange(1), default=120.0, show_default=True, metavar="SECONDS",
              help="For measuring, once the servers have started; what it leaves open is undecided.")
@click.option("--servers", type=click.IntRange(3, 16), default=3, show_default=True, help="Servers on each side.")
@click.option("--clock", type=click.Choice(("cpu", "wall")), default="cpu", show_default=True,
              help="Processor time of a process with all its threads, or wall time.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("."), show_default="this folder",
              help="Where gate.json and gate.md are written.")
def command(base: str | None, base_python: str | None, words: tuple[str, ...], out: Path, **given: Any) -> int:
    """Is this tree slower than another version of it? Both are measured side by side, in fresh processes, and a slowdown is only
    told when it is confirmed. Without --cases and --pytest, the cases are those of the table [tool.dlbench.gate] in pyproject.toml
    (cases = [MODULE, ...], pytest = [PATH, ...]), or else the entry points that the project declares in the group dlbench.cases.

    Exit codes: 0 no regression; 1 a regression, a wrong output or a crash; 2 usage; 4 nothing was measured."""
    if base is None and base_python is None:
        raise InputError("gate: nothing to compare with; accepted: --base REF, --base-python PATH, or both")
    sources = [*(("module", name) for name in given["modules"]), *(("pytest", path) for path in given["suites"])]
    wanted = Wanted(tuple(sources) or declared(Path.cwd()), words)
    settings = _settings(given)
    with ExitStack() as stack:
        one = _base(stack, base, base_python)
        result = gate(one, sides.tree("this tree", Path.cwd()), wanted, settings, lambda text: click.echo(text, err=True))
    click.echo(show.table(result))
    _keep(result, out)
    return result.code


def _settings(given: dict[str, Any]) -> Settings:
    servers = given["servers"]
    rounds = -(-FEWEST_PAIRS // servers**2)
    return Settings(given["min_effect"], servers=servers, rounds=rounds, budget_s=given["budget"], timer=Timer(given["clock"]))


def _base(stack: ExitStack, reference: str | None, python: str | None) -> sides.Side:
    there = sides.installed(python) if python else None
    if reference is None:
        return there
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dlbench-base-")))
    return sides.checked_out(reference, folder, **({"python": there.python} if there else {}))


def _keep(result: Result, out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "gate.json").write_text(json.dumps(result.as_json(), indent=1) + "\n", encoding="utf-8")
        (out / "gate.md").write_text(show.markdown(result), encoding="utf-8")
    except OSError as error:
        raise InputError(f"--out {out}: {error.strerror}") from None
    click.echo(f"written: {out / 'gate.json'}, {out / 'gate.md'}", err=True)
