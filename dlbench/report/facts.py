"""What a study is, in the words of a report's head."""

from __future__ import annotations

from typing import Any

from dlbench.analysis import Analysis, interim, provenance
from dlbench.report.wording import count, number, unit_of
from dlbench.values.record import FINAL
from dlbench.values.text import listed, plain, plural


def study_facts(analysis: Analysis) -> dict[str, str]:
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
