"""Judging finished runs by another metric or margin: allowed, marked as chosen afterwards, and shown beside the declared judgement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dlbench.analysis.recomputed import can_recompute, recomputed
from dlbench.store.results import Results
from dlbench.values.errors import InputError, unknown
from dlbench.values.metric import BY_EXAMPLE, DECLARED, JUDGED, METRICS, metric


def rejudged(results: Results, name: str | None = None, margin: float | None = None) -> Results:
    """Return the results as if the study had asked for another metric or margin, marked with what it had asked for.

    A score that the runs do not have is computed from the predictions that they left, where it follows from predicted classes.

    Args:
        results: of a study.
        name: of the metric; the study's where unset.
        margin: in the unit of the metric; the study's where unset.

    Raises:
        InputError: the metric was not measured and does not follow from predictions, no two scores can lie the margin apart, or
            interim analyses have stopped arms by the declared one.
    """
    study = results.study
    if study.get("adaptive"):
        raise InputError(f"{study['name']}: its interim analyses have stopped arms by {study['metric']} and a margin of "
                         f"{study['margin']:g}; accepted: a study without `adaptive` and `spend`")
    chosen = study["metric"] if name is None else metric(name).name
    if len(results.runs) and chosen not in results.runs:
        if can_recompute(results, chosen):
            return rejudged(recomputed(results, chosen), chosen, margin)
        raise InputError(f"--metric {name}: it was not measured in these runs: "
                         f"{unknown('metric', chosen, [known.name for known in (*METRICS, *BY_EXAMPLE) if known.name in results.runs])}")
    if margin is not None:
        metric(chosen).demand_margin("--", margin)
    if margin is None and metric(chosen).unit != results.metric.unit:
        raise InputError(f"--metric {name}: its unit is not that of {study['metric']}, so the study's margin says nothing of it; state "
                         "one: --margin X")
    return _judged_by(results, {"metric": chosen, "margin": study["margin"] if margin is None else margin})


def as_declared(results: Results) -> Results | None:
    """Return the results with the metric and margin that were declared first; None where those are the study's."""
    declared = results.study.get(DECLARED)
    return None if declared is None else _judged_by(results, declared)


def _judged_by(results: Results, by: dict[str, Any]) -> Results:
    study, tuning = results.study, results.tuning
    declared = study.get(DECLARED) or {name: study[name] for name in JUDGED if name in study and name != "scope"}
    kept = {name: value for name, value in study.items() if name not in (DECLARED, "metrics")} | by
    marked = {} if all(kept.get(name) == value for name, value in declared.items()) else {DECLARED: declared}
    tuned = tuning if tuning is None or tuning.results is None else replace(tuning, results=_judged_by(tuning.results, by))
    return replace(results, study=kept | marked, tuning=tuned, others=tuple(_judged_by(other, by) for other in results.others),
                   lengths=tuple(_judged_by(one, by) for one in results.lengths))
