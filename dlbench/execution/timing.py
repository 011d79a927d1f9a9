"""The timing phase: after the accuracy runs, each arm's step and inference alone on the machine, beside its reference."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from dlbench.engines.protocol import Capability, Timing
from dlbench.execution import environment
from dlbench.execution.backends.protocol import Backend
from dlbench.store.database import Store
from dlbench.study.plan import Arm
from dlbench.values.recipe import to_dict

CHUNK = 8
"""How many arms share a worker's memory beside their reference."""
Pair = tuple[str, str]
Environment = tuple[str, dict[str, Any] | None]
"""Digest and facts of the environment of a machine; facts None: the driver's own."""


def last_environment(store: Store) -> str:
    """Return the digest of the environment in which a study was timed last; empty where it was not timed."""
    row = store.connection.execute("SELECT environment FROM timings ORDER BY rowid DESC LIMIT 1").fetchone()
    return row[0] if row else ""


def machine(workers: Backend, preferred: str) -> dict[str, Any]:
    """Choose the kind of machine of a cluster that all arms are timed on, because times of two kinds are not comparable.

    Args:
        workers: of the cluster.
        preferred: digest of the environment to take, where a worker is in it; else the one that most are in.

    Returns:
        The facts of its environment.
    """
    while not workers.idle():
        workers.wait(1.0)
    facts = [slot.facts or {} for slot in workers.idle()]
    by_digest = {environment.digest(known): known for known in facts}
    (most, _), = Counter(map(environment.digest, facts)).most_common(1)
    return by_digest[preferred if preferred in by_digest else most]


def recipe_id(arm: Arm) -> str:
    """Hash an arm's recipe; arms of other names with the same recipe have the same hash."""
    return hashlib.sha256(json.dumps(to_dict(arm.recipe), sort_keys=True).encode()).hexdigest()[:16]


def pairs_of(arms: Iterable[Arm]) -> dict[Pair, tuple[Arm, Arm]]:
    """Map (recipe, reference) hashes to the two arms; a reference is paired with itself."""
    by_name = {arm.name: arm for arm in arms}
    chosen = [(arm, by_name[arm.reference or arm.name]) for arm in by_name.values()]
    return {(recipe_id(arm), recipe_id(reference)): (arm, reference) for arm, reference in chosen}


def time_pairs(pairs: dict[Pair, tuple[Arm, Arm]], pool: Backend, store: Store, where: Environment, rounds: int) -> Iterator[str]:
    """Measure pairs in chunks that share a reference, and store each chunk as soon as it is measured.

    Args:
        pairs: of arms that have no times yet.
        pool, store: that measure and keep.
        where: to measure.
        rounds: how often each pair is measured.

    Yields:
        A line for each chunk that could not be measured.
    """
    by_reference = sorted(pairs.items(), key=lambda item: item[0][1])
    for _, group in itertools.groupby(by_reference, key=lambda item: item[0][1]):
        members = list(group)
        for first in range(0, len(members), CHUNK):
            chunk = dict(members[first : first + CHUNK])
            recipes = {against: reference.recipe for (_, against), (_, reference) in chunk.items()}
            recipes |= {recipe: arm.recipe for (recipe, _), (arm, _) in chunk.items()}
            outcome = pool.call(Capability.TIME, {"recipes": list(recipes.values()), "rounds": rounds}, where[1])
            if outcome.kind == "done":
                store.add_timings(_rows(chunk, dict(zip(recipes, outcome.value)), where[0]))
            else:
                yield f"timing of {', '.join(arm.name for arm, _ in chunk.values())} failed: {outcome.value}"


def _rows(pairs: Iterable[Pair], measured: dict[str, list[Timing]], environment: str) -> Iterator[tuple]:
    for recipe, against in pairs:
        for turn, (one, other) in enumerate(zip(measured[recipe], measured[against])):
            yield recipe, against, environment, turn, one.step_ms, one.inference_ms, other.step_ms, other.inference_ms
