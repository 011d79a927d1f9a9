"""Coverage of the intervals over seeds and test examples together."""

import numpy as np
import pandas as pd
from scipy.special import ndtr

from dlbench.stats.method import METHOD
from dlbench.stats.noise import crossed_bootstrap, crossed_effect
from dlbench.stats.paired import differences, paired_t

SEEDS = (3, 5, 8)
EXAMPLES = 300
SHIFT, BASE = 0.5, 1.5
EXAMPLE_SD, DIFFERENCE_SD, SEED_SD = 3.0, 1.5, 0.1


def probability(ability, total_sd):
    """P(right) for a probit of this mean and spread over all seeds and examples."""
    return ndtr(ability / np.sqrt(1 + total_sd**2))


def answers(rng, seeds):
    """Right or wrong of arm and reference, shape (seeds, examples): examples differ in difficulty and in what the arm adds."""
    easy = BASE + EXAMPLE_SD * rng.normal(size=(1, EXAMPLES))
    gain = SHIFT + DIFFERENCE_SD * rng.normal(size=(1, EXAMPLES))
    luck = SEED_SD * rng.normal(size=(2, seeds, 1))
    noise = rng.normal(size=(2, seeds, EXAMPLES))
    return easy + gain + luck[0] > noise[0], easy + luck[1] > noise[1]


def crossed_coverage(rng, studies):
    """Table of coverage of the effect over new seeds and new examples."""
    sds = (np.sqrt(EXAMPLE_SD**2 + DIFFERENCE_SD**2 + SEED_SD**2), np.sqrt(EXAMPLE_SD**2 + SEED_SD**2))
    truth = probability(BASE + SHIFT, sds[0]) - probability(BASE, sds[1])
    rows = []
    for seeds in SEEDS:
        hits = np.zeros(3)
        for _ in range(studies):
            arm, reference = answers(rng, seeds)
            over_seeds = paired_t(differences(arm.mean(axis=1), reference.mean(axis=1)), METHOD.alpha)
            intervals = (over_seeds[1:3], crossed_effect(arm, reference)[1:3], crossed_bootstrap(arm, reference, rng))
            hits += [low <= truth <= high for low, high in intervals]
        rows.append((seeds, *(hits / studies)))
    return pd.DataFrame(rows, columns=["seeds", "t over seeds alone", "seeds and examples, t", "seeds and examples, bootstrap"])
