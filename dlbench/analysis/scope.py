"""What the verdicts of a study are claims about: new data, or the test set that was used."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from dlbench.analysis.foreign import unpaired
from dlbench.analysis.scores import finished_runs, folds_of
from dlbench.stats.classes import BY_COUNTS, class_part
from dlbench.stats.crossed import ExamplePart, by_fold, example_parts, over_folds, unpaired_part
from dlbench.store.results import Answers, Results
from dlbench.values.scope import Scope, stored_scope


def parts(results: Results, known: pd.DataFrame, against: Mapping[str, str]) -> dict[str, ExamplePart]:
    """Estimate what the test examples contribute to each arm's mean difference; nothing where verdicts are about this test set.

    Args:
        results: of a study.
        known: the scores that are compared: ``arm, seed, score``.
        against: compared arm -> its reference.

    Returns:
        Arm -> its part, of all arms with two pairs or more, or of none.
    """
    if stored_scope(results.study) != Scope.NEW_DATA or results.answers is None or not len(known):
        return {}
    runs = known.merge(finished_runs(results)[["arm", "seed", "run_id"]].drop_duplicates(["arm", "seed"], keep="last"), on=["arm", "seed"])
    if unpaired(results):
        return _unpaired_parts(results, results.answers, runs, against)
    split, _, measure = results.metric.name.partition("_")
    found = (_class_parts(measure, results.answers, runs, against, folds_of(results)) if split == "test" and measure in BY_COUNTS
             else example_parts(runs, against, partial(results.answers.values, results.metric.name), folds_of(results)))
    return found if set(found) == judged(known, against) else {}


def _unpaired_parts(results: Results, answers: Answers, runs: pd.DataFrame, against: Mapping[str, str]) -> dict[str, ExamplePart]:
    """Estimate the parts of arms whose runs are no pairs, from the values of all their runs."""
    ids = {str(arm): list(part["run_id"]) for arm, part in runs.groupby("arm")}
    names = [arm for arm, reference in against.items() if min(len(ids.get(arm, ())), len(ids.get(reference, ()))) > 1]
    kept = answers.values(results.metric.name, [run for arm in {*names, *against.values()} for run in ids.get(arm, ())])
    stacks = {arm: np.stack([kept[run] for run in ids[arm]]) for arm in {*names, *(against[arm] for arm in names)}}
    return {arm: unpaired_part(stacks[arm], stacks[against[arm]]) for arm in names}


def _class_parts(measure: str, answers: Answers, runs: pd.DataFrame, against: Mapping[str, str], folds: int) -> dict[str, ExamplePart]:
    """Resample the test examples of each arm whose predicted classes were kept, for a measure that is no mean over examples."""
    ids = {arm: dict(zip(part["seed"], part["run_id"])) for arm, part in runs.groupby("arm")}
    found: dict[str, ExamplePart] = {}
    for arm, reference in against.items():
        pairs = {seed: (run_id, ids[reference][seed]) for seed, run_id in ids.get(arm, {}).items() if seed in ids.get(reference, {})}
        parts = [_class_part(measure, answers, [pairs[seed] for seed in fold]) for fold in by_fold(pairs, folds)]
        if len(pairs) > 1 and None not in parts:
            found[arm] = over_folds([part for part in parts if part is not None])
    return found


def _class_part(measure: str, answers: Answers, pairs: list[tuple[str, str]]) -> tuple[int, ExamplePart] | None:
    """Return the number of pairs and the part of the examples that they share; None where their predicted classes were not kept."""
    kept, labels = answers.predictions([run_id for pair in pairs for run_id in pair]), answers.labels(pairs[0][0])
    if labels is None or any(run_id not in kept or kept[run_id].shape != labels.shape for pair in pairs for run_id in pair):
        return None
    ours, theirs = (np.stack([kept[pair[side]] for pair in pairs]) for side in (0, 1))
    return len(pairs), class_part(measure, labels, ours, theirs) if len(pairs) > 1 else ExamplePart(0.0, len(labels))


def judged(known: pd.DataFrame, against: Mapping[str, str]) -> set[str]:
    """Return the arms that have two seeds or more in common with their reference."""
    seeds = {arm: set(part["seed"]) for arm, part in known.groupby("arm")}
    return {arm for arm, reference in against.items() if len(seeds.get(arm, set()) & seeds.get(reference, set())) > 1}


def claimed(results: Results, verdicts: pd.DataFrame) -> Scope:
    """Return what the verdicts are claims about: new data only where every judged arm's test examples are known one by one.

    Args:
        results: of a study.
        verdicts: its verdict table.
    """
    tested = verdicts[verdicts["n"].fillna(0) > 1]
    proven = "example_error" in tested and bool(tested["example_error"].notna().all())
    return stored_scope(results.study) if proven else Scope.THIS_TEST_SET
