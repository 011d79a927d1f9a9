"""The command line: ``python -m benchmarks.gate --suites aa=20 injected=20 small=5``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.gate.coverage import coverage
from benchmarks.gate.document import REQUIRED, document
from benchmarks.gate.suites import SHARES, Records, copies, measure, origin
from dlbench.gate.schedule import Settings
from dlbench.values.errors import InputError, unknown

SETTINGS = Settings(budget_s=150.0)
SIMULATED = 4_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the suites that are not there yet, then write the report; an interrupted call goes on where it was."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate", description=main.__doc__)
    parser.add_argument("--suites", nargs="+", default=[f"{kind}={count}" for kind, count in REQUIRED.items()], metavar="KIND=N",
                        help="how many of each kind: aa, injected, small (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("reports/gate.md"), help="the report; suites are kept beside it as .jsonl")
    parser.add_argument("--shard", default="1/1", metavar="I/N", help="every Nth suite from the Ith on, for N calls on cores of their own "
                        "(taskset), each with an --out of its own; `cat` their .jsonl files together, then --report-only")
    parser.add_argument("--report-only", action="store_true", help="measure nothing; write the report again")
    chosen = parser.parse_args(arguments)
    try:
        records = Records(chosen.out.with_suffix(".jsonl"))
        if not chosen.report_only:
            _measure(records, _counts(chosen.suites), _shard(chosen.shard))
        _write(records, chosen.out)
    except InputError as error:
        parser.error(str(error))


def _counts(words: Sequence[str]) -> dict[str, int]:
    counts = {}
    for word in words:
        kind, _, number = word.partition("=")
        if kind not in SHARES:
            raise InputError(f"--suites: {unknown('kind', kind, SHARES)}")
        if not number.isdigit():
            raise InputError(f"--suites {word}: accepted: {kind}=N")
        counts[kind] = int(number)
    return counts


def _shard(text: str) -> slice:
    """The places of a shard's suites in the list of all.

    >>> list(range(7))[_shard("2/3")]
    [1, 4]
    """
    number, _, of = text.partition("/")
    if not (number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of)):
        raise InputError(f"--shard {text}: accepted: I/N, such as 1/4 to 4/4")
    return slice(int(number) - 1, None, int(of))


def _measure(records: Records, counts: dict[str, int], shard: slice) -> None:
    records.check(common := origin())
    of_shard = Records(Path()).missing(counts)[shard]
    waiting = [suite for suite in records.missing(counts) if suite in of_shard]
    with tempfile.TemporaryDirectory(prefix="dlbench-suites-") as folder:
        trees = copies(Path(folder))
        for place, suite in enumerate(waiting):
            records.add({**measure(suite, trees, SETTINGS, lambda text: None), "origin": common})
            done, took = records.rows[-1], sum(records.rows[-1]["seconds"])
            print(f"{place + 1} of {len(waiting)}: {suite.kind} {suite.number}, {took:.0f} s: {done['result']}", file=sys.stderr)


def _write(records: Records, out: Path) -> None:
    simulated = coverage(np.random.default_rng(0), SIMULATED)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(document(records.rows, SETTINGS, simulated, "python -m benchmarks.gate"), encoding="utf-8")
    print(f"report: {out}", file=sys.stderr)


if __name__ == "__main__":
    main()
