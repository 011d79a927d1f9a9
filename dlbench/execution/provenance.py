"""Compares the versions and data of stored results with the present ones, and with each other."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from dlbench.store.database import Store
from dlbench.study.plan import Plan
from dlbench.study.study import Study
from dlbench.techniques.preprocessing import BY_COLUMN
from dlbench.values.metric import DECLARED, JUDGED
from dlbench.values.origin import differences, equivalent
from dlbench.values.recipe import to_dict
from dlbench.values.record import FINAL
from dlbench.values.scope import Scope, stored_scope
from dlbench.values.text import listed


def stale_runs(run_ids: Iterable[str], store: Store, environment: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, str]:
    """Find the runs whose results were made with other versions or data than the present ones; run id -> the differences.

    Args:
        run_ids: of a plan.
        store: open.
        environment: the present one.
        files: hashes of the files behind datasets that are known by name alone, as they are now.
    """
    environments, made, data = store.environments(), store.origins(), store.data() if files else {}
    by_versions = cache(lambda digest: tuple(differences(environments.get(digest, {}), environment)))

    def by_data(run_id: str) -> list[str]:
        then = data[run_id][1] if files else {}
        return [f"other data of '{name}' than is there now" for name, hash_ in then.items() if files.get(name, hash_) != hash_]

    reasons = {run_id: (*by_versions(made[run_id]), *by_data(run_id)) for run_id in run_ids if run_id in made}
    return {run_id: "; ".join(differing) for run_id, differing in reasons.items() if differing}


def stale_warnings(stale: Mapping[str, str]) -> list[str]:
    """Word a warning for each way in which stale results differ from the present versions and data."""
    return [f"{count} finished {'runs were' if count > 1 else 'run was'} made with {difference}: not compared with new ones; "
            "--renew runs them again" for difference, count in Counter(stale.values()).items()]


def made_with(store: Store) -> dict[str, str]:
    """Name the versions and data that each final result was made with; results that differ in them are not compared.

    Returns:
        Run id -> text, for runs that recorded what their data was.
    """
    environments, data = store.environments(), store.data()
    versions_of = cache(lambda digest: equivalent(environments.get(digest, {})))
    return {run_id: f"{versions_of(digest)}; data {data[run_id][0]}" for run_id, digest in store.origins().items() if data[run_id][0]}


def changed_data(plan: Plan, store: Store) -> list[str]:
    """Word a note for each dataset, known by its content, of which stored runs used another content and none the present one."""
    query = "SELECT DISTINCT json_extract(recipe, '$.\"data.content\"') FROM records WHERE json_extract(recipe, '$.\"data.source\"') = ?"
    notes = []
    for data in (part.study.baseline.data for part in plan.parts):
        known = {content for (content,) in store.connection.execute(query, (data.source,)) if content} if data.content else set()
        if known and data.content not in known:
            notes.append(f"'{data.source}' has changed since the runs that are there were made: they are kept, and not mixed with new ones")
    return [*notes, *_otherwise_scaled(plan, store), *_changed_code(plan, store), *_rejudged(plan, store)]


def declared_first(plan: Plan, store: Store) -> dict[str, Any]:
    """Return the metric and margin that were declared for a plan's arms when runs of them finished, and the scope where it was another
    one; empty where all are the plan's.

    The result is what a stored study is marked with.
    """
    now = _judgement({"metric": plan.study.metric, "margin": plan.study.margin, **plan.study.stored_metric,
                      "scope": claimed_scope(plan, store), **metrics_of(plan.study)})
    studies = {digest: (facts.get(DECLARED) and _judgement(facts[DECLARED] | {"scope": stored_scope(facts[DECLARED], facts)}),
                        _judgement(facts)) for digest, facts in store.studies().items()}
    if all(judged == now for _, judged in studies.values()):
        return {}
    earlier = [studies[digest] for digest in _finished_studies(plan, store)]
    marked = [first for first, _ in earlier if first]
    judged = [judged for _, judged in earlier]
    first = marked[0] if marked else None if now in judged else next(iter(judged), None)
    if first is None or first == now:
        return {}
    scope = {} if first["scope"] == now["scope"] else {"scope": first["scope"]}
    return {DECLARED: {name: value for name, value in first.items() if name != "scope"} | scope}


def _judgement(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that decide how runs are judged."""
    return {name: facts[name] for name in JUDGED if name in facts} | {"scope": stored_scope(facts)}


def metrics_of(study: Study) -> dict[str, Any]:
    """Return what the store keeps of the metrics of a study that has several; nothing of the others."""
    return {"metrics": [[study.metric, study.margin], *map(list, study.further)]} if study.further else {}


def claimed_scope(plan: Plan, store: Store) -> Scope:
    """Return what a plan's verdicts are claims about: as the study states, else as its arms were judged in this folder before, else new
    data."""
    if plan.study.scope is not None:
        return plan.study.scope
    facts = store.studies()
    earlier = [stored_scope(facts[digest]) for digest in _finished_studies(plan, store)]
    return earlier[-1] if earlier else Scope.NEW_DATA


def _finished_studies(plan: Plan, store: Store) -> Iterator[str]:
    """The digests of stored studies that share a compared arm with a plan, and have a finished run."""
    arms = _compared((arm.reference, to_dict(arm.recipe)) for arm in plan.arms)
    finished = "SELECT 1 FROM cells JOIN records USING (run_id) WHERE study = ? AND status IN (?, ?) LIMIT 1"
    for digest in store.studies():
        if (store.connection.execute(finished, (digest, *FINAL)).fetchone()
                and arms & _compared((row["reference"], row["recipe"]) for row in store.arms(digest))):
            yield digest


def _compared(arms: Iterable[tuple[str | None, Mapping[str, Any]]]) -> set[str]:
    """The recipes of the arms that have a reference, as text, but for the metrics that are measured beside."""
    return {json.dumps({path: value for path, value in recipe.items() if path != "metrics"}, sort_keys=True)
            for reference, recipe in arms if reference is not None}


def _rejudged(plan: Plan, store: Store) -> list[str]:
    """Word a note where a plan's metric or margin was chosen when results had been seen."""
    if not (first := declared_first(plan, store).get(DECLARED)):
        return []
    now, then = claimed_scope(plan, store), stored_scope(first, {"scope": claimed_scope(plan, store)})
    ours, theirs = (f" and scope {now}", f" and scope {then}") if now != then else ("", "")
    return [f"{plan.study.metric} with margin {plan.study.margin:g}{ours} is marked as chosen afterwards: runs had finished when the study "
            f"declared {first['metric']} with margin {first['margin']:g}{theirs}; reports show both judgements"]


def _changed_code(plan: Plan, store: Store) -> list[str]:
    """Word a note on the files of the user's own that are not as they were for the stored runs."""
    rows = store.connection.execute("SELECT json_extract(recipe, '$.code') FROM records GROUP BY 1 ORDER BY max(rowid) DESC").fetchall()
    earlier = [dict(json.loads(code)) for (code,) in rows if code]
    changed = dict[str, None]()
    for code in dict.fromkeys(arm.recipe.code for part in plan.parts for arm in part.arms):
        now = dict(code)
        then = max(earlier, key=lambda known: len(known.keys() & now.keys()), default={})
        if now not in earlier and now.keys() & then.keys():
            changed |= {name: None for name in now.keys() | then.keys() if now.get(name) != then.get(name)}
    files = plan.study.sources.watched(sorted(changed)) or sorted(changed)
    if not files:
        return []
    have, it = ("have", "them") if len(files) > 1 else ("has", "it")
    return [f"{listed(files)} {have} changed since the runs that are there were made: they are kept, and what depends on {it} is run anew"]


def _otherwise_scaled(plan: Plan, store: Store) -> list[str]:
    """Word a note for each dataset of rows whose stored runs come from before columns were scaled one by one."""
    query = ("SELECT count(*), sum(json_extract(recipe, '$.\"data.normalization\"') IS NULL) FROM records "
             "WHERE json_extract(recipe, '$.\"data.source\"') = ?")
    notes = []
    for data in (part.study.baseline.data for part in plan.parts if part.study.baseline.data.normalization == BY_COLUMN):
        count, unscaled = store.connection.execute(query, (data.source,)).fetchone()
        if count and count == unscaled:
            notes.append(f"'{data.source}': the runs that are there divided all columns by one number; now each column is scaled by "
                         "itself. They are kept, and not mixed with new ones; with `normalize`, kind = 'scale', in [baseline] they count")
    return notes
