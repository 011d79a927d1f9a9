"""``dlbench gate`` on a Keras script, and on a study that dlbench itself trains."""

import json

import pytest

from tests.cli.test_gate_training import commit, said, training
from tests.repository import git

pytestmark = pytest.mark.slow  # every training starts TensorFlow anew

SCRIPT = """
import sys
import keras, numpy as np
from keras import layers
from dlbench import track

keras.utils.set_random_seed(int(sys.argv[1]))
rng = np.random.default_rng(0)
x = rng.normal(size=(600, 8)).astype("float32")
y = (x[:, 0] * x[:, 1] > 0).astype("float32")
model = keras.Sequential([layers.Input((8,)), layers.Dense(32, activation="relu"), layers.Dense(1, activation="sigmoid")])
model.compile(keras.optimizers.Adam(LR), "binary_crossentropy")
model.fit(x[:400], y[:400], epochs=20, batch_size=32, verbose=0)
track.score(val_loss=model.evaluate(x[400:], y[400:], verbose=0))
"""
STUDY = """
dataset = "digits"
model = "small_cnn"
seeds = 5
metrics = ["test_accuracy", "test_loss"]
margin = [0.3, 1.0]
budget = { epochs = 1 }
[[arms]]
technique = "l2"
strength = 1e-3
"""


@pytest.fixture
def project(tmp_path, call):
    git("init", "-q", "-b", "main", cwd=tmp_path)
    (tmp_path / ".gitignore").write_text("gate.*\ncache\n__pycache__\n")
    (tmp_path / "train.py").write_text(SCRIPT.replace("LR", "0.01"))
    (tmp_path / "study.toml").write_text(STUDY)
    commit(tmp_path)
    return tmp_path


def test_a_keras_script_that_learns_ten_times_as_slowly_is_worse_and_a_refactored_one_is_the_same(call, project):
    gate = ("gate", "--base", "main", "--train", "python train.py {seed}", "--score", "val_loss", "--lower", "--margin", "0.05")
    git("switch", "-q", "-c", "change", cwd=project)
    (project / "train.py").write_text(SCRIPT.replace("LR", "1e-4"))
    commit(project)
    ended = call(*gate)
    assert ended.code == 1 and "shown to be worse by more than 0.05" in said(ended), ended.out + ended.err
    assert training(project)["base"].startswith("main (") and training(project)["speed"]["ratio"] == pytest.approx(1, abs=0.5)
    (project / "train.py").write_text(SCRIPT.replace("LR", "0.01").replace("model", "network"))
    ended = call(*gate)
    assert ended.code == 0 and "the same to the last bit on every seed" in said(ended), ended.out + ended.err


def test_the_baseline_of_a_study_is_judged_by_all_of_its_metrics(call, project):
    (project / "notes.txt").write_text("a change that trains nothing else")
    ended = call("gate", "--base", "HEAD", "--study", "study.toml", "--looks", "5")
    assert ended.code == 0, ended.out + ended.err
    found = training(project)
    assert [(one["metric"], one["margin"], one["verdict"]) for one in found["metrics"]] == [
        ("test_accuracy", 0.3, "not worse"), ("test_loss", 1.0, "not worse")]
    scores = [json.dumps(one["base"]["scores"], sort_keys=True) for one in found["trainings"]]
    assert len(set(scores)) == 5 and "validation_accuracy" in found["trainings"][0]["head"]["scores"]
