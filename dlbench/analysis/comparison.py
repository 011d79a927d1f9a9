"""Two results folders of one study, B against A: the same arms, paired by seed, under the same rule as the arms of a study."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from dlbench.analysis import controls, costs
from dlbench.analysis.hardware import MACHINE
from dlbench.analysis.judge import unscored
from dlbench.analysis.scope import judged
from dlbench.analysis.scores import folds_of, scores, with_examples
from dlbench.stats.crossed import ExamplePart, example_parts
from dlbench.stats.method import Rule
from dlbench.stats.verdict import compare
from dlbench.store.results import Results
from dlbench.values.controls import BROKEN, Control, faults, unproven
from dlbench.values.errors import InputError
from dlbench.values.field import Purpose
from dlbench.values.metric import Metric
from dlbench.values.recipe import DEFAULTS, fields_with
from dlbench.values.record import Record
from dlbench.values.scope import Scope, stored_scope
from dlbench.values.text import listed, missing, plain, plural
from dlbench.values.verdict import Verdict

DATA = ("dataset", "split_seed", "folds")
DATA_FIELDS = fields_with(Purpose.SELECT)
TIMES = ("step_ms", "inference_ms")


@dataclass(frozen=True)
class Side:
    """One of the two: what it is called, its results, and the records behind them by arm and seed."""

    name: str
    results: Results
    records: dict[tuple[str, int], Record]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What B changed against A.

    Attributes:
        a, b: what the two are called.
        metric: what was measured.
        margin: the smallest difference that matters, A's.
        seeds: planned in both.
        verdicts: one row a matched arm, in A's order: what :func:`dlbench.stats.verdict.compare` returns for B against A
            (``reference`` is the arm's own name), ``control`` and ``control_text``.
        differs: what else is not the same in both, one sentence each.
        times: one row an arm timed in both: ``arm``, ``step_ms`` and ``inference_ms`` of each side (``_a``, ``_b``) and
            their ``_ratio`` B/A; empty where ``times_note`` says why.
        times_note: how to read the times, or why they are not compared.
        comparable: False where both were timed and on machines that make the times incomparable.
    """

    a: str
    b: str
    metric: Metric
    margin: float
    seeds: tuple[int, ...]
    verdicts: pd.DataFrame
    differs: tuple[str, ...]
    times: pd.DataFrame
    times_note: str
    comparable: bool

    @property
    def scope(self) -> Scope:
        """What the verdicts are claims about."""
        tested = self.verdicts[self.verdicts["n"].fillna(0) > 1]
        return Scope.NEW_DATA if len(tested) and tested["example_error"].notna().all() else Scope.THIS_TEST_SET

    @property
    def empty(self) -> bool:
        """Whether there was nothing to compare: no arm has a seed that both completed."""
        return not len(self.verdicts) or not (self.verdicts["n"] > 0).any()


def compare_results(a: Side, b: Side) -> Comparison:
    """Judge each arm of B against the arm of A that has its name and recipe, paired by seed, all as one Holm family.

    Args:
        a: what is compared with.
        b: what is judged.

    Raises:
        InputError: the metrics or the data differ, so that a difference of scores would mean nothing.
    """
    _same_question(a, b)
    matched, differs = _matched(a, b)
    for arm in matched:
        _same_data(arm, a, b)
    measure, seeds = a.results.metric, _seeds(a, b)
    times, note, comparable = _times(a, b, matched)
    return Comparison(
        a.name, b.name, measure, float(a.results.study["margin"]), seeds, _verdicts(a, b, matched, seeds),
        (*_studies(a, b), *differs, *_environments(a, b)), times, note, comparable)


def _same_question(a: Side, b: Side) -> None:
    ours, theirs = a.results.study, b.results.study
    for key in ("metric", "declared_metric", *DATA):
        if ours.get(key) != theirs.get(key):
            raise InputError(f"{b.name}: {key} = {plain(theirs.get(key))}, and {a.name} has {key} = {plain(ours.get(key))}; "
                             f"accepted: two results folders with the same {'metric' if 'metric' in key else 'data'}")
    one, two = (side.results.arms["recipe"].iloc[0] for side in (a, b))
    for field, (old, new) in _changes(one, two).items():
        if field in DATA_FIELDS:
            raise InputError(f"{b.name}: {field} = {plain(new)}, and {a.name} has {field} = {plain(old)}; "
                             "accepted: two results folders with the same data")


def _changes(old: dict[str, Any], new: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Recipe field -> its two values, from two canonical forms, which leave defaults out."""
    pairs = {field: (old.get(field, DEFAULTS.get(field)), new.get(field, DEFAULTS.get(field))) for field in sorted({*old, *new})}
    return {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}


def _matched(a: Side, b: Side) -> tuple[list[str], list[str]]:
    """Arms of the same name and recipe in A's order, and what is said of the others."""
    ours, theirs = (dict(zip(side.results.arms["arm"], side.results.arms["recipe"])) for side in (a, b))
    matched: list[str] = []
    told: list[str] = []
    for arm in [arm for arm in ours if arm in theirs]:
        changed = _changes(ours[arm], theirs[arm])
        if changed:
            words = listed([f"{field} {plain(old)} in A, {plain(new)} in B" for field, (old, new) in changed.items()])
            told.append(f"arm {arm} is not compared, its recipe differs: {words}")
        else:
            matched.append(arm)
    for name, arms, others in (("A", ours, theirs), ("B", theirs, ours)):
        only = [arm for arm in arms if arm not in others]
        if only:
            told.append(f"only in {name}: {listed(only, most=8)}")
    return matched, told


def _pairs(arm: str, a: Side, b: Side) -> Iterator[tuple[Record, Record]]:
    for (name, seed), record in b.records.items():
        if name == arm and (arm, seed) in a.records:
            yield record, a.records[arm, seed]


def _same_data(arm: str, a: Side, b: Side) -> None:
    for new, old in _pairs(arm, a, b):
        for part in ("data", "split", "evaluation"):
            hashes = getattr(new.controls, part), getattr(old.controls, part)
            if hashes[0] != hashes[1] and all(isinstance(known, str) for known in hashes):
                raise InputError(f"{b.name}: arm '{arm}', seed {new.seed}: the hash of its {part} is not that of {a.name}, so "
                                 "the two were not trained and scored on the same examples; accepted: the same data")


def _seeds(a: Side, b: Side) -> tuple[int, ...]:
    return tuple(seed for seed in a.results.study["seeds"] if seed in set(b.results.study["seeds"]))


def _verdicts(a: Side, b: Side, matched: list[str], seeds: tuple[int, ...]) -> pd.DataFrame:
    """Return the verdict table of B's arms against A's; each side's arms go by names of their own on the way."""
    measure, against = a.results.metric, {f"B: {arm}": f"A: {arm}" for arm in matched}
    parts = [_scores(side, name, measure, seeds) for name, side in (("A", a), ("B", b))]
    known = pd.concat(parts, ignore_index=True)
    rule = Rule(float(a.results.study["margin"]), measure.higher_is_better, len(seeds), measure.unit,
                parts=_example_parts(a, b, known, against))
    table = compare(known, against, rule) if against and len(known) else unscored(against, rule.planned)
    states = [_control(arm, a, b) for arm in matched]
    table = _identical(table, [list(_pairs(arm, a, b)) for arm in matched])
    return table.assign(arm=matched, reference=matched, control=[state for state, _ in states],
                        control_text=[text for _, text in states])


def _example_parts(a: Side, b: Side, known: pd.DataFrame, against: dict[str, str]) -> dict[str, ExamplePart]:
    """Return what test examples contribute, where A's study is judged for new data and both folders keep their values."""
    answers = [side.results.answers for side in (a, b)]
    if stored_scope(a.results.study) != Scope.NEW_DATA or None in answers or not len(known):
        return {}
    ids = [(f"{name}: {arm}", seed, (name, record.run_id)) for name, side in (("A", a), ("B", b))
           for (arm, seed), record in side.records.items()]
    runs = known.merge(pd.DataFrame(ids, columns=["arm", "seed", "run_id"]), on=["arm", "seed"])

    def values(keys: list[tuple[str, str]]) -> dict[tuple[str, str], np.ndarray]:
        return {(name, run_id): value for name, kept in zip("AB", answers) if kept is not None
                for run_id, value in kept.values(a.results.metric.name, [key for of, key in keys if of == name]).items()}

    found = example_parts(runs, against, values, folds_of(a.results))
    return found if set(found) == judged(known, against) else {}


def _identical(table: pd.DataFrame, pairs: list[list[tuple[Record, Record]]]) -> pd.DataFrame:
    """Say of an arm whose runs ended with the same weights in both folders that nothing changed: this needs no statistics."""
    equal = [bool(of_arm) and all(isinstance(new.controls.weights, str) and new.controls.weights == old.controls.weights
                                  for new, old in of_arm) for of_arm in pairs]
    same = pd.Series(equal, table.index, dtype=bool) & ((table["low"] == 0) & (table["high"] == 0)).fillna(False)
    said = [f"the trained weights are the same to the bit in both, in {plural(len(of_arm), 'seed')}" for of_arm in pairs]
    return table.assign(verdict=table["verdict"].mask(same, Verdict.EQUIVALENT.value), seeds_needed=table["seeds_needed"].mask(same),
                        reason=table["reason"].mask(same, pd.Series(said, table.index, dtype=object)))


def _scores(side: Side, name: str, measure: Metric, seeds: tuple[int, ...]) -> pd.DataFrame:
    known = with_examples(side.results, scores(side.results, measure.name))
    known = known[known["seed"].isin(seeds)]
    return known.assign(arm=[f"{name}: {arm}" for arm in known["arm"]])


def _control(arm: str, a: Side, b: Side) -> tuple[Control, str]:
    """Return an arm's control: within A and B, and between its runs of the same seed in both."""
    within = {name: controls.state(side.results.runs[side.results.runs["arm"] == arm]) for name, side in (("A", a), ("B", b))}
    for name, (state, text) in within.items():
        if state in BROKEN:
            return state, f"in {name}: {text}"
    pairs = list(_pairs(arm, a, b))
    if not pairs:
        return Control.UNKNOWN, "no seed was completed in both"
    differing = Counter(fault for new, old in pairs for fault in faults(new, old, {}))
    missing = Counter(reason for new, old in pairs for reason in unproven(new, old, {}))
    if reasons := differing or missing:
        text = listed([f"{reason} ({count} of {len(pairs)} seeds)" for reason, count in reasons.items()])
        return Control.UNCONTROLLED if differing else Control.NOT_PROVEN, text
    for name, (state, text) in within.items():
        if state == Control.NOT_PROVEN:
            return state, f"in {name}: {text}"
    return Control.CONTROLLED, f"same data, split, example order and initial weights in both ({plural(len(pairs), 'seed')})"


def _studies(a: Side, b: Side) -> Iterator[str]:
    ours, theirs = a.results.study, b.results.study
    if ours["margin"] != theirs["margin"]:
        yield f"margin: {plain(ours['margin'])} in A, {plain(theirs['margin'])} in B; A's is used"
    if set(ours["seeds"]) != set(theirs["seeds"]):
        yield f"seeds: {len(ours['seeds'])} in A, {len(theirs['seeds'])} in B; compared on the {len(_seeds(a, b))} that both have"
    for name, side in (("A", a), ("B", b)):
        if not side.results.complete:
            yield f"{name} is not complete: some of its runs have not finished"
        if side.results.tuning is not None:
            yield f"{name} was tuned: its comparison at default settings is what is compared here"
        if side.results.others:
            yield f"{name} is on {len(side.results.parts)} datasets: what it has on {side.results.study['dataset']} is compared here"


def _facts(side: Side) -> dict[str, set[str]]:
    """Fact -> every value it has in a folder's environments."""
    found: dict[str, set[str]] = {}
    for environment in side.results.environments.values():
        for name, value in environment.items():
            found.setdefault(name, set()).add(plain(value))
    return found


def _environments(a: Side, b: Side) -> Iterator[str]:
    ours, theirs = _facts(a), _facts(b)
    for name in dict.fromkeys((*ours, *theirs)):
        one, two = (" and ".join(sorted(facts.get(name, {"not recorded"}))) for facts in (ours, theirs))
        if one != two:
            yield f"{name}: {one} in A, {two} in B"


def _times(a: Side, b: Side, matched: list[str]) -> tuple[pd.DataFrame, str, bool]:
    columns = ["arm", *(f"{name}_{which}" for name in TIMES for which in ("a", "b", "ratio"))]
    nothing = pd.DataFrame(columns=columns)
    one, two = (costs.timings(side.results) for side in (a, b))
    both = one.merge(two, on="arm", suffixes=("_a", "_b"))
    both = both[both["arm"].isin(matched)].reset_index(drop=True)
    if not len(both):
        return nothing, "Times are not compared: no arm was timed in both.", True
    other = [name for name in MACHINE if _facts(a).get(name) != _facts(b).get(name) or len(_facts(a).get(name, ())) > 1]
    if other:
        return nothing, f"Times are not compared: they come from different machines ({listed(other, most=8)}).", False
    ratios = {f"{name}_ratio": both[f"{name}_b"] / both[f"{name}_a"] for name in TIMES}
    note = ("Medians of rounds that were not interleaved between A and B, so load and temperature are in the ratio: "
            "it has no interval and no verdict.")
    return both.assign(**ratios)[columns], note, True


def as_json(found: Comparison) -> dict[str, Any]:
    """Return the comparison as plain values; a number that does not exist is None."""
    tables = {name: [{key: None if not isinstance(value, str) and missing(value) else _plain(value) for key, value in row.items()}
                     for row in table.to_dict("records")]
              for name, table in (("arms", found.verdicts), ("times", found.times))}
    return {"a": found.a, "b": found.b, "metric": found.metric.name, "unit": found.metric.unit, "margin": found.margin,
            "scope": found.scope, "seeds": list(found.seeds), **tables, "differs": list(found.differs), "times_note": found.times_note,
            "times_comparable": found.comparable}


def _plain(value: Any) -> Any:
    return cast("Any", value.item()) if isinstance(value, np.generic) else value
