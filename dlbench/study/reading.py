"""What a study file says of its data: which datasets, how their files are read, and what of them is learnt."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, cast

from dlbench.datasets import CATALOGUE as DATASETS
from dlbench.datasets import source
from dlbench.datasets.beside import SPLITTING
from dlbench.study.judgement import looked_up, stated_labels
from dlbench.study.schema import StudyKeys
from dlbench.tasks import Task, task
from dlbench.values.errors import InputError

READING = ("size", "alpha", "rate", "seconds", "kind", "label", "label_separator", "text", "image", "inputs", "features", "separator",
           "decimal", "thousands", "categories", "missing", "group", "order_by", "part", "weight")
"""The keys that say how a dataset's files are read."""
WHOLE = ("text", "image")
"""The keys that name one column, which alone is an example."""
INPUTS = (*WHOLE, "features", "categories", "missing")
"""Those, and the keys of columns of numbers."""
OF_IMAGES = ("size", "alpha")
"""The keys that say how images are read."""


def datasets(where: str, keys: StudyKeys) -> list[str]:
    """Return the names of a study's datasets, all of which are known."""
    if keys.datasets is None:
        looked_up(where, source, keys.dataset)
        return [keys.dataset]
    if "dataset" in keys.model_fields_set:
        raise InputError(f"{where}: dataset and datasets: accepted: either dataset = NAME, or datasets = [NAME, …]")
    for name in keys.datasets:
        looked_up(f"{where}: datasets", source, name)
    return keys.datasets


def reading(where: str, keys: StudyKeys) -> dict[str, Any]:
    """Return the fields of a recipe that say how files are read; an InputError where they go together with no dataset, or with no other."""
    stated = {key: value for key in READING if (value := getattr(keys, key)) is not None}
    names = keys.datasets or [keys.dataset]
    for key, name in itertools.product(stated, names):
        if key not in source(name).reads:
            accepted = " or ".join(f"'{known.name.partition(':')[0]}:…'" for known in DATASETS if key in known.reads)
            raise InputError(f"{where}: {key}: dataset '{name}' has no use for it; accepted with dataset = {accepted}")
    if len(splitting := [key for key in SPLITTING if key in stated]) > 1:
        raise InputError(f"{where}: {' and '.join(splitting)}: each says how the data is split; accepted: one of them")
    if keys.folds and (chosen := [key for key in splitting if key != "group"]):
        raise InputError(f"{where}: {chosen[0]} beside folds = {keys.folds}: folds test every example in turn; accepted: either key")
    if len(inputs := [key for key in INPUTS if key in stated]) > 1 and inputs[0] in WHOLE:
        raise InputError(f"{where}: {inputs[0]} and {inputs[1]}; accepted: one of them")
    if keys.inputs:
        _demand_inputs(where, keys.inputs, stated, names)
        stated["inputs"] = sorted((name, tuple(read) if isinstance(read, list) else read) for name, read in keys.inputs.items())
    elif "image" not in stated and (useless := [key for key in OF_IMAGES if key in stated and "image" in source(names[0]).reads]):
        raise InputError(f"{where}: {useless[0]}: dataset '{names[0]}' has use for it with `image = \"COLUMN\"`, which names the files of "
                         "its images; accepted: both keys, or neither")
    if keys.alpha and len(keys.size or ()) > 2:
        raise InputError(f"{where}: size = {keys.size} and alpha = '{keys.alpha}', which is a fourth channel; accepted: size = "
                         f"{(keys.size or [])[:2]}")
    if isinstance(keys.label, list) and keys.label_separator:
        raise InputError(f"{where}: {stated_labels(keys)} and label_separator = {keys.label_separator!r}; accepted: one of them")
    if keys.thousands == (keys.decimal or "."):
        raise InputError(f"{where}: thousands = '{keys.thousands}': it is the decimal mark too; accepted: another one, or decimal = ','")
    return {f"data__{key}": tuple(cast(list[Any], value)) if isinstance(value, list) else value for key, value in stated.items()}


def _demand_inputs(where: str, inputs: Mapping[str, str | list[str]], stated: Mapping[str, Any], names: list[str]) -> None:
    """Refuse inputs beside another key that names examples, lists of columns where there are arrays, and sizes where there is no image."""
    if beside := [key for key in (*WHOLE, "features") if key in stated]:
        raise InputError(f"{where}: inputs and {beside[0]}: each says what an example is; accepted: one of them")
    if stated.get("categories") == "embedding":
        raise InputError(f"{where}: categories = 'embedding' beside inputs; accepted: categories = \"one_hot\", or no inputs")
    lists = [name for name, read in inputs.items() if isinstance(read, list)]
    if lists and not all(name.startswith("csv:") for name in names):
        raise InputError(f"{where}: inputs: {lists[0]} is a list of columns, and dataset '{names[0]}' has arrays; accepted: the name of an "
                         "array")
    if (sizes := [key for key in OF_IMAGES if key in stated]) and len(lists) == len(inputs):
        raise InputError(f"{where}: {sizes[0]}: every input is a list of columns of numbers; accepted: it beside an input that names the "
                         "column of the files of its images, such as image = \"file\"")


def task_on(where: str, keys: StudyKeys, names: list[str]) -> Task:
    """The task of a study: stated, or that of its metric; an InputError where a dataset cannot have its targets."""
    found = task(str(keys.task))
    for name in names:
        if not found.classes and "task" not in source(name).reads:
            accepted = ", ".join(known.name for known in DATASETS if "task" in known.reads)
            raise InputError(f"{where}: task = '{found.name}': dataset '{name}' has classes; accepted: {accepted}")
        if found.shape(1) and "label_separator" in source(name).reads and not stated_labels(keys):
            raise InputError(f"{where}: task = '{found.name}': dataset '{name}' has one column of labels; accepted: "
                             "`label = [\"rain\", \"wind\"]`, columns of 0 and 1, or `label_separator = \";\"`, what stands between the "
                             "tags of that column")
    return found
