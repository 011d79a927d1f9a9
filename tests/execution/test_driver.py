"""What the driver does with runs that cannot start, with scores that come from a function instead of a training."""

import dataclasses

import pytest

from dlbench.engines.protocol import Description
from dlbench.execution import driver as driver_module
from dlbench.execution.driver import Driver, Options
from dlbench.store.database import Store
from dlbench.study import load, plan
from tests.execution.fakes import FakePool, Heard, Silent
from tests.studies import transfer

PLAIN = Description("plain", "nowhere:start")


def test_an_engine_that_can_only_run_is_told_of_and_what_it_lacks_is_left_out(tmp_path, monkeypatch):
    (tmp_path / "study.toml").write_text('margin = 0.01\nseeds = 2\n[[arms]]\ntechnique = "flip"\n')
    study = dataclasses.replace(load(str(tmp_path / "study.toml")), engine=f"{__name__}:PLAIN")

    def refuse(method, _arguments):
        raise AssertionError(method)

    pool = FakePool(lambda fields, seed: 0.9)
    pool.call = refuse
    monkeypatch.setattr(driver_module, "Pool", pool)
    for done in (4, 0):  # the second time, nothing is left to do
        listener = Heard()
        summary = Driver(plan(study), Options(tmp_path / "out", "x", 2, None, ""), listener).carry_out()
        assert (summary.done, summary.failures) == (done, {}) and listener.phases == ["training"] * bool(done)
    listener = Heard()
    Driver(plan(study), Options(tmp_path / "again", "x", 2, None, ""), listener).carry_out()
    assert [note for note in listener.notes if "plain" in note] == [
        "engine 'plain': data and models are not checked before the runs; no arm is timed alone on the machine; "
        "no pictures of what augmentation does; no pictures of test examples"]
    with Store(tmp_path / "out") as store:
        assert all(facts["engine"] == "plain" and "keras" not in facts for facts in store.environments().values())


@pytest.fixture
def statuses(tmp_path, monkeypatch):
    def run(change, score):
        (tmp_path / "study.toml").write_text("margin = 0.01\nseeds = 2" + transfer())
        whole = change(plan(load(str(tmp_path / "study.toml"))))
        monkeypatch.setattr(driver_module, "Pool", FakePool(score))
        summary = Driver(whole, Options(tmp_path / "out", "x", 2, None, "", rounds=0), Silent()).execute()
        with Store(tmp_path / "out") as store:
            found = store.statuses()
        by_arm = {arm: {found[run_id] for (name, _), run_id in whole.cells.items() if name == arm} for arm, _ in whole.cells}
        return by_arm, summary

    return run


def is_pretraining(fields):
    return fields.get("transfer.mode") == "pretrain"


def test_what_needed_a_failed_pretraining_is_a_record_with_its_reason(statuses):
    found, summary = statuses(lambda whole: whole, lambda fields, seed: None if is_pretraining(fields) else 0.9)
    assert found == {"baseline": {"done"}, "scratch": {"done"}, "frozen": {"error"}}
    assert sum("its pretraining run" in reason for reason in summary.failures.values()) == 2


def test_a_run_whose_pretraining_is_not_to_be_had_is_not_waited_for(statuses):
    def without(whole):
        return dataclasses.replace(whole, runs=tuple(run for run in whole.runs if run.recipe.transfer.mode != "pretrain"))

    found, summary = statuses(without, lambda fields, seed: 0.9)
    assert found == {"baseline": {"done"}, "scratch": {"done"}, "frozen": {"error"}}
    assert all("earlier stage" in reason for reason in summary.failures.values())
