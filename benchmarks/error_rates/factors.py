"""Family-wise error of the effects of crossed factors, where the study stops at one of several looks."""

from itertools import product

import numpy as np
import pandas as pd

from benchmarks.error_rates.errors import LOOKS
from dlbench.stats.boundaries import SPENDING, boundaries, shared_levels
from dlbench.stats.factorial import factorial_effects
from dlbench.stats.method import METHOD

FACTORS = ("f0", "f1", "f2")


def crossed_factors(rng, studies):
    """Table of the share of studies in which any effect of three factors without one is claimed: at the last look alone, and at whichever
    look a study could have stopped at, which bounds the error of every rule for stopping."""
    claimed = np.array([_claims(rng) for _ in range(studies)])
    return pd.DataFrame([("at the last look alone", claimed[:, -1].mean()),
                         ("at any look, whatever stopped the study", claimed.any(axis=1).mean())],
                        columns=["an effect is claimed", "false claim"])


def _claims(rng):
    """Whether any term is claimed at each look, of one study without effects whose seeds differ as much as their runs."""
    settings = np.array(list(product((-1.0, 1.0), repeat=len(FACTORS))))
    frames = [pd.DataFrame(settings, columns=list(FACTORS)).assign(seed=seed, score=rng.normal() + rng.normal(size=len(settings)))
              for seed in range(LOOKS[-1])]
    claimed = []
    for look in LOOKS:
        effects = factorial_effects(pd.concat(frames[:look]), FACTORS)
        plan = boundaries(LOOKS, len(effects), METHOD.alpha, SPENDING)
        (adjusted,) = shared_levels([effects["p"].tolist()], plan, look, "effect")
        claimed.append(min(p for p in adjusted if p is not None) < METHOD.alpha)
    return claimed
