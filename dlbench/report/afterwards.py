"""What is said of a judgement that was chosen when results had been seen."""

from __future__ import annotations

from dlbench.analysis import Analysis
from dlbench.analysis.recomputed import RECOMPUTED
from dlbench.report.wording import margin, unit_of
from dlbench.values.text import one_line


def afterwards(analysis: Analysis) -> str:
    """Say that the metric or margin was chosen when results had been seen, and what the declared ones say; empty where it was not."""
    first = analysis.declared
    if first is None:
        return ""
    now, then = (f"{one.metric.name.replace('_', ' ')} with a margin of {margin(one.margin, unit_of(one.metric))}"
                 for one in (analysis, first))
    arms = [f"{verdict}: {', '.join(one_line(arm, 60) for arm in rows['arm'])}"
            for verdict, rows in first.verdicts.groupby("verdict", sort=False)]
    return (f"Chosen afterwards: {now} was chosen when results had been seen; declared before was {then}. By what was declared, the "
            f"verdicts are: {'; '.join(arms) or 'none'}.{_recomputed(analysis)}")


def _recomputed(analysis: Analysis) -> str:
    """Say that the runs were not scored by a metric; empty where they were."""
    study, name = analysis.results.study, analysis.metric.name
    if study.get(RECOMPUTED) != name:
        return ""
    return f" The runs were not scored by {name.replace('_', ' ')}: it is computed from the predictions that their last epoch left."
