"""Averages of predictions from the command line with real trainings: planned, run, controlled, and refused by name."""

from functools import partial

import pytest

from dlbench.store.read import read
from tests.calling import called_here as dlbench
from tests.studies import written

STUDY = """
question = "Which average helps?"
dataset = "digits"
seeds = 2
margin = 0.05
budget = { epochs = 2 }
model = "mlp"
baseline = { options = { hidden = 16 } }
[[arms]]
name = "dropout"
technique = "dropout"
rate = 0.3
[[arms]]
name = "mc"
techniques = [{ technique = "dropout", rate = 0.3 }, { technique = "mc_dropout", passes = 5 }]
reference = "dropout"
[[arms]]
technique = "ensemble"
members = 3
"""
changed = partial(written, STUDY)


def test_they_are_planned_run_controlled_and_say_what_they_cost(tmp_path):
    name = changed(tmp_path, "averages")
    planned = dlbench(tmp_path, "plan", name)
    assert planned.code == 0 and "8 runs: 0 done, 8 to do in 10 trainings" in " ".join((planned.out + planned.err).split()), planned
    ran = dlbench(tmp_path, "run", name, "--no-timing")
    assert ran.code == 0, ran.err
    results = read(tmp_path / "reports" / "averages")
    assert results.complete and set(results.runs["control"]) == {"baseline", "controlled"}
    cost = results.runs.groupby("arm")[["macs", "steps", "parameters"]].first()
    ensemble = next(arm for arm in cost.index if arm.startswith("ensemble"))
    assert (cost.loc[ensemble] == 3 * cost.loc["baseline"]).all() and cost["macs"]["mc"] == 5 * cost["macs"]["baseline"]
    assert cost["steps"]["mc"] == cost["steps"]["baseline"]


@pytest.mark.parametrize(("pairs", "words"), [
    ([("{ technique = \"dropout\", rate = 0.3 }, ", ""), ('reference = "dropout"', "")],
     "mc_dropout keeps dropout on where the network is scored, and model 'mlp' has no dropout layer; accepted: a model that has one"),
    ([("passes = 5", "passes = 0")], "passes"),
    ([("members = 3", "members = 1")], "members"),
    ([("seeds = 2", "seeds = 2\ntarget = 0.9")], "an ensemble has several trainings; accepted: a study without `target`"),
    ([('technique = "ensemble"\nmembers = 3', 'techniques = [{ technique = "ensemble" }, { technique = "quantization" }]')],
     "quantization converts the network alone, and ensemble averages several of its answers; accepted: one of them"),
])
def test_what_cannot_be_is_refused_by_name(pairs, words, tmp_path):
    refused = dlbench(tmp_path, "plan", changed(tmp_path, "bad", *pairs))
    assert refused.code == 2 and words in " ".join(refused.err.split()), refused.err
