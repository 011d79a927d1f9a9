"""How an analysis tested its arms, in the words of captions: runs of one seed as pairs, or means of runs that are no pairs."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.analysis.foreign import how_judged, unpaired
from dlbench.stats.method import METHOD
from dlbench.values.controls import BROKEN, Control
from dlbench.values.text import listed, one_line


def test(analysis: Analysis) -> str:
    """Return the test's name as the heading of a column has it."""
    return "Welch's t" if unpaired(analysis.results) else METHOD.test.short


def differences(analysis: Analysis) -> str:
    """Say what a difference is, as the beginning of a caption."""
    if unpaired(analysis.results):
        return "Difference of the means, arm minus reference"
    return "Mean of the paired differences, arm minus reference on the same seed"


def over(analysis: Analysis) -> str:
    """Say what a difference is over."""
    return "between the means of all their runs" if unpaired(analysis.results) else "over seeds that both completed"


def counted(analysis: Analysis) -> str:
    """Say what n is."""
    return "n: runs of the smaller of the two arms" if unpaired(analysis.results) else "n: seeds that both completed"


def control(analysis: Analysis) -> bool:
    """Return whether dlbench could observe the runs, so that there is something to say of control, environment and data."""
    return how_judged(analysis.results) is None


def uncontrolled(analysis: Analysis) -> Iterator[str]:
    """Yield which comparisons are not controlled, or not proven to be, one sentence each."""
    if how_judged(analysis.results):
        yield "Control is not proven by dlbench: others made these runs."
        return
    for words, states in (("Not a controlled comparison", BROKEN), ("Not proven to be controlled", (Control.NOT_PROVEN,))):
        if names := [one_line(name, 60) for name in analysis.verdicts.loc[analysis.verdicts["control"].isin(states), "arm"]]:
            yield f"{words}: {listed(names)}; see Controls."
