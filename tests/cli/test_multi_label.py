"""Several labels an example, from the command line with real trainings."""

import runpy
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dlbench.analysis import analyse
from dlbench.datasets.digits import load
from dlbench.store.read import read
from tests.calling import called_here as dlbench
from tests.studies import written

STUDY = """
question = "Does dropout help to name all labels?"
dataset = "npz:labels.npz"
task = "multi_label"
model = "mlp"
seeds = 3
metrics = ["exact_match", "mean_average_precision"]
margin = [0.05, 0.05]
budget = { epochs = 4 }
baseline = { options = { hidden = 16 } }
[[arms]]
technique = "dropout"
rate = 0.5
"""
FUNCTIONS = """
import numpy


def data():
    held = numpy.load("labels.npz")
    return held["x"], held["y"] > 0


def stream():
    import tensorflow
    return tensorflow.data.Dataset.from_tensor_slices(data())


def batches():
    return stream().batch(50)
"""


def examples(rows=240):
    """Rows of four numbers, and the three labels that follow from them."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(rows, 4)).round(3)
    return x, (x[:, :3] + 0.5 * draw.normal(size=(rows, 3)) > [0, 0.5, 1]).astype(int)


def weather():
    """The same as a table, with a column for each label."""
    x, y = examples()
    return pd.DataFrame(x, columns=list("abcd")).assign(rain=y[:, 0], wind=y[:, 1], snow=y[:, 2]).astype({"rain": bool})


def tagged():
    """The same with a column of tags."""
    table = weather()
    tags = [" ; ".join(name for name in ("wind", "rain", "snow") if row[name]) for row in table.to_dict("records")]
    return table[list("abcd")].assign(tags=tags)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("labels")
    x, y = examples()
    np.savez(place / "labels.npz", x=x, y=y)
    (place / "three.toml").write_text(STUDY)
    weather().to_csv(place / "weather.csv", index=False)
    tagged().to_csv(place / "tagged.csv", index=False)
    (place / "mine.py").write_text(FUNCTIONS)
    return place


changed = partial(written, STUDY)


def planned(folder, study):
    return " ".join(dlbench(folder, "plan", study).out.split())


def test_a_study_of_several_labels_is_run_judged_and_reported(folder):
    ran = dlbench(folder, "run", "three.toml", "--no-timing")
    assert ran.code == 0, ran.err
    results = read(folder / "reports" / "three")
    assert results.complete and results.metric.name == "test_exact_match" and set(results.runs["control"]) == {"baseline", "controlled"}
    assert analyse(results).verdicts["example_error"].notna().all(), "the claim is about new data"
    page = (folder / "reports" / "three" / "report.md").read_text()
    assert "tested for new data" in page and "Test mean average precision" in page and "## Learning curves" in page
    assert "class" not in page.split("## Environment")[0]


def test_what_is_kept_of_each_label_has_the_scores_of_the_run(folder):
    if not (folder / "reports" / "three").exists():
        dlbench(folder, "run", "three.toml", "--no-timing")
    results = read(folder / "reports" / "three")
    (found,) = analyse(results).label_effects
    runs = results.runs.set_index(["arm", "seed"])
    ranked = found.table[found.table["measure"] == "average_precision"]
    assert ranked["score"].mean() == pytest.approx(runs.loc["dropout rate=0.5", "test_mean_average_precision"].mean(), abs=2e-3)
    f1 = found.table.loc[found.table["measure"] == "f1", "reference_score"]
    assert f1.mean() == pytest.approx(runs.loc["baseline", "test_label_macro_f1"].mean(), abs=1e-6)
    assert ranked["tested"].eq(60).all() and ranked["examples"].between(1, 59).all() and found.counted == "3 seeds"
    assert dlbench(folder, "export", "reports/three", "--format", "csv", "--out", "csv").code == 0
    assert len(pd.read_csv(folder / "csv" / "labels.csv")) == 12 and "## Labels" in (folder / "reports" / "three" / "report.md").read_text()


def test_plan_says_that_examples_have_several_labels(folder):
    said = planned(folder, "three.toml")
    assert "240 rows of 4 numbers with any of 3 labels each (multi-label)" in said and "test_exact_match, margin 0.05" in said


@pytest.mark.parametrize("name", ["data", "stream", "batches"])
def test_a_function_gives_labels_too_and_the_metric_tells_the_task(folder, name):
    said = planned(folder, changed(folder, "mine", ("npz:labels.npz", f"mine:{name}"), ('task = "multi_label"\n', "")))
    assert "240 rows of 4 numbers with any of 3 labels each (multi-label)" in said


@pytest.mark.parametrize(("pairs", "words"), [
    ([('task = "multi_label"\n', ""), ('metrics = ["exact_match", "mean_average_precision"]', ""), ("[0.05, 0.05]", "0.05")],
     "`task = \"multi_label\"` is for rows of 0 and 1"),
    ([('"multi_label"', '"multilabel"')], "unknown task 'multilabel'; did you mean 'multi_label'?"),
    ([('"exact_match"', '"macro_f1"')], "metric = test_macro_f1: it is of classification, and not for task = 'multi_label'"),
    ([('"exact_match"', '"exact_matches"')], "unknown metric 'exact_matches'; did you mean"),
    ([("npz:labels.npz", "digits")], "task = 'multi_label': dataset 'digits' has classes; accepted: csv:PATH"),
    ([('"dropout"\nrate = 0.5', '"class_weights"')], "arm 'class_weights': class_weights needs classes, and 'npz:labels.npz' has labels"),
    ([("npz:labels.npz", "digits"), ('task = "multi_label"\n', ""), ('["exact_match", "mean_average_precision"]', '["accuracy", "loss"]'),
      ('"dropout"\nrate = 0.5', '"positive_weights"')], "positive_weights needs several labels an example, and 'digits' has classes"),
    ([('model = "mlp"', 'model = "mlp"\nloop = "keras"'), ('"dropout"\nrate = 0.5', '"positive_weights"')],
     "loop = 'keras' is the plain reference and has no positive_weights; it needs loop = 'compiled'"),
    ([('"dropout"\nrate = 0.5', '"distillation"')], "arm 'distillation': distillation needs classes, and 'npz:labels.npz' has labels"),
])
def test_what_does_not_go_with_the_task_is_refused_by_name(folder, pairs, words):
    refused = dlbench(folder, "plan", changed(folder, "bad", *pairs))
    assert refused.code == 2 and words in " ".join(refused.err.split()), refused.err


def two(x, y):
    return x, np.where(np.arange(len(y))[:, None] == 7, 2, y)


def gap(x, y):
    return x, np.where(np.arange(len(y))[:, None] == 7, [np.nan, 1.0, 0.0], y)


@pytest.mark.parametrize(("spoil", "words"), [
    (two, "row of labels [2 2 2] of row 7 of x in bad.npz is out of range; accepted: 0 and 1"),
    (gap, "row of labels [nan 1. 0.] of row 7 of x in bad.npz is out of range; accepted: 0 and 1"),
    (lambda x, y: (x, y * [1, 1, 0]), "dataset 'npz:bad.npz': label 2 is 0 in all 240 examples: there is nothing to learn"),
    (lambda x, y: (x, y | [1, 1, 0]), "dataset 'npz:bad.npz': labels 0 and 1 are 1 in all 240 examples"),
    (lambda x, y: (x, y[:, 0]), "wanted one row of at least 2 labels, each 0 or 1, an example, got int64 [240] for 240 examples; one"),
    (lambda x, y: (x, y.astype(str)), "wanted one row of at least 2 labels, each 0 or 1, an example, got <U21 [240, 3]"),
    (lambda x, y: (x, y[:200]), "x has 240 rows and y 200; accepted: one label a row"),
])
def test_labels_that_cannot_be_learnt_are_refused_with_their_row(folder, spoil, words):
    x, y = spoil(*examples())
    np.savez(folder / "bad.npz", x=x, y=y)
    refused = dlbench(folder, "plan", changed(folder, "bad", ("npz:labels.npz", "npz:bad.npz")))
    assert refused.code == 2 and words in " ".join(refused.err.split()), refused.err


def test_a_label_that_no_test_example_has_is_said(folder):
    x, y = examples()
    np.savez(folder / "parts.npz", x_train=x, y_train=y, x_test=x[:80], y_test=y[:80] * [1, 1, 0])
    said = planned(folder, changed(folder, "parts", ("npz:labels.npz", "npz:parts.npz")))
    assert "1 of 3 labels has no test example, so they are not scored" in said


COLUMNS = ("npz:labels.npz", "csv:weather.csv"), ('task = "multi_label"', 'label = ["rain", "wind", "snow"]')
TAGS = ("npz:labels.npz", "csv:tagged.csv"), ('task = "multi_label"', 'label = "tags"\nlabel_separator = ";"')


@pytest.mark.parametrize(("name", "pairs"), [("columns", COLUMNS), ("tags", TAGS)])
def test_a_table_of_labels_tells_the_task_and_gives_the_same_labels(folder, name, pairs):
    ran = dlbench(folder, "run", changed(folder, name, *pairs, ("seeds = 3", "seeds = 2")), "--no-timing", "--no-report")
    assert ran.code == 0, ran.err
    assert read(folder / "reports" / name).study["names"] == (["rain", "wind", "snow"] if name == "columns" else ["rain", "snow", "wind"])
    if name == "columns":  # the order of tags is another, and with it the initial weights
        ours, reference = (read(folder / "reports" / study).runs for study in (name, "three"))
        assert ours["test_loss"].tolist() == reference.loc[reference["seed"] < 2, "test_loss"].tolist()
    order = "'rain', 'wind' and 'snow'" if name == "columns" else "'rain', 'snow' and 'wind'"
    said = planned(folder, f"{name}.toml")
    assert f"labels: {order}" in said and "71 examples have no label" in said and "with any of 3 labels each (multi-label)" in said


@pytest.mark.parametrize(("pairs", "words"), [
    ([("npz:labels.npz", "csv:weather.csv")],
     "task = 'multi_label': dataset 'csv:weather.csv' has one column of labels; accepted: `label = [\"rain\", \"wind\"]`"),
    ([COLUMNS[0], ('"multi_label"', '"classification"\nlabel = ["rain", "wind"]')],
     "label = ['rain', 'wind']: an example has several labels; accepted with task = 'multi_label'"),
    ([*COLUMNS, ('"exact_match"', '"accuracy"')],
     "metric = test_accuracy: it is of classification, and not for label = ['rain', 'wind', 'snow']; accepted: test_mean_average"),
    ([*COLUMNS, ('"wind"', '"winds"')], "label: unknown column 'winds'; did you mean 'wind'?"),
    ([*COLUMNS, ('"wind", "snow"', '"rain"')], "label = ['rain', 'rain']; accepted: the name of a column, or a list of at least two"),
    ([*COLUMNS, ('"snow"]', '"snow"]\nlabel_separator = ";"')], "label = ['rain', 'wind', 'snow'] and label_separator = ';'; accepted"),
    ([COLUMNS[0], ('task = "multi_label"', 'label = ["rain", "a"]')], "row 2 of {}/weather.csv: column 'a' holds '0.126', and says"),
    ([*TAGS, ('";"', '"|"')], "no example has two tags: label_separator = '|' may not be what stands between them"),
    ([TAGS[0], (TAGS[1][0], 'label = "a"\nlabel_separator = "|"\nfeatures = ["b"]')],
     "column 'a', split at '|', has 230 different tags in 240 rows; accepted: at least two tags, each of several rows"),
])
def test_columns_that_are_no_labels_are_refused_or_said(folder, pairs, words):
    said = dlbench(folder, "plan", changed(folder, "bad", *pairs))
    assert words.format(folder) in " ".join((said.err + said.out).split()), said
    assert said.code == (0 if "may not be" in words else 2)


@pytest.mark.parametrize(("table", "pairs", "cells", "words"), [
    (weather, COLUMNS, {"wind": "perhaps"}, "row 9 of {}: column 'wind' holds 'perhaps', and says whether an example has"),
    (weather, COLUMNS, {"wind": None}, "row 9 of {} has no label 'wind'; leave such rows out"),
    (weather, COLUMNS, {"snow": "nan"}, "row 9 of {}: column 'snow' holds 'nan'"),
    (tagged, TAGS, {"tags": "wind;hail"}, "row 9 of {}: column 'tags': unknown tag 'hail'; did you mean 'rain'? Accepted: rain"),
])
def test_labels_of_a_table_are_refused_with_their_row(folder, table, pairs, cells, words):
    parts = folder / "parts"
    parts.mkdir(exist_ok=True)
    table().to_csv(parts / "train.csv", index=False)
    bad = table().head(60).astype(object)
    for name, cell in cells.items():
        bad.loc[7, name] = cell
    bad.to_csv(parts / "test.csv", index=False)
    refused = dlbench(folder, "plan", changed(folder, "bad", ("npz:labels.npz", "csv:./parts"), pairs[1]))
    assert refused.code == 2 and words.format(parts / "test.csv") in " ".join(refused.err.split()), refused


def test_doctor_looks_at_a_study_of_labels(folder):
    looked = dlbench(folder, "doctor", "three.toml")
    assert looked.code == 0 and "nothing in its data, metric and margin speaks against this study" in looked.out, looked


def test_the_shipped_study_is_planned_from_its_name(folder):
    assert "2,000 images of 8x16x1 with any of 10 labels each (multi-label), 1,000 of them for testing" in planned(
        folder, "tasks/multi_label_digits")


def test_its_pairs_show_the_digits_that_their_labels_name():
    made = runpy.run_path(str(Path(__file__).parents[2] / "ablations" / "tasks" / "digit_pairs.py"))
    known = load()
    shown = {image.tobytes(): digit for image, digit in zip((known.x * (255 / 16)).astype(np.uint8), known.y)}
    halves = []
    for x, y in made["images"]():
        left, right = (np.array([shown[np.ascontiguousarray(image).tobytes()] for image in half]) for half in np.split(x, 2, axis=2))
        assert all(set(np.flatnonzero(row)) == {a, b} for row, a, b in zip(y, left, right))
        halves.append({image.tobytes() for image in np.concatenate(np.split(np.ascontiguousarray(x), 2, axis=2))})
    assert len(halves) == 2 and not halves[0] & halves[1]


def test_folds_that_a_rare_label_would_be_missing_in_are_refused_and_others_run(folder):
    x, y = examples()
    y[:, 2] = np.arange(len(y)) < 3
    np.savez(folder / "rare.npz", x=x, y=y)
    rare = ("npz:labels.npz", "npz:rare.npz"), ("seeds = 3", "seeds = 4")
    refused = dlbench(folder, "plan", changed(folder, "rare", *rare, ("seeds = 4", "seeds = 4\nfolds = 4")))
    assert refused.code == 2 and "folds = 4: rarest label 2 has 3 examples and would be missing in a fold" in " ".join(refused.err.split())
    assert dlbench(folder, "plan", changed(folder, "rare", *rare, ("seeds = 4", "seeds = 4\nfolds = 2"))).code == 0


def test_runs_are_judged_by_another_metric_that_they_have(folder):
    dlbench(folder, "run", "three.toml", "--no-timing", "--no-report")
    judged = dlbench(folder, "report", "reports/three", "--metric", "hamming_loss")
    assert judged.code == 0 and "By what was declared" in " ".join(judged.err.split()), judged
    refused = dlbench(folder, "report", "reports/three", "--metric", "f1_macro")
    assert refused.code == 2 and "did you mean 'test_label_macro_f1'?" in " ".join(refused.err.split())
