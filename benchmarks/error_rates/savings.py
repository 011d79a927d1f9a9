"""Runs that declared looks save against a fixed number of seeds of equal power."""

import pandas as pd
from scipy.optimize import brentq

from benchmarks.error_rates import twin
from benchmarks.error_rates.errors import ARMS, MARGIN, differences
from dlbench.stats.boundaries import SPENDING, boundaries
from dlbench.stats.power import paired_power

FIRST_LOOKS = (5, 8, 12, 16)
FIXED_SEEDS = 16
MOST_SEEDS = 40
MULTIPLES = (0, 1, 2, 4)
SCENARIOS = {"all ten arms": ARMS, "one arm, nine without effect": 1}


def spread():
    """Sd of d at which 16 seeds detect the margin with 80 % power at alpha / 10."""
    return MARGIN / brentq(lambda effect: paired_power(effect, 1.0, FIXED_SEEDS, ARMS) - 0.8, 0.1, 10.0)


def effects(multiple, arms):
    """Effect of each arm: the first ``arms`` have the multiple of the margin."""
    return [multiple * MARGIN * (arm < arms) for arm in range(ARMS)]


def equal_power_plan(rng, studies, arms):
    """Declared looks 5, 8, 12, 16, N with the smallest N that detects the margin as often as 16 fixed seeds with Holm."""
    state = rng.integers(2**32)
    shifts = effects(1, arms)
    fixed = _detected(twin.verdicts(differences(_generator(rng, state), studies, shifts, FIXED_SEEDS, spread()), MARGIN), arms)
    for last in range(FIXED_SEEDS + 1, MOST_SEEDS + 1):
        plan = boundaries((*FIRST_LOOKS, last), ARMS, exponent=SPENDING)
        codes, _ = twin.adaptive_verdicts(differences(_generator(rng, state), studies, shifts, last, spread()), MARGIN, plan)
        if _detected(codes, arms) >= fixed:
            return plan
    raise RuntimeError(f"no last look up to {MOST_SEEDS} reaches the power {fixed:.3f}")


def runs_saved(rng, studies):
    """Table of the share of runs used and of what was concluded, one row per scenario and effect."""
    rows = []
    for name, arms in SCENARIOS.items():
        plan = equal_power_plan(rng, studies, arms)
        for multiple in MULTIPLES:
            shifts = effects(multiple, arms)
            fixed = twin.verdicts(differences(rng, studies, shifts, FIXED_SEEDS, spread()), MARGIN)
            codes, used = twin.adaptive_verdicts(differences(rng, studies, shifts, plan.looks[-1], spread()), MARGIN, plan)
            share = (used.sum(axis=1) + used.max(axis=1)).mean() / ((ARMS + 1) * FIXED_SEEDS)
            arm_share = used[:, :arms].mean() / FIXED_SEEDS
            rows.append((name, ", ".join(map(str, plan.looks)), f"{multiple} x margin", float(share), float(arm_share),
                         *(_detected(c, arms) for c in (fixed, codes)), *(_equivalent(c, arms) for c in (fixed, codes))))
    return pd.DataFrame(rows, columns=["arms with the effect", "looks", "effect", "share of all runs", "share, those arms",
                                       "helps, fixed", "helps, adaptive", "equivalent, fixed", "equivalent, adaptive"])


def _generator(rng, state):
    return type(rng)(type(rng.bit_generator)(int(state)))


def _detected(codes, arms):
    return float((codes[:, :arms] == twin.HELPS).mean())


def _equivalent(codes, arms):
    return float((codes[:, :arms] == twin.EQUIVALENT).mean())
