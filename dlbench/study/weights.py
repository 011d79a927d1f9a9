"""Files of weights that a study names: found, and known by their content, so that another file is another run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from dlbench.datasets import Places
from dlbench.datasets.fingerprint import fingerprint
from dlbench.study.schema import Entry, Study
from dlbench.techniques.transfer import IMAGENET, MARK
from dlbench.values.recipe import edit


def pinned(study: Study, places: Places, cache_dir: str, imagenet: str | None = None) -> Study:
    """The study with the content's hash beside the name of each file of weights.

    Args:
        study: parsed.
        places: where files are looked for.
        cache_dir: where hashes are kept.
        imagenet: file that stands for the download of ImageNet weights, which alone are known by their name.

    Raises:
        InputError: there is no such file.
    """
    def known(weights: str) -> str:
        if weights == IMAGENET and imagenet is None:
            return weights
        path = Path(imagenet) if weights == IMAGENET else places.named(weights, f"weights = '{weights}'")
        return f"{weights}{MARK}{fingerprint(path, cache_dir)}"

    def parameters(given: dict[str, Any]) -> dict[str, Any]:
        return given | {"weights": known(given["weights"])} if given.get("weights") is not None else given

    entries = tuple(_changed(entry, parameters) for entry in study.entries)
    weights = study.baseline.transfer.weights
    baseline = edit(study.baseline, transfer__weights=known(weights)) if weights is not None else study.baseline
    return replace(study, entries=entries, baseline=baseline)


def _changed(entry: Entry, parameters: Any) -> Entry:
    return replace(entry, steps=tuple((technique, parameters(given)) for technique, given in entry.steps))
