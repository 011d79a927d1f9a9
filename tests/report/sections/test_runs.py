"""The runs of a study say how many trainings they took, where some were trained together."""

from dataclasses import replace

import pytest

from dlbench.report.sections.runs import SECTION
from tests.report.conftest import build, shown

pytestmark = pytest.mark.usefixtures("undrawn")


def test_what_was_trained_once_for_several_runs_is_told():
    made = build({"baseline": 0.0, "stops": 0.001, "step": 0.002})
    alone = replace(made, runs=made.runs.assign(steps=made.runs["arm"].map({"baseline": 400, "stops": 200, "step": 400})))
    assert not [text for text in shown(SECTION, alone)[0] if "training" in text]
    shared = alone.runs["arm"].map({"baseline": None, "stops": 200, "step": 100})
    (text,) = [text for text in shown(SECTION, replace(alone, runs=alone.runs.assign(shared_steps=shared)))[0] if "training" in text]
    assert text.startswith("24 runs took 16 trainings and 70 % of the steps that they have")
