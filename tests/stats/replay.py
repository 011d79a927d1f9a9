"""Every interim analysis of a study, replayed from its scores."""

from dataclasses import replace
from itertools import pairwise

import pandas as pd

from dlbench.stats.boundaries import Decided
from dlbench.stats.sequential import judge_interim
from dlbench.values.verdict import Verdict


def judge_looks(scores, references, rule, plan, seeds):
    """Judge at every look the arms that are undecided before it and have runs on the seeds that it adds; the last row of an arm decides.

    Args:
        scores: columns arm, seed, score: all seeds that were run.
        references: every arm of the family -> its reference.
        rule: by which they are judged.
        plan: boundaries.
        seeds: all seeds in their declared order; a look of n uses the first n.
    """
    open_arms, tables = dict(references), []
    for before, look in pairwise((0, *plan.looks)):
        new = set(scores.loc[scores["seed"].isin(list(seeds[before:look])), "arm"])
        open_arms = {arm: reference for arm, reference in open_arms.items() if arm in new or not before}
        if not open_arms:
            break
        seen = pd.concat(tables)["verdict"] if tables else pd.Series(dtype=object)
        decided = Decided(int(seen.isin([Verdict.HELPS, Verdict.HURTS]).sum()), int((seen == Verdict.EQUIVALENT).sum()))
        table = judge_interim(scores[scores["seed"].isin(list(seeds[:look]))], open_arms, rule, replace(plan, decided=decided), look)
        tables.append(table.assign(look=look))
        undecided = set(table.loc[table["verdict"].isin([Verdict.INCONCLUSIVE, Verdict.NONE]), "arm"])
        open_arms = {arm: reference for arm, reference in open_arms.items() if arm in undecided}
    return pd.concat(tables, ignore_index=True)
