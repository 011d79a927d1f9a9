"""What several parts of the report show, as ready text: the study, its references, and when each arm reached the target."""

from __future__ import annotations

from typing import Any

from dlbench.analysis import Analysis, interim, provenance
from dlbench.report import frames, wording
from dlbench.report.wording import count, milliseconds, number, probability, unit_of
from dlbench.stats.survival import compare_times, median_time
from dlbench.values.record import FINAL
from dlbench.values.text import listed, missing, plain, plural


def facts(analysis: Analysis) -> dict[str, str]:
    """What the study is, name -> text."""
    study, runs = analysis.results.study, analysis.results.runs
    planned, declared = analysis.results.runs_planned, interim.declared(analysis.results)
    finished = int(runs["status"].isin(FINAL).sum()) if len(runs) else 0
    unit = unit_of(analysis.metric)
    margin = f"±{number(analysis.margin * unit.scale, unit.decimals)} {unit.difference}"
    every = {
        "dataset": study.get("dataset"),
        "data hash": provenance.data_hash(analysis.results),
        "near-duplicates": _near(runs),
        "model": study.get("model"),
        "design": _words(study.get("design")),
        "arms": count(len(analysis.results.arms)),
        "seeds": f"looks at {listed([str(size) for size in declared], 12)}" if declared else plural(len(study["seeds"]), "seed"),
        "runs": f"{count(finished)} of {count(planned)} finished",
        "budget": _budget(study.get("budget")),
        "metric": f"{_words(analysis.metric.name)} ({'higher' if analysis.metric.higher_is_better else 'lower'} is better)",
        "margin": margin,
        "target": plain(study["target"]) if study.get("target") is not None else None,
        "date": str(study.get("created") or "")[:10],
    }
    return {name: str(value) for name, value in every.items() if value not in (None, "")}


def _near(runs: Any) -> str | None:
    """How many test examples are nearly in the training part, of the runs that looked."""
    told = runs["near_duplicates"].dropna() if "near_duplicates" in runs else ()
    return f"{told.iloc[0]} test examples have one in training" if len(told) else None


def _words(name: Any) -> str:
    return str(name or "").replace("_", " ")


def _budget(budget: Any) -> str:
    if isinstance(budget, dict):
        pairs = [(budget["unit"], budget["amount"])] if set(budget) == {"unit", "amount"} else budget.items()
        return ", ".join(f"{plain(amount)} {unit}" for unit, amount in pairs)
    return "" if budget is None else str(budget)


def references(analysis: Analysis) -> list[dict[str, str]]:
    """The arms that others are compared with: name, score, and costs in their units."""
    return [{"arm": row.arm, "score": _score(row, analysis), "costs": _costs(row)} for row in analysis.references.itertuples()]


def _score(row: Any, analysis: Analysis) -> str:
    if missing(row.mean):
        return "no finished run yet"
    unit = unit_of(analysis.metric)
    mean, sd = number(row.mean * unit.scale, unit.decimals), number(row.sd * unit.scale, unit.decimals)
    spread = "" if missing(row.sd) else f" ± {sd}"
    return f"{mean}{spread} {unit.level} (mean{' ± sd' if spread else ''} of {plural(int(row.n), 'seed')})"


def _costs(row: Any) -> str:
    every = {
        "{} parameters": count(row.parameters),
        "{} multiply-accumulates": count(row.macs),
        "a training step takes {}": milliseconds(row.step_ms),
        "inference takes {} an example": milliseconds(row.inference_ms),
    }
    return ", ".join(text.format(value) for text, value in every.items() if value != wording.NOTHING)


def targets(analysis: Analysis) -> list[dict[str, Any]]:
    """When each arm reached the study's target, and whether it did so sooner than its reference; the references first."""
    table = frames.reached(analysis)
    if not len(table) or not len(analysis.verdicts):
        return []
    seconds = {arm: median_time(part["time"], part["reached"]).median for arm, part in frames.reached(analysis, "s").groupby("arm")}
    compared = compare_times(table, dict(zip(analysis.verdicts["arm"], analysis.verdicts["reference"])))
    alone = [(arm, median_time(part["time"], part["reached"])) for arm, part in table.groupby("arm", sort=False)
             if arm in set(analysis.references["arm"]) - set(compared["arm"])]
    nothing = {"sooner": wording.NOTHING, "p": wording.NOTHING}
    return [
        *(_target(analysis, arm, found, seconds.get(arm)) | nothing for arm, found in alone),
        *(_target(analysis, row.arm, row, seconds.get(row.arm)) | {
            "sooner": f"{row.first} sooner, {row.later} later, {row.undecided} undecided", "p": probability(row.p_adjusted)}
          for row in compared.itertuples()),
    ]


def _target(analysis: Analysis, arm: str, found: Any, seconds: Any) -> dict[str, Any]:
    """When an arm reached the target: epochs with their interval, and seconds."""
    return {
        "id": analysis.ids[arm],
        "arm": arm,
        "reached": f"{found.reached} of {found.n}",
        "median": "not reached" if missing(found.median) else number(found.median, 0),
        "seconds": number(seconds, 1),
        "interval": " to ".join("?" if missing(end) else number(end, 0) for end in (found.low, found.high)),
    }
