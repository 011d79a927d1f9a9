"""Rare classes, from the command line with real trainings."""

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dlbench.store.read import read
from tests.calling import called

STUDY = """
question = "What helps to find the rare faults?"
dataset = "csv:faults.csv"
label = "fault"
features = ["a", "b", "c"]
model = "mlp"
seeds = 3
margin = 0.05
metric = "balanced_accuracy"
budget = { epochs = 6 }
baseline = { options = { hidden = 16 }, learning_rate = 0.01 }
[[arms]]
technique = "class_weights"
[[arms]]
technique = "focal_loss"
[[arms]]
technique = "balanced_sampling"
[[arms]]
technique = "threshold_moving"
[[arms]]
techniques = [{ technique = "class_weights", power = 0.5 }, { technique = "focal_loss", gamma = 1.0 }, { technique = "label_smoothing" }]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place, draw = tmp_path_factory.mktemp("imbalance"), np.random.default_rng(0)
    fault = draw.permutation(np.repeat([0, 1], (900, 100)))
    x = draw.normal(size=(1000, 3)) + 1.2 * fault[:, None]
    table = pd.DataFrame(x.round(3), columns=list("abc")).assign(fault=fault, price=x.sum(axis=1).round(2))
    table.to_csv(place / "faults.csv", index=False)
    (place / "faults.toml").write_text(STUDY)
    return place


def dlbench(folder, *arguments):
    return called(folder, *arguments, DLBENCH_CACHE_DIR=str(folder / "cache"))


def test_plan_counts_the_classes_and_doubts_an_accuracy(folder):
    good, bad = (dlbench(folder, "plan", "faults.toml", *more) for more in ((), ("--set", "metric=accuracy", "--set", "margin=1e-5")))
    assert "classes of 68 to 607 training examples" in " ".join(good.out.split()), good.out
    assert "one class has most" not in good.err + good.out
    assert bad.code == 0 and "one class has most of the test examples, 90 %: always naming it scores as much" in " ".join(bad.err.split())
    assert "margin = 1e-05 is less than one of the" in " ".join(bad.err.split()) and "less than one" not in good.err


def test_techniques_for_rare_classes_are_run_and_controlled(folder):
    ran = dlbench(folder, "run", "faults.toml", "--no-timing")
    assert ran.code == 0, ran.err
    runs = read(folder / "reports" / "faults").runs
    assert set(runs["control"]) == {"baseline", "controlled"} and len(runs) == 18
    mean = runs.groupby("arm")["test_balanced_accuracy"].mean()
    assert mean[["class_weights", "balanced_sampling", "threshold_moving"]].min() > mean["baseline"] + 0.05, mean
    page = (folder / "reports" / "faults" / "report.md").read_text()
    assert "one class has most of the test examples" not in page


def test_a_metric_by_its_name_elsewhere_is_refused_with_its_name_here(folder):
    refused = dlbench(folder, "plan", "faults.toml", "--set", "metric=auprc")
    assert refused.code == 2 and "unknown metric 'auprc'; it is called 'average_precision' here" in refused.err, refused.err
    known = dlbench(folder, "plan", "faults.toml", "--set", "metric=average_precision")
    assert known.code == 0 and "test_average_precision, margin 0.05" in known.out, known.err


def test_they_need_classes(folder):
    for name in ("class_weights", "focal_loss", "balanced_sampling", "threshold_moving"):
        text = STUDY.partition("[[arms]]")[0].replace("balanced_accuracy", "rmse").replace('"fault"', '"price"').replace("0.05", "0.5")
        (folder / "price.toml").write_text(f'{text}task = "regression"\n[[arms]]\ntechnique = "{name}"\n')
        refused = dlbench(folder, "plan", "price.toml")
        assert refused.code == 2 and f"{name} needs classes" in refused.err, refused.err


def test_together_they_make_up_for_rare_classes_once(folder):
    pair = '[{ technique = "class_weights" }, { technique = "threshold_moving", power = 0.5 }]'
    (folder / "twice.toml").write_text(f"{STUDY}[[arms]]\ntechniques = {pair}\n")
    refused = dlbench(folder, "plan", "twice.toml")
    assert refused.code == 2 and ("class_weights and threshold_moving together make up for rare classes by a power of 1.5 of their inverse "
                                  "frequency; accepted: powers whose sum is at most 1") in " ".join(refused.err.split()), refused.err
    half = pair.replace('"class_weights"', '"class_weights", power = 0.5')
    (folder / "once.toml").write_text(f"{STUDY}[[arms]]\ntechniques = {half}\n")
    assert dlbench(folder, "plan", "once.toml").code == 0


def test_a_model_without_a_bias_at_its_end_is_refused_by_the_name_of_the_arm(folder):
    (folder / "mine.py").write_text("import keras\n\ndef model(shape, classes):\n    return keras.Sequential([keras.Input(shape), "
                                    "keras.layers.Dense(classes, use_bias=False)])\n")
    (folder / "mine.toml").write_text(STUDY.replace('"mlp"', '"mine:model"').replace("options = { hidden = 16 }, ", ""))
    refused = dlbench(folder, "plan", "mine.toml")
    assert refused.code == 2 and "arm 'threshold_moving': model 'mine:model': threshold_moving changes the bias" in refused.err, refused.err


WEIGHED = """
dataset = "csv:costs.csv"
label = "fault"
weight = "cost"
model = "mlp"
seeds = 2
margin = 0.05
budget = { epochs = 1 }
baseline = { options = { hidden = 8 } }
[[arms]]
technique = "class_weights"
"""


def weighed(folder, third, rest="1", study=WEIGHED):
    """Plan a study of 60 rows whose weights are ``rest``, but for that of the third row."""
    rows = [f"{row % 7},{row % 5},{int(row % 4 == 0)},{third if row == 2 else rest}" for row in range(60)]
    (folder / "costs.csv").write_text("\n".join(["a,b,fault,cost", *rows]) + "\n")
    (folder / "costs.toml").write_text(study)
    return dlbench(folder, "plan", "costs.toml")


def test_plan_says_what_a_column_weighs_and_takes_it_for_no_feature(folder):
    said = " ".join((ended := weighed(folder, "2.5")).out.split() + ended.err.split())
    assert ended.code == 0 and "60 rows of 2 numbers in 2 classes" in said
    assert "'cost' weighs the loss of each row in training, from 1 to 2.5; scores are not weighted" in said, said


def test_a_weight_is_written_with_the_decimal_mark_of_the_study(folder):
    (folder / "marks.csv").write_text("a;fault;cost\n" + "".join(f"{row},5;{row % 2};0,{1 + row % 9}\n" for row in range(60)))
    (folder / "marks.toml").write_text(WEIGHED.replace("costs.csv", "marks.csv").replace("margin", "decimal = ','\nmargin"))
    planned = dlbench(folder, "plan", "marks.toml")
    assert planned.code == 0 and "'cost' weighs the loss of each row in training, from 0.1 to 0.9" in " ".join(planned.out.split()), planned


@pytest.mark.parametrize(("third", "words"), [
    ("-1", "row 4 of {}: weight: column 'cost' holds '-1'; accepted: a number from 0"), ("nan", "holds 'nan'"), ("inf", "holds 'inf'"),
    ("heavy", "holds 'heavy'"), ("", "row 4 of {} has no weight in column 'cost'")])
def test_a_weight_that_is_none_is_refused_with_its_row(folder, third, words):
    refused = weighed(folder, third)
    assert refused.code == 2 and words.format(folder / "costs.csv") in " ".join(refused.err.split()), refused.err


@pytest.mark.parametrize(("third", "rest", "study", "words"), [
    ("0", "0", WEIGHED, "weight = 'cost': all weights of the training part are 0; accepted: some above 0"),
    ("1", "1", WEIGHED.replace('"cost"', '"csot"'), "weight: unknown column 'csot'; did you mean 'cost'?"),
    ("1", "1", WEIGHED.replace('"csv:costs.csv"\nlabel = "fault"', '"digits"'), "weight: dataset 'digits' has no use for it; accepted")])
def test_weights_that_cannot_be_used_are_refused(folder, third, rest, study, words):
    refused = weighed(folder, third, rest, study)
    assert refused.code == 2 and words in " ".join(refused.err.split()), refused.err


def test_the_shipped_study_is_planned_from_its_name(folder):
    said = " ".join(dlbench(folder, "plan", "tasks/long_tail").out.split())
    assert "images of 8x8x1 in 10 classes, 500 of them for testing" in said and "(classes of 5 to 108 training examples)" in said, said


def test_its_digits_have_a_long_tail_in_training_alone_and_no_image_is_in_both_parts():
    (x, y), (tested, labels) = runpy.run_path(str(Path(__file__).parents[2] / "ablations" / "tasks" / "long_tailed_digits.py"))["images"]()
    counts = np.bincount(y)
    assert (counts[0], counts[9]) == (120, 6) and (np.diff(counts) < 0).all() and (np.bincount(labels) == 50).all()
    assert not {image.tobytes() for image in x} & {image.tobytes() for image in tested}
