"""What figures of examples draw: augmented images, test examples that an arm turns, and the classes that it confuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from dlbench.analysis import Analysis
from dlbench.analysis.examples import Pair
from dlbench.stats.examples import confusion_change, turned
from dlbench.store.pictures import preview_key
from dlbench.values.recipe import Augmentation, within
from dlbench.values.text import changed, plural

MOST_EXAMPLES, MOST_CLASSES = 8, 12
LEAST_SHARE = 0.02
"""A confusion that changed by less than this share of the largest change shown is left out: nobody would see it."""


def previews(analysis: Analysis) -> Iterator[pd.DataFrame]:
    """For each augmentation, images before and after; arms that augment alike share one, under the name of the first."""
    if analysis.results.answers is None:
        return
    alike: dict[str, list[Any]] = {}
    for row in analysis.results.arms.itertuples():
        if not isinstance(row.reference, str) or any(within(path, Augmentation) for path in row.changes):
            alike.setdefault(preview_key(row.recipe), []).append(row)
    for arms in alike.values():
        found = analysis.results.answers.preview(arms[0].recipe)
        if found is not None:
            table = pd.DataFrame([{"example": example, "draw": draw, "image": image} for draw, images in enumerate((found[0], *found[1]))
                                  for example, image in enumerate(images)])
            ids, first = " ".join(str(analysis.ids[row.arm]) for row in arms), arms[0]
            table.attrs = {"id": ids, "arm": first.arm, "changed": changed(first.changes) or "augmented"}
            yield table


def turns(analysis: Analysis) -> Iterator[pd.DataFrame]:
    """For each arm the test examples that it fixes and breaks, as far as their images were kept."""
    images: dict[str, dict[int, np.ndarray]] = {}
    for pair in analysis.answered:
        row = pair.row
        if pair.evaluation not in images:
            images[pair.evaluation] = analysis.results.answers.images(pair.evaluation)
        found = turned(pair.ours == pair.labels, pair.theirs == pair.labels, MOST_EXAMPLES)
        rows = [_turn(row, pair, kind, example) for kind in ("fixed", "broken") for example in getattr(found, kind).tolist()]
        rows = [one | {"image": images[pair.evaluation][one["row"]]} for one in rows if one["row"] in images[pair.evaluation]]
        if rows:
            table = pd.DataFrame(rows)
            table["place"] = table.groupby("kind").cumcount()
            table.attrs = {"id": row.id, "arm": row.arm, "n": len(pair.ours)}
            yield table


def _turn(row: Any, pair: Pair, kind: str, example: int) -> dict[str, Any]:
    label, n = int(pair.labels[example]), len(pair.ours)
    said = {name: np.bincount(side[:, example]) for name, side in (("theirs", pair.theirs), ("ours", pair.ours))}
    right = {name: int((side[:, example] == label).sum()) for name, side in (("theirs", pair.theirs), ("ours", pair.ours))}
    most = {name: _mostly(counts, None if (name == "ours") == (kind == "fixed") else label) for name, counts in said.items()}
    told = (f"test example {example}, true class {label}: {row.reference} is right on {right['theirs']} of {plural(n, 'seed')}, "
            f"{row.arm} on {right['ours']} (mostly {most['theirs']} → {most['ours']})")
    return {"kind": kind, "row": example, "label": label, "told": told, **most}


def _mostly(counts: np.ndarray, wrong: int | None) -> int:
    """The class said most often; of the side that is told as wrong, the wrong class said most often."""
    counts = counts.copy()
    if wrong is not None and wrong < len(counts):
        counts[wrong] = 0
    return int(counts.argmax())


def confusions(analysis: Analysis) -> Iterator[pd.DataFrame]:
    """For each arm the pairs of classes whose count changed, among the classes that change most over all arms."""
    tables = [(pair.row, pair, confusion_change(pair.labels, pair.ours, pair.theirs)) for pair in analysis.answered]
    for row, pair, table in tables:
        classes = _classes(pair, table)
        shown = table[table["label"].isin(classes) & table["predicted"].isin(classes)]
        most = max((float(other["difference"].abs().max()) for _, _, other in tables if len(other)), default=1.0)
        shown = shown[shown["difference"].abs() >= LEAST_SHARE * most].reset_index(drop=True)
        shown.attrs = {"id": row.id, "arm": row.arm, "reference": row.reference, "classes": classes, "n": len(pair.ours), "most": most}
        if len(shown):
            yield shown


def _classes(pair: Pair, table: pd.DataFrame) -> list[int]:
    """The classes of an arm's task; where they are many, those that change most."""
    every = np.unique(pair.labels).tolist()
    if len(every) <= MOST_CLASSES:
        return every
    size = table["difference"].abs()
    return sorted(size.groupby(table["label"]).sum().add(size.groupby(table["predicted"]).sum(), fill_value=0).nlargest(MOST_CLASSES).index)
