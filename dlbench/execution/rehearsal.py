"""Tries every arm's recipe before anything is run, in a worker, and keeps what it finds by content: a second plan tries nothing again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dlbench.datasets import Places, source
from dlbench.engines.protocol import Capability, Settings, engine_named
from dlbench.execution.backends.local import Pool
from dlbench.execution.environment import available_bytes, packages, version
from dlbench.study import Plan
from dlbench.study.content import datasets_by_name, file_hashes_of
from dlbench.study.effect import depends_on_data, effect_words, idle_reason
from dlbench.study.plan import Arm
from dlbench.techniques.transfer_learning import downloaded, pretraining
from dlbench.values.errors import InputError
from dlbench.values.files import keep, recalled
from dlbench.values.identity import NUMBERS
from dlbench.values.recipe import FINAL, Augmentation, Budget, Recipe, edit, flatten, to_dict, within
from dlbench.values.rehearsal import Rehearsal
from dlbench.values.window import demand_window

FORM = 5
"""Counted up where what a rehearsal holds, or how it is found, changes."""
SOME = 0.5
"""Stands for every number that is not zero: whether a recipe can run does not depend on it."""


@dataclass(frozen=True)
class Rehearsed:
    """What trying the arms of a plan found.

    Attributes:
        effects: arm -> what it changes in its network, data and steps, counted, in words.
        warnings: arms that do nothing on this data, and what of the model is not used.
        tested: dataset -> test examples of each class; empty where targets are no classes.
    """

    effects: Mapping[str, str]
    warnings: tuple[str, ...] = ()
    tested: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])


def rehearsed(whole: Plan, places: Places, cache_dir: str, imagenet: str | None, tell: Callable[[str], None]) -> Rehearsed:
    """Try every arm of a plan, on each of its datasets.

    Args:
        whole: with the hashes of its files.
        places, cache_dir, imagenet: where data is looked for, what was found before, and a file of ImageNet weights.
        tell: called before a worker starts, which takes as long as the engine takes to start.

    Raises:
        InputError: an arm cannot run, or changes nothing whatever the data; the message names it.
    """
    file, engine = Path(whole.study.origin).name, engine_named(whole.study.engine)
    recipes = dict(_files(whole, places, cache_dir, imagenet))
    known = {path: Rehearsal.from_dict(fields) for path in recipes if (fields := recalled(path)) is not None}
    missing = [path for path in recipes if path not in known]
    if Capability.REHEARSE not in engine.capabilities or not recipes:
        return Rehearsed({})
    if missing:
        tell(f"trying {len(missing)} of {len(recipes)} networks")
        settings = Settings(cache_dir, places.data_dir, places.beside, imagenet, whole.study.plugins,
                            whole.study.baseline.training.devices, device_bytes=available_bytes() // 4)
        known |= dict(zip(missing, _tried(settings, whole, [recipes[path] for path in missing], file)))
        for path in missing:
            keep(path, known[path].to_dict())
    return _judged(whole, lambda recipe: known.get(_file(recipe, whole, places, cache_dir)), file)


def _tried(settings: Settings, whole: Plan, recipes: Sequence[Recipe], file: str) -> list[Rehearsal]:
    with Pool(1, settings, engine_named(whole.study.engine)) as pool:
        outcome = pool.call(Capability.REHEARSE, {"recipes": recipes})
    return outcome.demanded(file, "the networks cannot be tried")


def _files(whole: Plan, places: Places, cache_dir: str, imagenet: str | None) -> Iterator[tuple[Path, Recipe]]:
    """Where each recipe's rehearsal is kept, and the recipe; one whose data would have to be downloaded is left out."""
    for arm in (arm for part in whole.parts for arm in part.arms):
        for recipe in _with_pretraining(arm.recipe):
            if (imagenet or not downloaded(recipe)) and all(_at_hand(name, places) for name in datasets_by_name(recipe)):
                yield _file(recipe, whole, places, cache_dir), _reduced(recipe)


def _at_hand(dataset: str, places: Places) -> bool:
    return not dataset.startswith("tfds:") or places.prepared(dataset) is not None


def _with_pretraining(recipe: Recipe) -> Iterator[Recipe]:
    yield recipe
    if (first := pretraining(recipe)) is not None:
        yield from _with_pretraining(first)


def _reduced(recipe: Recipe) -> Recipe:
    """The recipe without what a rehearsal does not depend on: how long and how fast it trains, and the size of its numbers."""
    numbers = {path: SOME for path, value in flatten(recipe).items()
               if path in NUMBERS and value and not within(path, Augmentation) and path != "training.learning_rate"}
    plain = replace(recipe, budget=Budget(), score_over=FINAL, redrawn=())
    default = Recipe().training
    return edit(plain, **numbers, training__learning_rate=default.learning_rate, training__batch_size=default.batch_size)


def _file(recipe: Recipe, whole: Plan, places: Places, cache_dir: str) -> Path:
    versions = [version(name) for name in packages(engine_named(whole.study.engine))]
    where = places.data_dir if any(source(name).identity == "name" for name in datasets_by_name(recipe)) else None
    content = [FORM, to_dict(_reduced(recipe)), file_hashes_of(recipe, whole.study.files), where, versions]
    return Path(cache_dir) / "rehearsals" / f"{hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]}.json"


def _judged(whole: Plan, find: Callable[[Recipe], Rehearsal | None], file: str) -> Rehearsed:
    effects: dict[str, str] = {}
    warnings: dict[str, None] = {}
    for part in whole.parts:
        arms = {arm.name: arm for arm in part.arms}
        where = f" on {part.dataset}" if whole.others else ""
        for arm in part.arms:
            ours = _runnable(arm, part.arms[0], find, file)
            warnings |= dict.fromkeys(ours.remarks if ours else ())
            if ours:
                _demand_window(arm.recipe, ours, file)
            if ours and arm.recipe.training.batch_size > ours.examples[0] > 0:
                warnings[f"arm '{arm.name}': batch_size = {arm.recipe.training.batch_size}: a batch holds all {ours.examples[0]:,} "
                         f"training examples{where}, so an epoch is one step"] = None
            reference = arms.get(arm.reference or "")
            theirs = find(reference.recipe) if reference else None
            if not (ours and reference and theirs):
                continue
            if idle := idle_reason(arm, reference.recipe, ours, theirs):
                said = f"arm '{arm.name}' changes nothing{where}: {idle}"
                if not depends_on_data(arm):
                    raise InputError(f"{file}: {said}")
                warnings[said] = None
            effects.setdefault(arm.name, effect_words(arm, reference.recipe, ours, theirs))
    tested = {part.dataset: tried.classes[1] for part in whole.parts if (tried := find(part.arms[0].recipe)) and tried.classes[1]}
    return Rehearsed(effects, tuple(warnings), tested)


def _demand_window(recipe: Recipe, tried: Rehearsal, file: str) -> None:
    try:
        demand_window(recipe, tried.examples[0])
    except InputError as error:
        raise InputError(f"{file}: {error}") from None


def _runnable(arm: Arm, first: Arm, find: Callable[[Recipe], Rehearsal | None], file: str) -> Rehearsal | None:
    """What trying an arm found, or an InputError that names the arm where it, or what it starts from, cannot run."""
    named = "" if arm is first else f"arm '{arm.name}': "
    for recipe in reversed(list(_with_pretraining(arm.recipe))):
        tried = find(recipe)
        if tried and tried.problem:
            start = "" if recipe is arm.recipe else "its pretraining: "
            raise InputError(f"{file}: {named}{start}{tried.problem}")
    return find(arm.recipe)
