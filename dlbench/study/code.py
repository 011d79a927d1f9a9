"""The plug-ins that a study uses, and digests of the code outside of dlbench that decides a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from dlbench import plugins
from dlbench.datasets import functions_of, source
from dlbench.models import architecture
from dlbench.references.sources import Sources
from dlbench.study.trust import plugin_path
from dlbench.values.errors import InputError
from dlbench.values.hooks import references
from dlbench.values.metric import metric
from dlbench.values.recipe import Recipe


def use(where: str, names: list[str], folder: Path) -> tuple[str, ...]:
    """Make a study's plug-in files and its folder importable, and return the files' absolute paths.

    ``where`` is the name of the study file; ``names`` are relative to its ``folder``.

    Raises:
        InputError: a file cannot be used.
    """
    files = tuple(str(plugin_path(name, folder)) for name in names)
    try:
        plugins.use(files, folder)
    except InputError as error:
        raise InputError(f"{where}: plugins: {error}") from error.__cause__
    return files


def with_code_digests(recipe: Recipe, sources: Sources | None = None) -> Recipe:
    """Return the recipe with a digest of each module and file outside of dlbench that decides its result.

    Where a function only gives the study's data, as in ``dataset = "module:function"``, the hash of the data decides instead.

    Example:
        >>> from dlbench.values.recipe import edit
        >>> [module for module, _ in with_code_digests(edit(Recipe(), model__name="json.decoder:JSONDecoder")).code]
        ['json.decoder']
        >>> with_code_digests(Recipe()).code
        ()
    """
    if recipe.command.run:
        return recipe  # the files of a script were hashed where its study was read
    return replace(recipe, code=(sources or Sources(Path())).code(named(recipe)))


def named(recipe: Recipe) -> Iterator[str]:
    """Yield the references of the functions that a recipe is carried out with, dlbench's own among them."""
    yield from references(recipe.hooks)
    yield architecture(recipe.model.name).build
    if recipe.distillation.teacher is not None:
        yield architecture(recipe.distillation.teacher).build
    yield source(recipe.data.source).load
    if (other := recipe.transfer.dataset) is not None:
        yield other if source(other).identity == "result" else source(other).load
    yield from (reference for name in recipe.metrics if (reference := metric(name).compute))


def taken_in(recipes: Iterable[Recipe]) -> set[str]:
    """The models, and the functions that give data, that recipes take beside their own."""
    return {name for recipe in recipes for name in (recipe.distillation.teacher, *functions_of([recipe.transfer.dataset or ""])) if name}


def own_references(dataset: str, recipes: Iterable[Recipe]) -> Iterator[str]:
    """Yield the references outside of dlbench that recipes name, and that of their dataset."""
    by_code = {recipe.code: recipe for recipe in recipes if recipe.code}
    yield from (name for recipe in by_code.values() for name in named(recipe) if not name.startswith("dlbench."))
    if source(dataset).identity == "result":
        yield dataset
