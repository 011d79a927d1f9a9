"""Techniques of the articles' families, from the command line with real trainings: run, judged, controlled, or refused by name."""

from functools import partial

import pytest

from dlbench.store.read import read
from tests.calling import called_here as dlbench
from tests.studies import written

STUDY = """
question = "Which of them helps?"
dataset = "digits"
seeds = 2
margin = 0.05
budget = { epochs = 2 }
baseline = { options = { width = 4, hidden = 16 } }
[[arms]]
technique = "elastic_distortion"
[[arms]]
technique = "test_time_augmentation"
pad = 1
[[arms]]
technique = "gradient_noise"
[[arms]]
technique = "layerwise_learning_rate"
"""
changed = partial(written, STUDY)


def test_they_are_run_and_each_is_controlled_and_says_what_it_costs(tmp_path):
    ran = dlbench(tmp_path, "run", changed(tmp_path, "families"), "--no-timing", "--no-report")
    assert ran.code == 0, ran.err
    results = read(tmp_path / "reports" / "families")
    assert results.complete and len(results.arms) == 5 and set(results.runs["control"]) == {"baseline", "controlled"}
    macs = results.runs.groupby("arm")["macs"].first()
    views = macs[next(name for name in macs.index if name.startswith("test_time_augmentation"))]
    assert views == 10 * macs["baseline"] and (macs == macs["baseline"]).sum() == 4


@pytest.mark.parametrize(("pairs", "words"), [
    ([("pad = 1", "pad = 8")], "pad = 8 of test_time_augmentation: the images have 8 px; accepted: below 8"),
    ([("pad = 1", "flip = false")], "test_time_augmentation"),
    ([('"elastic_distortion"', '"elastic_distortion"\nsigma = 0.1')], "sigma"),
    ([('"gradient_noise"', '"gradient_noise"\neta = 0')], "eta"),
    ([('"layerwise_learning_rate"', '"layerwise_learning_rate"\nfactor = 1')], "factor"),
    ([('dataset = "digits"', 'dataset = "digits"\nloop = "keras"')],
     "loop = 'keras' is the plain reference and has no layerwise_learning_rate; it needs loop = 'compiled'"),
])
def test_what_cannot_be_is_refused_by_name(pairs, words, tmp_path):
    refused = dlbench(tmp_path, "plan", changed(tmp_path, "bad", *pairs))
    assert refused.code == 2 and words in " ".join(refused.err.split()), refused.err
