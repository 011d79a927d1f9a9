"""What arms do to each label of a study with several labels an example, and the test examples whose labels they turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dlbench.analysis.judge import foremost
from dlbench.analysis.rounds import stacked, whole_rounds
from dlbench.analysis.scores import finished_runs, folds_of
from dlbench.stats.examples import turned
from dlbench.stats.method import METHOD
from dlbench.stats.noise import crossed_effect
from dlbench.store.results import Answers, Results
from dlbench.values.by_label import average_precision_of_label, ratio_values
from dlbench.values.text import plural

MOST_ARMS, MOST_EXAMPLES = 12, 8
Columns = NDArray[Any]
"""Of each test example and label, [n, labels]."""


def _average_precisions(has: Columns, log_odds: Columns) -> Columns:
    return np.stack([average_precision_of_label(*one) for one in zip(has.T, log_odds.T)], axis=1)


def _ratios(hits: Columns, either: Columns) -> Columns:
    return ratio_values(hits.astype(np.float64), either.astype(np.float64))


MEASURES: dict[str, Callable[[Columns, Columns], Columns]] = {
    "precision": lambda has, log_odds: _ratios(has & (log_odds > 0), log_odds > 0),
    "recall": lambda has, log_odds: _ratios(has & (log_odds > 0), has),
    "f1": lambda has, log_odds: _ratios(2 * (has & (log_odds > 0)), 1 * has + (log_odds > 0)),
    "average_precision": _average_precisions}
"""Measure of one label -> the values of the examples whose mean it is; a label is predicted where its log odds are above 0."""
OF_LABEL = ("examples", "tested", "measure", "score", "reference_score", "difference", "low", "high", "p")
EFFECTS = ("arm", "reference", "label", "name", *OF_LABEL, "p_adjusted", "n")


@dataclass(frozen=True, eq=False)
class LabelEffects:
    """What one arm does to each label.

    Attributes:
        row: the arm's row of the verdict table.
        table: one row a label and measure of :data:`MEASURES`, with the columns :data:`EFFECTS`: ``label`` (from 0) and its ``name``,
            the test ``examples`` that have it, of those ``tested``; means over runs of the arm and its reference; their ``difference``
            with its 95 % interval over seeds and test examples, ``p``, and ``p_adjusted`` over the labels of the arm and measure. A score
            is missing where it is not defined in any run (no example has the label, or no run predicts it), a difference where it is not
            defined in every run.
        turns: the test examples of which the arm has more labels right than its reference (``kind`` is fixed), or fewer (broken), the
            surest first: ``kind, row, labels, theirs, ours`` (names of the labels that it has, and that most runs of each side
            predict), ``right_theirs, right_ours`` (mean number of labels).
        counted: how many seeds answer, or rounds of folds.
    """

    row: Any
    table: pd.DataFrame
    turns: pd.DataFrame
    counted: str

    @property
    def shown(self) -> tuple[list[str], list[str]]:
        """Names of the labels of which F1 or average precision is shown to be better, and to be worse, by their adjusted p."""
        sure = self.table[self.table["measure"].isin(("f1", "average_precision")) & (self.table["p_adjusted"] < METHOD.alpha)]
        better, worse = (list(dict.fromkeys(sure.loc[chosen, "name"])) for chosen in (sure["difference"] > 0, sure["difference"] < 0))
        return better, worse


@dataclass(frozen=True, eq=False)
class _Pair:
    """Answers of an arm and its reference in the same rounds: ``has`` [n, labels], log odds of both [rounds, n, labels]."""

    has: Columns
    ours: Columns
    theirs: Columns


def label_effects(results: Results, verdicts: pd.DataFrame) -> list[LabelEffects]:
    """Measure what the arms that differ most do to each label; nothing where no answers to several labels were kept.

    Args:
        results: of a study.
        verdicts: its verdict table.
    """
    done = list(map(str, finished_runs(results)["run_id"]))
    if results.answers is None or not len(verdicts) or not results.answers.label_answers({*done[:1], *done[-1:]}):
        return []
    pairs = ((row, _pair(results, results.answers, row)) for row in foremost(verdicts, MOST_ARMS).itertuples())
    return [_effects(results, row, pair) for row, pair in pairs if pair is not None]


def _pair(results: Results, answers: Answers, row: Any) -> _Pair | None:
    """Read the answers of the seeds that both sides completed; None where there are none, or they are to other examples."""
    done = finished_runs(results)
    ours, theirs = (dict(zip(part["seed"], part["run_id"])) for part in (done[done["arm"] == name] for name in (row.arm, row.reference)))
    kept = answers.label_answers({*ours.values(), *theirs.values()})
    seeds = [seed for seed in ours if {ours[seed], theirs.get(seed)} <= kept.keys() and seed not in results.pilot]
    rounds = whole_rounds(seeds, folds_of(results))
    if not rounds:
        return None
    tables = [stacked({run: pair[place] for run, pair in kept.items()}, side, rounds) for place in (0, 1) for side in (ours, theirs)]
    if any(table is None for table in tables) or len({table.shape for table in tables if table is not None}) > 1:
        return None
    has, others, log_odds, reference = (np.asarray(table) for table in tables)
    return _Pair(has[0], log_odds, reference) if (has == has[0]).all() and (others == has[0]).all() else None


def _effects(results: Results, row: Any, pair: _Pair) -> LabelEffects:
    names = names_of(results, pair.has.shape[1])
    table = pd.DataFrame(_rows(pair), columns=["label", *OF_LABEL, "n"])
    table = table.assign(arm=row.arm, reference=row.reference, name=table["label"].map(dict(enumerate(names))), p_adjusted=_adjusted(table))
    counted = plural(len(pair.ours), "round" if folds_of(results) else "seed")
    return LabelEffects(row, table[list(EFFECTS)], _turns(pair, names), counted)


def names_of(results: Results, labels: int) -> list[str]:
    """Return the names of a study's labels; their numbers, from 0, where names are not known."""
    names = list(map(str, results.study.get("names", ())))
    return names if len(names) == labels else list(map(str, range(labels)))


def _rows(pair: _Pair) -> Iterator[tuple[Any, ...]]:
    tested, counts = len(pair.has), pair.has.sum(axis=0)
    for measure, values in MEASURES.items():
        ours, theirs = (np.stack([values(pair.has, one) for one in side]) for side in (pair.ours, pair.theirs))
        for label, examples in enumerate(counts.tolist()):
            one, other = ours[..., label], theirs[..., label]
            yield label, examples, tested, measure, _mean(one), _mean(other), *_difference(one, other), len(pair.ours)


def _mean(values: Columns) -> float:
    """Return the mean over the runs, [runs, n], in which the score is defined."""
    scores = values.mean(axis=1)
    known = scores[np.isfinite(scores)]
    return float(known.mean()) if len(known) else np.nan


def _difference(ours: Columns, theirs: Columns) -> tuple[float, float, float, float]:
    """Return the difference with its interval and p; not numbers where a run has no score, or there are too few runs for an interval."""
    if not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return np.nan, np.nan, np.nan, np.nan
    if min(ours.shape) < 2:
        return float(ours.mean() - theirs.mean()), np.nan, np.nan, np.nan
    found = crossed_effect(ours, theirs, METHOD.alpha)
    return found.difference, found.low, found.high, found.p


def _adjusted(table: pd.DataFrame) -> pd.Series:
    """Adjust p over the labels of each measure."""
    adjusted = pd.Series(np.nan, table.index)
    for _, part in table[table["p"].notna()].groupby("measure"):
        adjusted.loc[part.index] = METHOD.correction.adjust(part["p"].to_numpy(float))
    return adjusted


def _turns(pair: _Pair, names: Sequence[str]) -> pd.DataFrame:
    said = [side > 0 for side in (pair.ours, pair.theirs)]
    right_ours, right_theirs = ((side == pair.has).mean(axis=2) for side in said)
    ours, theirs = (side.mean(axis=0) > 0.5 for side in said)
    found = turned(right_ours, right_theirs, MOST_EXAMPLES)
    rows = [{"kind": kind, "row": row, "labels": _named(names, pair.has[row]), "theirs": _named(names, theirs[row]),
             "ours": _named(names, ours[row]), "right_theirs": float(right_theirs[:, row].mean()) * len(names),
             "right_ours": float(right_ours[:, row].mean()) * len(names)}
            for kind in ("fixed", "broken") for row in getattr(found, kind).tolist()]
    return pd.DataFrame(rows, columns=["kind", "row", "labels", "theirs", "ours", "right_theirs", "right_ours"])


def _named(names: Sequence[str], chosen: Columns) -> tuple[str, ...]:
    return tuple(names[place] for place in np.flatnonzero(chosen).tolist())
