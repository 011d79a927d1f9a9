"""Claims about new data of studies whose seeds test the folds of the data in turn: coverage, and what shared training parts cost."""

import numpy as np
import pandas as pd

from benchmarks.error_rates.crossed import BASE, DIFFERENCE_SD, EXAMPLE_SD, SEED_SD, SHIFT, answers, probability
from dlbench.stats.crossed import ExamplePart, crossed_t, example_part, over_folds
from dlbench.stats.method import METHOD
from dlbench.stats.paired import paired_t

FOLDS = (2, 4, 8)
ROUNDS = (1, 2, 4)
EXAMPLES = 400
LEAST_SEEDS = 4
REPEATED = (0.0, 0.5, 1.0)
"""Spread of what a fold's training part does to the arm's difference in all of its seeds, in units of the spread over seeds."""


def fold_coverage(rng, studies):
    """Table of coverage of the effect over new seeds and new examples, of right and wrong answers; 400 examples in all."""
    truth = (probability(BASE + SHIFT, np.sqrt(EXAMPLE_SD**2 + DIFFERENCE_SD**2 + SEED_SD**2))
             - probability(BASE, np.sqrt(EXAMPLE_SD**2 + SEED_SD**2)))
    rows = []
    for folds in FOLDS:
        for rounds in ROUNDS:
            if folds * rounds >= LEAST_SEEDS:
                hits = sum(np.array([low <= truth <= high for low, high in _intervals(rng, folds, rounds)]) for _ in range(studies))
                rows.append((folds, folds * rounds, *(hits / studies)))
    return pd.DataFrame(rows, columns=["folds", "seeds", "t over seeds alone", "the verdict's"])


def _intervals(rng, folds, rounds):
    """The interval over seeds alone, and that of a verdict for new data, of one study."""
    sides = [answers(rng, rounds, EXAMPLES // folds) for _ in range(folds)]
    d = np.concatenate([arm.mean(axis=1) - reference.mean(axis=1) for arm, reference in sides])
    part = over_folds([(rounds, example_part(*side) if rounds > 1 else ExamplePart(0.0, EXAMPLES // folds)) for side in sides])
    return [found[1:3] for found in (paired_t(d, METHOD.alpha), crossed_t(d, METHOD.alpha, part))]


def repeated_training_parts(rng, studies):
    """Table of coverage where a fold's training part moves the difference of all of its seeds alike; seeds and these are normal."""
    rows = []
    for folds in FOLDS:
        for rounds in ROUNDS:
            if folds * rounds >= LEAST_SEEDS:
                rows.append((folds, folds * rounds, *(_covered(rng, folds, rounds, share, studies) for share in REPEATED)))
    return pd.DataFrame(rows, columns=["folds", "seeds", *(f"share {share:g}" for share in REPEATED)])


def _covered(rng, folds, rounds, share, studies):
    d = rng.normal(size=(studies, folds, rounds)) + share * rng.normal(size=(studies, folds, 1))
    return np.mean([low <= 0 <= high for _, low, high, *_ in (paired_t(one, METHOD.alpha) for one in d.reshape(studies, -1))])
