"""What a search of so many trials finds: arms that were tuned with different budgets, compared at the same one."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.analysis import Analysis
from dlbench.analysis.best import COMMON, best_of_trials
from dlbench.report.document import Block, Row, Section, Table, columns
from dlbench.report.wording import interval, level, unit_of
from dlbench.stats.method import METHOD


def build(analysis: Analysis) -> Iterator[Block]:
    """Yield a table of the expected best of k trials; nothing where runs are no trials."""
    found = best_of_trials(analysis)
    if found is None:
        return
    unit, common, budgets = unit_of(analysis.metric), found.attrs[COMMON], found.attrs["budgets"]
    heads = columns("Arm", "Trials", *(f"Best of {k:,}" for k in budgets), f"{METHOD.confidence} interval, best of {common:,}",
                    numbers=range(1, len(budgets) + 3))
    body = tuple(Row((row["arm"], f"{row['n']:,}", *(level(row[k], unit) for k in budgets), interval(row["low"], row["high"], unit)))
                 for row in found.to_dict("records"))
    caption = (f"Expected best of k trials (Dodge et al. 2019, without bias: Tang et al. 2020). Arms had between {common:,} and "
               f"{int(found['n'].max()):,} trials; more trials alone make a better best, so compare arms in one column: best of {common:,} "
               "is what every arm's search affords. The interval resamples the trials. The verdicts compare the mean trial.")
    yield Table("trials", "Expected best of k trials", caption, heads, body)


SECTION = Section("trials", "Best of many trials", build)
