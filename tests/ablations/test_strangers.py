"""Scripts of strangers, not a line of them changed, on real MNIST: killed, resumed, on Ray, and beside dlbench's own training."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import dlbench
from dlbench.datasets import Places
from dlbench.engines.keras.data import tfds
from dlbench.values.recipe import Data
from tests.calling import environment

pytestmark = [pytest.mark.slow, pytest.mark.data]
STRANGERS = Path(__file__).with_name("strangers")
TRAINED = 6000
"""Images that are trained on, of MNIST's 60,000; all of its 10,000 test images are scored."""
TORCH = r"""
question = "Which options of the PyTorch example help?"
engine = "command"
run = "python mnist_torch.py --seed {seed} --epochs {epochs} --lr {lr} --gamma {gamma} --dropout {dropout}"
score_pattern = 'Test set: Average loss: (?P<loss>[0-9.]+), Accuracy: (?P<accuracy>\d+/\d+)'
metric = { name = "accuracy", higher_is_better = true, unit = "fraction" }
margin = 0.005
seeds = 5
[baseline]
epochs = 2
lr = 1.0
gamma = 0.7
dropout = 0.0
[[arms]]
dropout = 0.25
[[arms]]
lr = 0.02
[[arms]]
gamma = 0.1
"""
SHARED = {"margin": 0.005, "seeds": 5, "question": "Do dropout and L2 help a small network on MNIST?"}
KERAS = {
    "engine": "command", "run": "python mnist_keras.py --seed {seed} --dropout {dropout} --l2 {l2}", "files": ["mnist_keras.py"],
    "metric": {"name": "accuracy", "higher_is_better": True, "unit": "fraction"}, "score_pattern": r"test accuracy: (?P<accuracy>[0-9.]+)",
    "baseline": {"dropout": 0.0, "l2": 0.0}, "arms": [{"name": "dropout", "dropout": 0.5}, {"name": "l2", "l2": 0.01}]}
TRAINED_HERE = {
    "dataset": "npz:mnist.npz", "model": "mlp", "validation": 0.0, "budget": {"epochs": 3}, "score": {"over": "final"},
    "baseline": {"options": {"hidden": 32}},
    "arms": [{"name": "dropout", "technique": "dropout", "rate": 0.5}, {"name": "l2", "technique": "l2", "strength": 0.01}]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, data_dir):
    """A folder with the scripts and with MNIST, as arrays."""
    made = tmp_path_factory.mktemp("strangers")
    for script in STRANGERS.glob("*.py"):
        shutil.copy(script, made)
    given = tfds.load(Data(source="tfds:mnist"), Places(str(made), str(data_dir)))
    parts = (("train", list(given.train)), ("test", list(given.test or ())))
    arrays = {f"{name}_{part}": np.concatenate([getattr(chunk, name) for chunk in chunks]) for part, chunks in parts for name in "xy"}
    chosen = np.random.default_rng(0).permutation(len(arrays["y_train"]))[:TRAINED]
    np.savez(made / "mnist.npz", **arrays | {name: arrays[name][chosen] for name in ("x_train", "y_train")})
    return made


@pytest.fixture(scope="module")
def torch_study(folder, python_with):
    """The study of the PyTorch script."""
    python = python_with("torch", "sklearn")
    (folder / "torch.toml").write_text(f"python = {python!r}\n{TORCH}")
    return folder / "torch.toml"


def _command(study, out, *options):
    return [sys.executable, "-m", "dlbench", "run", study.name, "--out", out, "--jobs", "2", *options]


def test_a_pytorch_script_is_killed_and_resumed_to_a_report_and_ray_gives_the_same(torch_study):
    folder = torch_study.parent
    command = _command(torch_study, "out")
    with subprocess.Popen(command, cwd=folder, env=environment(folder), stderr=subprocess.DEVNULL, start_new_session=True) as driver:
        while len(list((folder / "out" / "runs").glob("*/process.json"))) < 3:
            assert driver.poll() is None
            time.sleep(0.05)
        os.kill(driver.pid, signal.SIGKILL)
    ended = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False)
    assert ended.returncode == 0 and "21 runs" not in ended.stderr and " 0 failed" in ended.stderr, ended.stderr
    result = dlbench.load(folder / "out")
    assert result.complete and not len(result.failures) and 0.85 < result.runs["accuracy"].mean() < 0.99
    assert result.verdicts.set_index("arm")["verdict"]["lr=0.02"] == "hurts"
    assert "<svg" in (folder / "out" / "index.html").read_text(encoding="utf-8")
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'dlbench[ray]'")
    options = ("--backend", "ray", "--seeds", "2", "--no-report")
    ended = subprocess.run(_command(torch_study, "ray", *options), cwd=folder, env=environment(folder), capture_output=True, text=True,
                           check=False)
    assert ended.returncode == 0, ended.stderr
    there, here = (one.runs.set_index(["arm", "seed"])["accuracy"] for one in (dlbench.load(folder / "ray"), result))
    assert len(there) == 8 and there.to_dict() == here[there.index].to_dict()


def test_a_keras_script_and_the_keras_engine_agree_within_their_intervals(folder, monkeypatch):
    monkeypatch.chdir(folder)
    script, engine = (dlbench.run(SHARED | study, out=name, jobs=2, progress=False, timing=False)
                      for name, study in (("script", KERAS), ("engine", TRAINED_HERE)))
    assert not len(script.failures) and not len(engine.failures)
    for one, other in zip(script.verdicts.itertuples(), engine.verdicts.itertuples()):
        assert one.arm == other.arm and max(one.low, other.low) <= min(one.high, other.high), (one, other)
    levels = [result.runs[result.runs["arm"] == "baseline"][name] for result, name in ((script, "accuracy"), (engine, "test_accuracy"))]
    assert abs(levels[0].mean() - levels[1].mean()) < 4 * np.hypot(*(level.std() / len(level) ** 0.5 for level in levels))
