"""Over-fitting: how much better an arm is on the examples it was trained on than on new ones, and what narrows that gap."""

from __future__ import annotations

import pandas as pd

from dlbench.analysis.scores import counted, references
from dlbench.report.textual import Section, Table
from dlbench.report.wording import Unit, difference, interval, level, unit_of
from dlbench.stats.method import METHOD
from dlbench.stats.paired import PairedT, differences, paired_t
from dlbench.store.results import Results
from dlbench.values.field import Purpose
from dlbench.values.metric import metric
from dlbench.values.recipe import fields_with
from dlbench.values.text import listed, one_line

GAP = "accuracy_gap"
SHOWN = ("train_accuracy", "test_accuracy", GAP, "test_loss")
CAPTION = (
    "At the end of training, means over seeds; training accuracy on as many training examples as there are test examples, as they are "
    f"without augmentation. In brackets the difference to the arm's reference over the same seeds and its {METHOD.interval}, each by "
    "itself: the verdicts are about the study's metric alone."
)


def section(results: Results) -> Section | None:
    """The gap between training and test accuracy of each arm; None where no arm does anything about it."""
    acting = any(not fields_with(Purpose.REGULARISE).isdisjoint(changes) for changes in results.arms["changes"])
    if not acting or any(name not in results.runs for name in SHOWN):
        return None
    tables = {name: counted(results, name).pivot(index="seed", columns="arm", values="score") for name in SHOWN}
    arms = [arm for arm in results.arms["arm"] if arm in tables[GAP]]
    if not arms:
        return None
    against = references(results)
    moved = {name: {arm: _moved(tables[name], arm, against.get(arm)) for arm in arms} for name in SHOWN}
    rows = tuple((one_line(arm, 60), *(_cell(tables[name][arm].mean(), moved[name][arm], name) for name in SHOWN)) for arm in arms)
    headers = ("Arm", "Training accuracy", "Test accuracy", "Gap", "Test loss")
    return Section("overfitting", "Over-fitting", _told(moved[GAP], unit_of(metric(GAP))), (Table("gap", CAPTION, headers, rows),))


def _moved(scores: pd.DataFrame, arm: str, reference: str | None) -> PairedT | None:
    """The paired difference of an arm to its reference; None of a reference, and below two seeds of both."""
    pairs = scores.reindex(columns=[arm, reference]).dropna() if reference else ()
    return paired_t(differences(pairs[arm], pairs[reference]), METHOD.alpha) if len(pairs) > 1 else None


def _cell(mean: float, moved: PairedT | None, name: str) -> str:
    unit = unit_of(metric(name))
    return level(mean, unit) + ("" if moved is None else f" ({_size(moved, unit)})")


def _size(moved: PairedT, unit: Unit) -> str:
    return f"{difference(moved.difference, unit)} [{interval(moved.low, moved.high, unit)}]"


def _told(moved: dict[str, PairedT | None], unit: Unit) -> tuple[str, ...]:
    """Which arms narrow the gap, which widen it, and which are not shown to do either, in a sentence."""
    sorts: dict[str, list[str]] = {"narrower with": [], "wider with": [], "not shown to change with": []}
    for arm, found in moved.items():
        if found is not None:
            kind = "narrower with" if found.high < 0 else "wider with" if found.low > 0 else "not shown to change with"
            sorts[kind].append(f"{one_line(arm, 60)} ({_size(found, unit)})")
    parts = [f"{kind} {listed(names, most=12)}" for kind, names in sorts.items() if names]
    return (f"The gap between training and test accuracy is {'; '.join(parts)}.",) if parts else ()
