"""How an analysis tested its arms, in the words of captions: runs of one seed as pairs, or means of runs that are no pairs."""

from __future__ import annotations

from dlbench.analysis import Analysis
from dlbench.analysis.foreign import how_judged, unpaired
from dlbench.stats.method import METHOD


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
