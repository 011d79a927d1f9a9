"""Which versions give the same results, and may be compared."""

from __future__ import annotations

import dlbench
from dlbench.values.origin import SAME_RESULTS, differences, equivalent


def test_versions_of_dlbench_with_the_same_results_are_compared():
    ours, theirs = ({"dlbench": version, "numpy": "2.0.0"} for version in (SAME_RESULTS[0], SAME_RESULTS[-1]))
    assert differences(ours, theirs) == [] and equivalent(ours) == equivalent(theirs)


def test_another_version_of_dlbench_or_of_a_library_is_not():
    ours = {"dlbench": SAME_RESULTS[0], "numpy": "2.0.0"}
    assert differences({**ours, "dlbench": "0.0.1"}, ours) == ["dlbench 0.0.1, not 0.1.0"]
    assert differences({**ours, "numpy": "2.1.0"}, ours) == ["numpy 2.1.0, not 2.0.0"]
    assert len({equivalent(ours), equivalent({**ours, "dlbench": "0.0.1"}), equivalent({**ours, "numpy": "2.1.0"})}) == 3


def test_it_is_decided_for_this_version_whether_results_stayed():
    assert dlbench.__version__ == SAME_RESULTS[-1], "end SAME_RESULTS with this version; begin it anew where results changed"
