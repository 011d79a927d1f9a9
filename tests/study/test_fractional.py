"""Fractional designs: orthogonal, of the promised resolution, as small as the tables, aliased as pyDOE3 says."""

from itertools import combinations

import numpy as np
import pytest
from pyDOE3 import fracfact, fracfact_aliasing

from dlbench.study.fractional import fractional_design


def measured_resolution(matrix):
    """Length of the shortest product of columns that is constant."""
    for size in range(1, matrix.shape[1] + 1):
        words = combinations(range(matrix.shape[1]), size)
        if any(abs(np.prod(matrix[:, list(word)], axis=1).sum()) == len(matrix) for word in words):
            return size
    return matrix.shape[1] + 1


@pytest.mark.parametrize(("factors", "resolution", "runs"), [
    (3, 3, 4), (4, 4, 8), (5, 3, 8), (5, 5, 16), (6, 3, 8), (6, 4, 16), (6, 5, 32), (7, 3, 8), (7, 4, 16), (7, 5, 64),
    (8, 4, 16), (8, 5, 64), (11, 3, 16), (11, 4, 32), (11, 5, 128), (15, 3, 16)])
def test_runs_equal_the_tables(factors, resolution, runs):
    """D. C. Montgomery, "Design and analysis of experiments", 8th ed., 2013, table 8.14."""
    design = fractional_design([f"f{i}" for i in range(factors)], resolution)
    assert design.matrix.shape == (runs, factors) and design.resolution >= resolution
    assert (design.matrix.T @ design.matrix == runs * np.eye(factors)).all()
    assert set(np.unique(design.matrix)) == {-1.0, 1.0}


@pytest.mark.parametrize("resolution", [3, 4, 5])
@pytest.mark.parametrize("factors", [2, 3, 4, 5, 6, 7, 8])
def test_the_resolution_is_the_one_stated(factors, resolution):
    design = fractional_design("abcdefgh"[:factors], resolution)
    assert measured_resolution(design.matrix) == design.resolution
    full = len(design.matrix) == 2**factors
    assert (design.resolution >= 5 or full) == (not design.aliases)


def test_aliases_are_those_of_the_matrix():
    design = fractional_design("abcdef", 3)
    terms = dict(zip("abcdef", design.matrix.T))
    terms |= {f"{one} × {two}": terms[one] * terms[two] for one, two in combinations("abcdef", 2)}
    groups = [line.split(" = ") for line in design.aliases]
    signed = [[terms[term.lstrip("−")] * (-1 if term[0] == "−" else 1) for term in group] for group in groups]
    assert groups and all((column == group[0]).all() for group in signed for column in group)
    named = {term.lstrip("−") for group in groups for term in group}
    alone = [group[0] for group in signed] + [values for term, values in terms.items() if term not in named]
    assert all(abs(one @ two) < len(one) for one, two in combinations(alone, 2)), "what is not named as aliased can be told apart"


def test_aliases_equal_those_of_pydoe3():
    design = fractional_design("abcdef", 3)
    unsigned = fracfact(" ".join(word.lstrip("-") for word in design.generators))
    theirs = [line.split(" = ") for line in fracfact_aliasing(unsigned)[0]]
    theirs = [[term for term in terms if len(term) <= 2] for terms in theirs]
    ours = [{term.replace(" × ", "").lstrip("−") for term in line.split(" = ")} for line in design.aliases]
    assert sorted(map(sorted, ours)) == sorted(sorted(terms) for terms in theirs if len(terms) > 1)


@pytest.mark.parametrize("resolution", [3, 4, 5])
@pytest.mark.parametrize("factors", range(2, 12))
def test_the_baseline_is_a_run_of_every_fraction(factors, resolution):
    matrix = fractional_design("abcdefghijkl"[:factors], resolution).matrix
    assert ((matrix == -1).all(axis=1)).sum() == 1 and len(np.unique(matrix, axis=0)) == len(matrix)


@pytest.mark.parametrize(("factors", "resolution"), [(["a"], 3), (["a", "a"], 3), (["a", "b"], 2)])
def test_meaningless_designs_are_refused(factors, resolution):
    with pytest.raises(ValueError, match="factors"):
        fractional_design(factors, resolution)
