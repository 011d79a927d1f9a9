"""From a store to the tables of :class:`dlbench.store.results.Results`."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dlbench.store.database import Store
from dlbench.store.interim import InterimAnalysis, analyses_of, compared_pairs, ended, of_plan, pilot_seeds
from dlbench.store.results import Answers, Results, Tuning
from dlbench.store.shared import origins
from dlbench.store.stream import cells, tables
from dlbench.values.errors import InputError
from dlbench.values.identity import run_ids
from dlbench.values.metric import stored_metric
from dlbench.values.origin import versions
from dlbench.values.recipe import edit, from_dict
from dlbench.values.record import FINAL, Controls, Record

REMARKS = "remarks.txt"
"""What people write beside results, for the report: plain text, no part of any identity."""
BUDGET = "budget:"
"""Begins the name of the part of a study that is about one of its shorter budgets."""
TRIAL_COLUMNS = ["arm", "setting", "n", "planned", "mean", "chosen"]
MILLISECONDS = ("step_ms", "inference_ms", "reference_step_ms", "reference_inference_ms")
ROUNDS = ("arm", "reference", "batch_size", "reference_batch_size", *MILLISECONDS)


def read(folder: Path) -> Results:
    """Read the current study of a results folder.

    Raises:
        InputError: there are no results, or what is there is damaged.
    """
    with Store(folder) as store:
        store.demand_sound()
        digest = _current(store)
        first = _results(store, digest)
        others = range(1, len(first.study.get("datasets", ())))
        lengths = (*(_results(store, shorter) for shorter in _shorter_digests(first.study, digest)), first)
        return replace(first, others=tuple(_results(store, f"{digest}:{position}") for position in others), remarks=remarks(folder),
                       lengths=lengths if len(lengths) > 1 else (), complete=all(one.complete for one in lengths))


def remarks(folder: Path) -> str:
    """The text of ``remarks.txt`` in a folder; empty where there is none.

    Raises:
        InputError: it is no UTF-8 text.
    """
    path = Path(folder) / REMARKS
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}; accepted: plain text in UTF-8") from None


def _results(store: Store, digest: str) -> Results:
    study, arms = _study(store, digest)
    (planned,) = store.connection.execute("SELECT COUNT(*) FROM cells WHERE study = ?", (digest,)).fetchone()
    interim, pilot = _interim(store, study, arms)
    runs, curves = tables(store, digest, arms)
    ended = len(runs) == planned and bool(runs["status"].isin(FINAL).all())
    return Results(
        study=study, arms=pd.DataFrame([_arm(arm) for arm in arms]), runs=runs, curves=curves,
        rounds=_rounds(store, arms), environments=store.environments(), complete=ended and _decided(study, arms, interim),
        answers=Answers(store.folder), tuning=_tuning(store, digest), planned=planned, interim=interim, pilot=pilot,
        repetition=_repetition(store, study, arms), taken=origins(store))


def _repetition(store: Store, study: dict[str, Any], arms: list[dict[str, Any]]) -> dict[str, float | None]:
    """The score of a script's first run, and that of the same run once more; empty for other studies, None where there is no score."""
    if study.get("engine") != "command":
        return {}
    first = from_dict(arms[0]["recipe"])
    (one,), (two,) = (run_ids(recipe, study["seeds"][:1]) for recipe in (first, edit(first, command__repeat=1)))
    known = store.scores(study["metric"])
    return {"first": known.get(one), "again": known.get(two)}


def finished(folder: Path) -> dict[tuple[str, int], Record]:
    """The records of the current study's runs that ended as ``done``, by arm and seed; without their curves and cost.

    Raises:
        InputError: there are no results.
    """
    names = ("status", "recipe", "scores", "controls", "environment", "started")
    recipe: Callable[[str], dict[str, Any]] = cache(json.loads)
    with Store(folder) as store:
        every = cells(store, _current(store), *names)
        return {(arm, seed): Record(run_id, recipe(fields), seed, status, scores=json.loads(scores), environment=environment,
                                    controls=Controls.from_dict(json.loads(controls), recipe(fields)), started=started)
                for arm, seed, run_id, status, fields, scores, controls, environment, started in every if status == "done"}


def _tuning(store: Store, digest: str) -> Tuning | None:
    """What was tried and chosen, and the comparison at the chosen settings; None for a study that tunes nothing."""
    parts = {row[0] for row in store.connection.execute("SELECT hash FROM studies WHERE opened = 0")}
    if f"{digest}:trials" not in parts:
        return None
    study, arms = _study(store, f"{digest}:trials")
    tuned = _results(store, f"{digest}:tuned") if f"{digest}:tuned" in parts else None
    chosen = tuned.study["chosen"] if tuned is not None else {}
    tried: dict[str, list[float | None]] = {arm["arm"]: [] for arm in arms}
    for arm, _, _, status, scores in cells(store, f"{digest}:trials", "status", "scores"):
        tried[arm].append(json.loads(scores).get(study["metric"]) if status == "done" else None)
    rows = [_trial(arm, tried[arm["arm"]], chosen.get(arm["of"]) == arm["setting"]) for arm in arms]
    return Tuning(tuple(study["nuisance"]), stored_metric(study), tuple(study["seeds"]), pd.DataFrame(rows, columns=TRIAL_COLUMNS), tuned)


def _trial(arm: dict[str, Any], scores: list[float | None], chosen: bool) -> dict[str, Any]:
    done = [score for score in scores if score is not None]
    return {"arm": arm["of"], "setting": arm["setting"], "n": len(done), "planned": len(scores),
            "mean": np.mean(done) if done else np.nan, "chosen": chosen}


def _interim(store: Store, study: dict[str, Any], arms: list[dict[str, Any]]) -> tuple[tuple[InterimAnalysis, ...], tuple[int, ...]]:
    """The interim analyses that count for a study, and the seeds that its verdicts leave out."""
    pairs = compared_pairs(arms)
    every = analyses_of(store, pairs)
    if declared := study.get("adaptive"):
        return tuple(of_plan(every, pairs, declared, study["seeds"])), ()
    return tuple(every), pilot_seeds(every, study["seeds"])


def _decided(study: dict[str, Any], arms: list[dict[str, Any]], taken: tuple[InterimAnalysis, ...]) -> bool:
    """Whether no further interim analysis is due, as always in a study that declares none."""
    declared = study.get("adaptive")
    return not declared or not compared_pairs(arms) or ended(taken, declared) or (bool(taken) and not taken[-1].undecided)


def current_study(store: Store) -> tuple[str, dict[str, Any], list[dict[str, Any]]]:
    """The study that a folder was last used for: its digest, facts and arms, as the store keeps them.

    Raises:
        InputError: there is none yet.
    """
    digest = _current(store)
    return digest, *_study(store, digest)


def _current(store: Store) -> str:
    row = store.connection.execute("SELECT hash FROM studies WHERE opened > 0 ORDER BY opened DESC LIMIT 1").fetchone()
    if row is None:
        raise InputError(f"{store.folder}: the store holds no study yet")
    return row[0]


def _study(store: Store, digest: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    facts, arms = store.connection.execute("SELECT facts, arms FROM studies WHERE hash = ?", (digest,)).fetchone()
    study = json.loads(facts)
    return {**study, "hash": hashlib.sha256(str(study.get("text", "")).encode()).hexdigest()}, json.loads(arms)


def _arm(arm: dict[str, Any]) -> dict[str, Any]:
    changes = {path: tuple(pair) for path, pair in arm["changes"].items()}
    return {**{name: arm[name] for name in ("arm", "reference", "recipe")}, "changes": changes,
            "techniques": ", ".join(arm["techniques"])}


def _rounds(store: Store, arms: list[dict[str, Any]]) -> pd.DataFrame:
    """Each arm's timed rounds beside its reference's, all from one environment: times of two machines say nothing of each other."""
    by_name = {arm["arm"]: arm for arm in arms}
    against = [(arm, by_name[arm["reference"] or arm["arm"]]) for arm in arms]
    timed = _timed_pairs(store, {(arm["recipe_id"], other["recipe_id"]) for arm, other in against})
    batch_size = {arm["arm"]: from_dict(arm["recipe"]).training.batch_size for arm in arms}
    tables = [timed[pair].assign(arm=arm["arm"], reference=arm["reference"], batch_size=batch_size[arm["arm"]],
                                 reference_batch_size=batch_size[other["arm"]])
              for arm, other in against if (pair := (arm["recipe_id"], other["recipe_id"])) in timed]
    return pd.concat(tables, ignore_index=True)[list(ROUNDS)] if tables else pd.DataFrame(columns=list(ROUNDS))


def _timed_pairs(store: Store, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], pd.DataFrame]:
    """(recipe, reference) -> its rounds, in the environment where most of the wanted pairs were timed, of equals the latest."""
    frame = pd.read_sql_query(f"SELECT environment, recipe, reference, {', '.join(MILLISECONDS)} FROM timings ORDER BY rowid",
                              store.connection)
    by_environment: dict[str, dict[tuple[str, str], pd.DataFrame]] = {}
    for (environment, *pair), rows in frame.groupby(["environment", "recipe", "reference"], sort=False):
        if tuple(pair) in wanted:
            by_environment.setdefault(environment, {})[tuple(pair)] = rows
    return max(reversed(by_environment.values()), key=len, default={})


def _part_digests(study: dict[str, Any], digest: str) -> dict[str, str]:
    """The suffix that names a dataset, empty where there is only one -> the digest of the study's part on it."""
    names = study.get("datasets", [])
    return {f", on {name}": f"{digest}:{position}" if position else digest for position, name in enumerate(names)} or {"": digest}


def _shorter_digests(study: dict[str, Any], digest: str) -> list[str]:
    """The digests of a study's parts at its shorter budgets, ascending; none of a study with one budget."""
    return [f"{digest}:{BUDGET}{epochs}" for epochs in study.get("budgets", [])[:-1]]


def _comparisons(store: Store, study: dict[str, Any], digest: str) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """What is judged by itself: the study and its arms on each dataset, at default and, once there is one, at the chosen settings."""
    kept = {digest for (digest,) in store.connection.execute("SELECT hash FROM studies")}
    return [_study(store, part + kind) for part in _part_digests(study, digest).values() for kind in ("", ":tuned") if part + kind in kept]


def progress(folder: Path) -> dict[str, Any]:
    """Runs of the current study by status, and the failures with their reasons.

    Raises:
        InputError: there are no results.
    """
    with Store(folder) as store:
        digest, study, _ = current_study(store)
        judged = [(one, _interim(store, *one)[0]) for one in _comparisons(store, study, digest)]
        facts = store.environments()
        made_with = Counter(versions(facts.get(environment, {})) for environment in store.origins().values())
        every = [(f"{arm}{tuned}{dataset}", *run) for dataset, part in _part_digests(study, digest).items()
                 for tuned, kind in (("", ""), ("", ":trials"), (", tuned", ":tuned"))
                 for arm, *run in cells(store, part + kind, "status", "reason")]
        every += [(f"{arm}, {shorter.rpartition(':')[2]} epochs", *run) for shorter in _shorter_digests(study, digest)
                  for arm, *run in cells(store, shorter, "status", "reason")]
        keys = ("arm", "seed", "run_id", "status", "reason")
        return {
            "study": study["name"], "datasets": study.get("datasets", [study["dataset"]]), "planned": len(every),
            "statuses": dict(Counter(status or "missing" for *_, status, _ in every).most_common()),
            "failures": [dict(zip(keys, run)) for run in every if run[3] not in (None, "done")],
            "looks": [{"seeds": len(look.seeds), "taken": look.taken, "declared": look.declared is not None, "pilot": len(look.pilot),
                       "verdicts": {row["arm"]: row["verdict"] for row in look.verdicts}} for _, looks in judged for look in looks],
            "taken": dict(Counter(made["folder"] for run_id, made in origins(store).items() if run_id in {run[2] for run in every})),
            "decided": all(_decided(*one, looks) for one, looks in judged), "versions": dict(made_with),
        }
