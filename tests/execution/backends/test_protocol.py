"""What the driver makes of a backend whose machines come and go, with scores that come from a function instead of a training."""

import pytest

from dlbench.engines.protocol import Timing
from dlbench.execution import driver as driver_module
from dlbench.execution.backends.protocol import LOST, Backend, Slot, TaskResult
from dlbench.execution.driver import MOST_LOSSES, Driver, Options
from dlbench.execution.environment import digest
from dlbench.store.database import Store
from dlbench.store.merge import merge
from dlbench.store.read import read
from dlbench.study import load, plan
from dlbench.study.parts import Shard
from dlbench.values.recipe import to_dict
from dlbench.values.record import Outcome
from tests.execution.fakes import FakePool, Silent, accuracy, controls

STUDY = 'margin = 0.01\nseeds = 4\n[[arms]]\ntechnique = "dropout"\nrate = [0.2, 0.5]\n'
SMALL, LARGE = {"cpu": "small", "cores": 2}, {"cpu": "large", "cores": 64}


class Machines(Backend):
    """Two machines that are there at once; the second one goes away with every task whose (rate, seed) is in ``losing``."""

    def __init__(self, losing=(), always=False):
        self.losing, self.always, self.timed = set(losing), always, []

    def __call__(self, *_):
        return self

    def __enter__(self):
        self.slots = [Slot(ready=True, facts=SMALL), Slot(ready=True, facts=LARGE), Slot(ready=True, facts=LARGE)]
        return self

    def __exit__(self, *_):
        pass

    def submit(self, slot, task, call, _timeout=None):
        slot.task, slot.call = task, call

    def wait(self, _seconds):
        return [self._end(slot) for slot in self.slots if slot.task is not None]

    def _end(self, slot):
        (method, arguments), task = slot.call, slot.task
        slot.task = None
        if method == "time":
            self.timed.append(slot.facts)
            return TaskResult(task, "done", [[Timing(1.0, 1.0)] * arguments["rounds"]] * len(arguments["recipes"]), slot.facts)
        if method != "run":
            return TaskResult(task, "done", None, slot.facts)
        fields, seed = to_dict(arguments["recipe"]), arguments["seed"]
        key = fields.get("model.dropout", 0.0), seed
        if key in self.losing:
            self.losing -= set() if self.always else {key}
            return TaskResult(task, LOST, "its node was lost", slot.facts)
        value = accuracy({})(fields, seed)
        return TaskResult(task, "done", Outcome("done", scores={"test_accuracy": value}, controls=controls(fields, seed)), slot.facts)


@pytest.fixture
def study(tmp_path):
    (tmp_path / "x.toml").write_text(STUDY)
    return plan(load(str(tmp_path / "x.toml")))


def carried_out(monkeypatch, study, folder, workers, **options):
    monkeypatch.setattr(driver_module, "Cluster", lambda settings, ask: workers(ask.jobs, settings, ask.engine))
    monkeypatch.setattr(driver_module, "Pool", workers)
    options = {"rounds": 0} | options
    return Driver(study, Options(folder, "x", 2, None, "", **options), Silent()).execute()


def scores(folder):
    runs = read(folder).runs
    return dict(zip(zip(runs["arm"], runs["seed"]), runs["test_accuracy"]))


def test_runs_of_a_lost_machine_are_run_again_with_the_same_results(monkeypatch, study, tmp_path):
    carried_out(monkeypatch, study, tmp_path / "a", FakePool(accuracy({})))
    summary = carried_out(monkeypatch, study, tmp_path / "b", Machines({(0.0, 1), (0.5, 3)}), backend="ray")
    assert not summary.failures and summary.done == 12 and scores(tmp_path / "a") == scores(tmp_path / "b")
    with Store(tmp_path / "b") as store:
        assert set(store.statuses().values()) == {"done"}
        assert store.connection.execute("SELECT MAX(attempt) FROM records").fetchone() == (1,), "a lost machine is not held against a run"


def test_a_run_that_loses_every_machine_is_a_record_with_its_reason(monkeypatch, study, tmp_path):
    summary = carried_out(monkeypatch, study, tmp_path, Machines({(0.5, 3)}, always=True), backend="ray")
    assert summary.done == 11 and list(summary.failures.values()) == ["killed: its node was lost"] and MOST_LOSSES > 1


def test_every_run_names_the_machine_that_it_was_on(monkeypatch, study, tmp_path):
    carried_out(monkeypatch, study, tmp_path, Machines(), backend="ray")
    results = read(tmp_path)
    assert set(results.runs["environment"]) == {digest(SMALL), digest(LARGE)} == set(results.environments)


def test_all_arms_are_timed_on_one_kind_of_machine_and_not_again(monkeypatch, study, tmp_path):
    backend = Machines()
    carried_out(monkeypatch, study, tmp_path, backend, backend="ray", rounds=3)
    assert backend.timed == [LARGE], "the kind that most workers are on"
    results = read(tmp_path)
    assert results.rounds["arm"].value_counts().tolist() == [3, 3, 3]
    driver = Driver(study, Options(tmp_path, "x", 2, None, "", rounds=3, backend="ray"), Silent())
    assert driver.nothing_to_do()


def test_shards_merged_are_the_study_run_at_once(monkeypatch, study, tmp_path):
    carried_out(monkeypatch, study, tmp_path / "whole", FakePool(accuracy({})))
    parts = [tmp_path / str(number) for number in (1, 2, 3)]
    for number, folder in enumerate(parts, 1):
        carried_out(monkeypatch, study, folder, FakePool(accuracy({})), shard=Shard(number, 3))
        assert not read(folder).complete and read(folder).interim == (), "a part judges nothing"
    found = merge(parts, tmp_path / "out")
    assert found.finished == found.planned == 12 and scores(tmp_path / "out") == scores(tmp_path / "whole")
    driver = Driver(study, Options(tmp_path / "out", "x", 2, None, "", rounds=0), Silent())
    assert driver.nothing_to_do() and read(tmp_path / "out").complete
