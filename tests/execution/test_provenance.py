"""Results that other versions made are told as such, are not compared with new ones, and are run again where that is asked for."""

from dataclasses import replace

import pytest

from dlbench.analysis import analyse
from dlbench.execution import driver as driver_module
from dlbench.execution import environment
from dlbench.execution.driver import Driver, Options
from dlbench.store.database import Store
from dlbench.store.read import progress, read
from dlbench.study import load, plan
from dlbench.values.inspection import Build, Inspection
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
    """``run(text, version)``: carry a study out with a version of TensorFlow; what was run and what was said."""
    def ran(text, version, stop_after=None, change=lambda whole: whole, **options):
        (tmp_path / "study.toml").write_text(text)
        pool, listener = FakePool(accuracy(GAINS), stop_after), Noting()
        monkeypatch.setattr(driver_module, "Pool", pool)
        monkeypatch.setattr(environment, "facts", lambda *_: {"tensorflow": version, "cores": 2})
        how = Options(tmp_path / "out", "dlbench run study.toml", 2, None, "", rounds=0, **options)
        Driver(change(plan(load(str(tmp_path / "study.toml")))), how, listener).carry_out()
        return pool.ran, listener.notes

    return ran


def test_an_arm_of_another_version_than_its_reference_is_not_judged(run, tmp_path):
    run(ONE, OLD)
    ran, notes = run(BOTH, NEW)
    assert len(ran) == 3 and notes == [
        "6 finished runs were made with tensorflow 2.20.0, not 2.21.0: not compared with new ones; --renew runs them again"]
    table = analyse(read(tmp_path / "out")).verdicts.set_index("arm")
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


@pytest.fixture
def other_data(monkeypatch):
    """Call it, and runs are trained on other data from then on."""
    made = FakePool._end

    def other(self, slot):
        result = made(self, slot)
        return replace(result, value=replace(result.value, controls=replace(result.value.controls, data="changed")))

    return lambda: monkeypatch.setattr(FakePool, "_end", other)


def test_changed_data_are_not_compared(run, tmp_path, other_data):
    run(ONE, NEW)
    other_data()
    run(BOTH, NEW)
    told = read(tmp_path / "out").runs.query("arm == 'dropout rate=0.2'")
    assert set(told.control) == {"incomparable"} and set(told.control_faults) == {"the data have changed in between"}


@pytest.mark.parametrize("changed", ("versions", "data"))
def test_a_declared_look_leaves_pairs_made_under_two_states_out(changed, run, tmp_path, other_data):
    text = BOTH.replace("seeds = 3", "adaptive = { looks = [3, 6] }")
    with pytest.raises(KeyboardInterrupt):
        run(text, OLD if changed == "versions" else NEW, stop_after=4)
    if changed == "data":
        other_data()
    run(text, NEW)
    results = read(tmp_path / "out")
    first = results.runs[results.runs.seed < 3]
    pairs = first[first.control == "controlled"].groupby("arm").size()
    assert (first.control == "incomparable").any(), "else nothing is tested"
    for row in results.interim[0].verdicts:
        assert row["n"] == pairs.get(row["arm"], 0)


def with_files(hash_):
    """The plan of a study whose data, known by name alone, have this hash."""
    return lambda whole: replace(whole, study=replace(whole.study, files={"digits": hash_}))


def test_other_files_behind_a_name_are_told_where_nothing_is_left_to_run_and_run_again_where_asked(run, tmp_path):
    assert run(ONE, NEW, change=with_files("aa"))[1] == []
    assert run(ONE, NEW, change=with_files("aa")) == ([], [])
    told = "6 finished runs were made with other data of 'digits' than is there now: not compared with new ones; --renew runs them again"
    for _ in range(2):
        assert run(ONE, NEW, change=with_files("bb")) == ([], [told]), "said every time"
    assert run(ONE, OLD, change=with_files("bb"))[1] == [told.replace("other data", "tensorflow 2.21.0, not 2.20.0; other data")]
    ran, notes = run(ONE, NEW, change=with_files("bb"), renew=True)
    assert len(ran) == 6 and notes == []
    assert run(ONE, NEW, change=with_files("bb")) == ([], [])


def test_runs_of_which_the_files_are_not_known_are_taken_as_they_are(run):
    run(ONE, NEW)
    assert run(ONE, NEW, change=with_files("bb")) == ([], [])


def test_new_content_is_said_to_be_new(run, tmp_path):
    def holding(content):
        facts = Inspection("image", (8, 8, 1), 10, (100, 0), (0, 25), content, Build("functional", convs=3, dense=1, pool=True, maps=True))
        return lambda whole: plan(replace(whole.study, inspections={"folder:photos": facts}))

    text = f'dataset = "folder:photos"\n{ONE}'
    assert run(text, NEW, change=holding("aa"))[1] == []
    ran, notes = run(text, NEW, change=holding("bb"))
    assert len(ran) == 6 and notes == [
        "'folder:photos' has changed since the runs that are there were made: they are kept, and not mixed with new ones"]
    assert run(text, NEW, change=holding("bb")) == ([], []) == run(text, NEW, change=holding("aa"))


TUNED = ONE.replace("seeds = 3", "seeds = 2\nnuisance = { l2 = [0.0, 0.1] }\ntuning_seeds = 2")


@pytest.fixture
def scores_for_trials(monkeypatch):
    """A pool whose runs have a score on the validation split too."""
    made = FakePool._end

    def end(self, slot):
        result = made(self, slot)
        result.value.scores["validation_accuracy"] = result.value.scores["test_accuracy"]
        return result

    monkeypatch.setattr(FakePool, "_end", end)


def test_a_setting_is_not_chosen_among_trials_of_two_versions(run, tmp_path, scores_for_trials):
    with pytest.raises(KeyboardInterrupt):
        run(TUNED, OLD, stop_after=6)
    run(TUNED, NEW)
    tuning = read(tmp_path / "out").tuning
    mixed = {arm for arm, chosen in tuning.trials.groupby("arm").chosen.any().items() if not chosen}
    assert mixed, "else nothing is tested"
    if tuning.results is not None:
        assert not set(tuning.results.runs.arm) & mixed
    run(TUNED, NEW, renew=True)
    assert read(tmp_path / "out").tuning.trials.groupby("arm").chosen.any().all()


def test_trials_that_were_all_made_with_one_version_choose_whatever_that_is(run, tmp_path, scores_for_trials):
    run(TUNED, OLD)
    assert run(TUNED, NEW)[0] == []
    assert read(tmp_path / "out").tuning.trials.groupby("arm").chosen.any().all()


TRANSFER = HEAD + "".join(f'[[arms]]\nname = "{mode}"\ntechnique = "transfer"\nmode = "{mode}"\n' for mode in ("scratch", "frozen"))


def test_what_new_runs_start_from_is_made_as_they_are(run, tmp_path):
    run(TRANSFER, OLD)
    assert run(TRANSFER, NEW)[0] == [], "what is there is not made anew for nothing"
    ran, _ = run(TRANSFER + '[[arms]]\nname = "fine"\ntechnique = "transfer"\nmode = "finetune"\n', NEW)
    assert len(ran) == 6, "three fine-tunings, and three pretrainings that are shared with runs of another version"
    assert run(TRANSFER, NEW)[0] == []
