"""How often `dlbench confirm` claims what is not so: ten arms are judged, those that help are tried together on new seeds."""

import numpy as np
import pandas as pd

from benchmarks.error_rates import twin
from benchmarks.error_rates.errors import ARMS, CORRELATION, MARGIN, differences

SEEDS = (5, 8)
SPREAD = 1.0
EFFECTS = {
    "no arm has an effect": np.zeros(ARMS),
    "two of ten help by a margin": MARGIN * np.resize([1.0, 0, 0, 0, 0], ARMS),
    "half help by two margins": MARGIN * np.resize([2.0, 0], ARMS),
}
TOGETHER = {"they add up": np.sum, "together they do what the best does": np.max}
COLUMNS = ("effects", "together", "seeds", "confirmations", "false claim", "what the choosing seeds promise", "true",
           "on new seeds")


def confirmations(rng, studies):
    """One row a setting: the confirmations that so many studies lead to, the share that claims what is not so, and gains in margins."""
    return pd.DataFrame([(name, how, n, *_rates(rng, studies, effects, combine, n)) for name, effects in EFFECTS.items()
                         for how, combine in TOGETHER.items() for n in SEEDS], columns=list(COLUMNS))


def _rates(rng, studies, effects, combine, n):
    d = differences(rng, studies, effects, n, SPREAD)
    chosen = twin.verdicts(d, MARGIN) == twin.HELPS
    ended = [_confirmed(rng, effects[on], combine, n, seen[on].mean(axis=-1)) for seen, on in zip(d, chosen) if on.any()]
    false, promised, true, found = np.array(ended or [(0, np.nan, np.nan, np.nan)], float).T
    return len(ended), false.mean(), promised.mean(), true.mean(), found.mean()


def _confirmed(rng, parts, combine, n, promised):
    """Whether any claim on the parts together is false; what they promised, what they do, and what new seeds say."""
    sets = [np.ones(len(parts), bool), *(~np.eye(len(parts), dtype=bool) if len(parts) > 1 else ())]
    sets += [np.eye(len(parts), dtype=bool)[int(np.argmax(promised))]] if len(parts) > 2 else []
    true = np.array([combine(parts[on]) if on.any() else 0.0 for on in sets])
    scores = true[:, None] + SPREAD * np.sqrt(1 - CORRELATION) * rng.normal(size=(len(sets), n))
    against = np.vstack([SPREAD * np.sqrt(CORRELATION) * rng.normal(size=(1, n)), np.repeat(scores[:1], len(sets) - 1, axis=0)])
    effects = true - np.concatenate([[0.0], np.repeat(true[0], len(sets) - 1)])
    codes = twin.verdicts((scores - against)[None], MARGIN)[0]
    false = ((codes == twin.HELPS) & (effects <= 0)) | ((codes == twin.HURTS) & (effects >= 0))
    false |= (codes == twin.EQUIVALENT) & (np.abs(effects) >= MARGIN)
    return false.any(), combine(promised), true[0], (scores - against)[0].mean()
