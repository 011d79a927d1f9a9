"""Exports of Weights & Biases and Neptune, in the forms that their documentation publishes: summaries, histories, charts."""

from __future__ import annotations

import json
from decimal import Decimal

import pandas as pd
import pytest

from dlbench.app.judge import Question, judge
from dlbench.readers import read
from dlbench.values.errors import InputError

GAINS = {0.0: 0.0, 0.5: 0.05}
RUNS = [(rate, seed, 0.8 + gain + 0.001 * seed) for rate, gain in GAINS.items() for seed in range(5)]
CURVE = (-0.1, -0.02, -0.01, 0.0)


def helps(path, **asked):
    found = judge(Question(path, 0.01, **asked))
    row = found.result.verdicts.iloc[0]
    assert row["verdict"] == "helps" and row["difference"] == pytest.approx(0.05) and len(found.result.runs) == 10
    assert sorted(set(found.result.runs["seed"])) == [0, 1, 2, 3, 4]
    return found


def runs_of_wandb():
    """As the script of W&B's documentation collects a project's runs: name, config and summary of each."""
    return [{"summary": {"val_acc": score, "_step": 3, "_runtime": 12.5, "_timestamp": 1.0, "gradients": {"_type": "histogram"}},
             "config": {"rate": rate, "seed": seed, "_wandb": {"cli": "0.1"}}, "name": f"swept-{place}"}
            for place, (rate, seed, score) in enumerate(RUNS)]


def test_the_table_that_wandbs_documentation_writes(tmp_path):
    pd.DataFrame(runs_of_wandb()).to_csv(tmp_path / "project.csv")  # cells are Python's text of dictionaries
    found = helps(tmp_path / "project.csv", arm=("rate",), score="val_acc", baseline="0")
    assert "read as wandb" in found.said[0]


@pytest.mark.parametrize("wrapped", [False, True])
def test_runs_of_wandb_as_json(wrapped, tmp_path):
    runs = runs_of_wandb()
    for run in runs:
        run["config"] = {name: {"value": value, "desc": None} if wrapped else value for name, value in run["config"].items()}
    (tmp_path / "runs.json").write_text(json.dumps(runs))
    helps(tmp_path / "runs.json", arm=("rate",), score="val_acc", baseline="0")


def test_a_history_of_wandb_is_folded_to_the_last_value_of_each_run(tmp_path):
    rows = [{"_step": step, "_runtime": 3.0 * step, "_timestamp": 1e9 + step, "rate": rate, "seed": seed,
             "val_acc": score + by if step % 2 else ""} for rate, seed, score in RUNS
            for step, by in zip((1, 2, 3, 5, 7), (*CURVE[:1], *CURVE))]
    pd.DataFrame(rows).to_csv(tmp_path / "history.csv", index=False)
    found = helps(tmp_path / "history.csv", baseline="0")
    assert any("numbered by '_step': 50 rows of 10 runs" in sentence for sentence in found.said)
    (tmp_path / "history.json").write_text(json.dumps([{name: value for name, value in row.items() if value != ""} for row in rows]))
    helps(tmp_path / "history.json", baseline="0")


def test_a_chart_of_wandb_is_a_run_a_column(tmp_path):
    table = {"Step": range(4)}
    for rate, seed, score in RUNS:
        name = f"rate {rate} seed{seed} - val_acc"
        table |= {name: [score + by for by in CURVE]} | {f"{name}__{end}": [score + by for by in CURVE] for end in ("MIN", "MAX")}
    pd.DataFrame(table).to_csv(tmp_path / "wandb_chart.csv", index=False, quoting=1)
    found = helps(tmp_path / "wandb_chart.csv", baseline="rate 0.0")
    assert set(found.result.verdicts["arm"]) == {"rate 0.5"}


def test_cells_of_a_wandb_export_that_are_no_objects_are_refused_by_row(tmp_path):
    pd.DataFrame({"summary": ["{'a': 1}", "broken"], "config": ["{}", "{}"], "name": ["a", "b"]}).to_csv(tmp_path / "p.csv")
    with pytest.raises(InputError, match="row 2: summary = 'broken'"):
        read(tmp_path / "p.csv")


def records_of_neptune():
    """As README.md of neptune-exporter has the schema: a row a run, attribute and step."""
    for place, (rate, seed, score) in enumerate(RUNS):
        run = {"project_id": "team/sweep", "run_id": f"SWEEP-{place}", "step": None, "timestamp": None}
        yield run | {"attribute_path": "parameters/rate", "attribute_type": "float", "float_value": rate}
        yield run | {"attribute_path": "parameters/seed", "attribute_type": "int", "int_value": seed}
        yield run | {"attribute_path": "sys/owner", "attribute_type": "string", "string_value": f"user {place}"}
        yield run | {"attribute_path": "sys/tags", "attribute_type": "string_set", "string_set_value": ["a"]}
        for step, by in reversed(list(enumerate(CURVE))):
            yield run | {"attribute_path": "metrics/val_acc", "attribute_type": "float_series", "float_value": score + by,
                         "step": Decimal(step), "timestamp": pd.Timestamp(step, unit="s", tz="UTC")}


def test_a_project_that_neptunes_exporter_left(tmp_path):
    pytest.importorskip("pyarrow", reason="needs pyarrow: pip install dlbench[parquet]")
    folder = tmp_path / "data" / "team_sweep_0a1b"
    folder.mkdir(parents=True)
    whole = pd.DataFrame(records_of_neptune())
    for run, records in whole.groupby("run_id"):
        records.to_parquet(folder / f"{run}_part_0.parquet")
    for path in (tmp_path / "data", folder):
        found = helps(path, baseline="0", score="metrics/val_acc")
        assert "read as neptune" in found.said[0] and "string_set" in found.said[1]
    whole.to_parquet(tmp_path / "all.parquet")
    assert len(read(tmp_path / "all.parquet")[1].curves["metrics/val_acc"][0]) == 4
    pd.DataFrame({"run_id": ["a"]}).to_parquet(tmp_path / "none.parquet")
    with pytest.raises(InputError, match="attribute_path is missing"):
        read(tmp_path / "none.parquet", "neptune")
