"""The comparison's page: true to the comparison, and harmless."""

import re
from dataclasses import replace

import numpy as np
import pytest

from dlbench.analysis import analyse
from dlbench.analysis.comparison import Side, compare_results
from dlbench.report.comparison import answer, render
from dlbench.values.record import Controls, Record
from tests.report.conftest import HOSTILE, Shape, build, empty
from tests.report.test_html import Page

ARMS = {"baseline": 0.0, "good": 0.03, HOSTILE[0]: 0.0}


def side(name, results):
    done = results.runs[results.runs["status"] == "done"]
    controls = Controls("d", "s", "e", {}, order=("o",), weights="w", global_draws=())
    records = {(row.arm, row.seed): Record(row.run_id, {}, row.seed, "done", controls=controls) for row in done.itertuples()}
    return Side(name, results, records)


def changed(results, arm, by):
    """The same results with an arm's scores moved, a little more on odd seeds."""
    runs = results.runs.copy()
    moved = runs["arm"] == arm
    runs.loc[moved, "test_accuracy"] += by + 0.001 * (runs.loc[moved, "seed"] % 2)
    return replace(results, runs=runs)


@pytest.fixture(scope="module")
def sides():
    made = build(ARMS, Shape(seeds=6, epochs=2))
    return side("reports/a", made), side("reports/b", changed(made, "good", -0.04))


@pytest.fixture(scope="module")
def text(sides):
    return render(compare_results(*sides), *sides, "dlbench compare a b --format html")


def test_the_answer_tells_what_got_worse(sides, text):
    told = answer(compare_results(*sides))
    assert told.startswith("Of 3 arms that both have, judged on this test set, 1 is worse in B: good (") and told in text


def test_the_numbers_are_the_comparisons(sides, text):
    found, page = compare_results(*sides), Page(text)
    rows = {row["data-value"]: row for row in page.all("th", role="rowheader")}
    assert set(rows) == set(ARMS)
    cells = sorted(float(cell["data-value"]) for cell in page.all("td", **{"data-label": "Difference, pp"}))
    assert np.allclose(cells, sorted(found.verdicts["difference"]))
    for row in found.verdicts.itertuples():
        assert f"{row.difference * 100:+.2f} [".replace("-", "−").replace("+0.00", "0.00") in text


def test_it_is_one_file_that_asks_for_nothing_and_runs_its_own_script_only(text):
    assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?!#|data:)""", text) and len(re.findall("<script", text)) == 1


def test_equal_results_are_told_as_the_same_to_the_bit():
    made = build(ARMS, Shape(seeds=6, epochs=2))
    one, two = side("a", made), side("b", made)
    assert "the same to the bit" in answer(compare_results(one, two))


def test_nothing_to_compare_has_a_page(sides):
    nothing = side("c", replace(empty(), study=sides[0].results.study))
    text = render(compare_results(sides[0], nothing), sides[0], nothing, "x")
    assert "There is nothing to compare" in text


def test_hostile_names_are_dead(text):
    assert HOSTILE[0] not in text and not Page(text).all("img")


def test_effects_stand_side_by_side_even_where_no_arm_can_be_compared(sides):
    other = sides[0].results
    arms = other.arms.assign(recipe=[{"training.learning_rate": 0.1}] * len(other.arms))
    changed_baseline = side("c", replace(other, arms=arms))
    text = render(compare_results(sides[0], changed_baseline), sides[0], changed_baseline, "x")
    assert "There is nothing to compare" in text and text.count('id="effects-table"') == 1
    own = analyse(other).verdicts.set_index("arm").loc["good", "difference"] * 100
    assert text.split('id="effects-table"')[1].count(f"{own:+.2f} [") == 2
