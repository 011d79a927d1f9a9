"""``dlbench new`` and ``dlbench check``: for authors of plug-ins."""

from __future__ import annotations

from pathlib import Path

import click

from dlbench.app.extend import FILES, SKILL, check, create, create_skill
from dlbench.app.outcome import Exit
from dlbench.cli import options
from dlbench.cli.text import echo, say


@click.command("new")
@click.argument("kind", type=click.Choice([*FILES, SKILL]))
@click.argument("name", required=False)
@click.option("--folder", type=options.FOLDER, default=".", help="Where to. [default: here]")
def new_command(kind: str, name: str | None, folder: Path) -> None:
    """Write a working, commented starting point of a KIND under NAME, with its test and a study to run it in. An agent-skill tells a coding
    agent how to propose changes of a training (dlbench propose); its NAME is propose where none is given.
    """
    if kind == SKILL:
        skill, agents = create_skill(name or "propose", folder)
        echo(skill)
        echo(agents)
        say("next: put your command and score into both" + ("; add the second one to AGENTS.md" if agents.name != "AGENTS.md" else ""))
        return
    if name is None:
        raise click.UsageError(f"Missing argument 'NAME': how the {kind} is called")
    files = create(kind, name, folder)
    for path in files:
        echo(path)
    study = next(path for path in files if path.suffix == ".toml")
    say(f"next: dlbench run {study}" + ("" if kind == "study" else f"; dlbench check {files[0]}"))


@click.command("check")
@click.argument("plugin")
@click.option("--quick", is_flag=True, help="Look at declarations only; train nothing.")
def check_command(plugin: str, quick: bool) -> Exit:
    """Hold a PLUGIN, a file or an installed package, to the contract that dlbench's own techniques, datasets, models, metrics and
    kernels keep. Exits with 1 where something is not kept.
    """
    findings = list(check(plugin, quick))
    for finding in findings:
        echo(f"{finding.kind} {finding.name}: " + ("; ".join(finding.problems) or "ok"))
    return Exit.HELD if any(finding.problems for finding in findings) else Exit.DONE
