"""Results that other versions made are told as such, are not compared with new ones, and are run again where that is asked for."""

import pytest

from dlbench.execution import driver as driver_module
from dlbench.execution import environment
from dlbench.execution.driver import Driver, Options
from dlbench.report import verdicts
from dlbench.store.database import Store
from dlbench.store.read import progress, read
from dlbench.study import load, plan
from tests.execution.fakes import FakePool, Silent, accuracy

HEAD = "margin = 0.01\nexamples = 100\nseeds = 3\n"
ARMS = '[[arms]]\ntechnique = "dropout"\nrate = {}\n'
GAINS = {0.1: 0.1, 0.2: 0.05}
OLD, NEW = "2.20.0", "2.21.0"
ONE, BOTH = HEAD + ARMS.format(0.1), HEAD + ARMS.format("[0.1, 0.2]")


class Noting(Silent):
    def __init__(self):
        super().__init__()
        self.notes = []

    def note(self, text):
        self.notes.append(text)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """``run(text, version)``: carry a study out with a version of TensorFlow; the pool and what was said."""
    def ran(text, version, stop_after=None, **options):
        (tmp_path / "study.toml").write_text(text)
        pool, listener = FakePool(accuracy(GAINS), stop_after), Noting()
        monkeypatch.setattr(driver_module, "Pool", pool)
        monkeypatch.setattr(environment, "facts", lambda: {"tensorflow": version, "cores": 2})
        how = Options(tmp_path / "out", "dlbench run study.toml", 2, None, "", rounds=0, **options)
        Driver(plan(load(str(tmp_path / "study.toml"))), how, listener).carry_out()
        return pool.ran, listener.notes

    return ran


def test_an_arm_of_another_version_than_its_reference_is_not_judged(run, tmp_path):
    run(ONE, OLD)
    ran, notes = run(BOTH, NEW)
    assert len(ran) == 3 and notes == [
        "6 finished runs were made with tensorflow 2.20.0, not 2.21.0: not compared with new ones; --renew runs them again"]
    table = verdicts(read(tmp_path / "out")).set_index("arm")
    assert table.loc["dropout rate=0.1", "control"] == "controlled" and table.loc["dropout rate=0.1", "n"] == 3
    assert table.loc["dropout rate=0.2", "control"] == "incomparable" and table.loc["dropout rate=0.2", "verdict"] == "no verdict"
    told = set(read(tmp_path / "out").runs.query("control == 'incomparable'").control_faults)
    assert told == {"made with tensorflow 2.21.0, not 2.20.0"}
    assert progress(tmp_path / "out")["versions"] == {"tensorflow 2.20.0": 6, "tensorflow 2.21.0": 3}


def test_pairs_of_one_version_are_compared_whatever_other_pairs_were_made_with(run, tmp_path):
    run(ONE, OLD)
    run(ONE.replace("seeds = 3", "seeds = 5"), NEW)
    assert set(read(tmp_path / "out").runs.control) == {"baseline", "controlled"}


def test_what_other_versions_made_is_run_again_where_asked_and_kept(run, tmp_path):
    run(ONE, OLD)
    ran, notes = run(BOTH, NEW, renew=True)
    assert len(ran) == 9 and notes == []
    assert set(read(tmp_path / "out").runs.control) == {"baseline", "controlled"}
    with Store(tmp_path / "out") as store:
        attempts = store.connection.execute("SELECT attempt, COUNT(*) FROM records GROUP BY attempt").fetchall()
    assert attempts == [(1, 9), (2, 6)]
    assert run(BOTH, NEW, renew=True) == ([], [])


def test_a_declared_look_leaves_pairs_of_two_versions_out(run, tmp_path):
    text = BOTH.replace("seeds = 3", "adaptive = { looks = [3, 6] }")
    with pytest.raises(KeyboardInterrupt):
        run(text, OLD, stop_after=4)
    run(text, NEW)
    results = read(tmp_path / "out")
    first = results.runs[results.runs.seed < 3]
    pairs = first[first.control == "controlled"].groupby("arm").size()
    assert (first.control == "incomparable").any(), "else nothing is tested"
    for row in results.looks[0].verdicts:
        assert row["n"] == pairs.get(row["arm"], 0)


def test_changed_data_are_not_compared(run, tmp_path, monkeypatch):
    run(ONE, NEW)
    made = FakePool._end

    def other(self, slot):
        outcome = made(self, slot)
        outcome.value["controls"]["data"] = "changed"
        return outcome

    monkeypatch.setattr(FakePool, "_end", other)
    run(BOTH, NEW)
    told = read(tmp_path / "out").runs.query("arm == 'dropout rate=0.2'")
    assert set(told.control) == {"incomparable"} and set(told.control_faults) == {"the data have changed in between"}
