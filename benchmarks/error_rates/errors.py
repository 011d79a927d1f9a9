"""Family-wise error of the verdicts: false helps or hurts, and false equivalence."""

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.error_rates import twin
from dlbench.stats.boundaries import SPENDING, boundaries
from dlbench.stats.method import METHOD

ARMS = 10
MARGIN = 1.0
LOOKS = (5, 8, 12, 16)
FIXED = (5, 8, 16)
SPREADS = (0.25, 1.0)
CORRELATION = 0.5
EFFECTS = {
    "all zero": np.zeros(ARMS),
    "all at ±margin": MARGIN * np.resize([1.0, -1.0], ARMS),
    "half zero, half at ±margin": MARGIN * np.resize([0.0, 1.0, 0.0, -1.0], ARMS),
    "zero, ±margin, 2 x margin": MARGIN * np.resize([0.0, 1.0, -1.0, 2.0, 0.0], ARMS),
}


def differences(rng, studies, effects, seeds, spread):
    """Paired differences (studies, arms, seeds): arms share a baseline, so they correlate."""
    shared = rng.normal(size=(studies, 1, seeds)) * np.sqrt(CORRELATION)
    own = rng.normal(size=(studies, len(effects), seeds)) * np.sqrt(1 - CORRELATION)
    return np.asarray(effects)[:, None] + spread * (shared + own)


def false_claims(codes, effects):
    """Share of studies with a false helps or hurts (no effect, or the wrong sign), and with a false equivalence."""
    wrong = ((codes == twin.HELPS) & (effects <= 0)) | ((codes == twin.HURTS) & (effects >= 0))
    same = (codes == twin.EQUIVALENT) & (np.abs(effects) >= MARGIN)
    return float(wrong.any(axis=1).mean()), float(same.any(axis=1).mean())


def family_wise_error(rng, studies):
    """Table of both errors, one row per design, effects and spread (sd of d in margins)."""
    plan, rows = boundaries(LOOKS, ARMS, exponent=SPENDING), []
    for name, effects in EFFECTS.items():
        for spread in SPREADS:
            for seeds in FIXED:
                codes = twin.verdicts(differences(rng, studies, effects, seeds, spread), MARGIN)
                rows.append((f"fixed, n = {seeds}", name, spread, *false_claims(codes, effects)))
            codes, _ = twin.adaptive_verdicts(differences(rng, studies, effects, LOOKS[-1], spread), MARGIN, plan)
            rows.append((f"adaptive, looks {', '.join(map(str, LOOKS))}", name, spread, *false_claims(codes, effects)))
    return pd.DataFrame(rows, columns=["design", "effects", "sd of d / margin", "false helps or hurts", "false equivalence"])


def without_the_rules(rng, studies):
    """What the rules prevent: the same error where one of them is dropped."""
    t = _t_at_looks(rng.normal(size=(studies, LOOKS[-1])))
    retested = (np.abs(t) > stats.t.ppf(1 - METHOD.alpha / 2, np.array(LOOKS) - 1)).any(axis=1).mean()
    z = np.cumsum(rng.normal(size=(20 * studies, LOOKS[-1])), axis=1)[:, np.array(LOOKS) - 1] / np.sqrt(LOOKS)
    as_normal = (np.abs(t) > _normal_boundary(z)).any(axis=1).mean()
    effects = np.full(ARMS, MARGIN)
    codes = twin.p_values(differences(rng, studies, effects, 8, SPREADS[0]), MARGIN)[1] < METHOD.alpha
    zero = twin.p_values(differences(rng, studies, 0 * effects, 8, SPREADS[1]), MARGIN)[0] < METHOD.alpha
    return pd.DataFrame([
        ("one arm retested at 5, 8, 12 and 16 seeds, as if each were the only look", retested),
        ("one arm, boundaries of the normal process applied to t at those looks", as_normal),
        ("ten arms at the margin, equivalence unadjusted, n = 8", codes.any(axis=1).mean()),
        ("ten arms without effect, paired t unadjusted, n = 8", zero.any(axis=1).mean()),
    ], columns=["without the rule", "error"])


def _t_at_looks(d):
    return np.column_stack([d[:, :n].mean(axis=1) / d[:, :n].std(axis=1, ddof=1) * np.sqrt(n) for n in LOOKS])


def _normal_boundary(z):
    """Boundary of \\|z\\| that spends 5 % in proportion to the seeds."""
    limits, stopped = [], np.zeros(len(z), bool)
    for column, n in enumerate(LOOKS):
        at_risk = np.where(stopped, 0.0, np.abs(z[:, column]))
        allowed = METHOD.alpha * n / LOOKS[-1] - stopped.mean()
        limits.append(np.quantile(at_risk, 1 - allowed))
        stopped |= at_risk > limits[-1]
    return np.array(limits)
