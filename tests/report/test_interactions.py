"""Factorial studies: effects are those that were built in."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest

from dlbench.analysis import analyse
from dlbench.report.answers import factors
from dlbench.report.document import Figure
from dlbench.report.sections import interactions
from dlbench.study.fractional import fractional_design
from tests.report.conftest import Shape, build, empty, fail, markdown_of, page_of, shown, without_runs

words = pytest.mark.usefixtures("undrawn")
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
    assert set(analysis.factors.factors) == set(FACTORS)


def test_effects_are_those_built_in(analysis):
    found = analysis.factors
    table = interactions.terms(found, analysis)
    sizes = {frozenset(row.arm.split(" × ")): row.difference for row in table.itertuples()}
    truth = {("x + y",): 1.6, ("b",): -1.0, ("c",): 0.6, ("x + y", "c"): 0.6, ("x + y", "b"): 0.0, ("b", "c"): 0.0}
    for names, size in truth.items():
        assert sizes[frozenset(names)] == pytest.approx(size, abs=0.12)


def test_the_strongest_pair_comes_first_and_its_points_are_means(analysis):
    found = analysis.factors
    first = interactions.pairs(found, analysis)[0]
    assert set(first.attrs["names"]) == {"x + y", "c"}
    columns = [f"f{found.factors.index(name)}" for name in first.attrs["names"]]
    both = found.runs[(found.runs[columns[0]] > 0) & (found.runs[columns[1]] > 0)]
    shown = first.loc[first["first"] & first["second"], "mean"].iloc[0]
    assert shown == pytest.approx(both["score"].mean() * 100)


def test_a_factorial_report_has_its_figures(analysis):
    assert [block.name for block in interactions.SECTION.build(analysis) if isinstance(block, Figure)] == ["terms", "interaction"]


def test_other_designs_and_unfinished_ones_have_none(results):
    assert analyse(results).factors is None
    some = factorial(lambda a, b, c: 0.0, Shape(seeds=1, epochs=2))
    for arm in list(some.arms["arm"])[:6]:
        some = without_runs(some, arm)
    found = analyse(some).factors
    assert found.note and not len(found.effects)
    assert not [block for block in interactions.SECTION.build(analyse(some)) if isinstance(block, Figure)]


def test_failed_runs_are_left_out():
    made = fail(factorial(lambda a, b, c: 0.0), "b", [0, 1])
    found = analyse(made).factors
    assert found.effects["n"].iloc[0] == 30 and np.isfinite(found.effects["effect"]).all()


NAMES = ("a", "b", "c", "d: e - f", "g")


def fractional(effect, resolution=3, shape=None):
    """A finished fractional study; ``effect`` takes whether each factor is on."""
    design = fractional_design(NAMES, resolution)
    rows = sorted(design.matrix.tolist(), key=lambda row: max(row) > 0)
    on = {" + ".join(names) or "baseline": names for names in ([n for n, level in zip(NAMES, row) if level > 0] for row in rows)}
    arms = {arm: effect(*[name in names for name in NAMES]) for arm, names in on.items()}
    return build(arms, shape or Shape(seeds=4, epochs=2, noise=0.0005), design="fractional", factors=on, factor_names=list(NAMES),
                 resolution=design.resolution, aliases=list(design.aliases))


def test_a_fraction_gives_the_main_effects_that_were_built_in_and_names_their_aliases():
    analysis = analyse(fractional(lambda a, b, c, d, g: 0.01 * a - 0.02 * g))
    rows = {term: row for term, *row in shown(interactions.SECTION, analysis.results)[1]["factors"]}
    assert set(NAMES) <= set(rows)
    effects = {name: float(rows[name][0].replace("−", "-")) for name in NAMES}
    assert effects == pytest.approx({"a": 1.0, "b": 0.0, "c": 0.0, "d: e - f": 0.0, "g": -2.0}, abs=0.1)
    stated = {frozenset(line.split(" = ")) for line in fractional_design(NAMES, 3).aliases}
    found = {frozenset([term, *row[3].split(", ")]) for term, row in rows.items() if row[3]}
    assert {frozenset(x.lstrip("−") for x in group) for group in found} == {frozenset(x.lstrip("−") for x in group) for group in stated}


def test_a_pair_is_told_from_the_main_effects_at_resolution_5():
    analysis = analyse(fractional(lambda a, b, c, d, g: 0.02 * (a and b), resolution=5))
    rows = {term: row for term, *row in shown(interactions.SECTION, analysis.results)[1]["factors"]}
    assert float(rows["a × b"][0]) == pytest.approx(1.0, abs=0.1) and all(len(row) == 3 for row in rows.values()), "no aliases"
    assert len(rows) == 5 + 10


@words
def test_the_report_of_a_fraction_prints_its_aliasing_and_its_effects():
    analysis = analyse(fractional(lambda a, b, c, d, g: 0.01 * a))
    page, text = page_of(analysis), markdown_of(analysis)
    for told in (page, text):
        assert "A fraction of resolution 3: 8 of 32 combinations of 5 factors" in told and "It cannot tell apart: a = −" in told
        assert "Cannot be told from" in told
    assert 'id="factors"' in page and "## Interactions" in text


@words
def test_a_fraction_of_which_nothing_has_run_says_so():
    made = fractional(lambda a, b, c, d, g: 0.0)
    bare = replace(made, runs=made.runs.iloc[:0], curves=made.curves.iloc[:0], rounds=empty().rounds, complete=False)
    page = page_of(analyse(bare))
    assert "no run has finished yet" in page and "It cannot tell apart" in page and 'id="factors"' not in page


@words
def test_a_full_factorial_has_its_table_too(analysis):
    texts, tables = shown(interactions.SECTION, analysis.results)
    assert len(tables["factors"]) == 6 and len(tables["factors"][0]) == 4 and not texts
    assert 'id="factors"' in page_of(analysis)


@words
def test_the_answer_names_the_factors_and_pairs_that_are_shown(analysis):
    answer = factors(analysis)
    assert answer.startswith("Averaged over the other factors, x + y (+1.") and "b (−" in answer
    assert re.search(r"; the pair (x \+ y × c|c × x \+ y) \(\+0\.\d\d pp\) interacts\.$", answer)
    assert answer in page_of(analysis) and "interacts." in markdown_of(analysis)
    quiet = analyse(factorial(lambda a, b, c: 0.0))
    assert "no factor is shown to matter; no pair is shown to interact" in factors(quiet)
