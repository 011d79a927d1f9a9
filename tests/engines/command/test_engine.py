"""The engine of scripts: what a run leaves for every way in which a script can end."""

from __future__ import annotations

import json
import os
import sys

import numpy as np
import pytest

from dlbench.engines.command.engine import start
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.values.command import Command
from dlbench.values.errors import InputError
from dlbench.values.identity import run_ids
from dlbench.values.metric import Metric
from dlbench.values.recipe import Recipe, edit
from tests.calling import process

ACCURACY = Metric("accuracy", "fraction", True, 0.0, 1.0, "test")
TOLD = "import json, os; f = open(os.environ['DLBENCH_RESULT'], 'a'); f.write({!r}); f.close()"


@pytest.fixture
def scripts(tmp_path):
    """Run a line of Python as a script; the outcome, and the run's folder."""
    def run(code, *, words=(), metric="accuracy", pattern="", reads="", seed=3, parameters=(), env=(), **settings):
        engine = start(Settings("", beside=str(tmp_path), out=str(tmp_path / "runs"), **settings))
        command = Command((sys.executable, "-c", code, *words), parameters, (), env, pattern, reads)
        recipe = edit(Recipe(), command=command)
        measure = ACCURACY if metric == "accuracy" else None
        return engine.run(recipe, seed, RunInputs(metric, measure=measure)), tmp_path / "runs" / run_ids(recipe, [seed])[0]

    return run


def test_scores_curves_answers_costs_and_proofs_are_read(scripts):
    code = """
from dlbench import track
for step in range(3):
    track.epoch(train_loss=1 / (step + 1))
    track.prove(order=[step, 1, 2])
track.score(accuracy=0.75, loss=0.5)
track.examples(predictions=[0, 1, 2, 3], labels=[0, 1, 2, 0])
track.cost(parameters=12)
track.prove(data=[1.0, 2.0], init={"dense": [0.5]})
"""
    ended, _ = scripts(code)
    assert (ended.status, ended.reason, ended.scores) == ("done", "", {"accuracy": 0.75, "loss": 0.5})
    assert ended.curves == {"epoch": [1.0, 2.0, 3.0], "train_loss": [1.0, 0.5, 1 / 3]}
    assert np.unpackbits(ended.arrays["test_bits"])[:4].tolist() == [1, 1, 1, 0]
    assert ended.arrays["test_labels"].tolist() == [0, 1, 2, 0] and ended.cost.parameters == 12
    assert ended.cost.wall_s > 0 and ended.cost.peak_memory_bytes > 2**20
    controls = ended.controls.to_dict()
    assert len(set(controls["order"])) == 3 and set(controls["init"]) == {"dense"}
    assert set(controls["unproven"]) == {"split", "evaluation", "weights", "global_draws"}


@pytest.mark.parametrize("code, status, reason", [
    (TOLD.format('{"accuracy": 0.5}\n{"accuracy": 0.6}\n'), "error", "two scores are told as 'accuracy': 0.5 and 0.6"),
    (TOLD.format('{"accuracy": NaN}\n'), "diverged", "accuracy is nan"),
    (TOLD.format('{"accuracy": 97.0}\n'), "error", "accuracy = 97 lies beyond its range, 0 to 1; a percentage"),
    (TOLD.format('{"acuracy": 0.9}\n'), "error", "ended without a score 'accuracy'; it told acuracy"),
    (TOLD.format('{"epoch": 1, "accuracy": 0.9}\n'), "error", "a line with \"epoch\" is a curve"),
    ("pass", "error", "ended without a score 'accuracy'"),
    (TOLD.format('{"accuracy": 0.9}\n{"accura'), "error", "line 2: no JSON"),
    (TOLD.format('{"accuracy": "high"}\n'), "error", "'high' is no number"),
    (TOLD.format('[0.9]\n'), "error", "accepted: an object"),
    (TOLD.format('{"prove": {"weather": "0f"}}\n'), "error", "prove: 'weather'; accepted: data"),
    (TOLD.format('{"examples": {"correct": "nowhere.npy"}}\n'), "error", "examples: nowhere.npy"),
    ("import sys; print('boom', file=sys.stderr); sys.exit(3)", "error", "ended with exit code 3: boom"),
    ("import os; os.kill(os.getpid(), 11)", "killed", "ended by signal 11 (SIGSEGV)"),
])
def test_what_cannot_be_judged_is_a_record_with_its_reason(scripts, code, status, reason):
    ended, _ = scripts(code)
    assert ended.status == status and reason in ended.reason


def test_a_score_is_found_in_the_output_and_the_last_of_several_counts(scripts):
    lines = "print('Test set: Average loss: 0.5, Accuracy: 90/100 (90%)'); print('Test set: Average loss: 0.2, Accuracy: 9918/10000 (99%)')"
    ended, _ = scripts(lines, pattern=r"loss: (?P<loss>[\d.]+), Accuracy: (?P<accuracy>\d+/\d+)")
    assert ended.scores == {"accuracy": 0.9918, "loss": 0.2} and ended.curves["accuracy"] == [0.9, 0.9918]


def test_scores_are_read_from_a_file_of_the_scripts_own(scripts):
    code = "import os; open(os.path.join(os.environ['DLBENCH_OUT'], 'log.csv'), 'w').write('epoch,accuracy\\n1,0.5\\n2,0.8\\n')"
    ended, _ = scripts(code, reads="csv:log.csv")
    assert ended.scores == {"accuracy": 0.8} and ended.curves == {"epoch": [1.0, 2.0], "accuracy": [0.5, 0.8]}
    ended, _ = scripts("pass", reads="csv:nowhere.csv")
    assert ended.status == "error" and "nowhere.csv was not written" in ended.reason


EVENTS = """
import pkgutil, sys
event, summary, file_writer = (pkgutil.resolve_name("tensorboard." + name) for name in (
    "compat.proto.event_pb2", "compat.proto.summary_pb2", "summary.writer.event_file_writer"))
for folder in sys.argv[2:]:
    writer = file_writer.EventFileWriter(sys.argv[1] + "/" + folder)
    for step, value in enumerate((0.25, 0.5, 0.75)):
        kept = summary.Summary(value=[summary.Summary.Value(tag=tag, simple_value=value) for tag in ("accuracy", "epoch")])
        writer.add_event(event.Event(wall_time=1.0, step=step, summary=kept))
    writer.close()
"""
LOGGED = """
import mlflow, os
mlflow.set_experiment("sweep")
for run in range({runs}):
    with mlflow.start_run():
        mlflow.log_param("rate", 3)
        for step, value in enumerate((0.25, 0.5, 0.75)):
            mlflow.log_metric("accuracy", value, step=step)
        mlflow.log_metric("once", 1.0)
        if not os.path.exists("ended"):
            open("ended", "w").close()
            os._exit(3)
"""


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    """A folder of event files, that a script copies: importing tensorboard takes seconds."""
    pytest.importorskip("tensorboard", reason="needs tensorboard: pip install dlbench[tensorboard]")
    folder = tmp_path_factory.mktemp("events")
    assert process(folder, "-c", EVENTS, folder, "one", "two/train", "two/validation").code == 0
    return folder


COPIED = "import shutil, sys; shutil.copytree(sys.argv[1], sys.argv[2] + '/logs')"


def test_scores_are_read_from_event_files(scripts, events):
    ended, _ = scripts(COPIED, words=(str(events / "one"), "{out}"), reads="tensorboard:logs")
    assert (ended.reason, ended.scores, ended.curves) == (
        "", {"accuracy": 0.75}, {"epoch": [1.0, 2.0, 3.0], "accuracy": [0.25, 0.5, 0.75]})
    ended, _ = scripts(COPIED, words=(str(events / "two"), "{out}"), reads="tensorboard:logs", metric="validation/accuracy", seed=4)
    assert ended.scores == {"train/accuracy": 0.75, "validation/accuracy": 0.75}
    ended, _ = scripts("pass", reads="tensorboard:logs")
    assert ended.status == "error" and "logs was not written in {out}" in ended.reason
    ended, _ = scripts("import sys, pathlib; pathlib.Path(sys.argv[1], 'logs').mkdir()", words=("{out}",), reads="tensorboard:logs")
    assert ended.status == "error" and "it holds no runs" in ended.reason


@pytest.mark.slow
def test_scores_are_read_from_a_run_of_mlflow_and_those_of_an_earlier_attempt_are_gone(scripts, monkeypatch):
    pytest.importorskip("mlflow", reason="needs mlflow: pip install dlbench[mlflow]")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    ended, _ = scripts(LOGGED.format(runs=1), reads="mlflow:mlruns")
    assert ended.status == "error" and "exit code 3" in ended.reason
    ended, _ = scripts(LOGGED.format(runs=1), reads="mlflow:mlruns")
    assert (ended.reason, ended.scores, ended.curves["accuracy"]) == ("", {"accuracy": 0.75, "once": 1.0}, [0.25, 0.5, 0.75])
    ended, _ = scripts(LOGGED.format(runs=2), reads="mlflow:mlruns")
    assert ended.status == "error" and "mlruns holds 2 runs; accepted: one run of MLflow" in ended.reason


def test_time_is_a_metric_without_a_word_of_the_script(scripts):
    ended, _ = scripts("pass", metric="wall_s")
    assert ended.status == "done" and ended.scores["wall_s"] > 0


def test_words_and_variables_reach_the_script_as_they_are(scripts):
    code = "import json, os, sys; print(json.dumps([sys.argv[1:], os.environ['AUG'], os.environ['DLBENCH_SEED']])); print('acc 0.5')"
    ended, out = scripts(code, words=("--name={name}", "{seed}", "{{x}}"), parameters=(("name", "a b; rm $HOME"),), env=(("AUG", "0"),),
                         pattern=r"acc (?P<accuracy>\S+)")
    assert ended.status == "done"
    assert json.loads((out / "output.log").read_text().splitlines()[0]) == [["--name=a b; rm $HOME", "3", "{x}"], "0", "3"]


def test_a_flood_of_output_is_kept_in_part(scripts):
    ended, out = scripts("for i in range(120_000): print(i, 'x' * 100)\nprint('acc 0.5')", pattern=r"acc (?P<accuracy>\S+)")
    log = (out / "output.log").read_text()
    assert ended.scores == {"accuracy": 0.5} and len(log) < 9 * 2**20
    assert log.startswith("0 x") and log.endswith("acc 0.5\n") and "bytes are left out here" in log


def test_what_a_script_leaves_behind_is_ended(scripts):
    code = """
import subprocess, sys
left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print("pid", left.pid)
print("acc 0.5")
"""
    ended, out = scripts(code, pattern=r"acc (?P<accuracy>\S+)")
    log = (out / "output.log").read_text()
    assert ended.status == "done" and "1 processes that the script left behind were ended" in log
    pid = int(log.split()[1])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_run_beyond_its_memory_is_ended(scripts):
    ended, _ = scripts("import time; x = b'x' * 400_000_000; time.sleep(60)", memory_bytes=200_000_000)
    assert ended.status == "error" and "of memory; its limit is 0.2 GB" in ended.reason


def test_a_run_that_is_tried_again_finds_its_folder_but_not_its_old_result(scripts):
    code = """
import pathlib
from dlbench import track
out = pathlib.Path(track.out())
count = len(list(out.glob("kept*")))
(out / ("kept" + str(count))).touch()
track.score(accuracy=count / 10)
"""
    assert [scripts(code)[0].scores["accuracy"] for _ in range(2)] == [0.0, 0.1]


def test_a_run_sees_its_own_gpus(scripts, monkeypatch):
    code = "import os; print(os.environ['CUDA_VISIBLE_DEVICES'], os.environ['OMP_NUM_THREADS']); print('acc 0.5')"
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    logs = [(scripts(code, pattern=r"acc (?P<accuracy>\S+)", worker=worker, gpus=gpus, cpus=4)[1] / "output.log").read_text().split()[:2]
            for worker, gpus in ((0, 1), (1, 1), (1, 2), (3, 0.5))]
    assert logs == [["0", "4"], ["1", "4"], ["2,3", "4"], ["1", "4"]]


def test_a_program_that_is_not_there_is_refused_before_any_run(tmp_path):
    recipe = edit(Recipe(), command__run=("no-such-program-at-all",))
    with pytest.raises(InputError, match="is no program that can be started"):
        start(Settings("", beside=str(tmp_path))).prepare([recipe])
