"""Who watches a study run sees the effects so far: of finished pairs alone, and never more often than reading them may cost."""

import io

import numpy as np
import pytest
from rich.console import Console

from dlbench.execution import estimates as module
from dlbench.execution.estimates import Estimate, ShowsEstimates, Watched, estimates
from dlbench.progress import Bar, Silent, estimates_table
from dlbench.stats.paired import paired_t
from dlbench.study import load, plan
from dlbench.values.metric import metric
from tests.execution.made_up import carry_out

TABLE = {"question": "Which?", "margin": 0.01, "seeds": 4, "dataset": "digits", "arms": [{"technique": "dropout"}, {"technique": "l2"}]}


class Kept(Silent):
    """A listener that keeps estimates."""

    def __init__(self):
        super().__init__()
        self.rows = []

    def estimates(self, metric, rows):
        assert metric.name == "test_accuracy"
        self.rows.append(rows)


def score(recipe, seed):
    return 0.9 + 0.02 * bool(recipe.model.dropout) * (1 + seed % 2) + seed / 100


def test_an_arm_is_estimated_from_the_seeds_that_its_reference_has_too():
    whole = plan(load(TABLE))
    cells = {cell: run_id for cell, run_id in whole.cells.items() if cell[1] < 3 and cell != ("baseline", 0) and cell[0] != "l2"}
    scores = {run_id: score(next(arm.recipe for arm in whole.arms if arm.name == name), seed) for (name, seed), run_id in cells.items()}
    dropout, l2 = estimates(whole, scores, {"l2": "helps"})
    found = paired_t([0.04, 0.02], 0.05)
    assert (dropout.arm, dropout.pairs, dropout.planned, dropout.difference) == ("dropout", 2, 4, pytest.approx(0.03))
    assert dropout.half_width == pytest.approx((found.high - found.low) / 2)
    assert dropout.at_end == pytest.approx(3.182 * np.std([0.04, 0.02], ddof=1) / 2, rel=1e-3)  # t of 3 degrees of freedom
    assert l2 == Estimate("l2", 0, 4, verdict="helps")


def test_results_are_read_as_they_come_and_not_without_need(tmp_path, monkeypatch):
    whole, kept = plan(load(TABLE)), Kept()
    watched = Watched(kept, whole, tmp_path / "s")
    watched.update(1, 2, 0)
    assert kept.rows == []  # there are no results yet
    carry_out(whole, tmp_path / "s", lambda recipe, seed: (score(recipe, seed), 0.9))
    watched.update(2, 2, 0)
    assert kept.rows == []  # too soon
    monkeypatch.setattr(module.time, "monotonic", lambda: watched.due_s + 1)
    for _ in range(2):
        watched.update(12, 0, 0)
    ((dropout, l2),) = kept.rows
    assert dropout.difference == pytest.approx(0.03) and (l2.pairs, l2.difference, l2.half_width) == (4, 0.0, 0.0)


def test_a_listener_that_shows_none_reads_none():
    assert isinstance(Bar(), ShowsEstimates) and not isinstance(Silent(), ShowsEstimates)


def test_the_table_fits_80_columns_and_begins_with_the_open_arms():
    rows = [Estimate("decided", 4, 8, 0.2, 0.01, 0.01, "helps"), Estimate(f"a long name {'x' * 40}", 4, 8, -0.1234, 0.0456, 0.0219),
            Estimate("bad\x1b[2J", 1, None, 0.01), *(Estimate(f"arm {number}", 0, 8) for number in range(20))]
    drawn = io.StringIO()
    Console(file=drawn, width=80, color_system=None).print(estimates_table(metric("test_accuracy"), rows))
    lines = drawn.getvalue().splitlines()
    assert max(map(len, lines)) <= 80 and "\x1b" not in drawn.getvalue()
    assert "4 of 8" in lines[1] and "−12.34 ± 4.56" in lines[1] and "± 2.19" in lines[1] and "and 11 more arms" in lines[-2]
    assert not any(line.startswith("decided") for line in lines)  # behind the open ones
