"""Run shipped studies in both precisions on the same seeds, and write ``reports/precision.md``.

``python -m benchmarks.precision quickstart tasks/regression_diabetes --seeds 8``
"""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import dlbench
from benchmarks.precision.document import Compared, document
from dlbench.analysis.scores import scores
from dlbench.execution.environment import facts
from dlbench.values.precision import BFLOAT16, FLOAT32

REPORT = Path("reports/precision.md")


def main(arguments: list[str] | None = None) -> None:
    """Run each study twice and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.precision", description="Verdicts in bfloat16 against those in float32.")
    parser.add_argument("studies", nargs="+", help="names of shipped studies")
    parser.add_argument("--arm", action="append", default=[], help="only these arms of the first study (repeatable; default all)")
    parser.add_argument("--seeds", type=int, default=8, help="of each arm (default 8)")
    parser.add_argument("--jobs", type=int, default=2, help="workers (default 2)")
    parser.add_argument("--work", type=Path, help="folder of the results, to go on with (default a new one)")
    parser.add_argument("--out", type=Path, default=REPORT, help=f"report to write (default {REPORT})")
    chosen = parser.parse_args(arguments)
    work = chosen.work or Path(tempfile.mkdtemp(prefix="precision-"))
    compared = [_compared(study, chosen, tuple(chosen.arm) if place == 0 else (), work) for place, study in enumerate(chosen.studies)]
    text = document(compared, _about(chosen))
    chosen.out.write_text(text, encoding="utf-8")
    print(f"{chosen.out} written", file=sys.stderr)


def _compared(study: str, chosen: argparse.Namespace, arms: tuple[str, ...], work: Path) -> Compared:
    results = {precision: dlbench.run(study, seeds=chosen.seeds, arms=arms, changes={"precision": precision}, jobs=chosen.jobs,
                                      timing=False, out=work / study / precision) for precision in (FLOAT32, BFLOAT16)}
    one = results[FLOAT32]
    return Compared(study, one.analysis.metric.unit, one.analysis.metric.higher_is_better, one.analysis.margin, chosen.seeds,
                    {name: result.verdicts for name, result in results.items()},
                    {name: scores(result.results, result.analysis.metric.name) for name, result in results.items()})


def _about(chosen: argparse.Namespace) -> dict[str, str]:
    here = facts()
    words = [*chosen.studies, *(part for arm in chosen.arm for part in ("--arm", arm)), "--seeds", str(chosen.seeds)]
    return {
        "Command": f"`python -m benchmarks.precision {shlex.join(words)}`", "Date": f"{datetime.now(UTC):%Y-%m-%d}",
        "Machine": f"{here['cpu']}, {here['cores']} cores; TensorFlow {here['tensorflow']}, Keras {here['keras']}",
        "n": f"{chosen.seeds} seeds, the same in both precisions"}


if __name__ == "__main__":
    main()
