"""Run the simulations and write ``reports/error_rates.md``.

``python -m benchmarks.error_rates --studies 10000 --seed 0 --out reports/error_rates.md``
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.error_rates.confirm import confirmations
from benchmarks.error_rates.coverage import coverage
from benchmarks.error_rates.crossed import crossed_coverage, degrees_of_freedom, family_on_new_data
from benchmarks.error_rates.document import document
from benchmarks.error_rates.equivalence import false_equivalence
from benchmarks.error_rates.errors import family_wise_error, without_the_rules
from benchmarks.error_rates.factors import crossed_factors
from benchmarks.error_rates.folds import fold_coverage, repeated_training_parts
from benchmarks.error_rates.machine import machine
from benchmarks.error_rates.savings import runs_saved
from benchmarks.error_rates.spending import time_spent

REPORT = Path("reports/error_rates.md")


def main(arguments=None):
    """Simulate, write the report and say how long it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.error_rates",
                                     description="Check the error rates that dlbench claims.")
    parser.add_argument("--studies", type=int, default=10_000, help="simulated studies per row (default 10000)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the simulation (default 0)")
    parser.add_argument("--out", type=Path, default=REPORT, help=f"report to write (default {REPORT})")
    chosen = parser.parse_args(arguments)
    started = time.monotonic()
    streams = np.random.default_rng(chosen.seed).spawn(13)
    tables = {
        "coverage": coverage(streams[0], chosen.studies),
        "errors": family_wise_error(streams[1], chosen.studies),
        "without": without_the_rules(streams[2], chosen.studies),
        "savings": runs_saved(streams[3], chosen.studies),
        "crossed": crossed_coverage(streams[4], max(chosen.studies // 10, 100)),
        "freedom": degrees_of_freedom(streams[5], 20 * chosen.studies),
        "new data": family_on_new_data(streams[6], max(chosen.studies // 10, 100)),
        "equivalence": false_equivalence(streams[7], max(chosen.studies // 5, 100)),
        "confirmed": confirmations(streams[8], chosen.studies),
        "folds": fold_coverage(streams[9], max(chosen.studies // 10, 100)),
        "repeated": repeated_training_parts(streams[10], chosen.studies),
        "spent": time_spent(streams[11], max(chosen.studies // 5, 100)),
        "factors": crossed_factors(streams[12], max(chosen.studies // 5, 100)),
    }
    text = document(tables, chosen.studies, chosen.seed, machine())
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(text, encoding="utf-8")
    print(f"{chosen.out} written after {time.monotonic() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
