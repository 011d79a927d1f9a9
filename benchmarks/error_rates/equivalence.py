"""How often one arm whose effect is the margin is called equivalent, by the law of its differences."""

import numpy as np
import pandas as pd

from dlbench.stats.equivalence import objection, unseen_rate
from dlbench.stats.method import METHOD, Rule
from dlbench.stats.paired import tost

SEEDS = (2, 3, 5, 8, 16)
MARGIN = 1.0
COARSE = (20, 50, 100)


def coarse(examples):
    """Differences on so many test examples: the arm has the margin's share of them wrong in all runs, and each run single ones."""
    def draw(rng, n):
        own = rng.binomial(examples, 0.5 / examples, (2, n))
        return (own[0] - own[1] - rng.binomial(examples, 1.001 * unseen_rate(examples))) / examples

    return draw


def rare(runs):
    """One run of so many loses ``runs`` margins; all have a small noise."""
    return lambda rng, n: np.where(rng.random(n) < 1 / runs, -runs * MARGIN, 0.0) + rng.normal(0, 0.1, n)


LAWS = {
    "normal, sd 0.3 margins": lambda rng, n: rng.normal(-1, 0.3, n),
    "normal, sd 1.5 margins": lambda rng, n: rng.normal(-1, 1.5, n),
    "rounded to the margin": lambda rng, n: rng.normal(-1, 1.5, n).round(),
    "skewed: exponential losses": lambda rng, n: -rng.exponential(size=n),
    "skewed: gamma losses, shape 2": lambda rng, n: -rng.gamma(2, 0.5, n),
    "two groups: half of the runs lose 2 margins": lambda rng, n: rng.choice([0.0, -2.0], n) + rng.normal(0, 0.05, n),
    **{f"{examples} test examples": coarse(examples) for examples in COARSE},
    "rare: one run of 5 loses 5 margins": rare(5),
    "rare: one run of 10 loses 10 margins": rare(10),
}
LOWER_BOUND = {"rare: one run of 5 loses 5 margins": 5, "rare: one run of 10 loses 10 margins": 10}
"""Laws under which n seeds mostly look alike: the chance of that is ``(1 - 1 / runs) ** n``."""


def false_equivalence(rng, studies):
    """Table of the rate, one row per law: by the two one-sided t-tests alone, and with what a claim takes beside them."""
    rows = []
    for name, draw in LAWS.items():
        examples = int(name.split()[0]) if name.endswith("test examples") else None
        margin = 1.001 * unseen_rate(examples) if examples else MARGIN
        counted = [_rates((draw(rng, n) for _ in range(studies)), margin, examples) for n in SEEDS]
        rows += [(name, "t limits alone", *(alone for alone, _ in counted)), (name, "the verdict", *(judged for _, judged in counted))]
        if name in LOWER_BOUND:
            rows.append((name, "no fall among the seeds", *((1 - 1 / LOWER_BOUND[name]) ** n for n in SEEDS)))
    return pd.DataFrame(rows, columns=["differences", "by", *(f"n = {n}" for n in SEEDS)])


def _rates(drawn, margin, examples):
    """Shares of studies that TOST alone, and the verdict, call equivalent."""
    rule = Rule(margin)
    shown = [(tost(d, margin) < METHOD.alpha, d) for d in drawn]
    return np.mean([(alone, alone and not objection(d, rule, examples)) for alone, d in shown], axis=0)
