"""The shipped cases: each can be prepared, says what it does, and gives what its reference says."""

import inspect
import pkgutil

import pytest

from dlbench.cases import CASES, FAMILIES, load, prepare
from dlbench.cases.checking import difference

SMALL = [case for case in CASES if "224" not in case.name and case.family not in ("training", "machine")]


def test_no_case_escapes_and_names_are_unique():
    assert load("dlbench.cases") == CASES and not any(case.peer for case in CASES)
    assert len(CASES) == sum(len(family.CASES) for family in FAMILIES)
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_options_are_arguments_of_what_prepares_it(case):
    assert case.family and "[" in case.name and case.name.endswith("]")
    inspect.signature(pkgutil.resolve_name(case.prepare)).bind(**case.options)
    hash(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_its_output_is_right(case):
    assert difference(prepare(case)) == ""
