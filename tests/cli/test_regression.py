"""Numbers to predict, from the command line with real trainings."""

import os
from functools import partial

import numpy as np
import pandas as pd
import pytest

from dlbench.analysis import analyse
from dlbench.store.read import read
from tests.calling import called_here as dlbench
from tests.studies import written

STUDY = """
question = "Does dropout help to predict the number?"
dataset = "csv:table.csv"
task = "regression"
label = "price"
model = "mlp"
seeds = 3
margin = 0.5
budget = { epochs = 4 }
baseline = { options = { hidden = 16 } }
[[arms]]
technique = "dropout"
rate = 0.5
"""


def table(rows=160):
    draw = np.random.default_rng(0)
    x = draw.normal(size=(rows, 3)).round(3)
    return pd.DataFrame(x, columns=list("abc")).assign(price=(30 + 5 * x.sum(axis=1) + draw.normal(size=rows)).round(2))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("regression")
    table().to_csv(place / "table.csv", index=False)
    (place / "price.toml").write_text(STUDY)
    (place / "mine.py").write_text("import pandas\n\ndef data():\n    table = pandas.read_csv('table.csv')\n"
                                   "    return table[['a', 'b', 'c']].to_numpy(), table['price'].to_numpy()\n")
    return place


changed = partial(written, STUDY)


def test_a_study_of_numbers_is_run_judged_and_reported(folder):
    ran = dlbench(folder, "run", "price.toml", "--no-timing")
    assert ran.code == 0, ran.err
    results = read(folder / "reports" / "price")
    assert results.complete and results.metric.name == "test_rmse" and set(results.runs["control"]) == {"baseline", "controlled"}
    verdicts = analyse(results).verdicts
    assert verdicts["example_error"].notna().all(), "the claim is about new data"
    page = (folder / "reports" / "price" / "report.md").read_text()
    assert "tested for new data" in page and "test rmse (lower is better)" in page and "## Learning curves" in page
    assert "## Predictions" in page and "Predicted and true numbers" in page and "Above the line, a prediction is too high" in page
    assert " in ," not in page and "class" not in page.split("## Environment")[0]


def test_plan_says_that_numbers_are_predicted(folder):
    said = " ".join(dlbench(folder, "plan", "price.toml").out.split())
    assert "160 rows of 3 numbers with a number to predict each (regression)" in said and "test_rmse, margin 0.5" in said


def test_a_function_gives_numbers_too_and_the_metric_tells_the_task(folder):
    mine = changed(folder, "mine", ("csv:table.csv", "mine:data"), ('label = "price"\n', ""), ('task = "regression"', 'metric = "mae"'))
    said = " ".join(dlbench(folder, "plan", mine).out.split())
    assert "160 rows of 3 numbers with a number to predict each (regression)" in said and "test_mae, margin 0.5" in said


@pytest.mark.parametrize(("pairs", "words"), [
    ([('task = "regression"\n', "")], "labels look like numbers to predict"),
    ([('"regression"', '"regresion"')], "unknown task 'regresion'; did you mean 'regression'?"),
    ([('"regression"', '"regression"\nmetric = "accuracy"')], "metric = test_accuracy: it is of classification, and not for task"),
    ([('"regression"', '"classification"\nmetric = "rmse"')], "metric = test_rmse: it is of regression, and not for task"),
    ([('"csv:table.csv"', '"digits"'), ('label = "price"\n', "")], "task = 'regression': dataset 'digits' has classes; accepted: csv:PATH"),
    ([('"dropout"\nrate = 0.5', '"label_smoothing"')], "arm 'label_smoothing': label_smoothing needs classes or labels, and "),
    ([('"dropout"\nrate = 0.5', '"distillation"')], "arm 'distillation': distillation needs classes"),
    ([('16 }', '16 }, techniques = [{ technique = "label_smoothing" }]')], "baseline: label_smoothing needs classes"),
])
def test_what_does_not_go_with_the_task_is_refused_by_name(folder, pairs, words):
    refused = dlbench(folder, "plan", changed(folder, "bad", *pairs))
    assert refused.code == 2 and words in " ".join(refused.err.split()), refused.err


@pytest.mark.parametrize(("price", "words"), [
    ("cheap", "row 4 of {}: column 'price' holds 'cheap', which is no number to predict; accepted: finite numbers"),
    ("", "row 4 of {} has no label"), ("inf", "row 4 of {}: column 'price' holds 'inf', which is no number"),
    (None, "the training split of 'csv:bad.csv' has number 7.0 only"),
])
def test_targets_that_cannot_be_predicted_are_refused_with_their_row(folder, price, words):
    bad = table().astype(object)
    bad["price"] = 7 if price is None else bad["price"].where(bad.index != 2, price)
    bad.to_csv(folder / "bad.csv", index=False)
    refused = dlbench(folder, "plan", changed(folder, "bad", ("csv:table.csv", "csv:bad.csv")))
    assert refused.code == 2 and words.format(folder / "bad.csv") in " ".join(refused.err.split()), refused.err


def test_a_column_that_numbers_folds_is_said_where_it_is_read_as_a_feature(folder):
    table().assign(fold=np.arange(160) % 4).to_csv(folder / "folds.csv", index=False)
    given = changed(folder, "folds", ("csv:table.csv", "csv:folds.csv"))
    assert "'fold' is read as a feature, though called as what numbers the parts" in " ".join(dlbench(folder, "plan", given).out.split())
    grouped = dlbench(folder, "plan", given, "--set", "group=fold")
    assert "'fold' is read" not in " ".join(grouped.out.split()) and "160 rows of 3 numbers" in " ".join(grouped.out.split())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["concrete", "energy", "yacht", "wine", "housing"])
def test_the_uci_tables_on_their_canonical_splits(folder, name, data_dir):
    """With ``group = "fold"`` and ten folds, each seed tests one of the ten canonical parts; a network beats the mean in all."""
    source = data_dir / "uci" / f"{name}.csv"
    if not source.is_file():
        pytest.skip(f"needs {source}")
    os.symlink(source, folder / f"{name}.csv")
    study = changed(folder, name, ("csv:table.csv", f"csv:{name}.csv"), ('label = "price"', 'label = "y"\ngroup = "fold"\nfolds = 10'),
                    ("seeds = 3", "seeds = 10"), ("epochs = 4", "epochs = 40"), ("hidden = 16", "hidden = 50"))
    ran = dlbench(folder, "run", study, "--no-timing")
    assert ran.code == 0, ran.err
    results, known = read(folder / "reports" / name), pd.read_csv(source)
    runs = results.runs[results.runs["arm"] == "baseline"]
    sizes = results.answers.examples(runs["run_id"])
    assert sorted(sizes.values()) == sorted(known["fold"].value_counts())
    assert runs["test_rmse"].astype(float).mean() < known["y"].std() and runs["test_r2"].astype(float).mean() > 0.2


def test_doctor_looks_at_a_study_of_numbers(folder):
    looked = dlbench(folder, "doctor", "price.toml")
    assert looked.code == 0 and "nothing in its data, metric and margin speaks against this study" in looked.out, looked
