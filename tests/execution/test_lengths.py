"""What the driver trains of a study at several budgets, with scores that come from a function instead of a training."""

import pytest

from dlbench.engines.keras.lengths import shared
from dlbench.execution import driver as driver_module
from dlbench.execution.backends.protocol import TaskResult
from dlbench.execution.driver import Driver, Options
from dlbench.execution.lengths import share_trainings
from dlbench.execution.outcomes import ended_runs
from dlbench.store.read import progress, read
from dlbench.study import load, plan
from dlbench.study.parts import Shard
from dlbench.values.record import Outcome, Status
from tests.execution.fakes import FakePool, Silent, accuracy

STUDY = {"margin": 0.01, "seeds": 3, "budget": {"epochs": [5, 10, 20]},
         "arms": [{"technique": "dropout", "rate": 0.5}, {"technique": "lr_schedule", "kind": "cosine"}]}

STEADY = accuracy({0.5: 0.01})


@pytest.fixture
def carry_out(tmp_path, monkeypatch):
    def run(score=STEADY, study=STUDY, out=tmp_path / "out", **options):
        pool = FakePool(score)
        monkeypatch.setattr(driver_module, "Pool", pool)
        summary = Driver(plan(load(study)), Options(out, "x", 2, None, "", rounds=0, **options), Silent()).execute()
        return pool, summary, out

    return run


def test_an_arm_is_trained_once_unless_it_depends_on_the_length(carry_out):
    pool, summary, out = carry_out()
    assert len(pool.ran) == 3 * (1 + 1 + 3) and (summary.done, summary.failures) == (27, {})
    results = read(out)
    assert [one.study["budget"]["amount"] for one in results.lengths] == [5, 10, 20] and results.complete
    assert all(len(one.runs) == 9 and set(one.runs["control"]) == {"baseline", "controlled"} for one in results.lengths)
    assert progress(out)["planned"] == 27 and progress(out)["statuses"] == {"done": 27}


def test_arms_that_end_in_another_way_are_read_off_their_reference(carry_out):
    arms = [{"technique": "early_stopping", "patience": [2, 5]}, {"technique": "lr_schedule", "kind": "cosine"},
            {"name": "both", "techniques": [{"technique": "lr_schedule", "kind": "cosine"}, {"technique": "early_stopping"}]}]
    pool, summary, out = carry_out(study={"margin": 0.01, "seeds": 3, "budget": {"epochs": 20}, "arms": arms})
    assert len(pool.ran) == 3 * 2 and summary.done == 15 and read(out).complete


def test_the_baseline_is_read_off_an_arm_that_averages_weights(carry_out):
    arms = [{"technique": "averaging", "decay": [0.9, 0.99]}, {"technique": "early_stopping"}]
    pool, summary, out = carry_out(study={"margin": 0.01, "seeds": 3, "budget": {"epochs": 20}, "arms": arms})
    assert len(pool.ran) == 3 * 2 and summary.done == 12 and read(out).complete


SCHEDULES = {"margin": 0.01, "seeds": 3, "budget": {"epochs": 20}, "arms": [
    {"technique": "lr_schedule", "kind": "step", "every": 5}, {"technique": "lr_schedule", "kind": "plateau", "patience": 3},
    {"technique": "lr_schedule", "kind": "cosine"}, {"technique": "early_stopping"},
    {"name": "both", "techniques": [{"technique": "lr_schedule", "kind": "plateau", "patience": 3}, {"technique": "early_stopping"}]}]}


def test_schedules_go_on_from_the_run_that_they_begin_as_where_no_worker_waits_for_that(carry_out, tmp_path):
    whole = plan(load(SCHEDULES))
    pool, summary, out = carry_out(study=SCHEDULES)
    assert len(pool.ran) == 3 * 2 and summary.done == 18 and read(out).complete, "one task with the constant rate, one with the cosine"
    found = share_trainings(whole.runs, shared)
    assert len(found.trained(whole.runs)) == 3 * 4
    parts = {arm: found.own_share(run) for run in whole.runs for (arm, seed), run_id in whole.cells.items() if run_id == run.run_id}
    assert parts == {"baseline": 1, "lr_schedule kind=step every=5": 0.75, "lr_schedule kind=plateau patience=3": 0.8,
                     "lr_schedule kind=cosine": 1, "early_stopping": 0, "both": 0}
    assert len(share_trainings(whole.runs, shared, workers=6).tasks) == 3 * 2
    waiting = share_trainings(whole.runs, shared, workers=7)
    assert len(waiting.tasks) == len(waiting.trained(whole.runs)) == 3 * 4 and set(waiting.shares.values()) == {1.0}


def test_a_task_may_take_as_long_as_its_trainings_together(carry_out, monkeypatch):
    limits = []
    monkeypatch.setattr(FakePool, "submit", lambda self, slot, task, call, timeout, submit=FakePool.submit: (
        limits.append(timeout), submit(self, slot, task, call)))
    carry_out(study=SCHEDULES, timeout_s=10)
    assert sorted(limits) == [10] * 3 + [30] * 3


def test_the_same_study_has_nothing_to_do(carry_out):
    carry_out()
    assert carry_out()[0].ran == []


def test_runs_of_a_study_with_one_of_the_budgets_are_used(carry_out):
    carry_out(study={**STUDY, "budget": {"epochs": 10}})
    pool, summary, out = carry_out()
    assert len(pool.ran) == 3 * (1 + 1 + 2) and (summary.done, summary.reused) == (18, 9) and read(out).complete


def test_a_training_that_fails_fails_at_every_budget_and_is_tried_again(carry_out):
    def broken(fields, seed):
        return None if fields.get("model.dropout") and seed == 1 else STEADY(fields, seed)

    _, summary, out = carry_out(broken)
    assert len(summary.failures) == 3 and summary.done == 24
    runs = [one.runs[one.runs["status"] != "done"] for one in read(out).lengths]
    assert [(list(one["arm"]), list(one["seed"]), list(one["status"])) for one in runs] == [(["dropout rate=0.5"], [1], ["killed"])] * 3
    assert not read(out).complete
    pool, summary, out = carry_out()
    assert len(pool.ran) == 1 and summary.done == 3 and read(out).complete


def test_shards_together_have_every_run(carry_out):
    for number in (1, 2):
        carry_out(shard=Shard(number, 2))
    assert read(carry_out()[2]).complete and carry_out()[0].ran == []


def same_kind(one, other):
    return float(one.training.schedule == other.training.schedule)


def test_a_run_is_read_off_the_longest_that_is_to_be_made():
    whole = plan(load(STUDY))
    by_id = {run.run_id: run for run in whole.runs}
    ids = [part.cells["baseline", 0] for part in whole.lengths]
    found = share_trainings(whole.runs, same_kind)
    assert [run.run_id for run in found.others[ids[2]]] == ids[1::-1] and len(found.tasks) == len(found.trained(whole.runs)) == 9
    without = [run for run in whole.runs if run.run_id != ids[2]]
    found = share_trainings(without, same_kind)
    assert [run.run_id for run in found.others[ids[1]]] == ids[:1] and by_id[ids[2]] not in found.tasks


def test_what_an_engine_did_not_read_off_is_an_error_and_never_the_longer_runs_score():
    one, two = plan(load(STUDY)).runs[:2]
    (short, lost), (long, kept) = ended_runs(one, [two], TaskResult(one.run_id, "done", Outcome("done", scores={"test_accuracy": 0.9})), {})
    assert (short, long) == (two, one) and kept.scores and not lost.scores
    assert lost.status == Status.ERROR and lost.reason == f"it was not trained with run {one.run_id}"
