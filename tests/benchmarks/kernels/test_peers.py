"""What other libraries offer: each case can be prepared, has one of ours to compare with, and gives what the library promises."""

import inspect
import pkgutil

import pytest

from benchmarks.kernels.peers import CASES, PEERS
from dlbench.cases import CASES as SHIPPED
from dlbench.cases import load, prepare
from dlbench.cases.checking import difference

PACKAGES = {"albumentations": "albumentations", "opencv": "cv2", "pil": "PIL", "generator": "scipy"}


def test_ours_are_timed_beside_theirs():
    assert load("benchmarks.kernels.peers") == CASES == (*SHIPPED, *PEERS)
    assert {case.task for case in PEERS} <= {case.task for case in SHIPPED} and all(case.peer for case in PEERS)


@pytest.mark.parametrize("case", PEERS, ids=lambda case: case.name)
def test_options_are_arguments_of_what_prepares_it(case):
    assert case.name.endswith("]")
    inspect.signature(pkgutil.resolve_name(case.prepare)).bind(**case.options)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Please import .affine_transform.:DeprecationWarning")  # ImageDataGenerator's, of SciPy
@pytest.mark.parametrize("case", [case for case in PEERS if "224" not in case.name], ids=lambda case: case.name)
def test_its_output_is_right(case):
    package = PACKAGES.get(case.options.get("peer"))
    if package:
        pytest.importorskip(package)
    assert difference(prepare(case)) == ""
