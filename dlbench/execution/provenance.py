"""What stored results were made with: which of them differ from what would be made now, and which from each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from dlbench.store.database import Store
from dlbench.study.plan import Plan
from dlbench.values.origin import differences, versions


def stale(run_ids: Iterable[str], store: Store, environment: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, str]:
    """Run id -> in which versions and data its result differs from one made now; runs without a difference are left out.

    Args:
        run_ids: of a plan.
        store: open.
        environment: the facts of the present one.
        files: hashes of the files behind datasets that are known by name alone, as they are now.
    """
    kept, made, data = store.environments(), store.origins(), store.data() if files else {}
    by_versions = cache(lambda digest: tuple(differences(kept.get(digest, {}), environment)))

    def told(run_id: str) -> str:
        then = data[run_id][1] if files else {}
        others = [f"other data of '{name}' than is there now" for name, hash_ in then.items() if files.get(name, hash_) != hash_]
        return "; ".join((*(f"{difference}" for difference in by_versions(made[run_id])), *others))

    return {run_id: words for run_id in run_ids if run_id in made and (words := told(run_id))}


def warnings(found: Mapping[str, str]) -> list[str]:
    """What is said of stale results: a line for each way in which they differ."""
    return [f"{count} finished {'runs were' if count > 1 else 'run was'} made with {difference}: not compared with new ones; "
            "--renew runs them again" for difference, count in Counter(found.values()).items()]


def made_with(store: Store) -> dict[str, str]:
    """Run id -> the versions and data that its result was made with, in words, for runs that need not be run again and say what
    their data was; results that differ in it are not to be compared.
    """
    facts, data = store.environments(), store.data()
    words = cache(lambda digest: versions(facts.get(digest, {})))
    return {run_id: f"{words(digest)}; data {data[run_id][0]}" for run_id, digest in store.origins().items() if data[run_id][0]}


def moved(whole: Plan, store: Store) -> list[str]:
    """What is said of data that is known by its content, where no run with this content is there yet, and runs with another one are."""
    query = "SELECT DISTINCT json_extract(recipe, '$.\"data.content\"') FROM records WHERE json_extract(recipe, '$.\"data.source\"') = ?"
    found = []
    for data in (part.study.baseline.data for part in whole.parts):
        known = {content for (content,) in store.connection.execute(query, (data.source,)) if content} if data.content else set()
        if known and data.content not in known:
            found.append(f"'{data.source}' has changed since the runs that are there were made: they are kept, and not mixed with new ones")
    return found
