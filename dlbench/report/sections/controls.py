"""Controls: what was proven identical between an arm and its reference."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.analysis.foreign import how_judged
from dlbench.analysis.script import ScriptTests, script_tests
from dlbench.report.document import Block, Cell, Row, Section, Table, Text, columns
from dlbench.report.wording import difference, unit_of
from dlbench.values.text import listed, missing

CAPTION = (
    "Whether data, split, example order, evaluation data and initial weights, but for what an arm declares to change, were proven "
    "identical to its reference's run of the same seed, by hashes of what the training loop consumed."
)

BY_OTHERS = (
    "Not proven by dlbench, for any arm: others made these runs, and nothing is known of their data, split, order and initial weights."
)


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield the control of each compared arm, with its reason."""
    if not len(analysis.verdicts):
        yield Text("Nothing is compared, so there is nothing to control.")
        return
    if how_judged(analysis.results):
        yield Text(BY_OTHERS)
        return
    yield from _script(analysis)
    body = tuple(Row((row.arm, Cell(row.control, state=row.control), row.control_text, row.changed, row.reference), row.id)
                 for row in analysis.verdicts.itertuples())
    heads = columns("Arm", "Control", "Why", "Changed", "Reference", wide=(2, 3))
    yield Table("controls-table", "Controls", CAPTION, heads, body)


def _script(analysis: Analysis) -> Iterator[Block]:
    """Yield what the runs of a script show of its control, whatever it tells."""
    tests = script_tests(analysis.results)
    if tests is None:
        return
    heads = columns("Test", "Result", wide=(1,))
    rows = (("The same seed twice gives the same score", _repeatable(tests, analysis)),
            ("Another seed gives another score", _seeded(tests)),
            ("What an arm sets changes its results", f"not of {listed(tests.ignored, most=8)}" if tests.ignored else "yes"))
    yield Table("script-tests", "Tests of the script", "Three tests that need no help of the script.", heads, tuple(map(Row, rows)))


def _repeatable(tests: ScriptTests, analysis: Analysis) -> str:
    if tests.repeatable is None:
        return "not known yet"
    if tests.repeatable:
        return "yes: its runs are deterministic"
    off = difference(float(tests.again or 0) - float(tests.first or 0), unit_of(analysis.metric))
    worth = "" if missing(tests.correlation) else f": the arms' scores correlate with their reference's by {tests.correlation:.2f}"
    return f"no, it differs by {off}: runs are not deterministic, and pairing them by seed is worth less{worth}"


def _seeded(tests: ScriptTests) -> str:
    if tests.seed_ignored is None:
        return "not known: the baseline has no two seeds yet"
    return f"no: {tests.seeds} seeds give one and the same result, so no verdict is given" if tests.seed_ignored else "yes"


SECTION = Section("controls", "Controls", build)
