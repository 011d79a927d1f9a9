"""Fair tuning: every arm gets the same trials on the same seeds, and what is chosen is a pure function of their scores.

Scientific fields are what arms change; nuisance fields are tuned for each arm by itself; all others are fixed. Settings are chosen by
the mean validation score over tuning seeds that the comparison never uses, so that choosing cannot leak into comparing.

Source: V. Godbole et al., "Deep learning tuning playbook", 2023, https://github.com/google-research/tuning_playbook
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean
from types import MappingProxyType
from typing import Any

from dlbench.values.metric import Metric
from dlbench.values.recipe import Recipe

Nuisance = tuple[tuple[str, tuple[Any, ...]], ...]
"""Recipe field and the values to try of it."""
NO_VERSIONS: Mapping[str, str] = MappingProxyType({})
"""The default of ``made_with``: no version is known."""


@dataclass(frozen=True)
class Trial:
    """One setting of the nuisance fields, tried on one arm.

    Attributes:
        arm: its name.
        setting: recipe field -> value; empty for an arm that changes every nuisance field itself.
        recipe: the arm's, with the setting.
        cells: tuning seed -> run id; none where there is nothing to choose.
    """

    arm: str
    setting: dict[str, Any]
    recipe: Recipe
    cells: dict[int, str]


def grid(nuisance: Nuisance, scientific: Collection[str]) -> list[dict[str, Any]]:
    """Every combination of the values to try, but for the fields that the arm itself changes.

    ``scientific`` are the fields that the arm changes. The last field runs fastest; one empty setting where nothing is left to tune.

    Example:
        >>> grid((("training.learning_rate", (0.1, 0.2)), ("regularization.l2", (0.0, 0.01))), {"regularization.l2"})
        [{'training.learning_rate': 0.1}, {'training.learning_rate': 0.2}]
    """
    tuned = {path: values for path, values in nuisance if path not in scientific}
    return [dict(zip(tuned, values)) for values in itertools.product(*tuned.values())]


def choose(trials: Iterable[Trial], scores: Mapping[str, float | None], measure: Metric,
           made_with: Mapping[str, str] = NO_VERSIONS) -> dict[str, Trial]:
    """The best setting of each arm: by mean validation score over the tuning seeds, ties to the first.

    An arm is decided once all of its trials have ended, if all were made with the same versions and data. A setting of which a run
    diverged, or has no score, does not compete: a failure is never a number.

    Args:
        trials: in the order of the grid.
        scores: run id -> validation score of every run that has ended, None where it diverged.
        measure: the validation metric; its direction says what is best.
        made_with: run id -> versions and data, as text; a run that is missing counts as made with any.

    Returns:
        Arm -> its chosen trial; without the arms that are not decided yet, or whose every setting failed.

    Example:
        >>> from dlbench.values.metric import metric
        >>> tried = [Trial("a", {"training.batch_size": size}, Recipe(), {1000: str(size)}) for size in (16, 32)]
        >>> choose(tried, {"16": 0.8, "32": 0.9}, metric("validation_accuracy"))["a"].setting
        {'training.batch_size': 32}
        >>> choose(tried, {"16": 0.8}, metric("validation_accuracy"))
        {}
        >>> choose(tried, {"16": 0.8, "32": 0.9}, metric("validation_accuracy"), {"16": "keras 3.11.0", "32": "keras 3.15.1"})
        {}
    """
    chosen = dict[str, Trial]()
    for arm, group in itertools.groupby(trials, key=lambda trial: trial.arm):
        members = list(group)
        runs = [run_id for trial in members for run_id in trial.cells.values()]
        if any(run_id not in scores for run_id in runs) or len({made_with[run_id] for run_id in runs if run_id in made_with}) > 1:
            continue
        complete = [trial for trial in members if all(scores[run_id] is not None for run_id in trial.cells.values())]
        sign = 1 if measure.higher_is_better else -1
        if complete:
            chosen[arm] = max(complete, key=lambda trial: sign * mean_score(trial, scores))
    return chosen


def mean_score(trial: Trial, scores: Mapping[str, float | None]) -> float:
    """Mean validation score of a trial whose runs all have one; 0 for a trial that needs no run."""
    values = [score for run_id in trial.cells.values() if (score := scores[run_id]) is not None]
    return fmean(values) if values else 0.0


def trial_name(trial: Trial) -> str:
    """Name a trial by its arm and its setting.

    Example:
        >>> trial_name(Trial("dropout", {"training.learning_rate": 0.001}, Recipe(), {}))
        'dropout at learning_rate=0.001'
    """
    setting = " ".join(f"{path.rpartition('.')[2]}={value}" for path, value in trial.setting.items())
    return f"{trial.arm} at {setting or 'its own setting'}"
