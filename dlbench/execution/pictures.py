"""Has workers make the images that a study's report shows, once each, and stores them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlbench.engines.protocol import Capability, Description
from dlbench.execution.backends.protocol import Backend
from dlbench.stats.examples import turned
from dlbench.store.database import Store
from dlbench.store.pictures import ROWS, evaluation_key, evaluations, preview_key
from dlbench.study.plan import Arm, Plan
from dlbench.values.augmentation import Augmentation
from dlbench.values.folds import of_seed
from dlbench.values.recipe import to_dict

MOST_ARMS, MOST_EXAMPLES = 12, 8


@dataclass(frozen=True)
class Picture:
    """Images to be made: their key in the store, and the engine's method that makes them."""

    key: str
    method: Capability
    arguments: dict[str, Any]


def missing_pictures(plan: Plan, store: Store, engine: Description) -> list[Picture]:
    """List the pictures of a plan that the store does not have yet and the engine can make.

    Args:
        plan: a study, its runs in the store as far as they are done.
        store: where pictures and answers are kept.
        engine: of the study.
    """
    made = {Capability.PREVIEW: _previews, Capability.EXAMPLES: _examples}
    return [picture for part in plan.parts for method, pictures in made.items() if method in engine.capabilities
            for picture in pictures(part, store)]


def make_pictures(pictures: list[Picture], pool: Backend, store: Store) -> Iterator[str]:
    """Make images and store them.

    Yields:
        A line for each that could not be made.
    """
    for picture in pictures:
        outcome = pool.call(picture.method, picture.arguments)
        if outcome.kind == "done":
            store.keep(picture.key, vars(outcome.value))
        else:
            yield f"no pictures for the report ({picture.method}): {outcome.value}"


def _previews(plan: Plan, store: Store) -> Iterator[Picture]:
    """Yield a preview for each arm whose augmentation differs from its reference's."""
    by_name = {arm.name: arm for arm in plan.arms}
    pictures = {}
    for arm in plan.arms:
        theirs = by_name[arm.reference].recipe.augmentation if arm.reference else Augmentation()
        if arm.recipe.augmentation not in (Augmentation(), theirs):
            key = preview_key(to_dict(arm.recipe))
            pictures[key] = Picture(key, Capability.PREVIEW, {"recipe": arm.recipe, "seed": plan.study.seeds[0]})
    yield from (picture for key, picture in list(pictures.items())[:MOST_ARMS] if not store.kept(key))


def _examples(plan: Plan, store: Store) -> Iterator[Picture]:
    """Yield examples for each evaluation set in which an arm turns a prediction whose image is missing."""
    sets, wanted = evaluations(store), {}
    for arm in _foremost(plan, store):
        for digest, (seed, pairs) in _pairs(plan, arm, sets).items():
            both = [(store.shares(ours), store.shares(theirs)) for ours, theirs in pairs]
            known = [(ours, theirs) for ours, theirs in both if ours is not None and theirs is not None]
            if known and len({len(shares) for pair in known for shares in pair}) == 1:
                ours, theirs = (np.stack([pair[side] for pair in known]) for side in (0, 1))
                rows = wanted.setdefault(digest, (of_seed(arm.recipe, seed), set()))[1]
                rows.update(np.concatenate(turned(ours, theirs, MOST_EXAMPLES)).tolist())
    for digest, (recipe, rows) in wanted.items():
        there = set(store.kept(evaluation_key(digest)).get(ROWS, np.zeros(0, np.int64)).tolist())
        if not rows <= there:
            yield Picture(evaluation_key(digest), Capability.EXAMPLES, {"recipe": recipe, "rows": sorted(rows | there)})


def _foremost(plan: Plan, store: Store) -> list[Arm]:
    """Choose the arms whose test accuracy differs most from their reference's."""
    scores = store.scores("test_accuracy")
    sizes = {}
    for arm in plan.arms:
        pairs = [(scores.get(ours), scores.get(theirs)) for _, ours, theirs in _cells(plan, arm)]
        gains = [ours - theirs for ours, theirs in pairs if ours is not None and theirs is not None]
        if gains:
            sizes[arm.name] = abs(float(np.mean(gains)))
    first = sorted(sizes, key=sizes.__getitem__, reverse=True)[:MOST_ARMS]
    return [arm for arm in plan.arms if arm.name in first]


def _cells(plan: Plan, arm: Arm) -> Iterator[tuple[int, str, str]]:
    """Yield each seed with the run ids of an arm and of its reference."""
    if arm.reference is not None:
        yield from ((seed, plan.cells[arm.name, seed], plan.cells[arm.reference, seed]) for seed in plan.study.seeds
                    if (arm.name, seed) in plan.cells and (arm.reference, seed) in plan.cells)


def _pairs(plan: Plan, arm: Arm, sets: dict[str, str]) -> dict[str, tuple[int, list[tuple[str, str]]]]:
    """Map each evaluation set to one of its seeds, and to the pairs of runs that were scored on it."""
    found: dict[str, tuple[int, list[tuple[str, str]]]] = {}
    for seed, ours, theirs in _cells(plan, arm):
        if ours in sets and sets[ours] == sets.get(theirs):
            found.setdefault(sets[ours], (seed, []))[1].append((ours, theirs))
    return found
