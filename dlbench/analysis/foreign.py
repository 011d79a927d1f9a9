"""Results that were made elsewhere, as those of a study: judged by the same rules, with nothing about control claimed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dlbench.stats.unpaired import to_published
from dlbench.store.results import Answers, Results
from dlbench.values.controls import Control
from dlbench.values.metric import Metric
from dlbench.values.record import Status
from dlbench.values.scope import Scope

NOT_PROVEN = "dlbench did not make these runs"
CURVES = ("arm", "seed", "epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "learning_rate", "seconds")
ROUNDS = ("arm", "reference", "batch_size", "reference_batch_size", "step_ms", "inference_ms", "reference_step_ms",
          "reference_inference_ms")


@dataclass(frozen=True)
class Judged:
    """What is asked of results that were made elsewhere.

    Attributes:
        name, question: of the report.
        metric, margin: what the scores mean, and the smallest difference that matters.
        baseline: the arm that the others are compared with.
        paired: whether runs of one seed are pairs.
        text: that says all of this, as a file.
        command: that does it again.
        notes: what was taken, converted or left out, one sentence each.
        published: values of others: ``name, mean, sd, n, source, arm`` each.
        values: run id -> values of its test examples, float64 [n]; of all runs or of none.
        trials: whether runs are trials of a search for settings.
    """

    name: str
    question: str
    metric: Metric
    margin: float
    baseline: str
    paired: bool
    text: str
    command: str
    notes: tuple[str, ...] = ()
    published: tuple[Mapping[str, Any], ...] = ()
    values: Mapping[str, np.ndarray] = field(default_factory=dict[str, np.ndarray])
    trials: bool = False


@dataclass(frozen=True, eq=False)
class GivenValues(Answers):
    """The values of each run's test examples, as their files hold them: the mean of a run's is its score.

    Attributes:
        known: run id -> float64 [n].
    """

    known: Mapping[str, np.ndarray]

    def values(self, metric: str, run_ids: Iterable[str]) -> dict[str, np.ndarray]:
        """Return the values of the runs that have any; the metric is the one that is judged."""
        return {run: self.known[run] for run in run_ids if run in self.known}

    def examples(self, run_ids: Iterable[str]) -> dict[str, int]:
        """Return the number of test examples of each run that has values."""
        return {run: len(self.known[run]) for run in run_ids if run in self.known}

    def labels(self, run_id: str) -> np.ndarray | None:
        """Return None: which classes are true is not kept."""

    def shares(self, run_ids: Iterable[str]) -> dict[str, np.ndarray]:
        """Return nothing: values need not be shares."""
        return {}

    predictions = errors = shares

    def label_answers(self, run_ids: Iterable[str]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Return nothing: an example has one value."""
        return {}

    def preview(self, recipe: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray] | None:
        """Return None: there are no images."""


def made_by_others(runs: pd.DataFrame, asked: Judged, references: Mapping[str, str], settings: Mapping[str, Mapping[str, str]]) -> Results:
    """Return runs as a study's results.

    Args:
        runs: columns ``arm, seed, score``, and ``run_id`` where there are values of test examples.
        asked: how they are to be judged.
        references: arm -> the arm that it is compared with; where there are none, all are compared with the baseline.
        settings: arm -> what it sets, where that is known; shown as what it changes.
    """
    arms = [asked.baseline, *(arm for arm in dict.fromkeys(runs["arm"]) if arm != asked.baseline)]
    against = [None if arm == asked.baseline else references.get(arm) if references else asked.baseline for arm in arms]
    changes = [_changes(settings.get(arm, {}), settings.get(reference or asked.baseline, {})) for arm, reference in zip(arms, against)]
    study: dict[str, Any] = {
        "name": asked.name, "question": asked.question, "dataset": "", "model": "", "design": "", "metric": asked.metric.name,
        "declared_metric": asdict(asked.metric), "margin": asked.margin, "seeds": sorted(set(runs["seed"].tolist())), "budget": None,
        "split_seed": None, "target": None, "text": asked.text, "overrides": [], "command": asked.command,
        "hash": hashlib.sha256(asked.text.encode()).hexdigest(), "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "judged": {"paired": asked.paired, "notes": list(asked.notes), "trials": asked.trials},
        "published_means": list(asked.published),
        **({"scope": Scope.NEW_DATA.value} if asked.values else {})}
    return Results(
        study, pd.DataFrame({"arm": arms, "reference": against, "changes": changes,
                             "recipe": [{} for _ in arms], "techniques": ""}),
        _records(runs, asked), pd.DataFrame(columns=list(CURVES)), pd.DataFrame(columns=list(ROUNDS)), {}, complete=True, planned=len(runs),
        answers=GivenValues(Path(), asked.values) if asked.values else None)


def _changes(ours: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, tuple[str | None, str]]:
    return {key: (theirs.get(key), value) for key, value in ours.items() if value != theirs.get(key)}


def _records(runs: pd.DataFrame, asked: Judged) -> pd.DataFrame:
    control = [Control.BASELINE if arm == asked.baseline else Control.NOT_PROVEN for arm in runs["arm"]]
    return pd.DataFrame({
        "arm": runs["arm"], "seed": runs["seed"], "run_id": runs.get("run_id", ""), "status": Status.DONE, "reason": "",
        "environment": "", "started": "", "control": control,
        "control_faults": [NOT_PROVEN if state == Control.NOT_PROVEN else "" for state in control],
        asked.metric.name: runs["score"]}).reset_index(drop=True)


def how_judged(results: Results) -> Mapping[str, Any] | None:
    """Return how results that were made elsewhere are judged: ``paired, notes``; None of a study of dlbench's own."""
    return results.study.get("judged")


def unpaired(results: Results) -> bool:
    """Return whether runs of one seed are no pairs."""
    found = how_judged(results)
    return found is not None and not found["paired"]


@dataclass(frozen=True)
class Beside:
    """A published value beside an arm: what is stated there, the arm's mean, here minus there with its interval, and what follows."""

    name: str
    source: str
    arm: str
    mean: float
    sd: float | None
    n: int | None
    ours: float
    difference: float
    low: float | None
    high: float | None
    said: str


def beside_published(results: Results) -> list[Beside]:
    """Set published values beside the arms that they are of.

    Where their sd and n are known, by Welch's interval; where they are not, by what the arm's own runs say, which leaves out how far
    another run of the published experiment would lie from its mean.
    """
    margin, metric = float(results.study["margin"]), results.metric.name
    found: list[Beside] = []
    for one in results.study.get("published_means", ()):
        ours = results.runs.loc[results.runs["arm"] == one["arm"], metric].to_numpy(float)
        low, high = to_published(ours, one["mean"], one["sd"], one["n"]) if len(ours) > 1 else (None, None)
        found.append(Beside(one["name"], one["source"], one["arm"], one["mean"], one["sd"], one["n"], float(ours.mean()),
                            float(ours.mean()) - one["mean"], low, high, _said(low, high, one, margin)))
    return found


def _said(low: float | None, high: float | None, one: Mapping[str, Any], margin: float) -> str:
    if low is None or high is None:
        return "one run here: nothing but the difference"
    inside, beyond = -margin < low and high < margin, low > margin or high < -margin
    found = ("the same within the margin" if inside else "beyond the margin" if beyond else "compatible: the interval holds 0"
             if low <= 0 <= high else "different, perhaps by less than the margin")
    unknown = [name for name in ("sd", "n") if not one[name]]
    return found + (f"; as if the published mean were exact, for its {' and '.join(unknown)} "
                    f"{'are' if len(unknown) > 1 else 'is'} unknown" if unknown else "")
