"""What planning has to know of the user's own data and model: looked at once, in a process of its own, and kept.

Files are looked at anew when their content changes, models when the code of their module does. What a function returns is known only
by calling it: running a study calls it once, planning one takes what was known last.
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
from dlbench.execution.backends.local import Pool
from dlbench.execution.environment import available_bytes, version
from dlbench.models import architecture
from dlbench.study import Study
from dlbench.values.code import source_digest
from dlbench.values.errors import InputError
from dlbench.values.facts import Facts
from dlbench.values.files import write
from dlbench.values.recipe import Recipe, edit, to_dict


def inspected(study: Study, places: Places, cache_dir: str, tell: Callable[[str], None], anew: bool = False) -> Study:
    """The study with what is known of its own data and model; a study of shipped ones as it is.

    Args:
        study: parsed.
        places, cache_dir: where data is looked for, and where what was learned is kept.
        tell: is told before anything is looked at, which takes as long as TensorFlow takes to start.
        anew: call functions that return data again.

    Raises:
        InputError: the data or the model cannot be used.
    """
    names = study.datasets or (study.baseline.data.source,)
    own = {name: edit(study.baseline, data__source=name) for name in names if _unknown(name, study.baseline.model.name)}
    if not own:
        return study
    recipes = {name: _identified(recipe, places, cache_dir) for name, recipe in own.items()}
    kept = {name: Path(cache_dir) / "looks" / f"{_key(recipe, places, cache_dir)}.json" for name, recipe in recipes.items()}
    missing = [name for name, path in kept.items() if not path.is_file() or (anew and source(name).identity == "result")]
    if missing:
        tell(f"looking at {' and '.join(missing)} and model {study.baseline.model.name}")
        for name, facts in zip(missing, _looked_at(study, [recipes[name] for name in missing], places, cache_dir)):
            write(kept[name], json.dumps(facts))
    found = {name: Facts.from_dict(json.loads(path.read_text(encoding="utf-8"))) for name, path in kept.items()}
    facts = {name: replace(known, content=recipes[name].data.content or known.content) for name, known in found.items()}
    return replace(study, facts=facts)


def _unknown(dataset: str, model: str) -> bool:
    return source(dataset).identity != "name" or architecture(model).has is None


def _identified(recipe: Recipe, places: Places, cache_dir: str) -> Recipe:
    """The recipe with the hash of the files that it reads."""
    if source(recipe.data.source).identity != "files":
        return recipe
    return edit(recipe, data__content=fingerprint(places.find(recipe.data.source), cache_dir))


def _key(recipe: Recipe, places: Places, cache_dir: str) -> str:
    """What the facts depend on: the data and how it is read and split, the model and its code, and the versions that build it."""
    code = [source_digest(name) for name in (architecture(recipe.model.name).build, recipe.data.source) if ":" in name]
    where = os.path.realpath(places.data_dir) if places.data_dir and source(recipe.data.source).identity == "name" else None
    known = [fingerprint(folder, cache_dir)] if (folder := places.prepared(recipe.data.source)) else []
    parts = [to_dict(Recipe(data=recipe.data, model=recipe.model)), code, where, *known, [version(name) for name in ("dlbench", "keras")]]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _looked_at(study: Study, recipes: list[Recipe], places: Places, cache_dir: str) -> list[dict[str, Any]]:
    settings = {"data_dir": places.data_dir, "cache_dir": cache_dir, "device_bytes": available_bytes() // 4, "beside": places.beside,
                "plugins": study.plugins}
    with Pool(1, settings) as pool:
        outcome = pool.call("look", {"recipes": [to_dict(recipe) for recipe in recipes]})
    if outcome.kind != "done":
        why = "" if outcome.kind == "input" else "the data or the model cannot be looked at: "
        raise InputError(f"{Path(study.origin).name}: {why}{outcome.value}")
    return outcome.value
