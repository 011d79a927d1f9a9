import pickle
import re
import sys
import types

import numpy as np
import pytest

from dlbench.cases import load, prepare
from dlbench.cases.checking import difference
from dlbench.values.case import Case, Prepared, Work
from dlbench.values.errors import InputError


def made(size=3, wrong=False):
    return Prepared(lambda: np.ones(size), lambda: np.full(size, 2.0 if wrong else 1.0))


@pytest.fixture
def module(monkeypatch):
    """A module of cases that is importable as ``made_up_cases``."""
    found = types.ModuleType("made_up_cases")
    found.made = made
    monkeypatch.setitem(sys.modules, "made_up_cases", found)
    return found


def test_a_case_is_plain_data_that_cannot_be_changed():
    options = {"size": 4}
    case = Case("ones[4]", "made up", "made_up_cases:made", options, Work(images=4))
    options["size"] = 5
    assert case.options == {"size": 4}
    with pytest.raises(TypeError):
        case.options["size"] = 6
    assert hash(case) == hash(pickle.loads(pickle.dumps(case))) and pickle.loads(pickle.dumps(case)) == case


def test_cases_are_loaded_by_reference_and_prepared_with_their_options(module):
    module.CASES = (Case("ones[4]", "made up", "made_up_cases:made", {"size": 4}),)
    [case] = load("made_up_cases")
    assert prepare(case).call().shape == (4,) and difference(prepare(case)) == ""


@pytest.mark.parametrize("cases, message", [
    ((), "no tuple CASES"), (("ones",), "no tuple CASES"),
    ((Case("a", "f", "x:y"), Case("a", "g", "x:z")), "more than one is called a"),
])
def test_a_list_that_cannot_be_used_is_refused(module, cases, message):
    module.CASES = cases
    with pytest.raises(InputError, match=message):
        load("made_up_cases")


@pytest.mark.parametrize("reference", ["no_such_module_here", "", "dlbench.values.case:Case"])
def test_a_module_that_is_not_there_is_refused(reference):
    with pytest.raises(InputError, match="accepted: an importable"):
        load(reference)


def checked(output, reference, tolerance=(1e-5, 1e-6)):
    return difference(Prepared(lambda: output, lambda: reference, tolerance))


@pytest.mark.parametrize("value", [
    np.arange(6.0).reshape(2, 3), np.zeros((0, 8, 8, 1)), np.float32(2.5), [1, 2], ["a", "b"], "text", (np.ones(2), 3),
    {"image": np.ones(2), "label": 1}, np.array([np.nan, np.inf]),
])
def test_an_output_equals_itself(value):
    assert checked(value, value, (0, 0)) == ""


@pytest.mark.parametrize("output, reference, told", [
    (np.ones((2, 3)), np.ones((3, 2)), r"has shape \(2, 3\) instead of \(3, 2\)"),
    (np.array([1, 2, 3]), np.array([1, 2, 4]), r"by up to 1 at \(2,\): 3 instead of 4"),
    (np.array([1.0, np.nan]), np.array([1.0, 2.0]), r"at \(1,\): nan instead of 2"),
    (np.uint8([250]), np.uint8([5]), "by up to 245"),
    (["a b"], ["ab"], "in 1 of 1 places"),
    ((np.ones(2), np.ones(2)), (np.ones(2), np.zeros(2)), "result 1 differs"),
    (np.ones(2), (np.ones(2), np.zeros(2)), "gives ndarray instead of 2 results"),
    ({"a": 1}, {"b": 1}, "gives a instead of b"),
])
def test_a_wrong_output_is_told(output, reference, told):
    assert re.search(told, checked(output, reference))


def test_the_tolerance_is_numpys():
    assert checked(100.0, 100.9, (1e-2, 0)) == "" and checked(100.0, 101.1, (1e-2, 0)) != ""


def test_without_a_reference_anything_is_right():
    assert difference(Prepared(object)) == ""


def test_only_what_is_in_view_is_compared():
    assert difference(Prepared(lambda: np.array([9.0, 1.0]), lambda: np.array([0.0, 1.0]), view=lambda x: x[1:])) == ""
