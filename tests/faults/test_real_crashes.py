"""The crash tests with real trainings: minutes each."""

import random
import resource
import time

import pytest

from tests.faults.disturb import QUIET, REAL, Blow, endure, results, session
from tests.faults.size import sized
from tests.faults.test_crashes import BLOWS
from tests.studies import transfer

STUDY = """
model = "mlp"
margin = 0.01
seeds = 20
examples = 60
budget = { epochs = 1 }
[[arms]]
technique = "dropout"
[[arms]]
technique = "l2"
strength = [1e-3, 1e-2]
""" + transfer()
FAULTY = """
model = "tests.execution.helpers:faulty"
margin = 0.01
seeds = 1
examples = 100
budget = { epochs = 1 }
[baseline]
options = { fault = "FAULT" }
[[arms]]
technique = "dropout"
"""
TIMES = {"SIGKILL": 8, "SIGINT": 3, "SIGTERM": 3}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A study of real trainings, the results of an undisturbed session, and how long that took."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "study.toml").write_text(STUDY)
    began = time.monotonic()
    code, said = session(REAL, folder, "run", "study.toml", "--out", "whole", *QUIET)
    assert code == 0, said
    return folder / "study.toml", results(folder / "whole"), time.monotonic() - began


@pytest.mark.parametrize("name", BLOWS)
def test_real_trainings_survive_blows_at_random_moments(name, whole, record_property):
    study, expected, span = whole
    how, victims = BLOWS[name]
    tally = endure(REAL, study, expected, sized(TIMES[name]), Blow(how, victims, span), random.Random(2))
    for key, value in (("signal", name), ("engine", "TensorFlow"), ("strikes", tally.strikes), ("sessions", tally.sessions),
                       ("studies", tally.studies), ("runs", len(expected[0])),
                       ("victims", ", ".join(f"{victim} {n}" for victim, n in sorted(tally.by_victim.items())))):
        record_property(key, value)


@pytest.mark.parametrize("fault, words", [("allocate", ("MemoryError", "ResourceExhausted", "OOM")), ("limit", ("signal", "Error"))])
def test_a_worker_out_of_memory_is_a_record(fault, words, tmp_path, record_property):
    """A layer asks for a pebibyte; a layer lets its process have no more memory and then asks for some."""
    (tmp_path / "study.toml").write_text(FAULTY.replace("FAULT", fault))
    code, said = session(REAL, tmp_path, "run", "study.toml", "--out", "out", *QUIET)
    assert code == 3 and any(word in said for word in words), said
    record_property("memory", next(line for line in said.splitlines() if line.startswith("run ")))


def test_this_machine_has_no_limit_of_its_own():
    """Else the tests above would pass for another reason."""
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
