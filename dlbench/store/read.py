"""From a store to the tables of :class:`dlbench.store.results.Results`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from dlbench.store.database import Store
from dlbench.store.looks import Look, compared, looks_at, own, pilot
from dlbench.store.results import Answers, Results, Tuning
from dlbench.values.controls import effect_of, faults
from dlbench.values.errors import InputError
from dlbench.values.recipe import from_dict
from dlbench.values.record import FINAL, Record

RUN_COLUMNS = ["arm", "seed", "run_id", "status", "reason", "environment", "started", "control", "control_faults"]
CURVE_COLUMNS = ["arm", "seed", "epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy",
                 "learning_rate", "seconds"]
TRIAL_COLUMNS = ["arm", "setting", "n", "planned", "mean", "chosen"]
TIMING_COLUMNS = ["arm", "reference", "rounds", "step_ms", "step_ratio", "step_low", "step_high", "inference_ms",
                  "inference_ratio", "inference_low", "inference_high"]


def read(folder: Path) -> Results:
    """Read the current study of a results folder.

    Raises:
        InputError: there are no results.
    """
    with Store(folder) as store:
        digest, records = _current(store, folder), _records(store)
        first = _results(store, digest, records)
        others = range(1, len(first.study.get("datasets", ())))
        return replace(first, others=tuple(_results(store, f"{digest}:{position}", records) for position in others))


def _results(store: Store, digest: str, records: dict[str, Record]) -> Results:
    study, arms, cells = _study(store, digest)
    environments = {digest: json.loads(facts) for digest, facts in store.connection.execute("SELECT * FROM environments")}
    pending = [run_id for run_id in cells.values() if run_id not in records]
    looks, left_out = _looks(study, arms, looks_at(store, compared(arms)))
    ended = not pending and all(records[run_id].status in FINAL for run_id in cells.values())
    return Results(
        study=study, arms=pd.DataFrame([_arm(arm) for arm in arms]), runs=_runs(arms, cells, records), curves=_curves(cells, records),
        timings=_timings(store, arms), environments=environments, complete=ended and _decided(study, arms, looks),
        answers=Answers(store.folder), tuning=_tuning(store, digest, records), planned=len(cells), looks=looks, pilot=left_out)


def finished(folder: Path) -> dict[tuple[str, int], Record]:
    """The records of the current study's runs that ended as ``done``, by arm and seed.

    Raises:
        InputError: there are no results.
    """
    with Store(folder) as store:
        _, _, cells = _study(store, _current(store, folder))
        records = _records(store)
    return {cell: records[run_id] for cell, run_id in cells.items() if run_id in records and records[run_id].status == "done"}


def _tuning(store: Store, digest: str, records: dict[str, Record]) -> Tuning | None:
    """What was tried and chosen, and the comparison at the chosen settings; None for a study that tunes nothing."""
    there = {row[0] for row in store.connection.execute("SELECT hash FROM studies WHERE opened = 0")}
    if f"{digest}:trials" not in there:
        return None
    study, arms, cells = _study(store, f"{digest}:trials")
    tuned = _results(store, f"{digest}:tuned", records) if f"{digest}:tuned" in there else None
    chosen = tuned.study["chosen"] if tuned is not None else {}
    rows = []
    for arm in arms:
        found = [records.get(cells[arm["arm"], seed]) for seed in study["seeds"] if (arm["arm"], seed) in cells]
        done = [record.scores.get(study["metric"]) for record in found if record is not None and record.status == "done"]
        scores = [score for score in done if score is not None]
        rows.append({"arm": arm["of"], "setting": arm["setting"], "n": len(scores), "planned": len(found),
                     "mean": np.mean(scores) if scores else np.nan, "chosen": chosen.get(arm["of"]) == arm["setting"]})
    return Tuning(tuple(study["nuisance"]), study["metric"], tuple(study["seeds"]), pd.DataFrame(rows, columns=TRIAL_COLUMNS), tuned)


def _looks(study: dict[str, Any], arms: list[dict[str, Any]], every: list[Look]) -> tuple[tuple[Look, ...], tuple[int, ...]]:
    """The looks that count for a study, and the seeds that its verdicts leave out."""
    if declared := study.get("adaptive"):
        return tuple(own(every, compared(arms), declared, study["seeds"])), ()
    return tuple(every), pilot(every, study["seeds"])


def _decided(study: dict[str, Any], arms: list[dict[str, Any]], looks: tuple[Look, ...]) -> bool:
    """Whether an adaptive study needs no further look; no other study does."""
    declared = study.get("adaptive")
    return not declared or not compared(arms) or (bool(looks) and (len(looks) == len(declared["looks"]) or not looks[-1].undecided))


def _current(store: Store, folder: Path) -> str:
    row = store.connection.execute("SELECT hash FROM studies WHERE opened > 0 ORDER BY opened DESC LIMIT 1").fetchone()
    if row is None:
        raise InputError(f"{folder}: the store holds no study yet")
    return row[0]


def _study(store: Store, digest: str) -> tuple[dict[str, Any], list[dict[str, Any]], dict[tuple[str, int], str]]:
    facts, arms = store.connection.execute("SELECT facts, arms FROM studies WHERE hash = ?", (digest,)).fetchone()
    query = "SELECT arm, seed, run_id FROM cells WHERE study = ?"
    cells = {(arm, seed): run_id for arm, seed, run_id in store.connection.execute(query, (digest,))}
    return {**json.loads(facts), "hash": digest.partition(":")[0]}, json.loads(arms), cells


def _records(store: Store) -> dict[str, Record]:
    query = """SELECT run_id, recipe, seed, status, reason, scores, curves, cost, controls, environment, started
               FROM records ORDER BY attempt"""
    loaded = {}
    for run_id, recipe, seed, status, reason, scores, curves, cost, controls, environment, started in (
        store.connection.execute(query)
    ):
        parts = [json.loads(part) for part in (scores, curves, cost, controls)]
        loaded[run_id] = Record(run_id, json.loads(recipe), seed, status, reason, *parts, environment, started)
    return loaded


def _arm(arm: dict[str, Any]) -> dict[str, Any]:
    changes = {path: tuple(pair) for path, pair in arm["changes"].items()}
    return {**{name: arm[name] for name in ("arm", "reference", "recipe")}, "changes": changes,
            "techniques": ", ".join(arm["techniques"])}


def _runs(arms: list[dict[str, Any]], cells: dict[tuple[str, int], str], records: dict[str, Record]) -> pd.DataFrame:
    by_name = {arm["arm"]: arm for arm in arms}
    rows = []
    for (arm, seed), run_id in cells.items():
        if (record := records.get(run_id)) is not None:
            reference = records.get(cells.get((by_name[arm]["reference"], seed), ""))
            control, found = _control(record, reference, by_name[arm])
            rows.append({"arm": arm, "seed": seed, "run_id": run_id, "status": record.status, "reason": record.reason,
                         "environment": record.environment, "started": record.started, "control": control,
                         "control_faults": "; ".join(found), **record.scores, **record.cost})
    order = {arm["arm"]: position for position, arm in enumerate(arms)}
    frame = pd.DataFrame(rows, columns=None if rows else RUN_COLUMNS)
    return frame.sort_values(["arm", "seed"], key=lambda column: column.map(order) if column.name == "arm" else column,
                             ignore_index=True)


def _control(record: Record, reference: Record | None, arm: dict[str, Any]) -> tuple[str, list[str]]:
    """What the hashes say of a run: controlled, uncontrolled, fault, inert, baseline, or unknown where one is missing."""
    if arm["reference"] is None:
        draws = record.controls.get("global_draws", [])
        return ("uncontrolled", [f"draws from a global generator: {draw}" for draw in draws]) if draws else ("baseline", [])
    if reference is None or "done" not in (record.status,) or reference.status != "done":
        return "unknown", []
    if not arm["changes"]:
        return "inert", ["Tuning chose its reference's setting, so the two are one and the same recipe"]
    found = faults(record, reference, arm["changes"])
    if found:
        return "uncontrolled", found
    effect = effect_of(record, reference)
    words = {"acted": [], "inert": ["The condition that the technique waits for never came, so it never acted"],
             "fault": ["it changed nothing: the weights equal the reference's"]}
    return ("controlled" if effect == "acted" else effect), words[effect]


def _curves(cells: dict[tuple[str, int], str], records: dict[str, Record]) -> pd.DataFrame:
    parts = []
    for (arm, seed), run_id in cells.items():
        record = records.get(run_id)
        if record is not None and record.curves.get("epoch"):
            parts.append(pd.DataFrame({"arm": arm, "seed": seed, **record.curves}))
    return pd.concat(parts, ignore_index=True)[CURVE_COLUMNS] if parts else pd.DataFrame(columns=CURVE_COLUMNS)


def _timings(store: Store, arms: list[dict[str, Any]]) -> pd.DataFrame:
    query = """SELECT recipe, reference, round, step_ms, inference_ms, reference_step_ms, reference_inference_ms FROM timings
               WHERE environment = (SELECT environment FROM timings ORDER BY rowid DESC LIMIT 1)"""
    frame = pd.read_sql_query(query, store.connection)
    by_name = {arm["arm"]: arm for arm in arms}
    rows = []
    for arm in arms:
        reference = by_name[arm["reference"] or arm["arm"]]
        pair = frame[(frame.recipe == arm["recipe_id"]) & (frame.reference == reference["recipe_id"])]
        if len(pair):
            rows.append({"arm": arm["arm"], "reference": arm["reference"], "rounds": len(pair),
                         **_ratios(pair, _batch_size(reference) / _batch_size(arm))})
    return pd.DataFrame(rows, columns=TIMING_COLUMNS)


def _batch_size(arm: dict[str, Any]) -> int:
    return from_dict(arm["recipe"]).training.batch_size


def _ratios(pair: pd.DataFrame, per_example: float) -> dict[str, float]:
    """Ratios of times per example: a step of twice the batch is worth two."""
    found: dict[str, float] = {}
    for name, scale in (("step", per_example), ("inference", 1.0)):
        ours, theirs = pair[f"{name}_ms"].to_numpy(), pair[f"reference_{name}_ms"].to_numpy()
        logs = np.log(scale * ours / theirs)
        half = stats.t.ppf(0.975, len(logs) - 1) * stats.sem(logs) if len(logs) > 1 else np.nan
        ratio, low, high = np.exp([logs.mean(), logs.mean() - half, logs.mean() + half])
        found |= {f"{name}_ms": float(np.median(ours)), f"{name}_ratio": ratio, f"{name}_low": low, f"{name}_high": high}
    return found


def _places(study: dict[str, Any], digest: str) -> dict[str, str]:
    """Where a study's parts lie, one a dataset: words for it, none for the only one -> digest."""
    names = study.get("datasets", [])
    return {f", on {name}": f"{digest}:{position}" if position else digest for position, name in enumerate(names)} or {"": digest}


def _part(store: Store, digest: str) -> dict[tuple[str, int], str]:
    """The cells of a part of a study; none where it has no such part."""
    there = store.connection.execute("SELECT 1 FROM studies WHERE hash = ?", (digest,)).fetchone()
    return _study(store, digest)[2] if there else {}


def progress(folder: Path) -> dict[str, Any]:
    """Runs of the current study by status, and the failures with their reasons.

    Raises:
        InputError: there are no results.
    """
    with Store(folder) as store:
        digest, records = _current(store, folder), _records(store)
        study, arms, cells = _study(store, digest)
        looks, _ = _looks(study, arms, looks_at(store, compared(arms)))
        cells = {
            (f"{arm}{word}{place}", seed): run_id for place, part in _places(study, digest).items()
            for word, kind in (("", ""), ("", ":trials"), (", tuned", ":tuned"))
            for (arm, seed), run_id in _part(store, part + kind).items()}
    statuses = pd.Series([records[run_id].status if run_id in records else "missing" for run_id in cells.values()])
    failed = [(cell, records[run_id]) for cell, run_id in cells.items() if run_id in records and records[run_id].status != "done"]
    return {
        "study": study["name"], "datasets": study.get("datasets", [study["dataset"]]), "planned": len(cells),
        "statuses": statuses.value_counts().to_dict(),
        "failures": [{"arm": arm, "seed": seed, "run_id": record.run_id, "status": record.status, "reason": record.reason}
                     for (arm, seed), record in failed],
        "looks": [{"seeds": len(look.seeds), "taken": look.taken, "declared": look.declared is not None, "pilot": len(look.pilot),
                   "verdicts": {row["arm"]: row["verdict"] for row in look.verdicts}} for look in looks],
        "decided": _decided(study, arms, looks),
    }
