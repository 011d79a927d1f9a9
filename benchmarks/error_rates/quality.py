"""Both errors and the power of the gate of training quality, by its own functions on simulated scores.

``python -m benchmarks.error_rates.quality --studies 20000 --seed 0 --out reports/quality_gate.md``
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.error_rates.machine import machine
from dlbench.gate.terms import LOOKS
from dlbench.stats.boundaries import boundaries
from dlbench.stats.noninferiority import objection, paired_gain, plan_power, unpaired_gain

LAWS = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "rare losses (exponential)": lambda rng, shape: 1 - rng.exponential(size=shape),
    "rare gains (exponential)": lambda rng, shape: rng.exponential(size=shape) - 1,
    "heavy tails (t with 3 degrees of freedom)": lambda rng, shape: rng.standard_t(3, size=shape) / np.sqrt(3),
}
"""Noise of mean 0 and sd 1: of the gain of a pair, or of every score of this tree where there are no pairs."""


def decided(new, old, margin, plan, paired):
    """Verdict of one comparison, 1 not worse, -1 worse, 0 undecided, and the seeds that it took; scores by seed, higher is better."""
    for look, level in zip(plan.looks, plan.equivalence):
        gain = (paired_gain if paired else unpaired_gain)(new[:look], old[:look], level)
        if gain.high < -margin:
            return -1, look
        groups = (new[:look] - old[:look],) if paired else (new[:look], old[:look])
        if gain.low > -margin and not any(objection(group, margin) for group in groups):
            return 1, look
    return 0, plan.looks[-1]


def rates(rng, studies, law, gain, margin, paired, plan):  # noqa: PLR0913
    """Shares of "not worse" and "worse" among comparisons whose true gain is stated, and their mean number of seeds."""
    noise = LAWS[law](rng, (studies, plan.looks[-1]))
    old = rng.normal(size=noise.shape)
    found = [decided(new, base, margin, plan, paired) for new, base in zip((old if paired else 0.0) + noise + gain, old)]
    codes, seeds = np.array(found).T
    return float((codes == 1).mean()), float((codes == -1).mean()), float(seeds.mean())


def error_table(rng, studies, plan):
    """Claims where the true gain is exactly minus the margin, which makes both as often false as they can be."""
    rows = [(law, "seed by seed" if paired else "two groups", margin, *rates(rng, studies, law, -margin, margin, paired, plan))
            for law in LAWS for paired in (True, False) for margin in (1.0, 3.0)]
    return pd.DataFrame(rows, columns=["noise", "compared", "margin / sd", "false \"not worse\"", "false \"worse\"", "seeds"])


def power_table(rng, studies, plan):
    """What trees are called that are as good as the base, beside what the plan promised, and trees that lose two margins."""
    rows = []
    for margin in (0.5, 0.75, 1.0, 1.5, 2.0, 3.0):
        shown, _, seeds = rates(rng, studies, "normal", 0.0, margin, True, plan)
        _, found, of_worse = rates(rng, studies, "normal", -2 * margin, margin, True, plan)
        planned = plan_power(margin, 1.0, plan)
        rows.append((margin, planned.shown, shown, planned.seeds, seeds, found, of_worse))
    return pd.DataFrame(rows, columns=["margin / sd", "planned power", "shown not worse", "planned seeds", "seeds",
                                       "worse by 2 margins: found", "its seeds"])


def main(arguments=None):
    """Simulate, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.error_rates.quality", description="Check the gate of training quality.")
    parser.add_argument("--studies", type=int, default=20_000, help="simulated comparisons per row (default 20000)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the simulation (default 0)")
    parser.add_argument("--out", type=Path, default=Path("reports/quality_gate.md"), help="report to write")
    chosen = parser.parse_args(arguments)
    streams, plan = np.random.default_rng(chosen.seed).spawn(2), boundaries(LOOKS, 1)
    errors, power = error_table(streams[0], chosen.studies, plan), power_table(streams[1], chosen.studies, plan)
    chosen.out.write_text(TEXT.format(studies=chosen.studies, seed=chosen.seed, looks=", ".join(map(str, LOOKS)), machine=machine(),
                                      errors=table(errors), power=table(power)), encoding="utf-8")


def table(frame):
    """A table of Markdown; shares as percentages."""
    shares = [name for name in frame if name.startswith(("false", "planned power", "shown", "worse by"))]
    text = frame.assign(**{name: [f"{100 * value:.1f} %" for value in frame[name]] for name in shares},
                        **{name: [f"{value:.1f}" for value in frame[name]] for name in frame if name.endswith("seeds")})
    rows = [list(text), ["---"] * len(text.columns), *text.astype(str).to_numpy().tolist()]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


TEXT = """# Errors and power of the gate of training quality

`python -m benchmarks.error_rates.quality --studies {studies} --seed {seed}` wrote this page: {studies:,} simulated comparisons a row,
interim analyses at {looks} seeds, each claim at 5 %. {machine}

## How often a claim is false

The true loss is exactly the margin, where both claims are false as often as they can be. The sd is that of the difference of a pair (seed
by seed), or of the scores of each tree (two groups).

{errors}

The limit of "not worse" holds for rare losses too, which few seeds mostly do not show; with normal noise it is therefore wrong far less
often than 5 %. The limit of "worse" is that of the t-test alone: where few seeds mostly miss rare large gains, it is false more often.

## What a tree is called that is as good as the base, and one that loses two margins

Normal noise, seed by seed. The plan's power is what the gate tells before all seeds are trained.

{power}
"""

if __name__ == "__main__":
    main()
