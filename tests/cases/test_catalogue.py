"""The shipped cases: each can be prepared, says what it does, and gives what its reference says."""

import importlib.util
import inspect
import pkgutil

import pytest

from dlbench.cases import CASES, FAMILIES, load, prepare
from dlbench.cases.checking import difference
from dlbench.cases.peers import CASES as PEERS

PACKAGES = {"albumentations": "albumentations", "opencv": "cv2", "pil": "PIL", "generator": "scipy"}
SMALL = [case for case in CASES if "224" not in case.name and case.family not in ("training", "machine")]


def test_no_case_escapes_and_names_are_unique():
    assert load("dlbench.cases") == CASES and load("dlbench.cases.peers") == PEERS
    assert len(CASES) == sum(len(family.CASES) for family in FAMILIES)
    names = [case.name for case in (*CASES, *PEERS)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", [*CASES, *PEERS], ids=lambda case: case.name)
def test_options_are_arguments_of_what_prepares_it(case):
    assert case.family and "[" in case.name and case.name.endswith("]")
    inspect.signature(pkgutil.resolve_name(case.prepare)).bind(**case.options)
    hash(case)


def test_every_peer_has_one_of_ours_to_compare_with():
    assert {case.task for case in PEERS} <= {case.task for case in CASES}
    assert all(case.peer for case in PEERS) and not any(case.peer for case in CASES)


def _missing(case):
    wanted = case.options.get("peer")
    return wanted in PACKAGES and importlib.util.find_spec(PACKAGES[wanted]) is None


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Please import .affine_transform.:DeprecationWarning")  # ImageDataGenerator's, of SciPy
@pytest.mark.parametrize("case", [*SMALL, *(case for case in PEERS if "224" not in case.name)], ids=lambda case: case.name)
def test_its_output_is_right(case):
    if _missing(case):
        pytest.skip("its package is not installed")
    assert difference(prepare(case)) == ""
