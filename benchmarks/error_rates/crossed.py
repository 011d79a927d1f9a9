"""Claims about new data: coverage over seeds and test examples together, and the family-wise error of ten arms."""

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtrit

from benchmarks.error_rates import twin
from benchmarks.error_rates.errors import ARMS, EFFECTS, FIXED, LOOKS, MARGIN, SPREADS, false_claims
from dlbench.stats.boundaries import SPENDING, boundaries
from dlbench.stats.method import METHOD
from dlbench.stats.noise import crossed_bootstrap, crossed_effect
from dlbench.stats.paired import differences, paired_t

SEEDS = (2, 3, 5, 8)
EXAMPLES = (20, 50, 300)
SHIFT, BASE = 0.5, 1.5
EXAMPLE_SD, DIFFERENCE_SD, SEED_SD = 3.0, 1.5, 0.1
LEVELS = (0.05, 0.005)
SHARES = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0)
ERROR, REST, OF_TEN = 0.3, 1.0, 300
CHUNK = 50


def probability(ability, total_sd):
    """P(right) for a probit of this mean and spread over all seeds and examples."""
    return ndtr(ability / np.sqrt(1 + total_sd**2))


def answers(rng, seeds, examples):
    """Right or wrong of arm and reference, shape (seeds, examples): examples differ in difficulty and in what the arm adds."""
    easy = BASE + EXAMPLE_SD * rng.normal(size=(1, examples))
    gain = SHIFT + DIFFERENCE_SD * rng.normal(size=(1, examples))
    luck = SEED_SD * rng.normal(size=(2, seeds, 1))
    noise = rng.normal(size=(2, seeds, examples))
    return easy + gain + luck[0] > noise[0], easy + luck[1] > noise[1]


def crossed_coverage(rng, studies):
    """Table of coverage of the effect over new seeds and new examples, of right and wrong answers."""
    sds = (np.sqrt(EXAMPLE_SD**2 + DIFFERENCE_SD**2 + SEED_SD**2), np.sqrt(EXAMPLE_SD**2 + SEED_SD**2))
    truth = probability(BASE + SHIFT, sds[0]) - probability(BASE, sds[1])
    rows = []
    for examples in EXAMPLES:
        for seeds in SEEDS:
            hits = np.zeros(3)
            for _ in range(studies):
                arm, reference = answers(rng, seeds, examples)
                over_seeds = paired_t(differences(arm.mean(axis=1), reference.mean(axis=1)), METHOD.alpha)
                intervals = (over_seeds[1:3], crossed_effect(arm, reference)[1:3], crossed_bootstrap(arm, reference, rng))
                hits += [low <= truth <= high for low, high in intervals]
            rows.append((examples, seeds, *(hits / studies)))
    return pd.DataFrame(rows, columns=["test examples", "seeds", "t over seeds alone", "the verdict's", "bootstrap of both"])


def degrees_of_freedom(rng, studies):
    """Table of the largest error over shares of the examples' part, by Satterthwaite's degrees of freedom and by what verdicts use."""
    rows = []
    for seeds in (*SEEDS, 16):
        errors = np.array([_errors(rng, seeds, share, studies) for share in SHARES]).max(axis=0)
        rows.append((seeds, *errors.ravel()))
    names = [f"{name}, {level:.1%}" for name in ("Satterthwaite", "the verdict's") for level in LEVELS]
    return pd.DataFrame(rows, columns=["seeds", *names])


def _errors(rng, n, share, studies):
    """Errors of both at each level, shape (2, levels); the seeds' part is 1, the examples' is ``share``."""
    m, rest = OF_TEN, 0.3
    dfs = (n - 1, m - 1, (n - 1) * (m - 1))
    seeds, of_examples, left = (scale * rng.chisquare(df, studies) / df for scale, df in zip((1.0, rest + share, rest), dfs))
    part, mean = np.maximum(of_examples - left, 0), np.abs(rng.normal(0, np.sqrt(1 + share), studies))
    total = seeds + part
    squares = sum(square**2 / df for square, df in zip((seeds, of_examples, left), dfs))
    df = np.where(part > 0, np.maximum(total**2 / squares, n - 1), n - 1)
    return [[(mean > stdtrit(df, 1 - level / 2) * np.sqrt(total)).mean() for level in LEVELS],
            [(mean > np.hypot(stdtrit(n - 1, 1 - level / 2) * np.sqrt(seeds), stdtrit(m - 1, 1 - level / 2) * np.sqrt(part))).mean()
             for level in LEVELS]]


def family_on_new_data(rng, studies):
    """Table of both errors of ten arms that share a baseline, fixed and with looks, test examples being a sample too."""
    plan, rows = boundaries(LOOKS, ARMS, exponent=SPENDING), []
    for name, effects in EFFECTS.items():
        for spread in SPREADS:
            chunks = [_judged(rng, effects, spread, plan) for _ in range(-(-studies // CHUNK))]
            for place, design in enumerate([*(f"fixed, n = {n}" for n in FIXED), f"adaptive, looks {', '.join(map(str, LOOKS))}"]):
                codes = np.concatenate([chunk[place] for chunk in chunks])
                rows.append((design, name, spread, *false_claims(codes, effects)))
    return pd.DataFrame(rows, columns=["design", "effects", "sd of d / margin", "false helps or hurts", "false equivalence"])


def _judged(rng, effects, spread, plan):
    """Codes of each fixed design and of the adaptive one, for a chunk of studies."""
    def drawn(*shape):
        return (rng.normal(size=(CHUNK, 1, *shape)) + rng.normal(size=(CHUNK, len(effects), *shape))) / np.sqrt(2)

    seeds = spread * drawn(LOOKS[-1], 1)
    d = effects[:, None, None] + seeds + ERROR * np.sqrt(OF_TEN) * drawn(1, OF_TEN) + REST * drawn(LOOKS[-1], OF_TEN)
    parts = {n: (_part(d[:, :, :n]), OF_TEN) for n in {*FIXED, *LOOKS}}
    means = d.mean(axis=-1)
    fixed = [twin.verdicts(means[..., :n], MARGIN, part=parts[n]) for n in FIXED]
    return [*fixed, twin.adaptive_verdicts(means, MARGIN, plan, [parts[n] for n in LOOKS])[0]]


def _part(d):
    """Standard errors over test examples of values of shape (studies, arms, seeds, examples)."""
    n, m = d.shape[-2:]
    examples = d.mean(axis=-2, keepdims=True)
    rest = ((d - d.mean(axis=-1, keepdims=True) - examples + d.mean(axis=(-2, -1), keepdims=True)) ** 2).sum(axis=(-2, -1))
    return np.sqrt(np.maximum(n * examples[..., 0, :].var(axis=-1, ddof=1) - rest / ((n - 1) * (m - 1)), 0) / (n * m))
