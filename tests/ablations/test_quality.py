"""``dlbench gate --train`` and ``dlbench propose`` from end to end, on a small PyTorch script and a small Keras script."""

import json

import pytest

from tests.calling import process
from tests.repository import git

pytestmark = pytest.mark.slow  # every training starts a framework anew
DATA = """
import sys
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(600, 8)).astype("float32")
y = (x[:, 0] * x[:, 1] > 0).astype("float32")[:, None]
"""
TORCH = DATA + """
import torch
torch.manual_seed(int(sys.argv[1]))
x, y = torch.from_numpy(x), torch.from_numpy(y)
model = torch.nn.Sequential(torch.nn.Linear(8, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1))
optimizer, loss = torch.optim.Adam(model.parameters(), LR), torch.nn.BCEWithLogitsLoss()
for _ in range(20):
    for batch in torch.randperm(400).split(32):
        optimizer.zero_grad()
        loss(model(x[batch]), y[batch]).backward()
        optimizer.step()
print("val_loss =", loss(model(x[400:]), y[400:]).item())
"""
KERAS = DATA + """
import keras
keras.utils.set_random_seed(int(sys.argv[1]))
model = keras.Sequential([keras.layers.Input((8,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1, activation="sigmoid")])
model.compile(keras.optimizers.Adam(LR), "binary_crossentropy")
model.fit(x[:400], y[:400], epochs=20, batch_size=32, verbose=0)
print("val_loss =", model.evaluate(x[400:], y[400:], verbose=0))
"""
SCRIPTS = {"torch": TORCH, "keras": KERAS}
FAST, SLOW = "0.01", "0.0001"
"""Learning rates: a good one, and one with which 20 epochs are too few."""


@pytest.fixture(params=list(SCRIPTS))
def project(request, tmp_path, python_with):
    """A repository whose only commit is a script of a framework that learns slowly; its source, and how it is trained."""
    git("init", "-q", "-b", "main", cwd=tmp_path)
    (tmp_path / ".gitignore").write_text("gate.*\ncache\n__pycache__\n")
    source = SCRIPTS[request.param]
    (tmp_path / "train.py").write_text(source.replace("LR", SLOW))
    git("add", ".", cwd=tmp_path)
    git("commit", "-q", "-m", "a version", cwd=tmp_path)
    train = ("--train", f"{python_with(request.param, 'numpy')} train.py {{seed}}", "--score", "val_loss", "--lower",
             "--score-pattern", r"val_loss = (?P<val_loss>\S+)")
    return tmp_path, source, train


def dlbench(folder, *arguments):
    return process(folder, "-m", "dlbench", *arguments)


def test_a_faster_learner_is_kept_and_a_renamed_variable_is_not(project):
    folder, source, train = project
    ledger = ("propose", "--ledger", "lineage.jsonl", "--json")
    assert json.loads(dlbench(folder, *ledger, *train).out)["verdict"] == "begun"
    (folder / "train.py").write_text(source.replace("LR", SLOW).replace("model", "network"))
    idle = dlbench(folder, *ledger)
    assert idle.code == 1 and "to the last bit" in json.loads(idle.out)["why"] and not json.loads(idle.out)["remarks"], idle.err
    (folder / "train.py").write_text(source.replace("LR", FAST))
    kept = dlbench(folder, *ledger)
    found = json.loads(kept.out)
    assert kept.code == 0 and found["verdict"] == "keep" and found["total"]["interval"][0] > 0.1, kept.out + kept.err
    page = dlbench(folder, "lineage", "lineage.jsonl")
    assert "1 of 2 proposals was kept" in (folder / page.out.strip()).read_text()


def test_a_slower_learner_is_worse_and_a_renamed_variable_is_the_same(project):
    folder, source, train = project
    if source is KERAS:
        pytest.skip("tests/cli/test_gate_training_keras.py has it")
    (folder / "train.py").write_text(source.replace("LR", FAST))
    git("commit", "-q", "-a", "-m", "faster", cwd=folder)
    gate = ("gate", "--base", "HEAD", *train, "--margin", "0.05")
    (folder / "train.py").write_text(source.replace("LR", SLOW))
    worse = dlbench(folder, *gate)
    assert worse.code == 1 and "shown to be worse by more than 0.05" in " ".join(worse.out.split()), worse.out + worse.err
    (folder / "train.py").write_text(source.replace("LR", FAST).replace("model", "network"))
    same = dlbench(folder, *gate)
    assert same.code == 0 and "the same to the last bit on every seed" in " ".join(same.out.split()), same.out + same.err
