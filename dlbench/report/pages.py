"""What the pages show beside the verdicts, as ready text: the study, its references, runs, failures and environments."""

from __future__ import annotations

from typing import Any

from dlbench.analysis import Analysis, hardware, interim, provenance
from dlbench.analysis.scores import scores
from dlbench.report import answers, frames, wording
from dlbench.report.wording import count, level, milliseconds, number, probability, unit_of
from dlbench.stats.survival import compare_times, median_time
from dlbench.values.record import FINAL
from dlbench.values.text import listed, missing, plain, plural

HASHES = {"data": "hash_data", "split": "hash_split", "order": "hash_order", "start": "hash_init", "end": "hash_weights"}
"""What a run's hashes are of -> its column; start and end: the weights."""


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


MOST_RUNS = 10_000
"""A study of more runs than this is told by arm, and its runs are a file of their own, runs.csv: a page of them would not open."""
MOST_FAILURES = 1000


def runs(analysis: Analysis) -> list[dict[str, Any]]:
    """Every run that has a record."""
    names, ids = analysis.metric.name, analysis.ids
    words = hardware.kinds(analysis.results)
    found = []
    for row in analysis.results.runs.to_dict("records"):
        score = row.get(names) if row["status"] == "done" else None
        found.append(
            {
                "id": ids.get(row["arm"], 0),
                "arm": row["arm"],
                "seed": row["seed"],
                "status": row["status"],
                "score": level(score, unit_of(analysis.metric)),
                "sort": "" if missing(score) else f"{score:.9g}",
                "seconds": number(row.get("train_s"), 1),
                "epochs": count(row.get("epochs")),
                "control": row.get("control") or "unknown",
                "run_id": row.get("run_id") or wording.NOTHING,
                "hashes": " ".join(f"{name} {row[key][:8]}" for name, key in HASHES.items() if _text(row.get(key))) or wording.NOTHING,
                "environment": str(row.get("environment") or wording.NOTHING)[:8],
                "hardware": words.get(row.get("environment"), wording.NOTHING),
                "reason": _text(row.get("reason")) or _text(row.get("control_faults")),
            }
        )
    return found


def partial(analysis: Analysis) -> dict[str, Any] | None:
    """How far a study has come that is not complete; None for a complete one."""
    if analysis.results.complete:
        return None
    runs = analysis.results.runs
    finished = int(runs["status"].isin(FINAL).sum()) if len(runs) else 0
    return {"finished": finished, "planned": analysis.results.runs_planned, "told": answers.partial(analysis.results)}


def counts(analysis: Analysis) -> list[dict[str, Any]]:
    """The runs of each arm in one row, for a study of too many to be shown one by one."""
    unit, ids, found = unit_of(analysis.metric), analysis.ids, scores(analysis.results, analysis.metric.name).groupby("arm")["score"]
    told = found.agg(["mean", "std", "min", "max"]).to_dict("index")
    rows = []
    for arm, status in analysis.results.runs.groupby("arm", sort=False)["status"]:
        of = told.get(arm, {})
        ended = {name: count((status == name).sum()) for name in ("done", "diverged")} | {"failed": count((~status.isin(FINAL)).sum())}
        numbers = {name: level(of.get(key), unit) for name, key in (("mean", "mean"), ("sd", "std"), ("least", "min"), ("most", "max"))}
        rows.append({"id": ids[arm], "arm": arm, **ended, **numbers})
    return rows


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def environments(analysis: Analysis) -> tuple[list[str], list[dict[str, Any]]]:
    """Environments side by side: their hashes, and one row a fact, saying whether they differ in it."""
    found = analysis.results.environments
    names = list(dict.fromkeys(name for facts_ in found.values() for name in facts_))
    table = [
        {
            "name": name,
            "values": [plain(facts_.get(name)) if name in facts_ else wording.NOTHING for facts_ in found.values()],
        }
        for name in names
    ]
    return [str(key)[:12] for key in found], [row | {"differs": len(set(row["values"])) > 1} for row in table]


def controls(analysis: Analysis) -> list[dict[str, Any]]:
    """Each compared arm's control, with its sentence."""
    return [
        {
            "id": row.id,
            "arm": row.arm,
            "reference": row.reference,
            "control": row.control,
            "text": row.control_text,
            "changed": row.changed,
        }
        for row in analysis.verdicts.itertuples()
    ]


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


def failures(analysis: Analysis) -> list[dict[str, Any]]:
    """The runs that ended without a score, with their reasons, at most :data:`MOST_FAILURES` of them."""
    ids = analysis.ids
    return [
        row | {"id": ids.get(row["arm"], 0), "reason": _text(row["reason"]) or "no reason was recorded"}
        for row in analysis.failures.head(MOST_FAILURES).to_dict("records")
    ]
