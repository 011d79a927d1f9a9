"""The benchmark calls dlbench with options that there are, and understands what its driver says."""

from __future__ import annotations

import re
import sys

import pytest

from benchmarks.peers.cases import CASES, Limits, describe, find
from benchmarks.peers.contestants import (
    DECODED,
    DRIVER_MARKS,
    LOOK,
    OURS,
    PEERS,
    SCRIPTS,
    Failed,
    Place,
    dlbench_command,
    environment,
    keep_decoded,
    of_equal_size,
)
from dlbench.app.run import Ran
from dlbench.cli.carried import summarise
from dlbench.cli.run import command
from dlbench.datasets import Places
from dlbench.execution.inspection import Inspector
from dlbench.progress import Lines
from dlbench.study import load, plan


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def place(request, tmp_path):
    return Place(request.param, describe(request.param), tmp_path, data_dir=str(tmp_path))


def test_every_option_of_the_call_is_one_of_the_command(place, tmp_path):
    call = dlbench_command(place, tmp_path / "out")[3:]
    given = command.make_context("run", call[1:]).params
    assert (given["no_timing"], given["no_report"], given["fresh"]) == (True, True, True)
    assert list(given["arms"]) == [arm["name"] for arm in place.described["arms"]]


def test_the_call_asks_for_the_runs_that_the_peers_train(place):
    wanted, call = place.described, dlbench_command(place, place.work / "out", ["precision=bfloat16"])[3:]
    given = command.make_context("run", call[1:]).params
    planned = plan(load(str(place.case.study), (f"seeds={given['seeds']}", *given["overrides"])))
    assert list(planned.study.seeds) == wanted["seeds"]
    assert planned.study.baseline.budget.amount == wanted["epochs"] and planned.study.precision == "bfloat16"


def test_the_driver_says_what_the_clock_waits_for(capsys, tmp_path):
    lines = Lines()
    lines.phase("preparing", 1)
    lines.phase("training", 72)
    summarise(Ran(tmp_path, 72, 0, 0, {}))
    said = capsys.readouterr().err.splitlines()
    first = {name: next((line for line in said if re.match(pattern, line)), None) for name, pattern in DRIVER_MARKS.items()}
    assert [first[name] for name in ("ready", "training", "trained")] == said


def test_the_driver_says_when_it_looks_at_what_is_not_shipped(monkeypatch, tmp_path):
    monkeypatch.setattr(Inspector, "_inspect", lambda self, recipes: [])
    study, said = load(str(find("photos_functional").study)), []
    Inspector(study, Places(), str(tmp_path), said.append)([study.baseline], f"model {study.baseline.model.name}")
    assert re.match(LOOK["looking"], said[0])


def test_no_peer_is_held_to_fewer_threads_and_all_have_onednn(place, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    found = environment(place)
    assert "OMP_NUM_THREADS" not in found and found["TF_ENABLE_ONEDNN_OPTS"] == "1"


def test_peers_have_names_of_their_own_and_scripts_that_shadow_no_module():
    assert len({peer.name for peer in PEERS}) == len(PEERS)
    installed = sys.stdlib_module_names | {"keras", "keras_tuner", "tensorflow", "torch", "numpy"}
    assert not {path.stem for path in SCRIPTS.glob("*.py")} & installed


def test_every_case_has_dlbench_keras_kerastuner_and_pytorch():
    everywhere = {peer.name for peer in PEERS if not peer.cases}
    assert everywhere == {"dlbench", "keras", "tuner", "torch"}
    assert set(OURS) <= {peer.name for peer in PEERS}


def test_networks_of_other_sizes_than_dlbenchs_are_a_failure(tmp_path):
    place = Place(find("mnist"), describe(find("mnist"), Limits(seeds=1)), tmp_path)
    (tmp_path / "parameters.json").write_text('{"baseline": {"trainable": 10, "all": 12}}', encoding="utf-8")
    left = {"steps": 3, "parameters": {"baseline": {"trainable": 10, "all": 12}}}
    assert of_equal_size(place, left) == {"steps": 3, "parameters": {"baseline": 10}}
    for kind in ("trainable", "all"):
        other = {"parameters": {"baseline": {**left["parameters"]["baseline"], kind: 11}}}
        with pytest.raises(Failed, match=rf"'baseline' has 11 parameters \({kind}\)"):
            of_equal_size(place, other)


def test_a_round_begins_with_decoded_data_and_nothing_else(tmp_path):
    keep_decoded(tmp_path / "there is none yet")
    for name in (*DECODED, "features", "near-duplicates", "runs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "something").touch()
    (tmp_path / "runs.sqlite").touch()
    keep_decoded(tmp_path)
    assert {entry.name for entry in tmp_path.iterdir()} == set(DECODED)
    assert all((tmp_path / name / "something").exists() for name in DECODED)
