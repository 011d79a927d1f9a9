"""Studies of models that come compiled, from the command line with real trainings."""

from functools import partial

import pytest

from dlbench.store.read import read
from tests.calling import called_here as dlbench
from tests.studies import written

STUDY = """
question = "Does dropout help a network that is trained on its own loss?"
dataset = "digits"
examples = 120
model = "mine:net"
loss = "model"
targets = "one_hot"
seeds = 2
metric = { name = "precision", higher_is_better = true, unit = "fraction" }
margin = 0.05
budget = { epochs = 2 }
[[arms]]
technique = "dropout"
rate = 0.5
"""
MINE = """
import keras
from keras import layers
from losses import confident


def net(shape, classes):
    model = keras.Sequential([
        keras.Input(shape), layers.Flatten(), layers.Dense(16, activation="relu"), layers.Dense(classes, activation="softmax")])
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), confident(0.1), metrics=[keras.metrics.Precision(name="precision")])
    return model


def bare(shape, classes):
    return keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(classes)])


class Own(keras.Model):
    def train_step(self, data):
        return super().train_step(data)


def stepping(shape, classes):
    inputs = keras.Input(shape)
    model = Own(inputs, layers.Dense(classes, activation="softmax")(layers.Flatten()(inputs)))
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model
"""
LOSSES = """
from keras import ops


def confident(price):
    def loss(y_true, y_pred):
        logs = ops.log(y_pred + 1e-7)
        return -ops.sum(y_true * logs, axis=-1) + price * ops.sum(y_pred * logs, axis=-1)
    return loss
"""
OTHER_METRIC = ('metric = { name = "precision", higher_is_better = true, unit = "fraction" }\n', "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("compiled")
    (place / "mine.py").write_text(MINE)
    (place / "losses.py").write_text(LOSSES)
    (place / "own.toml").write_text(STUDY)
    return place


changed = partial(written, STUDY)


def words(text):
    return " ".join(text.split())


def test_a_study_of_its_own_loss_is_planned_run_judged_by_its_own_metric_and_reported(folder):
    said = words(dlbench(folder, "plan", "own.toml").out)
    assert "the study takes its loss confident.loss, of a column a class; its metrics (scores test_precision); its optimizer SGD, whose " \
        "learning rate is 0.05" in said and "test_precision, margin 0.05" in said
    ran = dlbench(folder, "run", "own.toml", "--no-timing")
    assert ran.code == 0, ran.err
    results = read(folder / "reports" / "own")
    assert results.complete and results.metric.name == "test_precision" and set(results.runs["control"]) == {"baseline", "controlled"}
    assert results.runs["test_precision"].between(0, 1).all()
    page = words((folder / "reports" / "own" / "report.md").read_text())
    assert "precision" in page
    assert dlbench(folder, "export", "reports/own", "--format", "csv", "--out", "csv").code == 0
    again = dlbench(folder, "plan", "own.toml")
    assert "0 to do" in again.out and again.code == 0, again.out


def test_the_code_of_the_loss_is_part_of_a_runs_identity(folder):
    study = changed(folder, "kept", ("seeds = 2", "seeds = 1"))
    before = dlbench(folder, "run", study, "--no-timing", "--no-report", "--out", "kept.out")
    assert before.code == 0, before.err
    assert "2 done, 0 to do" in dlbench(folder, "plan", study, "--out", "kept.out").out
    (folder / "losses.py").write_text(LOSSES.replace("1e-7", "1e-6"))
    after = dlbench(folder, "plan", study, "--out", "kept.out").out
    (folder / "losses.py").write_text(LOSSES)
    assert "0 done, 2 to do" in after, after


def test_a_train_step_of_its_own_reads_not_proven(folder):
    study = changed(folder, "steps", OTHER_METRIC, ("mine:net", "mine:stepping"), ('targets = "one_hot"', 'loop = "keras"'),
                    ('technique = "dropout"\nrate = 0.5', 'technique = "l2"'))
    assert "the study takes its own train_step, of class numbers" in words(dlbench(folder, "plan", study).out)
    ran = dlbench(folder, "run", study, "--no-timing", "--no-report")
    assert ran.code == 0, ran.err
    runs = read(folder / "reports" / "steps").runs
    assert set(runs["control"]) == {"baseline", "not proven"}


def test_plan_says_what_is_left_of_a_compile_without_it(folder):
    study = changed(folder, "task", OTHER_METRIC, ('loss = "model"\ntargets = "one_hot"\n', ""))
    said = words(dlbench(folder, "plan", study).err)
    assert 'what it was compiled with (optimizer, loss, metrics) is not used; the study decides them; with loss = "model" it is' in said


@pytest.mark.slow
def test_a_study_can_take_the_loss_with_another_optimizer_and_the_optimizer_alone(folder):
    own = changed(folder, "loss_alone", ("[[arms]]", '[baseline]\noptimizer = "adam"\n[[arms]]'))
    assert "does not take its optimizer SGD (the study's is adam)" in words(dlbench(folder, "plan", own).out)
    alone = changed(folder, "optimizer_alone", OTHER_METRIC, ('loss = "model"\ntargets = "one_hot"\n', ""),
                    ("[[arms]]", '[baseline]\noptimizer = "model"\n[[arms]]'))
    said = words(dlbench(folder, "plan", alone).out)
    assert "the study takes its optimizer SGD, whose learning rate is 0.05" in said and "does not take its loss and metrics" in said


@pytest.mark.parametrize(("pairs", "said"), [
    ([("mine:net", "mlp")], "loss = \"model\": model 'mlp' is dlbench's own and comes without a loss and an optimizer; accepted: model ="),
    ([("mine:net", "mine:bare")],
     "model 'mine:bare': loss = \"model\" asks for what it was compiled with, and its function returns it uncompiled"),
    ([('loss = "model"', 'loss = "models"')], "unknown loss 'models'; did you mean 'model'?"),
    ([('"one_hot"', '"onehot"')], "unknown targets 'onehot'; did you mean 'one_hot'?"),
    ([("mine:net", "mine:stepping"), OTHER_METRIC, ('targets = "one_hot"', 'targets = "numbers"')],
     "it has train_step of its own, which Keras' fit alone calls; accepted: loop = \"keras\""),
    ([('"one_hot"', '"numbers"')], "its loss confident.loss or one of its metrics fails on a batch"),
    ([OTHER_METRIC, ('loss = "model"', 'loss = "task"')], "targets = 'one_hot': the loss of the task knows its targets"),
    ([('loss = "model"\ntargets = "one_hot"', "")],
     "it declares a metric that the model was compiled with; accepted beside loss = \"model\""),
    ([('"precision"', '"precison"')], "unknown metric of the model 'precison'; did you mean 'precision'?"),
    ([('true, unit', '"yes", unit')], "higher_is_better = 'yes'; accepted: true or false"),
    ([("margin", "target = 0.5\nmargin")], "target beside a metric that the model was compiled with"),
    ([("margin", "nuisance = { learning_rate = [0.1, 0.2] }\nmargin")], "nuisance beside a metric that the model was compiled with"),
    ([('technique = "dropout"\nrate = 0.5', 'technique = "label_smoothing"')],
     "arm 'label_smoothing': loss = 'model' and label_smoothing both decide the loss; accepted: loss = 'task', or without label_smoothing"),
    ([('technique = "dropout"\nrate = 0.5', 'technique = "focal_loss"')],
     "arm 'focal_loss': loss = 'model' and focal_loss both decide the loss"),
    ([('technique = "dropout"\nrate = 0.5', 'technique = "distillation"')], "loss = 'model' and distillation both decide the loss"),
    ([("margin", "devices = 2\nmargin")], "the model's own loss is for one device; it needs devices = 1"),
    ([("[[arms]]", '[baseline]\ntechniques = [{ technique = "batch_size", size = 64, lr_rule = "linear" }]\n[[arms]]')],
     "a technique of its changes the learning rate, which is the model's; accepted: learning_rate stated in [baseline]"),
])
def test_what_cannot_be_taken_is_one_sentence_of_plan(folder, pairs, said):
    refused = dlbench(folder, "plan", changed(folder, "bad", *pairs))
    assert refused.code == 2 and said in words(refused.err) and "Traceback" not in refused.err, refused.err
