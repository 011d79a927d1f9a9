"""What is exported is what the store holds, in each format, and writing it twice changes nothing."""

import importlib.util
import json
import math

import pandas as pd
import pytest

from dlbench.analysis import analyse
from dlbench.exports import FORMATS, export, tables
from dlbench.exports.trackers import tracked
from dlbench.values.errors import InputError


def needs(module):
    return pytest.mark.skipif(importlib.util.find_spec(module) is None, reason=f"needs {module}")


def same(written, held):
    pd.testing.assert_frame_equal(written[["arm", "seed", "status"]], held[["arm", "seed", "status"]], check_dtype=False)
    pd.testing.assert_series_equal(written.test_accuracy, held.test_accuracy, check_dtype=False)


@needs("pyarrow")
def test_parquet_has_every_table(results, tmp_path):
    paths = export(analyse(results), "parquet", tmp_path / "out")
    assert {path.stem for path in paths} == {"verdicts", "arms", "runs", "curves", "timings", "environments"}
    same(pd.read_parquet(tmp_path / "out" / "runs.parquet"), results.runs)
    arms = pd.read_parquet(tmp_path / "out" / "arms.parquet")
    assert json.loads(arms.changes[1]) == {"model.dropout": [0.0, 0.2]}


def test_csv_has_every_table(results, tmp_path):
    export(analyse(results), "csv", tmp_path / "out")
    same(pd.read_csv(tmp_path / "out" / "runs.csv"), results.runs)
    assert pd.read_csv(tmp_path / "out" / "verdicts.csv").arm.tolist() == tables(analyse(results))["verdicts"].arm.tolist()


def test_json_is_one_strict_file(results, tmp_path):
    (path,) = export(analyse(results), "json", tmp_path / "out")
    content = json.loads(path.read_text(), parse_constant=pytest.fail)
    assert content["study"]["question"] == "Does it?" and len(content["runs"]) == 9
    assert [row["test_accuracy"] for row in content["runs"] if row["status"] != "done"] == [None]


def test_mlflow_gets_each_run_once(results, tmp_path):
    client_of = pytest.importorskip("mlflow.tracking").MlflowClient
    for _ in range(2):
        export(analyse(results), "mlflow", tmp_path / "mlruns")
    client = client_of((tmp_path / "mlruns").resolve().as_uri())
    (experiment,) = [found for found in client.search_experiments() if found.name == results.study["name"]]
    runs = client.search_runs([experiment.experiment_id])
    assert len(runs) == len(results.runs)
    held = {(row.arm, str(row.seed)): row for row in results.runs.itertuples()}
    for run in runs:
        row = held[run.data.tags["arm"], run.data.params["seed"]]
        assert run.info.status == ("FINISHED" if row.status == "done" else "FAILED")
        assert run.data.metrics.get("test_accuracy", math.nan) == pytest.approx(row.test_accuracy, nan_ok=True)


def test_tensorboard_gets_each_run_once(results, tmp_path):
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator").EventAccumulator
    for _ in range(2):
        export(analyse(results), "tensorboard", tmp_path / "out")
    folders = sorted(path.parent for path in (tmp_path / "out").rglob("events.*"))
    assert len(folders) == len(results.runs) == len(set(folders))
    events = reader(str(tmp_path / "out" / "dropout rate=0.2" / "seed-1"))
    events.Reload()
    value = pytest.importorskip("tensorboard.util.tensor_util").make_ndarray(events.Tensors("final/test_accuracy")[0].tensor_proto)
    assert value.item() == pytest.approx(0.903)


def test_what_tracking_programs_get_is_the_whole_of_each_run(results):
    found = {(item.tags["arm"], item.parameters["seed"]): item for item in tracked(results)}
    assert len(found) == 9
    assert found["dropout rate=0.5", "0"].parameters == {"model.dropout": "0.5", "seed": "0"}
    assert found["dropout rate=0.5", "2"].tags["status"] == "diverged" and "test_accuracy" not in found["dropout rate=0.5", "2"].scores
    assert found["baseline", "0"].scores["test_accuracy"] == pytest.approx(0.9)


@pytest.mark.parametrize("format, module", [("parquet", "pyarrow"), ("mlflow", "mlflow.tracking"), ("tensorboard", "tensorboard.summary")])
def test_a_package_that_is_missing_is_named(format, module, results, tmp_path, monkeypatch):
    found = importlib.import_module

    def without(name, *rest):
        if name == module:
            raise ImportError(name)
        return found(name, *rest)

    monkeypatch.setattr(importlib, "import_module", without)
    package = module.partition(".")[0]
    with pytest.raises(InputError, match=f"{package} is not installed; install it with: pip install 'dlbench\\[{format}\\]'"):
        export(analyse(results), format, tmp_path / "out")


def test_an_unknown_format_and_a_folder_that_is_a_file_are_refused(results, tmp_path):
    with pytest.raises(InputError, match="unknown format 'parket'; did you mean 'parquet'"):
        export(analyse(results), "parket", tmp_path)
    (tmp_path / "file").write_text("x")
    for name in FORMATS:
        with pytest.raises(InputError, match="file: cannot be written"):
            export(analyse(results), name, tmp_path / "file")
