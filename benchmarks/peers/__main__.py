"""The command line of the peer benchmark."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from benchmarks.peers import cases, contestants, records, report, session
from dlbench.values.errors import InputError, unknown

ALWAYS = ("dlbench", "sgemm")
CHOSEN = tuple(peer.name for peer in contestants.PEERS if peer.name not in ALWAYS)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--case", "names", multiple=True, default=("digits",), help="digits or mnist. Repeatable. [default: digits]")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="How often every peer is measured.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("reports/peers.md"), show_default=True,
              help="The report; the raw rounds are kept beside it as .json, and what is there is not measured again.")
@click.option("--peers", "chosen", default=",".join(CHOSEN), show_default=True, help="Whom to compare dlbench with.")
@click.option("--torch-python", envvar="DLBENCH_TORCH_PYTHON",
              help=f"The interpreter of an environment with PyTorch: {contestants.TORCH_HELP}. Left out where it is not given. "
                   "[env: DLBENCH_TORCH_PYTHON]")
@click.option("--data-dir", envvar="DLBENCH_DATA_DIR", help="Where datasets lie, for mnist. [env: DLBENCH_DATA_DIR]")
@click.option("--seeds", type=click.IntRange(1), help="Only so many seeds: for a quick try.")
@click.option("--epochs", type=click.IntRange(1), help="Only so many epochs: for a quick try.")
@click.option("--arms", help="Only these arms beside the baseline, separated by commas: for a quick try.")
@click.option("--report-only", is_flag=True, help="Measure nothing; write the report again from the raw rounds.")
def main(**given) -> None:
    """Measure the same trainings in dlbench, Keras, KerasTuner and PyTorch, and write a report.

    Leave the machine alone while it runs: the times of all peers are whole-process wall times.
    """
    out: Path = given["out"]
    raw, fine = session.Raw(out.with_suffix(".json")), True
    try:
        peers = _peers(given["chosen"])
        for name in () if given["report_only"] else given["names"]:
            fine &= _measure(raw, name, peers, given)
    except (InputError, contestants.Failed) as error:
        raise click.UsageError(str(error)) from None
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(report.render(raw.data), encoding="utf-8")
    click.echo(f"report: {out}", err=True)
    sys.exit(0 if fine else 3)


def _peers(chosen: str) -> list[contestants.Peer]:
    names = [name.strip() for name in chosen.split(",") if name.strip()]
    for name in names:
        if name not in CHOSEN:
            raise InputError(f"--peers: {unknown('peer', name, CHOSEN)}")
    return [peer for peer in contestants.PEERS if peer.name in (*names, *ALWAYS)]


def _measure(raw: session.Raw, name: str, peers: list[contestants.Peer], given: dict[str, Any]) -> bool:
    case = cases.find(name)
    arms = tuple(arm.strip() for arm in given["arms"].split(",")) if given["arms"] else ()
    described = cases.describe(case, cases.Limits(given["seeds"], given["epochs"], arms))
    part = raw.case(described, records.machine(), _command(name, given))
    torch = os.path.abspath(given["torch_python"]) if given["torch_python"] else None
    with tempfile.TemporaryDirectory(prefix="dlbench-peers-") as work:
        place = contestants.Place(case, described, Path(work), given["data_dir"], torch)
        running = session.Session(raw, part, place, lambda text: click.echo(f"{name}: {text}", err=True))
        return running.measure([peer for peer in peers if not peer.cases or name in peer.cases], given["rounds"])


def _command(name: str, given: dict[str, Any]) -> str:
    """What reproduces the rounds; paths of this machine are left out."""
    parts = [f"python -m benchmarks.peers --case {name} --rounds {given['rounds']}"]
    parts += ["--torch-python TORCH/bin/python"] if given["torch_python"] else []
    parts += ["--data-dir DATA"] if given["data_dir"] and name == "mnist" else []
    parts += [f"--{key} {given[key]}" for key in ("seeds", "epochs") if given[key]]
    parts += [f"--arms '{given['arms']}'"] if given["arms"] else []
    return " ".join(parts)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.peers")
