"""Readers of results that others made: each form gives a row a run, with parameters, seeds and scores as they stand there."""

from __future__ import annotations

import json
import os
import pkgutil
import sqlite3
from contextlib import closing

import pandas as pd
import pytest

import dlbench
from dlbench.app.histories import best_of_history
from dlbench.app.judge import Question, judge
from dlbench.readers import READERS, read
from dlbench.values.errors import InputError
from dlbench.values.metric import Metric

GAINS = {0.0: 0.0, 0.5: 0.05}
RUNS = [(rate, seed, 0.8 + gain + 0.001 * seed) for rate, gain in GAINS.items() for seed in range(5)]


def judged(path, **asked):
    found = judge(Question(path, 0.01, **asked))
    return found, found.result.verdicts


def mlflow_folder(folder):
    mlflow = pytest.importorskip("mlflow", reason="needs mlflow: pip install dlbench[mlflow]")
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    client = mlflow.MlflowClient((folder / "mlruns").as_uri())
    experiment = client.create_experiment("sweep")
    for rate, seed, score in RUNS:
        run = client.create_run(experiment, run_name=f"rate {rate}").info.run_id
        client.log_param(run, "rate", rate)
        client.log_param(run, "seed", seed)
        for step, value in enumerate((score - 0.1, score - 0.02, score - 0.01, score)):
            client.log_metric(run, "val_acc", value, step=step)
    return folder / "mlruns"


def mlflow_database(folder):
    with closing(sqlite3.connect(folder / "mlflow.db")) as database, database:
        database.executescript(
            "CREATE TABLE runs (run_uuid, name, lifecycle_stage); CREATE TABLE params (run_uuid, key, value);"
            "CREATE TABLE latest_metrics (key); CREATE TABLE metrics (run_uuid, key, value, step, timestamp);"
            "INSERT INTO runs VALUES ('gone', 'x', 'deleted'); INSERT INTO metrics VALUES ('gone', 'val_acc', 0, 0, 0)")
        for place, (rate, seed, score) in enumerate(RUNS):
            database.execute("INSERT INTO runs VALUES (?, ?, 'active')", (f"r{place}", "run"))
            given = (("rate", rate), ("seed", seed))
            database.executemany("INSERT INTO params VALUES (?, ?, ?)", [(f"r{place}", key, str(value)) for key, value in given])
            database.executemany("INSERT INTO metrics VALUES (?, 'val_acc', ?, ?, 0)", [(f"r{place}", 0.9, 0), (f"r{place}", score, 1)])
    return folder / "mlflow.db"


def optuna(folder):
    with closing(sqlite3.connect(folder / "study.db")) as database, database:
        database.executescript(
            "CREATE TABLE studies (study_id, study_name); CREATE TABLE trials (trial_id, number, study_id, state);"
            "CREATE TABLE trial_params (trial_id, param_name, param_value, distribution_json);"
            "CREATE TABLE trial_values (trial_id, objective, value); CREATE TABLE trial_user_attributes (trial_id, key, value_json);"
            "CREATE TABLE trial_intermediate_values (trial_id, step, intermediate_value);"
            "INSERT INTO studies VALUES (1, 'sweep'); INSERT INTO trials VALUES (99, 99, 1, 'FAIL')")
        choices = json.dumps({"name": "CategoricalDistribution", "attributes": {"choices": list(GAINS)}})
        whole = json.dumps({"name": "IntDistribution", "attributes": {}})
        for place, (rate, seed, score) in enumerate(RUNS):
            database.execute("INSERT INTO trials VALUES (?, ?, 1, 'COMPLETE')", (place, place))
            database.execute("INSERT INTO trial_params VALUES (?, 'rate', ?, ?)", (place, list(GAINS).index(rate), choices))
            database.execute("INSERT INTO trial_params VALUES (?, 'seed', ?, ?)", (place, seed, whole))
            database.execute("INSERT INTO trial_values VALUES (?, 0, ?)", (place, score))
    return folder / "study.db"


def tensorboard(folder):
    pytest.importorskip("tensorboard", reason="needs tensorboard: pip install dlbench[tensorboard]")
    event, summary, file_writer = (pkgutil.resolve_name(f"tensorboard.{name}") for name in (
        "compat.proto.event_pb2", "compat.proto.summary_pb2", "summary.writer.event_file_writer"))
    for rate, seed, score in RUNS:
        writer = file_writer.EventFileWriter(str(folder / "runs" / f"rate{rate}_seed{seed}"))
        for step, value in enumerate((score - 0.1, score - 0.02, score - 0.01, score)):
            kept = summary.Summary(value=[summary.Summary.Value(tag="val/acc", simple_value=value)])
            writer.add_event(event.Event(wall_time=1.0, step=step, summary=kept))
        writer.close()
    return folder / "runs"


def kerastuner(folder):
    for place, (rate, seed, score) in enumerate(RUNS):
        trial = folder / "tuner" / f"trial_{place}"
        trial.mkdir(parents=True)
        (trial / "trial.json").write_text(json.dumps({
            "trial_id": str(place), "hyperparameters": {"space": [], "values": {"rate": rate, "seed": seed}},
            "metrics": {"metrics": {"val_accuracy": {"direction": "max", "observations": [{"value": [score], "step": 3}]}}},
            "score": score, "status": "COMPLETED"}))
    return folder / "tuner"


def hydra(folder):
    pytest.importorskip("yaml", reason="needs PyYAML: pip install dlbench[hydra]")
    for place, (rate, seed, score) in enumerate(RUNS):
        run = folder / "multirun" / str(place)
        (run / ".hydra").mkdir(parents=True)
        (run / ".hydra" / "overrides.yaml").write_text(f"- rate={rate}\n- seed={seed}\n")
        (run / "metrics.json").write_text(json.dumps({"val_acc": score}))
    return folder / "multirun"


def wandb(folder):
    """As "Export CSV" of a project's table writes it."""
    rows = [{"Name": f"run-{place}", "State": "finished", "Created": "2026-01-01T00:00:00.000Z", "Runtime": "12", "rate": rate,
             "seed": seed, "val_acc": score} for place, (rate, seed, score) in enumerate(RUNS)]
    pd.DataFrame(rows).to_csv(folder / "wandb_export.csv", index=False, quoting=1)
    return folder / "wandb_export.csv"


def neptune(folder):
    """As the exporter writes a project's runs: one row a run and attribute path."""
    pytest.importorskip("pyarrow", reason="needs pyarrow: pip install dlbench[parquet]")
    rows = [{"sys/id": f"P-{place}", "parameters/rate": rate, "parameters/seed": seed, "metrics/val_acc": score}
            for place, (rate, seed, score) in enumerate(RUNS)]
    pd.DataFrame(rows).to_parquet(folder / "runs.parquet")
    return folder / "runs.parquet"


FORMS = {
    "mlflow": (mlflow_folder, {"arm": ("rate",), "baseline": "0.0"}),
    "mlflow database": (mlflow_database, {"arm": ("rate",), "baseline": "0.0"}),
    "optuna": (optuna, {"arm": ("rate",), "baseline": "0", "score": "value", "higher_is_better": True}),
    "tensorboard": (tensorboard, {"baseline": "rate0.0"}),
    "kerastuner": (kerastuner, {"arm": ("rate",), "baseline": "0", "score": "val_accuracy"}),
    "hydra": (hydra, {"arm": ("rate",), "baseline": "0.0"}),
    "wandb": (wandb, {"arm": ("rate",), "baseline": "0.0", "score": "val_acc"}),
    "neptune": (neptune, {"arm": ("parameters/rate",), "seed": "parameters/seed", "baseline": "0", "score": "metrics/val_acc"}),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_verdict(form, tmp_path):
    make, asked = FORMS[form]
    found, verdicts = judged(make(tmp_path), **asked)
    assert list(verdicts["verdict"]) == ["helps"] and verdicts["difference"].iloc[0] == pytest.approx(0.05, abs=1e-6)
    assert len(found.result.runs) == 10 and sorted(set(found.result.runs["seed"])) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("form", ["mlflow", "tensorboard"])
def test_a_score_that_is_the_best_of_its_history_is_said_to_flatter(form, tmp_path):
    make, asked = FORMS[form]
    found, _ = judged(make(tmp_path), **asked)
    assert not any("flatters" in sentence for sentence in found.said), "the last quarter of four values is the last one"
    _, read_ = read(tmp_path / ("mlruns" if form == "mlflow" else "runs"))
    lasts = sorted(history[-1] for history in next(iter(read_.curves.values())).values())
    assert lasts == pytest.approx(sorted(score for _, _, score in RUNS))


def test_by_how_much_the_best_of_a_history_flatters_is_said():
    runs = pd.DataFrame({"row": [0, 1], "score": [0.9, 0.8]})
    metric = Metric("acc", "fraction", True, 0.0, 1.0, "test")
    curves = {0: [0.5, 0.9, 0.7, 0.8, 0.8, 0.7, 0.8, 0.7], 1: [0.5, 0.8, 0.7, 0.7]}
    assert "on average it lies 0.125 beyond" in best_of_history(runs, {"acc": curves}, "acc", metric, 1.0)[0]
    assert not best_of_history(runs, {"acc": curves | {1: [0.5, 0.9, 0.7, 0.8]}}, "acc", metric, 1.0)


def test_a_study_of_our_own_is_read_from_its_folder(tmp_path):
    (tmp_path / "train.py").write_text("import sys; s, rate = map(float, sys.argv[1:]); print('acc:', 0.5 + 0.001 * s + 0.1 * rate)")
    study = {"engine": "command", "run": f"python {tmp_path / 'train.py'} {{seed}} {{rate}}", "margin": 0.01, "seeds": 5,
             "metric": {"name": "accuracy", "higher_is_better": True, "unit": "fraction"}, "score_pattern": "acc: (?P<accuracy>[0-9.]+)",
             "baseline": {"rate": 0}, "arms": [{"rate": 1}]}
    dlbench.run(study, out=tmp_path / "out", progress=False)
    reader, found = read(tmp_path / "out")
    assert reader.name == "dlbench" and list(found.table.columns) == ["arm", "seed", "accuracy"] and len(found.table) == 10


def test_times_of_benchmarks(tmp_path):
    stats = {"mean": 2.0, "data": [1.0, 2.0, 3.0]}
    whole = {"machine_info": {}, "benchmarks": [{"fullname": f"b.py::{name}", "stats": stats} for name in ("old", "new")]}
    (tmp_path / "b.json").write_text(json.dumps(whole))
    found, verdicts = judged(tmp_path / "b.json", baseline="b.py::old")
    assert len(found.result.runs) == 6 and found.result.results.metric.higher_is_better is False and list(verdicts["arm"]) == ["b.py::new"]
    (tmp_path / "asv.json").write_text(json.dumps({
        "commit_hash": "0123456789ab", "result_columns": ["result", "params", "samples"],
        "results": {"time_old": [[2.0], [], [[1.0, 2.0, 3.0]]], "time_new": [[2.0], [], [[1.0, 2.0, 3.0]]]}}))
    assert len(judged(tmp_path / "asv.json", baseline="time_old", arm=("benchmark",))[1]) == 1


BROKEN = {
    "locked": ("x.db", b"SQLite format 3\x00" + bytes(100)), "an empty database": ("x.db", b""), "no JSON": ("x.json", b"{"),
    "no object": ("x.json", b"[1, 2]"), "a broken line": ("x.jsonl", b'{"a": 1}\n{'), "bytes": ("x.csv", b"a,b\n\xff\xfe\xfd,1\n"),
    "no parquet": ("x.parquet", b"PAR1"), "a number": ("x.json", b"5"), "an empty table": ("x.csv", b""),
    "a benchmark without stats": ("x.json", b'{"machine_info": {}, "benchmarks": [{}]}'),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_files_are_refused_by_name(kind, tmp_path):
    name, data = BROKEN[kind]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=r"x\."):
        judge(Question(tmp_path / name, 0.01))


def test_truncated_event_files_and_empty_folders_are_refused(tmp_path):
    folder = tensorboard(tmp_path)
    for file in folder.rglob("events*"):
        file.write_bytes(file.read_bytes()[:30])
    with pytest.raises(InputError):
        judge(Question(folder, 0.01))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no reader knows it"):
        judge(Question(tmp_path / "empty", 0.01))


def test_hydra_runs_with_several_files_of_scores_say_so(tmp_path):
    folder = hydra(tmp_path)
    (folder / "0" / "other.json").write_text("{}")
    with pytest.raises(InputError, match="one file of scores"):
        read(folder)


def test_each_reader_has_a_name_a_description_and_a_place_in_the_page():
    page = (pytest.importorskip("pathlib").Path(dlbench.__file__).parents[1] / "docs" / "judge.md").read_text()
    assert all(f"`{reader.name}`" in page and reader.what for reader in READERS)
