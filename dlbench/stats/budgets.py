"""The same arms after several lengths of training, all in one family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from dlbench.stats.method import Rule
from dlbench.stats.verdict import adjusted, conclude, estimates


def compare_budgets(scores: Sequence[pd.DataFrame], references: Mapping[str, str], rules: Sequence[Rule]) -> list[pd.DataFrame]:
    """Judge every arm at several budgets, as :func:`dlbench.stats.verdict.compare` does at one, all of them as one family.

    The correction is over arms times budgets, so that the chance of any false difference, at whatever budget, stays below alpha; so it is
    for false equivalence. No budget waits for another: an effect that goes away with more training is found as well as one that stays.

    Args:
        scores: at each budget, as for ``compare``.
        references: arm -> its reference.
        rules: at each budget.

    >>> runs = pd.DataFrame([("a", 0, 0.5), ("a", 1, 0.7), ("b", 0, 0.4), ("b", 1, 0.4)], columns=["arm", "seed", "score"])
    >>> [table["p_adjusted"].round(2).tolist() for table in compare_budgets([runs, runs], {"a": "b"}, [Rule(0.1), Rule(0.1)])]
    [[0.59], [0.59]]

    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6, 1979,
    https://www.jstor.org/stable/4615733
    """
    family = len(references) * len(rules)
    tables = [estimates(known, references, rule, family) for known, rule in zip(scores, rules, strict=True)]
    for name in ("p", "p_tost"):
        values = pd.concat([table[name] for table in tables], ignore_index=True).astype(float)
        all_adjusted = adjusted(values, rules[0].method.correction) if rules else []
        for place, table in enumerate(tables):
            table[f"{name}_adjusted"] = all_adjusted[place * len(references):(place + 1) * len(references)]
    return [conclude(table, rule, family) for table, rule in zip(tables, rules)]
