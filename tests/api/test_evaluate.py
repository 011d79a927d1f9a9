"""Any Python function is judged: in a process of its own, known by its source and what it closes over."""

from __future__ import annotations

import random

import pytest

import dlbench
from dlbench.references.functions import function_digest


def _trainer(bonus):
    def train(seed, rate=0.0):
        return {"accuracy": 0.8 + bonus * rate + random.Random(seed).gauss(0, 0.01) + random.Random(f"{seed}{rate}").gauss(0, 0.0005)}

    return train


def test_a_closure_is_judged_and_found_again(tmp_path):
    choices = {"margin": 0.01, "seeds": 5, "metric": "accuracy", "out": tmp_path / "out", "jobs": 2, "progress": False}
    result = dlbench.evaluate(_trainer(0.1), {"half": {"rate": 0.5}, "none": {"rate": -0.0001}}, baseline={"rate": 0.0}, **choices)
    verdicts = result.verdicts.set_index("arm")["verdict"]
    assert verdicts["half"] == "helps" and verdicts["none"] == "no meaningful effect"
    again = dlbench.evaluate(_trainer(0.1), {"half": {"rate": 0.5}, "none": {"rate": -0.0001}}, baseline={"rate": 0.0}, **choices)
    assert again.runs["started"].tolist() == result.runs["started"].tolist()
    assert function_digest(_trainer(0.1))[0] != function_digest(_trainer(0.2))[0]


def test_a_function_that_raises_is_a_record_with_its_reason(tmp_path):
    def train(seed, rate):
        return 1 / rate

    result = dlbench.evaluate(train, {"one": {"rate": 1.0}}, baseline={"rate": 0.0}, margin=0.1, seeds=2, out=tmp_path / "out",
                              progress=False)
    assert "ZeroDivisionError" in result.failures["reason"].iloc[0] and len(result.failures) == 2


@pytest.mark.parametrize("arms, message", [({}, "arms: accepted: a dictionary"), ({"a": {"x": [1, 2]}}, "x is a list")])
def test_what_cannot_be_asked_is_refused(arms, message):
    with pytest.raises(dlbench.InputError, match=message):
        dlbench.evaluate(lambda seed, x=0: 0.5, arms, margin=0.1)
