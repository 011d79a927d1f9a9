"""Inspects the user's own data and model for planning, in a separate process, and caches what it finds.

Files are inspected again when their content changes, models when the code of their module changes. Running a study calls a function that
returns data again; planning it uses the last inspection.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from dlbench.datasets import Places, source
from dlbench.datasets.fingerprint import fingerprint
from dlbench.engines.protocol import Capability, Description, Settings, engine_named
from dlbench.execution.backends.local import Pool
from dlbench.execution.environment import available_bytes, packages, version
from dlbench.models import architecture
from dlbench.study import Study
from dlbench.references.sources import source_digest
from dlbench.values.errors import InputError
from dlbench.values.files import keep, recalled
from dlbench.values.inspection import Inspection
from dlbench.values.recipe import Recipe, edit, to_dict


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
    unknown = {name: edit(study.baseline, data__source=name) for name in names if _unknown(name, study.baseline.model.name)}
    engine = engine_named(study.engine)
    if not unknown or Capability.INSPECT not in engine.capabilities:
        return study
    recipes = {name: _identified(recipe, places, cache_dir) for name, recipe in unknown.items()}
    files = {name: Path(cache_dir) / "looks" / f"{_key(recipe, places, cache_dir, engine)}.json" for name, recipe in recipes.items()}
    known = {name: None if anew and source(name).identity == "result" else recalled(file) for name, file in files.items()}
    if missing := [name for name, inspection in known.items() if inspection is None]:
        tell(f"looking at {' and '.join(missing)} and model {study.baseline.model.name}")
        for name, inspection in zip(missing, _inspect(study, [recipes[name] for name in missing], places, cache_dir)):
            known[name] = keep(files[name], inspection.to_dict())
    return replace(study, inspections={name: _with_content(fields, recipes[name]) for name, fields in known.items()})


def _with_content(fields: Any, recipe: Recipe) -> Inspection:
    inspection = Inspection.from_dict(fields)
    return replace(inspection, content=recipe.data.content or inspection.content)


def _unknown(dataset: str, model: str) -> bool:
    return source(dataset).identity != "name" or architecture(model).has is None


def _identified(recipe: Recipe, places: Places, cache_dir: str) -> Recipe:
    """Add the hash of the files that a recipe reads."""
    if source(recipe.data.source).identity != "files":
        return recipe
    return edit(recipe, data__content=fingerprint(places.find(recipe.data.source), cache_dir))


def _key(recipe: Recipe, places: Places, cache_dir: str, engine: Description) -> str:
    """Hash what an inspection depends on: data and how it is read and split, the model and its code, and the versions that build it."""
    code = [source_digest(name) for name in (architecture(recipe.model.name).build, recipe.data.source) if ":" in name]
    where = os.path.realpath(places.data_dir) if places.data_dir and source(recipe.data.source).identity == "name" else None
    known = [fingerprint(folder, cache_dir)] if (folder := places.prepared(recipe.data.source)) else []
    made_by = [version(name) for name in packages(engine)]
    parts = [to_dict(Recipe(data=recipe.data, model=recipe.model)), code, where, *known, made_by]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _inspect(study: Study, recipes: list[Recipe], places: Places, cache_dir: str) -> list[Inspection]:
    settings = Settings(cache_dir, places.data_dir, places.beside, plugins=study.plugins, device_bytes=available_bytes() // 4)
    with Pool(1, settings, engine_named(study.engine)) as pool:
        outcome = pool.call(Capability.INSPECT, {"recipes": recipes})
    if outcome.kind != "done":
        why = "" if outcome.kind == "input" else "the data or the model cannot be looked at: "
        raise InputError(f"{Path(study.origin).name}: {why}{outcome.value}")
    return outcome.value
