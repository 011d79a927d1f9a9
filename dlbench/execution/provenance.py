"""Which stored results were made with other versions than would make them now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from dlbench.store.database import Store
from dlbench.values.origin import differences


def stale(run_ids: Iterable[str], store: Store, environment: Mapping[str, Any]) -> dict[str, str]:
    """Run id -> in which versions its result differs from one made now; runs without a difference are left out.

    Args:
        run_ids: of a plan.
        store: open.
        environment: the facts of the present one.
    """
    kept, made = store.environments(), store.origins()
    told = cache(lambda digest: "; ".join(differences(kept.get(digest, {}), environment)))
    return {run_id: told(made[run_id]) for run_id in run_ids if run_id in made and told(made[run_id])}


def warnings(found: Mapping[str, str]) -> list[str]:
    """What is said of stale results: a line for each way in which they differ."""
    return [f"{count} finished {'runs were' if count > 1 else 'run was'} made with {difference}: not compared with new ones; "
            "--renew runs them again" for difference, count in Counter(found.values()).items()]
