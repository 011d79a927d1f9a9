"""Over-fitting: the gap between training and test accuracy of each arm, and what narrows it."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.analysis.overfitting import GAP, METRICS, gaps
from dlbench.report.document import Block, Section, Text, text_tables
from dlbench.report.wording import Unit, difference, interval, level, unit_of
from dlbench.stats.method import METHOD
from dlbench.stats.paired import PairedT
from dlbench.values.metric import metric
from dlbench.values.text import listed, one_line

CAPTION = (
    "At the end of training, means over seeds; training accuracy on {}, as they are without augmentation. In brackets the difference to "
    "the arm's reference over the same seeds and its {}, each by itself: the verdicts are about the study's metric alone."
)


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield a sentence and a table; nothing where no arm acts on over-fitting."""
    found = gaps(analysis.results)
    if found is None:
        return
    yield from map(Text, _sentence(found.shifts[GAP], unit_of(metric(GAP))))
    rows = [(one_line(arm, 60), *(_cell(found.means.loc[arm, name], found.shifts[name][arm], name) for name in METRICS))
            for arm in found.means.index]
    headers = ("Arm", "Training accuracy", "Test accuracy", "Gap", "Test loss")
    yield from text_tables("Over-fitting", ("gap", CAPTION.format(_sample(analysis), METHOD.interval), headers, rows))


def _sample(analysis: Analysis) -> str:
    """Word how many training examples were scored; runs of before that was recorded had as many as there are test examples."""
    runs = analysis.results.runs
    sizes = sorted({int(size) for size in runs["train_scored"].dropna()}) if "train_scored" in runs else []
    if not sizes:
        return "as many training examples as there are test examples"
    return f"{' to '.join(f'{size:,}' for size in dict.fromkeys((sizes[0], sizes[-1])))} training examples"


def _cell(mean: float, shift: PairedT | None, name: str) -> str:
    unit = unit_of(metric(name))
    return level(mean, unit) + ("" if shift is None else f" ({_size(shift, unit)})")


def _size(shift: PairedT, unit: Unit) -> str:
    return f"{difference(shift.difference, unit)} [{interval(shift.low, shift.high, unit)}]"


def _sentence(shifts: dict[str, PairedT | None], unit: Unit) -> Iterator[str]:
    """Say which arms narrow the gap, which widen it, and which are not shown to do either."""
    sorts: dict[str, list[str]] = {"narrower with": [], "wider with": [], "not shown to change with": []}
    for arm, shift in shifts.items():
        if shift is not None:
            kind = "narrower with" if shift.high < 0 else "wider with" if shift.low > 0 else "not shown to change with"
            sorts[kind].append(f"{one_line(arm, 60)} ({_size(shift, unit)})")
    parts = [f"{kind} {listed(names, most=12)}" for kind, names in sorts.items() if names]
    if parts:
        yield f"The gap between training and test accuracy is {'; '.join(parts)}."


SECTION = Section("overfitting", "Over-fitting", build)
