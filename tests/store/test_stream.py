"""A study's runs read one by one: each cell's latest attempt, beside its reference's run of the same seed."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbench.store.database import Store
from dlbench.store.read import finished, progress, read
from dlbench.store.stream import CURVE_COLUMNS, QUANTITIES, Columns, Curves, cells
from dlbench.values.record import Controls, Cost, Record

FACTS = {"name": "study", "question": "", "dataset": "digits", "model": "m", "design": "one_at_a_time", "metric": "test_accuracy",
         "margin": 0.01, "seeds": [0, 1], "budget": {"unit": "epochs", "amount": 1}, "split_seed": 0, "target": None, "text": "",
         "command": "", "created": ""}
CONTROLS = {"data": "d", "split": "s", "order": ["o"], "evaluation": "e", "init": {"dense": "i"}, "touched": [], "weights": "w",
            "global_draws": [], "acted": {}}
ARMS = ("zero", "one", "two")  # not in alphabetical order


def arm(name, reference):
    changes = {"model.dropout": (0.0, 0.5)} if reference else {}
    return {"arm": name, "reference": reference, "techniques": [], "recipe": {}, "recipe_id": name, "changes": changes}


def record(name, seed, status="done", score=0.5, **controls):
    curves = {"epoch": [1.0, 2.0], "train_loss": [score, seed]} if status == "done" else {}
    scores = {"test_accuracy": score} if status == "done" else {}
    return Record(f"{name}{seed}", {}, seed, status, "" if status == "done" else "why", scores, curves, Cost(wall_s=1.0),
                  Controls.from_dict({**CONTROLS, "weights": f"{name}{seed}", **controls}), "here", "2026-01-01T00:00:00+00:00")


@pytest.fixture
def folder(tmp_path):
    """Three arms, two seeds; attempts that failed before and after; one run that is missing."""
    with Store(tmp_path, write=True) as store:
        store.open_study("digest", FACTS, [arm("zero", None), arm("one", "zero"), arm("two", "zero")],
                         [(name, seed, f"{name}{seed}") for name in ARMS for seed in (0, 1)])
        store.add(record("zero", 0, "killed"), {})
        for made in (record("zero", 0, score=0.1), record("zero", 1, score=0.2), record("one", 0, score=0.3),
                     record("one", 1, score=0.4, split="other"), record("two", 1, "diverged")):
            store.add(made, {})
        store.add_environment("here", {"cpu": "one"})
    return tmp_path


def test_runs_stand_in_the_order_of_the_arms_with_scores_of_the_latest_attempt(folder):
    runs = read(folder).runs
    assert list(zip(runs["arm"], runs["seed"])) == [("zero", 0), ("zero", 1), ("one", 0), ("one", 1), ("two", 1)]
    assert runs["test_accuracy"].tolist()[:4] == [0.1, 0.2, 0.3, 0.4] and runs["test_accuracy"].isna()[4]
    assert runs["status"].tolist() == ["done"] * 4 + ["diverged"] and runs["wall_s"].tolist() == [1.0] * 5


def test_each_run_is_held_against_its_reference_of_the_same_seed(folder):
    runs = read(folder).runs
    assert runs["control"].tolist() == ["baseline", "baseline", "controlled", "uncontrolled", "unknown"]
    assert runs["control_faults"].tolist() == ["", "", "", "split differs", ""]


def test_equal_weights_are_a_fault_and_a_condition_that_never_came_is_inert(tmp_path):
    with Store(tmp_path, write=True) as store:
        store.open_study("digest", FACTS, [arm("zero", None), arm("one", "zero"), arm("two", "zero")],
                         [(name, 0, f"{name}0") for name in ARMS])
        for made in (record("zero", 0, weights="w"), record("one", 0, weights="w"),
                     record("two", 0, weights="w", acted={"early_stopping": False})):
            store.add(made, {})
    assert read(tmp_path).runs["control"].tolist() == ["baseline", "fault", "inert"]


def test_runs_of_the_plain_keras_loop_of_old_folders_are_not_proven(tmp_path):
    keras = {"recipe": {"training.loop": "keras"}}
    with Store(tmp_path, write=True) as store:
        arms = [arm("zero", None) | keras, arm("one", "zero") | keras]
        store.open_study("digest", FACTS, arms, [(name, 0, f"{name}0") for name in ARMS[:2]])
        for made in (record("zero", 0), record("one", 0)):
            store.add(made, {})
    runs = read(tmp_path).runs
    assert runs["control"].tolist() == ["baseline", "not proven"] and "not proven (what Keras' own fit" in runs["control_faults"][1]


def test_curves_are_those_of_the_runs_that_have_any(folder):
    curves = read(folder).curves
    assert curves.groupby(["arm", "seed"])["train_loss"].first().to_dict() == {
        ("zero", 0): 0.1, ("zero", 1): 0.2, ("one", 0): 0.3, ("one", 1): 0.4}


def test_a_study_is_complete_when_no_cell_waits(folder):
    assert not read(folder).complete and read(folder).planned == 6
    with Store(folder, write=True) as store:
        store.add(record("two", 0), {})
    assert read(folder).complete
    with Store(folder, write=True) as store:
        store.add(record("two", 0, "killed"), {})
    assert not read(folder).complete, "its latest attempt did not end for good"


def test_every_cell_is_given_also_where_its_run_has_no_record(folder):
    with Store(folder) as store:
        assert [(name, seed, status) for name, seed, _, status in cells(store, "digest", "status")] == [
            ("one", 0, "done"), ("one", 1, "done"), ("two", 0, None), ("two", 1, "diverged"), ("zero", 0, "done"), ("zero", 1, "done")]
        assert [seed for _, seed, _ in cells(store, "digest", arm="two")] == [0, 1]


def test_what_is_done_is_told_with_its_records_and_what_is_not_with_its_reasons(folder):
    assert {key: found.scores["test_accuracy"] for key, found in finished(folder).items()} == {
        ("zero", 0): 0.1, ("zero", 1): 0.2, ("one", 0): 0.3, ("one", 1): 0.4}
    told = progress(folder)
    assert told["statuses"] == {"done": 4, "missing": 1, "diverged": 1} and told["planned"] == 6
    assert told["failures"] == [{"arm": "two", "seed": 1, "run_id": "two1", "status": "diverged", "reason": "why"}]


def test_times_are_read_from_one_environment_only(folder):
    def rounds(place, step, arms):
        return [(name, "zero", place, turn, step, 1.0, 1.0, 1.0) for name in arms for turn in (0, 1)]

    with Store(folder, write=True) as store:
        store.add_timings([*rounds("slow", 9.0, ARMS), *rounds("fast", 2.0, ARMS[:2])])
    timed = read(folder).rounds
    assert timed["arm"].tolist() == [arm for arm in ARMS for _ in (0, 1)]
    assert set(timed["step_ms"]) == {9.0}, "not the latest, which has timed less"
    with Store(folder, write=True) as store:
        store.add_timings(rounds("fast", 2.0, ARMS[2:]))
    assert set(read(folder).rounds["step_ms"]) == {2.0}, "both have timed all: the latest"


def test_a_recipe_is_parsed_once_and_a_record_has_it(folder):
    with Store(folder) as store:
        kept = {run_id: json.loads(text) for run_id, text in store.connection.execute("SELECT run_id, recipe FROM records")}
    assert all(found.recipe == kept[found.run_id] for found in finished(folder).values())


ROWS = st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(-5, 5), min_size=1), min_size=1, max_size=8)


@given(ROWS)
def test_columns_are_the_frame_of_the_rows(rows):
    table = Columns()
    for row in rows:
        table.append(row)
    pd.testing.assert_frame_equal(table.frame(), pd.DataFrame(rows), check_dtype=False)


def test_curves_are_kept_to_the_bit_with_what_was_not_measured_as_nan():
    kept = {name: [0.1 + 0.2, 1 / 3] for name in QUANTITIES} | {"validation_loss": [float("nan")] * 2}
    curves = Curves()
    curves.append("a", 3, json.dumps(kept))
    curves.append("failed", 0, "{}")
    curves.append("b", 4, json.dumps({"epoch": [1.0], "train_loss": [0.5]}))
    frame = curves.frame()
    assert list(frame) == CURVE_COLUMNS and frame["arm"].tolist() == ["a", "a", "b"] and frame["seed"].tolist() == [3, 3, 4]
    for name in QUANTITIES:
        np.testing.assert_array_equal(frame[name].to_numpy()[:2], kept[name])
    assert frame["train_loss"][2] == 0.5 and np.isnan(frame["seconds"][2])


def test_no_curves_are_an_empty_table():
    assert list(Curves().frame()) == CURVE_COLUMNS and not len(Curves().frame())
