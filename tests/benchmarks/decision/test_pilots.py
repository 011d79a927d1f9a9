"""What is kept of pilots: it comes back as it was, belongs to its study, and is what the committed studies would train."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.decision.cases import CASES, find
from benchmarks.decision.export import subset
from benchmarks.decision.pilots import Pilot, keep, kept, pilot_file, trained_digest
from dlbench.datasets import Arrays
from dlbench.values.errors import InputError
from tests.packaging.pins import ROOT

DIGITS, RECORDS = find("digits"), ROOT / "reports" / "decision"


def some_pilot():
    rights = np.random.default_rng(0).integers(0, 4, (2, 3, 5)).astype(np.uint8)
    return Pilot(rights, (rights > 1).astype(np.uint8), 3, ("baseline", "a"))


def test_records_come_back_as_they_were(tmp_path):
    file = pilot_file(tmp_path, DIGITS, "folds")
    keep(some_pilot(), file, DIGITS)
    found = kept(file, DIGITS)
    assert (found.rights == some_pilot().rights).all() and (found.last == some_pilot().last).all() and found[2:] == some_pilot()[2:]
    assert [path.name for path in tmp_path.iterdir()] == ["digits-folds.npz"]


def test_records_of_another_study_are_refused(tmp_path):
    file = pilot_file(tmp_path, DIGITS, "fixed")
    keep(some_pilot(), file, DIGITS)
    with pytest.raises(InputError, match="another study"):
        kept(file, replace(DIGITS, folds=5))
    assert len({trained_digest(case) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_committed_pilots_are_those_of_the_committed_studies(case):
    for layout, folds in case.layouts.items():
        found = kept(pilot_file(RECORDS, case, layout), case)
        arms, seeds, tested = found.rights.shape
        assert (arms, seeds) == (6, 24) and tested == (case.tested or 449 + (layout == "folds")) and found.arms[0] == "baseline"
        assert (found.averaged() > 0.8).all() and (found.final() > 0.8).all() and seeds % (folds or 1) == 0


def test_a_subset_has_the_shares_of_classes_and_no_example_of_the_other_part():
    y = np.concatenate([np.repeat([0, 1], [60, 40]), np.repeat([0, 1], [30, 30])])
    drawn = subset(Arrays(np.arange(160).reshape(-1, 1, 1, 1), y, 100, 2, 255.0), 50, 20)
    assert np.bincount(drawn["y_train"]).tolist() == [30, 20] and np.bincount(drawn["y_test"]).tolist() == [10, 10]
    assert drawn["x_train"].max() < 100 <= drawn["x_test"].min() and (y[drawn["x_test"].ravel()] == drawn["y_test"]).all()
