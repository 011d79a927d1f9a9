"""``dlbench run`` end to end, with real trainings: what is stored, what is resumed, what survives."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from dlbench.analysis import analyse
from dlbench.analysis.rejudge import rejudged
from dlbench.report.answers import afterwards
from dlbench.store.database import Store
from dlbench.store.read import read
from dlbench.values.errors import InputError
from tests.calling import called, environment
from tests.studies import transfer

STUDY = """
question = "Does it run?"
model = "tests.execution.helpers:plain"
seeds = 2
margin = 0.01
budget = { epochs = 2 }
examples = 200

[[arms]]
technique = "l2"
strength = [1e-3, 1e-2]

[[arms]]
technique = "dropout"
""" + transfer(labels_per_class=5)


def dlbench(tmp_path, *arguments):
    return called(tmp_path, *arguments, DLBENCH_CACHE_DIR=str(tmp_path / "cache"))


def study(tmp_path, text=STUDY, name="tiny.toml"):
    (tmp_path / name).write_text(text)
    return tmp_path / name


def weights(folder):
    return {(row.arm, row.seed): row.run_id for row in read(folder).runs.itertuples()}, {
        run_id: json.loads(controls)["weights"]
        for run_id, controls in sqlite3.connect(folder / "results.sqlite").execute("SELECT run_id, controls FROM records")}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """One whole run with two workers, that several tests look at."""
    folder = tmp_path_factory.mktemp("run")
    result = dlbench(folder, "run", study(folder), "--jobs", 2)
    assert result.code == 0, result.err
    return folder, result


def test_a_study_is_run_stored_timed_and_reported(finished):
    folder, result = finished
    results = read(folder / "reports" / "tiny")
    assert results.complete and len(results.runs) == 12 and (results.runs.status == "done").all()
    assert set(results.runs.control) == {"baseline", "controlled"}
    assert results.rounds["arm"].value_counts().tolist() == 6 * [10]
    assert {path.name for path in (folder / "reports" / "tiny").iterdir()} >= {"index.html", "report.md", "results.sqlite"}
    assert result.out.count("\n") == 4, "one verdict an arm that is compared"


def test_the_same_command_again_runs_nothing(finished):
    folder, _ = finished
    result = dlbench(folder, "run", folder / "tiny.toml", "--no-report")
    assert result.code == 0 and "0 runs done, 14 were there already" in result.err


def test_more_seeds_run_only_what_is_missing(finished, tmp_path):
    folder = shutil.copytree(finished[0], tmp_path / "longer")  # what the others look at stays as it is
    result = dlbench(folder, "run", folder / "tiny.toml", "--seeds", 3, "--arm", "dropout", "--no-timing", "--no-report")
    assert result.code == 0 and "2 runs done, 4 were there already" in result.err


@pytest.mark.parametrize("jobs", [1, pytest.param(4, marks=pytest.mark.slow)])
def test_any_number_of_workers_gives_the_same_weights_as_two(finished, jobs):
    folder, _ = finished
    out = f"by{jobs}"
    result = dlbench(folder, "run", folder / "tiny.toml", "--jobs", jobs, "--out", out, "--no-timing", "--no-report")
    assert result.code == 0, result.err
    others, two = (weights(place)[1] for place in (folder / out, folder / "reports" / "tiny"))
    assert len(others) == 14 and all(two[run_id] == digest for run_id, digest in others.items())


def test_test_bits_agree_with_the_accuracy(finished):
    folder, _ = finished
    results = read(folder / "reports" / "tiny")
    with Store(folder / "reports" / "tiny") as store:
        for row in results.runs.itertuples():
            bits = store.arrays(row.run_id)["test_bits"]
            count = len(store.arrays(row.run_id)["test_predictions"])
            assert sum(bin(byte).count("1") for byte in bits) / count == pytest.approx(row.test_accuracy)


def test_labels_are_kept_once_an_evaluation_set_and_explain_the_bits(finished):
    folder, _ = finished
    runs = read(folder / "reports" / "tiny").runs
    with Store(folder / "reports" / "tiny") as store:
        (kept,) = store.connection.execute("SELECT COUNT(*) FROM arrays WHERE name = 'test_labels'").fetchone()
        (sets,) = store.connection.execute("SELECT COUNT(DISTINCT json_extract(controls, '$.evaluation')) FROM records").fetchone()
        assert kept == sets < len(runs)
        for run_id in runs.run_id:
            arrays, labels = store.arrays(run_id), store.labels(run_id)
            assert (np.packbits(arrays["test_predictions"] == labels) == arrays["test_bits"]).all()


def test_finished_runs_are_judged_by_a_score_that_they_do_not_have(finished):
    metrics = pytest.importorskip("sklearn.metrics")
    results = read(finished[0] / "reports" / "tiny")
    chosen = rejudged(results, "f1_macro", 0.05)
    run = chosen.runs.iloc[0]
    labels, predicted = results.answers.labels(run.run_id), results.answers.predictions([run.run_id])[run.run_id]
    assert "test_f1_macro" not in results.runs
    assert run.test_f1_macro == metrics.f1_score(labels, predicted, average="macro", zero_division=0)
    analysis = analyse(chosen)
    assert analysis.metric.name == "test_f1_macro" and (analysis.verdicts["n"] > 1).all()
    assert "computed from the predictions that their last epoch left" in afterwards(analysis)
    with pytest.raises(InputError, match="was not measured in these runs"):
        rejudged(results, "roc_auc_ovr", 0.05)


def test_fresh_sets_the_old_results_aside(finished, tmp_path):
    folder, _ = finished
    out = tmp_path / "out"
    arguments = ("run", folder / "tiny.toml", "--out", out, "--arm", "dropout", "--seeds", 1, "--no-timing", "--no-report")
    for extra in ((), ("--fresh",)):
        result = dlbench(folder, *arguments, *extra)
        assert result.code == 0 and "2 runs done, 0 were there already" in result.err
    assert (out / "results.old1.sqlite").is_file()


def test_faults_are_records_with_reasons_and_the_others_go_on(tmp_path, undrawn):
    text = """
seeds = 1
margin = 0.01
budget = { epochs = 1 }
examples = 100
model = "tests.execution.helpers:plain"
"""
    arms = "".join(f'[[arms]]\nname = "{name}"\ntechnique = "{technique}"\n{more}\n' for name, technique, more in [
        ("fine", "dropout", ""), ("explodes", "learning_rate", "value = 1e38")])
    result = dlbench(tmp_path, "run", study(tmp_path, text + arms), "--out", "a", "--no-timing")
    assert result.code == 3 and "diverged" in result.err and (tmp_path / "a" / "report.md").is_file()
    for fault, words in (("raise", "this layer is broken"), ("kill", "killed by signal 9"),
                         ("exit", "exit code 7"), ("hang", "time limit")):
        model = f'[baseline]\noptions = {{ fault = "{fault}" }}\n'
        broken = text.replace("helpers:plain", "helpers:faulty") + model + '[[arms]]\ntechnique = "dropout"\n'
        limit = ("--timeout", 2) if fault == "hang" else ()
        result = dlbench(tmp_path, "run", study(tmp_path, broken), "--out", fault, "--no-timing", "--no-report", *limit)
        assert result.code == 3 and words in result.err and "Traceback" not in result.err, result.err
        assert set(read(tmp_path / fault).runs.status) <= {"error", "killed", "timeout"}


def test_an_adaptive_study_trains_its_arms_to_a_decision(tmp_path, undrawn):
    text = """
margin = 0.2
adaptive = { looks = [2, 3, 4] }
budget = { epochs = 1 }
examples = 100
model = "tests.execution.helpers:plain"
[[arms]]
technique = "l2"
strength = 1e-6
[[arms]]
technique = "learning_rate"
value = 0.1
"""
    result = dlbench(tmp_path, "run", study(tmp_path, text), "--out", "a", "--no-timing")
    assert result.code == 0, result.err
    results = read(tmp_path / "a")
    assert results.complete and results.interim[0].seeds == (0, 1) and set(results.runs.control) == {"baseline", "controlled"}
    decided = {row["arm"]: len(look.seeds) for look in results.interim for row in look.verdicts}
    assert results.runs.groupby("arm").size().to_dict() == decided | {"baseline": max(decided.values())}
    assert result.out.count("at interim analysis ") >= 1 and "## Interim analyses" in (tmp_path / "a" / "report.md").read_text()


def started(tmp_path, *arguments):
    driver = subprocess.Popen([sys.executable, "-m", "dlbench", *map(str, arguments)], cwd=tmp_path, env=environment(tmp_path),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    database = tmp_path / "reports" / "tiny" / "results.sqlite"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and driver.poll() is None:
        if database.is_file() and _records(database) >= 2:
            return driver
        time.sleep(0.05)
    raise AssertionError("no records came")


def _records(database):
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            return connection.execute("SELECT COUNT(*) FROM records").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


interrupts = pytest.mark.skipif(signal.getsignal(signal.SIGINT) is signal.SIG_IGN, reason="started in the background: Ctrl-C is ignored")


@pytest.mark.parametrize("how, code", [
    (signal.SIGKILL, -9), pytest.param(signal.SIGINT, 130, marks=(interrupts, pytest.mark.slow)),
    pytest.param(signal.SIGTERM, 130, marks=pytest.mark.slow)])  # tests/cli/test_streams.py has a hangup, which ends a study alike
def test_an_interrupted_run_loses_only_what_was_under_way(tmp_path, finished, how, code):
    whole = weights(finished[0] / "reports" / "tiny")[1]
    path = study(tmp_path, STUDY.replace("seeds = 2", "seeds = 10"))
    driver = started(tmp_path, "run", path, "--jobs", 2, "--no-timing", "--no-report")
    workers = psutil.Process(driver.pid).children(recursive=True)
    driver.send_signal(how)
    assert driver.wait(20) == code
    _, alive = psutil.wait_procs(workers, timeout=1.0 if how == signal.SIGKILL else 3.0)
    assert not [worker for worker in alive if worker.status() != psutil.STATUS_ZOMBIE], "workers outlived their driver"
    kept = weights(tmp_path / "reports" / "tiny")[1]
    assert len(kept) >= 2
    result = dlbench(tmp_path, "run", path, "--seeds", 2, "--no-timing", "--no-report")
    assert result.code == 0, result.err
    after = weights(tmp_path / "reports" / "tiny")[1]
    assert all(after[run_id] == digest for run_id, digest in {**kept, **whole}.items() if run_id in after)
    assert whole.keys() <= after.keys()


def test_a_second_writer_is_told_who_holds_the_folder(finished):
    folder, _ = finished
    with Store(folder / "reports" / "tiny", write=True):
        result = dlbench(folder, "run", folder / "tiny.toml")
    assert result.code == 2 and "is writing to this folder" in result.err


def test_a_tuned_study_is_run_in_stages_and_resumed(tmp_path, undrawn):
    text = """
model = "tests.execution.helpers:plain"
seeds = 2
margin = 0.01
budget = { epochs = 1 }
examples = 200
nuisance = { learning_rate = [1e-3, 1e-2] }
tuning_seeds = 2
[[arms]]
technique = "l2"
"""
    result = dlbench(tmp_path, "run", study(tmp_path, text), "--no-timing")
    assert result.code == 0 and "training the tuned comparison" in result.err, result.err
    results = read(tmp_path / "reports" / "tiny")
    assert results.tuning.trials.n.tolist() == [2, 2, 2, 2] and results.tuning.results.complete
    assert set(results.tuning.results.runs.control) == {"baseline", "controlled"}
    assert "l2, tuned: " in result.out and "## Tuning" in (tmp_path / "reports" / "tiny" / "report.md").read_text()
    assert "0 runs done" in dlbench(tmp_path, "run", tmp_path / "tiny.toml", "--no-timing", "--no-report").err


@pytest.mark.slow
def test_a_study_on_two_datasets_is_run_and_timed_on_both(tmp_path, undrawn):
    text = """
model = "tests.execution.helpers:plain"
datasets = ["digits", "tests.execution.helpers:blobs"]
seeds = 2
margin = 0.01
budget = { epochs = 1 }
examples = 100
[[arms]]
technique = "learning_rate"
value = 1e-2
"""
    result = dlbench(tmp_path, "run", study(tmp_path, text))
    assert result.code == 0 and result.out.count(", on ") == 2, result.err
    results = read(tmp_path / "reports" / "tiny")
    assert all(part.complete and len(part.runs) == 4 and part.rounds["arm"].nunique() == 2 for part in results.parts)
    assert {control for part in results.parts for control in part.runs.control} == {"baseline", "controlled"}
    assert (tmp_path / "reports" / "tiny" / "dataset-2-tests-execution-helpers-blobs" / "index.html").is_file()
