"""Inspects the user's own data and model for planning, in a separate process, and caches what it finds.

Files are inspected again when their content changes, models when the code of their module changes. Running a study calls a function that
returns data again; planning it uses the last inspection.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dlbench.datasets import FAMILIES, OWN, Places, functions_of, source
from dlbench.datasets.fingerprint import fingerprint
from dlbench.datasets.listed import content
from dlbench.engines.protocol import Capability, Settings, engine_named
from dlbench.execution.backends.local import Pool
from dlbench.execution.environment import available_bytes, packages, version
from dlbench.models import architecture
from dlbench.references.sources import digest_of
from dlbench.study import Plan, Study
from dlbench.values.files import keep, recalled
from dlbench.values.hooks import Hooks, references
from dlbench.values.inspection import Inspection
from dlbench.values.own_compile import OF_MODEL
from dlbench.values.recipe import Recipe, edit, to_dict

FUNCTION = FAMILIES[OWN]
"""How the reference of a function looks."""

EDITION = 2
"""Raised whenever an inspection finds something else in the same data and model; kept ones of another edition are made anew."""


def inspected(study: Study, places: Places, cache_dir: str, tell: Callable[[str], None], anew: bool = False) -> Study:
    """Add the inspection of its own data and model to a study; a study of shipped ones stays unchanged.

    Args:
        study: parsed.
        places, cache_dir: where data is looked for, and where inspections are cached.
        tell: called before an inspection, which takes as long as the engine takes to start.
        anew: call functions that return data again.

    Raises:
        InputError: the data or the model cannot be used.
    """
    names = study.datasets or (study.baseline.data.source,)
    unknown = [edit(study.baseline, data__source=name) for name in names if _unknown(name, study.baseline.model.name)]
    if not unknown or Capability.INSPECT not in engine_named(study.engine).capabilities:
        return study
    recipes = [_identified(recipe, places, cache_dir) for recipe in unknown]
    known = Inspector(study, places, cache_dir, tell)(recipes, f"model {study.baseline.model.name}", anew)
    inspections = {recipe.data.source: inspection for recipe, inspection in zip(recipes, known)}
    return replace(study, inspections=inspections, read=_merged(study.read, known))


def with_hooks_inspected(whole: Plan, places: Places, cache_dir: str, tell: Callable[[str], None]) -> Study:
    """Return a plan's study with the files that the hooks of its arms read; a study without hooks stays unchanged.

    Raises:
        InputError: a hook cannot be used.
    """
    study = whole.study
    hooked = {tuple(references(arm.recipe.hooks)): arm.recipe for part in whole.parts for arm in part.arms if arm.recipe.hooks != Hooks()}
    if not hooked or Capability.INSPECT not in engine_named(study.engine).capabilities:
        return study
    what = f"hooks {', '.join(dict.fromkeys(name for names in hooked for name in names))}"
    return replace(study, read=_merged(study.read, Inspector(study, places, cache_dir, tell)(list(hooked.values()), what)))


def _content(inspection: Inspection, recipe: Recipe) -> str | None:
    return inspection.content if inspection.changed else recipe.data.content or inspection.content


def _merged(read: Mapping[str, tuple[str, ...]], inspections: Iterable[Inspection]) -> dict[str, tuple[str, ...]]:
    merged = {by: set(files) for by, files in read.items()}
    for inspection in inspections:
        for by, files in inspection.read.items():
            merged.setdefault(by, set()).update(files)
    return {by: tuple(sorted(files)) for by, files in merged.items()}


@dataclass(frozen=True)
class Inspector:
    """Inspects recipes of a study, each once for as long as nothing that it depends on changes."""

    study: Study
    places: Places
    cache_dir: str
    tell: Callable[[str], None]

    def __call__(self, recipes: list[Recipe], what: str, anew: bool = False) -> list[Inspection]:
        """Return the inspections; functions that return data are called again where they are asked for ``anew``."""
        files = [Path(self.cache_dir) / "looks" / f"{self._key(recipe)}.json" for recipe in recipes]
        known = [None if anew and source(recipe.data.source).identity == "result" else self._current(recalled(file))
                 for recipe, file in zip(recipes, files)]
        if missing := [number for number, fields in enumerate(known) if fields is None]:
            self.tell(f"looking at {' and '.join(dict.fromkeys(recipes[number].data.source for number in missing))} and {what}")
            for number, inspection in zip(missing, self._inspect([recipes[number] for number in missing])):
                digests = {file: self._digest(file) for read in inspection.read.values() for file in read}
                known[number] = keep(files[number], {"inspection": inspection.to_dict(), "digests": digests})
        found = [Inspection.from_dict(fields["inspection"]) for fields in known if fields is not None]
        return [replace(inspection, content=_content(inspection, recipe)) for inspection, recipe in zip(found, recipes)]

    def _current(self, fields: Any) -> Any:
        """A cached inspection; None where a file that was read, or a variable that was asked for, has changed since."""
        digests: dict[str, str | None] = (fields or {}).get("digests", {})
        return None if any(self._digest(file) != digest for file, digest in digests.items()) else fields

    def _digest(self, file: str) -> str | None:
        return digest_of(file, self.study.sources.folder)

    def _key(self, recipe: Recipe) -> str:
        """Hash what an inspection depends on: data and how it is read and split, the code that is called, and the versions."""
        data = recipe.data.source
        named = architecture(recipe.model.name).build, *references(recipe.hooks)
        called = [*(name for name in named if re.fullmatch(FUNCTION, name)), *functions_of([data])]
        where = os.path.realpath(self.places.data_dir) if self.places.data_dir and source(data).identity == "name" else None
        prepared = [fingerprint(folder, self.cache_dir)] if (folder := self.places.prepared(data)) else []
        made_by = [version(name) for name in packages(engine_named(self.study.engine))]
        parts = [to_dict(_inspected_part(recipe)), self.study.sources.code(called),
                 str(self.study.sources.folder), where, *prepared, made_by, EDITION]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    def _inspect(self, recipes: list[Recipe]) -> list[Inspection]:
        settings = Settings(self.cache_dir, self.places.data_dir, self.places.beside, plugins=self.study.plugins,
                            device_bytes=available_bytes() // 4, watched=True)
        with Pool(1, settings, engine_named(self.study.engine)) as pool:
            outcome = pool.call(Capability.INSPECT, {"recipes": recipes})
        return outcome.demanded(Path(self.study.origin).name, "the data or the model cannot be looked at")


def _inspected_part(recipe: Recipe) -> Recipe:
    """Return the part of a recipe that its inspection depends on: data, model, hooks, and what is taken of the model's compile."""
    training, plain = recipe.training, Recipe(data=recipe.data, model=recipe.model, hooks=recipe.hooks)
    if OF_MODEL not in (training.loss, training.optimizer):
        return plain
    return edit(plain, training__loss=training.loss, training__targets=training.targets, training__optimizer=training.optimizer,
                training__loop=training.loop)


def _unknown(dataset: str, model: str) -> bool:
    return source(dataset).identity != "name" or architecture(model).has is None


def _identified(recipe: Recipe, places: Places, cache_dir: str) -> Recipe:
    """Add the hash of the files that a recipe reads."""
    if source(recipe.data.source).identity != "files":
        return recipe
    return edit(recipe, data__content=content(recipe.data, places, cache_dir))
