"""The answers of arms and their references to the same test examples, those that an arm turns, and images before and after augmentation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from dlbench.analysis.judge import foremost
from dlbench.analysis.rounds import stacked, true_classes, whole_rounds
from dlbench.analysis.scores import finished_runs, folds_of
from dlbench.stats.examples import confusion_change, turned
from dlbench.store.pictures import preview_key
from dlbench.store.results import Answers, Results
from dlbench.values.recipe import Augmentation, within
from dlbench.values.text import changed, plural

MOST_ARMS, MOST_EXAMPLES, MOST_CLASSES = 12, 8, 12
LEAST_SHARE = 0.02
"""A confusion that changed by less than this share of the largest change shown is left out: nobody would see it."""


@dataclass(frozen=True, eq=False)
class Pair:
    """The answers of an arm and its reference to the same test examples, on the seeds that both completed; of folds, in whole rounds.

    Attributes:
        row: the arm's row of the verdict table.
        ours, theirs: predicted classes, shape (rounds, examples); where there are no folds, each seed is a round.
        right_ours, right_theirs: the share of the evaluations that had each example right, same shape.
        labels: true classes, shape (examples,).
        evaluations: first row and hash of the evaluation set of each fold; of one set, where there are no folds.
    """

    row: Any
    ours: np.ndarray
    theirs: np.ndarray
    right_ours: np.ndarray
    right_theirs: np.ndarray
    labels: np.ndarray
    evaluations: tuple[tuple[int, str], ...]

    @property
    def counted(self) -> str:
        """How many seeds answer, or rounds of folds."""
        return plural(len(self.ours), "seed" if len(self.evaluations) == 1 else "round")


def answered_pairs(results: Results, verdicts: pd.DataFrame) -> list[Pair]:
    """Read the answers of the arms that differ most; none where no answers were kept.

    Args:
        results: of a study.
        verdicts: its verdict table.
    """
    if results.answers is None or not len(verdicts):
        return []
    pairs = (_pair(results, results.answers, row) for row in foremost(verdicts, MOST_ARMS).itertuples())
    return [pair for pair in pairs if pair is not None]


def _pair(results: Results, answers: Answers, row: Any) -> Pair | None:
    done = finished_runs(results)
    ours, theirs = (dict(zip(part["seed"], part["run_id"])) for part in (done[done["arm"] == name] for name in (row.arm, row.reference)))
    said, right = (read({*ours.values(), *theirs.values()}) for read in (answers.predictions, answers.shares))
    seeds = [seed for seed in ours if {ours[seed], theirs.get(seed)} <= said.keys() & right.keys()]
    rounds = whole_rounds(seeds, folds_of(results))
    labels = true_classes(answers, ours, rounds[0]) if rounds else None
    tables = [stacked(kept, side, rounds) for kept in (said, right) for side in (ours, theirs)]
    layouts = [table for table in tables if table is not None and labels is not None and table.shape == (len(rounds), len(labels))]
    if labels is None or len(layouts) < len(tables) or any(said[run_id].dtype.kind not in "ui" for run_id in said):
        return None
    own, other, right_own, right_other = layouts
    sizes = [len(said[ours[seed]]) for seed in rounds[0]]
    evaluations = tuple((sum(sizes[:fold]), answers.evaluation(ours[seed])) for fold, seed in enumerate(rounds[0]))
    return Pair(row, own.astype(np.int64), other.astype(np.int64), right_own, right_other, labels.astype(np.int64), evaluations)


def previews(results: Results) -> Iterator[pd.DataFrame]:
    """Yield, for each augmentation, images before and after: ``example, draw, image``.

    Arms that augment alike share one, under the name of the first: attrs ``id`` (positions of all), ``arm`` and ``changed``.
    """
    if results.answers is None:
        return
    alike: dict[str, list[tuple[int, Any]]] = {}
    for position, row in enumerate(results.arms.itertuples()):
        if not isinstance(row.reference, str) or any(within(path, Augmentation) for path in row.changes):
            alike.setdefault(preview_key(row.recipe), []).append((position, row))
    for arms in alike.values():
        first = arms[0][1]
        found = results.answers.preview(first.recipe)
        if found is not None:
            table = pd.DataFrame([{"example": example, "draw": draw, "image": image} for draw, images in enumerate((found[0], *found[1]))
                                  for example, image in enumerate(images)])
            table.attrs = {"id": " ".join(str(position) for position, _ in arms), "arm": first.arm,
                           "changed": changed(first.changes) or "augmented"}
            yield table


def turns(results: Results, pairs: list[Pair]) -> Iterator[pd.DataFrame]:
    """Yield, for each arm, the test examples that it fixes and breaks, as far as their images were kept.

    Yields:
        ``kind, row`` (the test example), ``label, theirs, ours`` (the class that each says most often), ``right_theirs, right_ours``
        (seeds, in parts where an example was right in a share of the evaluations), ``image, place``;
        attrs ``id, arm, reference`` and ``n`` (seeds).
    """
    if results.answers is None:
        return
    read = cache(results.answers.images)
    for pair in pairs:
        row = pair.row
        kept = {first + place: image for first, evaluation in pair.evaluations for place, image in read(evaluation).items()}
        found = turned(pair.right_ours, pair.right_theirs, MOST_EXAMPLES)
        rows = [_turn(pair, kind, example) | {"image": kept[example]} for kind in ("fixed", "broken")
                for example in getattr(found, kind).tolist() if example in kept]
        if rows:
            table = pd.DataFrame(rows)
            table["place"] = table.groupby("kind").cumcount()
            table.attrs = {"id": row.id, "arm": row.arm, "reference": row.reference, "n": pair.counted}
            yield table


def _turn(pair: Pair, kind: str, example: int) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": kind, "row": example, "label": int(pair.labels[example])}
    for name, side, right in (("theirs", pair.theirs, pair.right_theirs), ("ours", pair.ours, pair.right_ours)):
        wrong = None if (name == "ours") == (kind == "fixed") else made["label"]
        made |= {name: _mostly(np.bincount(side[:, example]), wrong), f"right_{name}": round(float(right[:, example].sum()), 1)}
    return made


def _mostly(counts: np.ndarray, wrong: int | None) -> int:
    """Return the class said most often; of the side that is told as wrong, the wrong class said most often."""
    counts = counts.copy()
    if wrong is not None and wrong < len(counts):
        counts[wrong] = 0
    return int(counts.argmax())


def confusions(pairs: list[Pair]) -> Iterator[pd.DataFrame]:
    """Yield, for each arm, the pairs of classes whose count changed, among the classes that change most over all arms."""
    tables = [(pair.row, pair, confusion_change(pair.labels, pair.ours, pair.theirs)) for pair in pairs]
    for row, pair, table in tables:
        classes = _classes(pair, table)
        shown = table[table["label"].isin(classes) & table["predicted"].isin(classes)]
        most = max((float(other["difference"].abs().max()) for _, _, other in tables if len(other)), default=1.0)
        shown = shown[shown["difference"].abs() >= LEAST_SHARE * most].reset_index(drop=True)
        shown.attrs = {"id": row.id, "arm": row.arm, "reference": row.reference, "classes": classes, "n": pair.counted, "most": most}
        if len(shown):
            yield shown


def _classes(pair: Pair, table: pd.DataFrame) -> list[int]:
    """Return the classes of an arm's task; where they are many, those that change most."""
    every = np.unique(pair.labels).tolist()
    if len(every) <= MOST_CLASSES:
        return every
    size = table["difference"].abs()
    return sorted(size.groupby(table["label"]).sum().add(size.groupby(table["predicted"]).sum(), fill_value=0).nlargest(MOST_CLASSES).index)
