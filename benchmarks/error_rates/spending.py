"""Both errors of studies that spend a declared time: how many seeds an analysis has depends on how many arms the ones before left."""

import numpy as np
import pandas as pd

from benchmarks.error_rates import twin
from benchmarks.error_rates.errors import MARGIN, SPREADS, differences, false_claims
from dlbench.execution.spending import Left, sized
from dlbench.stats.boundaries import SPENDING, boundaries

ARMS = 5
EFFECTS = {
    "all zero": np.zeros(ARMS),
    "all at ±margin": MARGIN * np.resize([1.0, -1.0], ARMS),
    "zero, ±margin, 2 x margin": MARGIN * np.array([0.0, 1.0, -1.0, 2.0, 0.0]),
}
SPEND_S = (60.0, 240.0)
"""At one run a second, the first analysis has 5 and 10 seeds of the five arms and their baseline."""
MOST = 200
PATHS = 500_000
"""Of each boundary: a study of its own has four times as many."""


def time_spent(rng, studies):
    """Table of both errors, one row a time, effects and spread (sd of d in margins), with the seeds that the last arm had on average."""
    rows = []
    for spend_s in SPEND_S:
        for name, effects in EFFECTS.items():
            for spread in SPREADS:
                codes, seeds = spent(differences(rng, studies, effects, MOST, spread), spend_s)
                rows.append((f"{spend_s:g} runs", name, spread, *false_claims(codes, effects), float(seeds.mean())))
    return pd.DataFrame(rows, columns=["time", "effects", "sd of d / margin", "false helps or hurts", "false equivalence",
                                       "seeds of the last analysis"])


def spent(d, spend_s):
    """Codes (studies, arms) and the seeds of the last analysis (studies) of differences of shape (studies, arms, seeds).

    Studies whose analyses had the same sizes so far are judged together: they have the same boundaries.
    """
    codes, seeds = np.full(d.shape[:2], twin.INCONCLUSIVE), np.zeros(len(d), int)
    waiting = [(np.arange(len(d)), ARMS, Left(0, spend_s, 0.0), (), ())]
    while waiting:
        studies, still, left, looks, shares = waiting.pop()
        size = sized(left, still + 1.0, spend_s, most=MOST)
        looks, shares = (*looks, size.seeds), (*shares, size.share)
        plan = boundaries(looks, ARMS, exponent=SPENDING, paths=PATHS, shares=shares)
        codes[studies] = twin.at_look(d[studies, :, : size.seeds], codes[studies], MARGIN, plan)
        seeds[studies] = size.seeds
        left = Left(size.seeds, left.seconds - (size.seeds - left.seeds) * (still + 1.0), size.share)
        undecided = (codes[studies] == twin.INCONCLUSIVE).sum(axis=1)
        waiting += [(studies[undecided == count], count, left, looks, shares)
                    for count in np.unique(undecided[undecided > 0]).tolist() if size.share < 1]
    return codes, seeds
