"""The study keys that say how a file or folder is read."""

from __future__ import annotations

from typing import Any

from dlbench.study.schema import StudyKeys
from dlbench.values.errors import InputError

KEYS = {"size": ("folder:", "tfds:"), "label": ("csv:",), "text": ("csv:",), "features": ("csv:",)}
"""Key -> the kinds of datasets that it is for."""


def reading(where: str, keys: StudyKeys) -> dict[str, Any]:
    """The recipe fields that the keys stand for.

    Raises:
        InputError: a dataset of the study has no use for a key, or two keys exclude one another.
    """
    stated = {key: value for key in KEYS if (value := getattr(keys, key)) is not None}
    for key in stated:
        for name in keys.datasets or [keys.dataset]:
            if not name.startswith(KEYS[key]):
                accepted = " or ".join(f"'{kind}…'" for kind in KEYS[key])
                raise InputError(f"{where}: {key}: dataset '{name}' has no use for it; accepted with dataset = {accepted}")
    if len(stated.get("size", ())) == 3 and stated["size"][2] not in (1, 3):
        raise InputError(f"{where}: size = {stated['size']}; accepted: {StudyKeys.model_fields['size'].description}")
    if "text" in stated and "features" in stated:
        raise InputError(f"{where}: text and features; accepted: one of them")
    return {f"data__{key}": tuple(value) if isinstance(value, list) else value for key, value in stated.items()}
