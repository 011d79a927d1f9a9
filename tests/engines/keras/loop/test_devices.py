"""A run on several devices is the run on one, but for rounding."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbench.engines.keras.loop.devices import devices, part
from dlbench.store.read import read
from dlbench.values.errors import InputError
from dlbench.values.identity import run_ids
from dlbench.values.recipe import edit, to_dict
from tests.engines.keras.mirrored import ALL, SAME

ROOT = Path(__file__).parents[4]
REFUSED = {"own loss"}
ROUNDING = {"float16": 1e-2}
"""How far apart rounding may lead two trainings, as a share of the way that they went; others 0.001."""


def compared(count, *names):
    """What `tests.engines.keras.mirrored` prints, by the name of the variant."""
    done = subprocess.run([sys.executable, "-m", "tests.engines.keras.mirrored", str(count), *names], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return {found.pop("name"): found for found in map(json.loads, done.stdout.splitlines())}


def differences(found, rounding=1e-3):
    """In what a run on several devices differs from that on one."""
    pairs = {name: values for name, values in found.items() if isinstance(values, list) and name != "same"}
    told = [f"{name}: {one} and {two}" for name, (one, two) in pairs.items() if two != pytest.approx(one, rel=1e-3, abs=1e-6)]
    told += [f"another {name}" for name in SAME if name not in found["same"]]
    told += [f"weights apart by {found['apart']:.2%} of the way that they went"] * (found["apart"] > rounding)
    return told + ["the same run gave other weights"] * (not found["again"])


@pytest.mark.slow
def test_two_devices_train_what_one_trains():
    found = compared(2, "everything")
    assert found.keys() == {"everything"}
    assert not {name: told for name, facts in found.items() if (told := differences(facts))}


@pytest.mark.slow
def test_three_devices_train_what_one_trains_under_every_technique():
    found = compared(3)
    assert found.keys() == ALL.keys()
    assert {name for name, facts in found.items() if "refused" in facts} == REFUSED
    assert "layer 'dense_1' adds a loss of its own" in found["own loss"]["refused"]
    trained = {name: facts for name, facts in found.items() if name not in REFUSED}
    assert not {name: told for name, facts in trained.items() if (told := differences(facts, ROUNDING.get(name, 1e-3)))}


@settings(deadline=None)
@given(st.integers(1, 70), st.integers(2, 8))
def test_the_parts_of_a_batch_are_equal_and_count_every_example_once(whole, of):
    counted = np.zeros(whole)
    sizes = []
    for number in range(of):
        mine = part(number, of, tf.constant(whole))
        counted[int(mine.first) : int(mine.last)] += float(mine.weight)
        sizes.append(int(mine.last - mine.first))
    np.testing.assert_allclose(counted, 1, rtol=1e-6)
    assert max(sizes) - min(sizes) <= 1 and min(sizes) >= 1


def test_a_part_is_put_back_where_it_was_cut_out():
    batch = tf.reshape(tf.range(20.0), [5, 2, 2])
    parts = [part(number, 2, tf.constant(5)) for number in range(2)]
    np.testing.assert_array_equal(sum(one.placed(one.cut(batch)) for one in parts), batch)
    assert parts[0].cut(None) is None and parts[0].placed("x") == "x"


def test_devices_that_are_not_there_are_told_before_anything_runs(worker, tiny):
    with pytest.raises(InputError, match="devices = 2: a worker has 1 of type CPU"):
        devices(2)
    with pytest.raises(InputError, match="devices = 2"):
        worker.prepare([edit(tiny, training__devices=2)])


def test_runs_on_one_device_keep_their_identity_and_others_have_one_of_their_own(tiny):
    assert to_dict(tiny) == to_dict(edit(tiny, training__devices=1)) and "training.devices" not in to_dict(tiny)
    assert len({run_ids(edit(tiny, training__devices=count), [0])[0] for count in (1, 2, 3)}) == 3


STUDY = """
margin = 0.01
seeds = 2
examples = 100
model = "mlp"
budget = { epochs = 2 }
devices = DEVICES
[baseline]
options = { hidden = 16 }
[[arms]]
technique = "dropout"
[[arms]]
name = "scratch"
technique = "transfer"
mode = "scratch"
[[arms]]
name = "frozen"
technique = "transfer"
mode = "frozen"
reference = "scratch"
"""


@pytest.mark.slow
def test_a_study_on_two_devices_ends_with_the_scores_of_one_and_resumes(tmp_path):
    def dlbench(count):
        (tmp_path / f"by{count}.toml").write_text(STUDY.replace("DEVICES", str(count)))
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "DLBENCH_CACHE_DIR": str(tmp_path / "cache")}
        command = [sys.executable, "-m", "dlbench", "run", f"by{count}.toml", "--jobs", "2", "--no-report", "--out", f"by{count}"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stderr

    dlbench(1)
    assert "10 runs done" in dlbench(2) and "0 runs done, 10 were there already" in dlbench(2)
    one, two = (read(tmp_path / f"by{count}") for count in (1, 2))
    assert set(two.runs.control) == {"baseline", "controlled"} and two.rounds["arm"].nunique() == 4
    np.testing.assert_allclose(one.runs.test_loss, two.runs.test_loss, rtol=1e-3)
    assert not set(one.runs.run_id) & set(two.runs.run_id)
