"""Files that the real libraries wrote: MLflow, TensorBoard, Optuna, KerasTuner, pytest-benchmark and Hydra, each run here."""

from __future__ import annotations

import os
import pkgutil
import sqlite3
import subprocess
import sys

import pytest

from dlbench.app.judge import Question, judge
from dlbench.readers import read
from dlbench.values.errors import InputError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # of these libraries, not ours
GAINS = {0.0: 0.0, 0.5: 0.05}
RUNS = [(rate, seed, 0.8 + gain + 0.001 * seed) for rate, gain in GAINS.items() for seed in range(5)]
CURVE = (-0.1, 0.03, -0.01, -0.02, -0.01, 0.01, -0.01, 0.0)


def helps(path, **asked):
    found = judge(Question(path, 0.01, baseline="0", **{"arm": ("rate",), **asked}))
    row = found.result.verdicts.iloc[0]
    assert row["verdict"] == "helps" and row["difference"] == pytest.approx(0.05, abs=1e-6) and len(found.result.runs) == 10
    assert sorted(set(found.result.runs["seed"])) == [0, 1, 2, 3, 4]
    return found


@pytest.fixture(params=["files", "sqlite"])
def mlflow_store(request, tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow", reason="needs mlflow: pip install mlflow-skinny")
    if request.param == "sqlite":
        pytest.importorskip("alembic", reason="MLflow's SQLite store needs sqlalchemy and alembic: pip install mlflow-skinny[db] or optuna")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    path = tmp_path / ("mlruns" if request.param == "files" else "mlflow.db")
    client = mlflow.MlflowClient(path.as_uri() if request.param == "files" else f"sqlite:///{path}")
    experiment = client.create_experiment("sweep", artifact_location=(tmp_path / "artifacts").as_uri())
    for rate, seed, score in RUNS:
        run = client.create_run(experiment, run_name=f"rate {rate}").info.run_id
        client.log_param(run, "rate", rate)
        client.log_param(run, "seed", seed)
        for step, by in enumerate(CURVE):
            client.log_metric(run, "val_acc", score + by, step=step)
        client.log_metric(run, "best_val_acc", score + 0.03)
    gone = client.create_run(experiment).info.run_id
    client.log_metric(gone, "val_acc", 0.0)
    client.delete_run(gone)
    return path


def test_mlflow_stores(mlflow_store):
    found = helps(mlflow_store, score="val_acc")
    assert not any("flatters" in sentence for sentence in found.said)
    chosen = "\n".join(helps(mlflow_store, score="best_val_acc").said)
    assert "best of its run's history of 'val_acc', which flatters: on average it lies 0.035 beyond" in chosen
    helps(mlflow_store, score="val_acc", history="last-quarter")


@pytest.mark.slow
def test_a_store_of_mlflow_of_another_version_or_that_is_locked_is_refused(mlflow_store):
    if mlflow_store.is_dir():
        pytest.skip("files have no lock and no version")
    with sqlite3.connect(mlflow_store, isolation_level=None) as database:
        database.execute("BEGIN EXCLUSIVE")
        with pytest.raises(InputError, match=r"mlflow\.db: database is locked; accepted: .* that no other program has locked"):
            read(mlflow_store)
        database.execute("ROLLBACK")
        database.execute("ALTER TABLE metrics RENAME COLUMN value TO reading")
    with pytest.raises(InputError, match=r"mlflow\.db: no such column: value; accepted: .* of a version with these tables"):
        read(mlflow_store)


def test_tensorboard_event_folders_with_hyperparameters(tmp_path):
    pytest.importorskip("tensorboard", reason="needs tensorboard: pip install dlbench[tensorboard]")
    event, summary, writers, hparams = (pkgutil.resolve_name(f"tensorboard.{name}") for name in (
        "compat.proto.event_pb2", "compat.proto.summary_pb2", "summary.writer.event_file_writer", "plugins.hparams.summary"))
    for place, (rate, seed, score) in enumerate(RUNS):
        writer = writers.EventFileWriter(str(tmp_path / "logs" / f"run_{place}"))
        start = hparams.session_start_pb({"rate": rate, "seed": seed}).SerializeToString()
        writer.add_event(event.Event(wall_time=1.0, summary=summary.Summary.FromString(start)))
        for step, by in enumerate(CURVE):
            kept = summary.Summary(value=[summary.Summary.Value(tag="val/acc", simple_value=score + by)])
            writer.add_event(event.Event(wall_time=1.0, step=step, summary=kept))
        writer.close()
    found = helps(tmp_path / "logs", arm=("hparam:rate",), score="val/acc")
    assert any("seed: column 'hparam:seed'" in sentence for sentence in found.said)
    files = sorted((tmp_path / "logs").rglob("events*"))
    files[0].write_bytes(files[0].read_bytes()[:-30])
    with pytest.raises(InputError, match=r"run_0.*cut off"):
        read(tmp_path / "logs")


@pytest.mark.slow
def test_optuna_studies(tmp_path):
    optuna = pytest.importorskip("optuna", reason="needs optuna: pip install optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path = tmp_path / "study.db"
    scores = {(rate, seed): score for rate, seed, score in RUNS}

    def objective(trial):
        rate, seed = trial.suggest_categorical("rate", list(GAINS)), trial.suggest_int("seed", 0, 4)
        for step, by in enumerate(CURVE):
            trial.report(scores[rate, seed] + by, step)
        return scores[rate, seed]

    grid = optuna.samplers.GridSampler({"rate": list(GAINS), "seed": list(range(5))})
    study = optuna.create_study(storage=f"sqlite:///{path}", study_name="sweep", direction="maximize", sampler=grid)
    study.optimize(objective, n_trials=10)
    study.enqueue_trial({"rate": 0.0, "seed": 0})
    found = helps(path, score="value", higher_is_better=True)
    assert "1 trial that did not complete left out" in found.said
    with sqlite3.connect(path, isolation_level=None) as database:
        database.execute("BEGIN EXCLUSIVE")
        with pytest.raises(InputError, match=r"study\.db: database is locked"):
            read(path)


def test_a_kerastuner_project(tmp_path):
    kerastuner = pytest.importorskip("keras_tuner", reason="needs keras-tuner: pip install keras-tuner")
    scores = {(rate, seed): score for rate, seed, score in RUNS}

    class Tuner(kerastuner.Tuner):
        def run_trial(self, trial, *args, **kwargs):
            chosen = trial.hyperparameters
            return {"val_accuracy": scores[chosen.Choice("rate", list(GAINS)), chosen.Int("seed", 0, 4)]}

    space = kerastuner.HyperParameters()
    space.Choice("rate", list(GAINS))
    space.Int("seed", 0, 4)
    oracle = kerastuner.oracles.GridSearchOracle(kerastuner.Objective("val_accuracy", "max"), max_trials=10, hyperparameters=space)
    Tuner(oracle=oracle, directory=tmp_path, project_name="search", overwrite=True).search(verbose=0)
    found = helps(tmp_path / "search", score="val_accuracy")
    assert any("KerasTuner keeps the best epoch" in sentence for sentence in found.said)


def test_hydra_multiruns(tmp_path):
    pytest.importorskip("hydra", reason="needs hydra: pip install hydra-core")
    (tmp_path / "train.py").write_text(
        "import json, pathlib, hydra\nfrom hydra.core.hydra_config import HydraConfig\n"
        "@hydra.main(version_base=None, config_path=None)\ndef main(config):\n"
        "    out = pathlib.Path(HydraConfig.get().runtime.output_dir)\n"
        "    score = 0.8 + 0.1 * config.rate + 0.001 * config.seed\n"
        "    (out / 'metrics.json').write_text(json.dumps({'val_acc': score}))\nmain()\n")
    called = [sys.executable, "train.py", "--multirun", "+rate=0.0,0.5", "+seed=range(0,5)", "hydra.sweep.dir=multirun"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(called, cwd=tmp_path, check=True, capture_output=True, env=environment)
    helps(tmp_path / "multirun")


@pytest.mark.slow
def test_pytest_benchmark_with_and_without_its_rounds(tmp_path):
    pytest.importorskip("pytest_benchmark", reason="needs pytest-benchmark")
    (tmp_path / "test_speed.py").write_text("def test_old(benchmark):\n    benchmark(sum, range(2000))\n"
                                            "def test_new(benchmark):\n    benchmark(sum, range(10))\n")
    called = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--benchmark-enable", "--benchmark-min-rounds=20",
              "--benchmark-max-time=0.01", "--rootdir=.", "test_speed.py"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}  # else nothing is timed
    for kept in (["--benchmark-json=data.json"], ["--benchmark-save=means", "--benchmark-storage=file://saved"]):
        done = subprocess.run([*called, *kept], cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, done.stdout
    found = judge(Question(tmp_path / "data.json", 1e-9, baseline="test_speed.py::test_old"))
    assert found.result.verdicts["arm"].tolist() == ["test_speed.py::test_new"] and len(found.result.runs) >= 40
    assert not found.result.results.metric.higher_is_better
    with pytest.raises(InputError, match="every arm has one run"):
        judge(Question(next((tmp_path / "saved").rglob("*_means.json")), 1e-9, baseline="test_speed.py::test_old"))
