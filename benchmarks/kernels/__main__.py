"""Measures all kernels beside other libraries and writes the report. Leave the machine alone for the few minutes it takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from benchmarks.kernels import figures, report
from dlbench.bench.run import measure
from dlbench.execution.environment import cpu, version

KEPT = ("case", "family", "task", "peer", "images", "pixels", "bytes_moved", "flops")
PACKAGES = ("dlbench", "numpy", "tensorflow", "keras", "numba", "albumentations", "opencv-python-headless", "pillow")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--rounds", type=click.IntRange(2), default=15, show_default=True, help="How often each case is timed.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True,
              help="Each library may use so many; a worker trains with one.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("reports/kernels.md"), show_default=True,
              help="The report; the rounds are kept beside it as .json, the figures in a folder of its name.")
@click.option("--report-only", is_flag=True, help="Measure nothing; write the report again from the rounds.")
def main(rounds: int, threads: int, out: Path, report_only: bool) -> None:
    """Measure every kernel case and other libraries side by side, and write a report."""
    raw = out.with_suffix(".json")
    if not report_only:
        out.parent.mkdir(parents=True, exist_ok=True)
        raw.write_text(_compact(_small(measure(None, threads, rounds, ["benchmarks.kernels.peers"]))), encoding="utf-8")
    data = json.loads(raw.read_text(encoding="utf-8"))
    folder = out.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    names = figures.write(data, folder)
    out.write_text(report.render(data, [f"{folder.name}/{name}" for name in names]), encoding="utf-8")
    click.echo(f"report: {out}", err=True)


def _small(data: dict[str, Any]) -> dict[str, Any]:
    """What the report needs: times to four digits, and nothing of the machine but its kind."""
    kept = []
    for item in data["benchmarks"]:
        seconds = [float(f"{value:.4g}") for value in item["stats"]["data"]]
        stats = {"median": float(f"{item['stats']['median']:.4g}"), "min": min(seconds), "max": max(seconds), "data": seconds}
        kept.append({"extra_info": {name: item["extra_info"][name] for name in KEPT}, "stats": stats})
    untimed = [{name: item[name] for name in (*KEPT, "verdict", "reason")} for item in data["dlbench"]["untimed"]]
    facts = {**data["dlbench"], "untimed": untimed, "cpu": cpu(), "packages": {name: version(name) for name in PACKAGES},
             "date": data["datetime"][:10]}
    return {"benchmarks": kept, "dlbench": facts}


def _compact(data: dict[str, Any]) -> str:
    """JSON with one case a line."""
    cases = ",\n".join(json.dumps(item) for item in data["benchmarks"])
    return f'{{"dlbench": {json.dumps(data["dlbench"], indent=1)},\n"benchmarks": [\n{cases}\n]}}\n'


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.kernels")
