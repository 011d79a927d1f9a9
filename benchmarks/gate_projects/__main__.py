"""The command line: ``python -m benchmarks.gate_projects --lanes 1``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.gate.suites import Records
from benchmarks.gate_projects.document import document
from benchmarks.gate_projects.suites import COUNTS, measure_all, missing, origin
from dlbench.values.errors import InputError


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the suites that are not there yet, then write the report; an interrupted call goes on where it was."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate_projects", description=main.__doc__)
    parser.add_argument("--lanes", type=int, default=1, metavar="N", help="gates at a time, each on cores of its own (default: 1)")
    parser.add_argument("--limit", type=int, default=None, metavar="N", help="measure at most so many suites now")
    parser.add_argument("--out", type=Path, default=Path("reports/gate_projects.md"), help="the report; suites lie beside it as .jsonl")
    parser.add_argument("--report-only", action="store_true", help="measure nothing; write the report again")
    chosen = parser.parse_args(arguments)
    if chosen.lanes < 1:
        parser.error(f"--lanes {chosen.lanes}: accepted: 1 or more")
    try:
        records = Records(chosen.out.with_suffix(".jsonl"))
        if not chosen.report_only:
            records.check(origin())
            measure_all(missing(records, COUNTS)[: chosen.limit], records, chosen.lanes, _say)
    except InputError as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        print("interrupted; the same command goes on", file=sys.stderr)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(document(records.rows), encoding="utf-8")
    print(f"report: {chosen.out}", file=sys.stderr)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
