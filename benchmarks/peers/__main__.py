"""The command line of the peer benchmark."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from benchmarks.peers import cases, contestants, records, report, session
from dlbench.datasets.places import EMBEDDED
from dlbench.values.errors import InputError, unknown

ALWAYS = (*contestants.OURS, "sgemm")
CHOSEN = tuple(peer.name for peer in contestants.PEERS if peer.name not in ALWAYS)
NAMES = tuple(case.name for case in cases.CASES)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--case", "names", multiple=True, default=NAMES, help=f"{', '.join(NAMES)}. Repeatable. [default: all]")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="How often every peer is measured.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("reports/peers.md"), show_default=True,
              help="The report; the raw rounds are kept beside it as .json, and what is there is not measured again.")
@click.option("--anew", is_flag=True, help="Measure again what was measured with other settings, on another machine or with another "
              "version of dlbench; the same command, given again, goes on where it was.")
@click.option("--peers", "chosen", default=",".join(CHOSEN), show_default=True, help="Whom to compare dlbench with.")
@click.option("--torch-python", envvar="DLBENCH_TORCH_PYTHON",
              help=f"The interpreter of an environment with PyTorch: {contestants.TORCH_HELP}. Left out where it is not given. "
                   "[env: DLBENCH_TORCH_PYTHON]")
@click.option("--data-dir", envvar="DLBENCH_DATA_DIR", help="Where datasets lie, for all but digits. [env: DLBENCH_DATA_DIR]")
@click.option("--seeds", type=click.IntRange(1), help="Only so many seeds: for a quick try.")
@click.option("--epochs", type=click.IntRange(1), help="Only so many epochs: for a quick try.")
@click.option("--examples", type=click.IntRange(1), help="Only so many training examples: for a quick try.")
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
        for known in () if given["report_only"] else _known(raw, given):
            fine &= _measure(raw, known, peers, given)
            _write(out, raw)
    except InputError as error:
        raise click.UsageError(str(error)) from None
    _write(out, raw)
    click.echo(f"report: {out}", err=True)
    sys.exit(0 if fine else 3)


def _write(out: Path, raw: session.Raw) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(report.render(raw.data), encoding="utf-8")


def _known(raw: session.Raw, given: dict[str, Any]) -> list[dict[str, Any]]:
    """What each case is, on which machine and of which source; whatever is wrong with one of them is said before the first is measured."""
    arms = tuple(arm.strip() for arm in given["arms"].split(",")) if given["arms"] else ()
    limits = cases.Limits(given["seeds"], given["epochs"], arms, given["examples"])
    facts = {"machine": records.machine(), "source": records.source_digest()}
    known = [{"case": cases.describe(cases.find(name), limits), **facts} for name in dict.fromkeys(given["names"])]
    for one in () if given["anew"] else known:
        raw.demand_alike(one)
    return known


def _peers(chosen: str) -> list[contestants.Peer]:
    names = [name.strip() for name in chosen.split(",") if name.strip()]
    for name in names:
        if name not in CHOSEN:
            raise InputError(f"--peers: {unknown('peer', name, CHOSEN)}")
    return [peer for peer in contestants.PEERS if peer.name in (*names, *ALWAYS)]


def _measure(raw: session.Raw, known: dict[str, Any], peers: list[contestants.Peer], given: dict[str, Any]) -> bool:
    described, name, before = known["case"], known["case"]["name"], dict(raw.data["cases"])
    part = raw.case(known, _command(described, given), given["anew"])
    torch = os.path.abspath(given["torch_python"]) if given["torch_python"] else None
    with tempfile.TemporaryDirectory(prefix="dlbench-peers-") as work:
        place = contestants.Place(cases.find(name), described, Path(work), given["data_dir"], torch)
        running = session.Session(raw, part, place, lambda text: click.echo(f"{name}: {text}", err=True))
        try:
            return running.measure([peer for peer in peers if not peer.cases or name in peer.cases], given["rounds"])
        except contestants.Failed as error:
            raw.data["cases"] = before
            click.echo(f"{name}: {error}", err=True)
            return False


def _command(described: dict[str, Any], given: dict[str, Any]) -> str:
    """What reproduces the rounds; paths of this machine are left out."""
    parts = [f"python -m benchmarks.peers --case {described['name']} --rounds {given['rounds']}"]
    parts += ["--torch-python TORCH/bin/python"] if given["torch_python"] else []
    parts += ["--data-dir DATA"] if given["data_dir"] and described["dataset"] not in EMBEDDED else []
    parts += [f"--{key} {given[key]}" for key in ("seeds", "epochs", "examples") if given[key]]
    parts += [f"--arms '{given['arms']}'"] if given["arms"] else []
    return " ".join(parts)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as with Ctrl-C, the peer that runs is ended and its folder removed
    main(prog_name="python -m benchmarks.peers")
