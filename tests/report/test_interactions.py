"""Factorial studies: effects are those that were built in."""

import itertools

import numpy as np
import pytest

from dlbench.report import interactions, plates
from dlbench.report.analysis import analyse
from tests.report.conftest import Shape, build, fail, without_runs

FACTORS = ("x + y", "b", "c")


def factorial(effect, shape=None):
    arms = {}
    for on in itertools.product((0, 1), repeat=3):
        name = " + ".join(factor for factor, chosen in zip(FACTORS, on) if chosen) or "baseline"
        arms[name] = effect(*on)
    return build(arms, shape or Shape(seeds=4, epochs=2, noise=0.0005), design="factorial")


@pytest.fixture(scope="module")
def analysis():
    return analyse(factorial(lambda a, b, c: 0.01 * a - 0.01 * b + 0.012 * a * c))


def test_factors_are_found_even_where_a_name_holds_the_joint(analysis):
    assert set(interactions.interactions(analysis).factors) == set(FACTORS)


def test_effects_are_those_built_in(analysis):
    found = interactions.interactions(analysis)
    table = interactions.terms(found, analysis)
    sizes = {frozenset(row.arm.split(" × ")): row.difference for row in table.itertuples()}
    truth = {("x + y",): 1.6, ("b",): -1.0, ("c",): 0.6, ("x + y", "c"): 0.6, ("x + y", "b"): 0.0, ("b", "c"): 0.0}
    for names, size in truth.items():
        assert sizes[frozenset(names)] == pytest.approx(size, abs=0.12)


def test_the_strongest_pair_comes_first_and_its_points_are_means(analysis):
    found = interactions.interactions(analysis)
    first = interactions.pairs(found, analysis)[0]
    assert set(first.attrs["names"]) == {"x + y", "c"}
    columns = [f"f{found.factors.index(name)}" for name in first.attrs["names"]]
    both = found.runs[(found.runs[columns[0]] > 0) & (found.runs[columns[1]] > 0)]
    shown = first.loc[first["first"] & first["second"], "mean"].iloc[0]
    assert shown == pytest.approx(both["score"].mean() * 100)


def test_a_factorial_report_has_its_figures(analysis):
    assert [plate.name for plate in plates.interactions(analysis)] == ["terms", "interaction"]


def test_other_designs_and_unfinished_ones_have_none(results):
    assert interactions.interactions(analyse(results)) is None
    some = factorial(lambda a, b, c: 0.0, Shape(seeds=1, epochs=2))
    for arm in list(some.arms["arm"])[:6]:
        some = without_runs(some, arm)
    found = interactions.interactions(analyse(some))
    assert found.note and not len(found.effects)
    assert list(plates.interactions(analyse(some))) == []


def test_failed_runs_are_left_out():
    made = fail(factorial(lambda a, b, c: 0.0), "b", [0, 1])
    found = interactions.interactions(analyse(made))
    assert found.effects["n"].iloc[0] == 30 and np.isfinite(found.effects["effect"]).all()
