"""Merging: no attempt is lost, nothing is kept twice, other studies are refused, contradictions are told."""

import json
from dataclasses import replace

import numpy as np
import pytest

from dlbench.store.database import Store
from dlbench.store.interim import InterimAnalysis, add
from dlbench.store.merge import merge
from dlbench.store.read import read
from dlbench.values.errors import InputError
from dlbench.values.record import Cost
from tests.store.test_stream import FACTS, arm, record

LABELS = np.array([0, 1, 2], np.uint16)


def store(folder, *records, facts=FACTS, digest="digest", arms=("zero", "one"), environment="here"):
    """A folder of a study of two arms and two seeds, with these records."""
    with Store(folder, write=True) as made:
        made.open_study("older", {**FACTS, "name": "older"}, [arm("zero", None)], [("zero", 0, "zero0")])
        made.open_study(digest, facts, [arm(name, None if name == "zero" else "zero") for name in arms],
                        [(name, seed, f"{name}{seed}") for name in arms for seed in (0, 1)])
        for one in records:
            made.add(replace(one, environment=environment), {"test_predictions": LABELS, "test_labels": LABELS})
        made.add_environment(environment, {"cpu": environment})
    return folder


def attempts(folder):
    with Store(folder) as made:
        rows = made.connection.execute("SELECT run_id, attempt, status, scores FROM records ORDER BY run_id, attempt")
        return [(run_id, attempt, status, json.loads(scores).get("test_accuracy")) for run_id, attempt, status, scores in rows]


@pytest.fixture
def parts(tmp_path):
    """The two seeds of a study, one a folder."""
    return [store(tmp_path / str(seed), record("zero", seed), record("one", seed, score=0.7), environment=f"machine {seed}")
            for seed in (0, 1)]


def test_parts_become_the_whole_study(parts, tmp_path):
    found = merge(parts, tmp_path / "out")
    assert (found.planned, found.finished, found.attempts, found.conflicts) == (4, 4, 4, ())
    results = read(tmp_path / "out")
    assert results.complete and results.runs["test_accuracy"].tolist() == [0.5, 0.5, 0.7, 0.7]
    assert set(results.environments) == {"machine 0", "machine 1"} and results.study["name"] == "study"
    with Store(tmp_path / "out") as made:
        assert made.arrays("one1")["test_predictions"].tolist() == LABELS.tolist() == made.labels("one1").tolist()


def test_merging_again_changes_nothing(parts, tmp_path):
    merge([*parts, *parts], tmp_path / "once")
    found = merge([tmp_path / "once", *parts], tmp_path / "twice")
    assert found.attempts == 4 and attempts(tmp_path / "once") == attempts(tmp_path / "twice")


def test_every_attempt_is_kept_and_one_that_ended_for_good_counts(tmp_path):
    one = store(tmp_path / "a", record("zero", 0, "killed"), record("zero", 0, score=0.1))
    two = store(tmp_path / "b", record("zero", 0, "timeout"))
    for order in ([one, two], [two, one]):
        out = tmp_path / f"out {order[0].name}"
        found = merge(order, out)
        kept = attempts(out)
        assert found.attempts == len(kept) == 3 and kept[-1] == ("zero0", 3, "done", 0.1)
        assert {status for _, _, status, _ in kept} == {"killed", "timeout", "done"} and read(out).runs["status"].tolist() == ["done"]


def test_a_contradiction_is_told_and_the_first_folder_counts(tmp_path):
    one = store(tmp_path / "a", record("zero", 0, score=0.1, weights="x"), environment="m")
    two = store(tmp_path / "b", record("zero", 0, score=0.2, weights="y"), environment="m")
    far = store(tmp_path / "c", record("zero", 0, score=0.3, weights="z"), environment="n")
    for number, (folders, words) in enumerate([([one, two], "equal to the bit"), ([two, far], "in different environments")]):
        found = merge(folders, tmp_path / f"out{number}")
        (line,) = found.conflicts
        assert "zero, seed 0 (zero0)" in line and words in line and f"{folders[0]}'s counts" in line
        assert found.attempts == 2 and read(tmp_path / f"out{number}").runs["test_accuracy"].tolist() == [0.1 if not number else 0.2]


def test_one_result_that_was_found_twice_is_no_contradiction(tmp_path):
    one = store(tmp_path / "a", record("zero", 0))
    two = store(tmp_path / "b", replace(record("zero", 0), started="2026-02-02T00:00:00+00:00", cost=Cost(wall_s=9.0)))
    found = merge([one, two], tmp_path / "out")
    assert found.attempts == 2 and found.conflicts == ()


@pytest.mark.parametrize("change, words", [
    ({"facts": {**FACTS, "margin": 0.5}}, "margin = 0.5 here, 0.01 there"),
    ({"facts": {**FACTS, "text": "x"}}, "the study file has another text"), ({"arms": ("zero", "two")}, "its arms are others")])
def test_another_study_is_refused_and_nothing_is_written(tmp_path, change, words):
    one, two = store(tmp_path / "a"), store(tmp_path / "b", digest="other", **change)
    with pytest.raises(InputError, match=words):
        merge([one, two], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_results_that_are_there_are_never_overwritten(parts, tmp_path):
    merge(parts, tmp_path / "out")
    with pytest.raises(InputError, match="there are results here already"):
        merge(parts, tmp_path / "out")
    with pytest.raises(InputError, match="is one of the folders"):
        merge(parts, parts[0], fresh=True)
    merge(parts[:1], tmp_path / "out", fresh=True)
    assert len(attempts(tmp_path / "out")) == 2 and (tmp_path / "out" / "results.old1.sqlite").exists()


def test_rounds_of_timing_are_all_kept_and_times_are_read_from_one_machine(parts, tmp_path):
    for place, (folder, environment) in enumerate([(parts[0], "m"), (parts[1], "m"), (parts[1], "n")]):
        with Store(folder, write=True) as made:
            made.add_timings([("zero", "zero", environment, turn, 1.0 + place, 1.0, 1.0 + place, 1.0) for turn in (0, 1)])
    merge([*parts, parts[0]], tmp_path / "out")
    with Store(tmp_path / "out") as made:
        rows = made.connection.execute("SELECT environment, round, step_ms FROM timings ORDER BY environment, round").fetchall()
    assert rows == [("m", 0, 1.0), ("m", 1, 1.0), ("m", 2, 2.0), ("m", 3, 2.0), ("n", 0, 3.0), ("n", 1, 3.0)]
    assert len(read(tmp_path / "out").rounds) in (2, 4), "never of two machines"


def test_a_look_is_kept_once(parts, tmp_path):
    for folder, taken in zip(parts, ("2026-01-01", "then")):
        with Store(folder, write=True) as made:
            add(made, InterimAnalysis((("one", "zero"),), (0, 1), taken=taken))
    merge(parts, tmp_path / "out")
    assert [look.taken for look in read(tmp_path / "out").interim] == ["2026-01-01"]
