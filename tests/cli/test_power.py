"""``dlbench plan --power``: the reach of a study, from the pilot in its folder or from a stated spread."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dlbench.stats.power import study_reach, upper_sd
from dlbench.store.read import read


def power(call, study, *more):
    return json.loads(call("plan", study, "--power", "--json", *more).out)["power"]


def test_a_stated_spread_gives_the_reach_of_every_arm(call, study, tmp_path):
    found = power(call, study, "--sd", "0.02")
    expected = study_reach(4, 0.02, 0.01, k=3, unit="fraction")._asdict()
    assert (found["k"], found["seeds"], len(found["arms"])) == (3, 4, 3)
    assert all({name: row[name] for name in expected} == expected for row in found["arms"])
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"], "plan writes nothing"


def test_a_pilot_gives_each_arm_the_upper_limit_of_its_own_spread(call, study, results):
    found = {row["arm"]: row for row in power(call, study, "--seeds", "16")["arms"]}
    scores = read(results).runs.query("status == 'done'").pivot(index="seed", columns="arm", values="test_accuracy")
    for arm, seeds in (("dropout rate=0.2", 4), ("l2 strength=0.01", 3)):
        d = (scores[arm] - scores["baseline"]).dropna()
        assert (len(d), found[arm]["pilot_seeds"]) == (seeds, seeds)
        assert found[arm]["sd"] == pytest.approx(upper_sd(np.std(d, ddof=1), seeds))
        assert found[arm]["detectable"] == pytest.approx(study_reach(16, found[arm]["sd"], 0.01, k=3).detectable)


def test_a_stated_spread_takes_the_place_of_the_pilots(call, study, results):
    assert {row["sd"] for row in power(call, study, "--sd", "0.5")["arms"]} == {0.5}


def test_an_arm_without_a_pilot_has_no_numbers_and_is_warned_of(call, study, results):
    text = study.read_text() + '\n[[arms]]\ntechnique = "dropout"\nrate = 0.7\n'
    study.write_text(text)
    ended = call("plan", study, "--power")
    assert ended.code == 0 and "arm 'dropout rate=0.7': no spread is known" in ended.err
    row = next(row for row in power(call, study)["arms"] if row["arm"] == "dropout rate=0.7")
    assert row["sd"] is None and row["detectable"] is None


def test_a_margin_out_of_reach_is_warned_of_with_the_seeds_that_it_takes(call, study):
    ended = call("plan", study, "--power", "--sd", "0.02")
    needed = study_reach(4, 0.02, 0.01, k=3).seeds
    assert f"every arm: margin ±1 points is out of reach: 4 seeds detect ±6.2 points with 80 % power; it needs about {needed}" in ended.err
    assert max(len(line) for line in ended.out.splitlines() if "runs:" not in line) <= 80
    assert "out of reach" not in call("plan", study, "--power", "--sd", "0.0001").err


@pytest.mark.parametrize("options, words", [
    (("--power",), "no spread is known; run a pilot"), (("--sd", "0.1"), "together with --power"),
    (("--power", "--sd", "nan"), "a number from 0"), (("--power", "--sd", "-1"), "not in the range"),
    (("--power", "--sd", "0.1", "--seeds", "1"), "seeds = 1; accepted: two seeds or more"),
    (("--power", "--sd", "0.1", "--arm", "baseline"), "no arm that is compared"),
])
def test_what_cannot_be_planned_is_refused(options, words, call, study):
    ended = call("plan", study, *options)
    assert ended.code == 2 and words in ended.err and ended.out == "" and ended.err.count("\n") == 1
