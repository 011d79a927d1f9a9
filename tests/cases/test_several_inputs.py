"""Examples of several inputs, an image and a table: read, scaled, trained and scored as plain Keras does with a model of two inputs."""

from __future__ import annotations

import io
import runpy
import tomllib
from contextlib import redirect_stdout

import keras
import numpy as np
import pytest
import tensorflow as tf

from dlbench.app.objects import arm, objects_study
from dlbench.datasets import Arrays, Places
from dlbench.datasets.duplicates import near_duplicates
from dlbench.datasets.own import examples
from dlbench.datasets.telling import telling_features
from dlbench.engines.keras.data.resident import fetch, resident
from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.keras.loop.train import epoch_order
from dlbench.engines.keras.measure.pictures import consumed_inputs, preview
from dlbench.engines.keras.network.originals import original
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.study import load
from dlbench.values.errors import InputError
from dlbench.values.packed import ModelInput, packed, taken_apart
from dlbench.values.recipe import Data, edit, from_dict, to_dict
from tests.calling import called
from tests.cases import two_inputs
from tests.cases.two_inputs import BOTH, HEAD, OF_ARRAYS, OF_TABLE, RECIPE, N, two, values, written
from tests.selection import mostly_slow


def read(folder, **fields):
    data = Data(**fields)
    return fetch(data, Places(str(folder)), str(folder / "cache")), data


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return written(tmp_path_factory.mktemp("several"))


@pytest.fixture(scope="module")
def worker(folder):
    return KerasEngine(Settings(str(folder / "cache"), beside=str(folder)))


def test_arrays_functions_and_tables_give_the_same_inputs(folder):
    image, table, y = values()
    arrays, _ = read(folder, source="npz:a.npz", inputs=BOTH)
    function, _ = read(folder, source=f"{two_inputs.__name__}:of_function")
    listed, _ = read(folder, source="csv:t.csv", inputs=(("image", "file"), ("table", ("age", "score"))), missing="median")
    for found in (arrays, function, listed):
        apart = taken_apart(np.asarray(found.x), found.shape)
        np.testing.assert_array_equal(apart["image"], image)
        np.testing.assert_allclose(apart["table"][1:17], table[1:17], rtol=1e-6)
        assert found.y.tolist() == y.tolist() and found.kind == "several"
    assert np.isnan(taken_apart(np.asarray(listed.x), listed.shape)["table"][::17, 0]).all()
    assert listed.inputs[1].columns == ("age", "score") and function.train == 90
    assert any("'sex' and 'who'" in note for note in listed.notes), listed.notes


def test_images_are_scaled_by_their_range_and_columns_standardised_on_the_training_part(folder):
    arrays, data = read(folder, source="csv:t.csv", missing="median", categories="one_hot",
                        inputs=(("image", "file"), ("table", ("age", "score", "sex"))))
    made = resident(arrays, data, "scale")
    scaled = made.train[0].numpy() * made.inputs.scale.numpy() + made.inputs.offset.numpy()
    apart, raw = (taken_apart(x, made.shape) for x in (scaled, made.train[0].numpy()))
    np.testing.assert_array_equal(apart["image"], raw["image"] * np.float32(1 / 255))
    np.testing.assert_allclose(apart["table"].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(apart["table"].std(axis=0), 1, atol=1e-4)
    assert arrays.inputs[1].columns == ("age", "score", "sex=f", "sex=m") and made.inputs.span.numpy().tolist() == [0, 255]


def test_whole_numbers_stay_as_they_are_and_reach_an_embedding(tmp_path):
    codes = np.random.default_rng(1).integers(0, 7, (N, 2))
    engine = KerasEngine(Settings(str(tmp_path / "cache"), beside=str(written(tmp_path, t=codes))))
    recipe = edit(RECIPE, model__name=f"{two_inputs.__name__}:coded")
    data = engine.data(recipe)
    scale, offset = (taken_apart(part.numpy()[None], data.shape)["table"] for part in (data.inputs.scale, data.inputs.offset))
    assert (scale == 1).all() and (offset == 0).all()
    assert engine.run(recipe, 0, RunInputs("test_accuracy")).status == "done"
    with pytest.raises(InputError, match="takes whole numbers, of which mixup makes fractions"):
        original(edit(recipe, augmentation__mixup=0.2), data.shape, 3)


def test_augmentation_acts_on_images_alone_and_mixup_mixes_all_inputs_by_one_share(worker):
    data, rows = worker.data(RECIPE), np.arange(12)
    plain = taken_apart(consumed_inputs(RECIPE, 0, data, rows, 0).numpy(), data.shape)
    flipped = taken_apart(consumed_inputs(edit(RECIPE, augmentation__flip_horizontal=1.0), 0, data, rows, 0).numpy(), data.shape)
    np.testing.assert_array_equal(flipped["image"], plain["image"][:, :, ::-1])
    np.testing.assert_array_equal(flipped["table"], plain["table"])
    mixed = consumed_inputs(edit(RECIPE, augmentation__mixup=1.0), 0, data, rows, 0).numpy()
    every = data.train[0].numpy() * data.inputs.scale.numpy() + data.inputs.offset.numpy()
    for row in rows:  # of one partner, with one share: both inputs lie on one line between two examples
        assert any(np.linalg.lstsq((other - every[row])[:, None], mixed[row] - every[row], rcond=None)[1].sum() < 1e-6
                   for other in every if not np.array_equal(other, every[row])) or np.allclose(mixed[row], every[row])


def test_the_report_shows_the_images(worker):
    shown = preview(edit(RECIPE, augmentation__flip_horizontal=0.5), 0, worker.data(RECIPE))
    assert shown.before.shape[1:] == (8, 8, 3) and shown.before.any()


def trained(worker, recipe):
    """The trained weights by name, and the outcome."""
    programs, make = [], worker.program
    worker.program = lambda *args, **kwargs: programs.append(make(*args, **kwargs)) or programs[-1]
    try:
        outcome = worker.run(recipe, 0, RunInputs("test_accuracy"))
    finally:
        del worker.program
    assert outcome.status == "done", outcome.reason
    return programs[-1].network.weights(), outcome


@pytest.mark.parametrize("loop", mostly_slow(("compiled", "keras"), "compiled"))
def test_the_all_off_arm_equals_keras_fit_with_both_inputs(worker, loop):
    recipe = edit(RECIPE, training__loop=loop)
    ours, _ = trained(worker, recipe)
    data, program = worker.data(recipe), worker.program(recipe)
    program.reset(recipe, 0)
    start = {value.shape: value for value in program.network.weights().values()}
    model = two({one.name: one.shape for one in data.shape.inputs}, data.classes)
    model.set_weights([start[weight.shape] for weight in model.get_weights()])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy())
    (x, y), scaling = data.train, data.inputs
    x, y = taken_apart(x.numpy() * scaling.scale.numpy() + scaling.offset.numpy(), data.shape), y.numpy()
    for epoch in range(2):
        order = epoch_order(0, (), epoch, len(y))
        model.fit([x["image"][order], x["table"][order]], y[order], batch_size=32, shuffle=False, verbose=0)
    wanted = {weight.shape: weight for weight in model.get_weights()}
    for value in ours.values():
        np.testing.assert_allclose(value, wanted[value.shape], rtol=1e-3, atol=2e-5)
        assert np.abs(value - start[value.shape]).max() > 1e-4, "nothing was trained"


ALIKE = {"dropout": {"model__dropout": 0.3}, "mixup": {"augmentation__mixup": 0.2, "augmentation__flip_horizontal": 0.5},
         "views": {"scoring__flip": True}, "own loss": {"model__name": f"{two_inputs.__name__}:compiled", "training__loss": "model"}}


@pytest.mark.parametrize("fields", mostly_slow(ALIKE, "mixup"))
def test_both_loops_train_alike(worker, fields):
    recipe = edit(RECIPE, **fields)
    (ours, mine), (theirs, reference) = (trained(worker, one) for one in (recipe, edit(recipe, training__loop="keras")))
    for name, weights in ours.items():
        if "dropout" not in str(fields):
            np.testing.assert_allclose(weights, theirs[name], rtol=1e-3, atol=2e-5)
    assert mine.scores["test_accuracy"] == pytest.approx(reference.scores["test_accuracy"], abs=0.05)


def test_data_on_disk_trains_to_the_same_bits(worker, folder):
    on_disk = KerasEngine(Settings(str(folder / "cache"), beside=str(folder), device_bytes=1000))
    (ours, _), (theirs, _) = (trained(one, RECIPE) for one in (worker, on_disk))
    assert all(np.array_equal(value, theirs[name]) for name, value in ours.items())


def test_what_makes_scores_too_good_is_looked_for_in_each_input():
    image, table, y = (part[:60] for part in values())
    table = np.concatenate([table, y[:, None]], axis=1)
    inputs = ModelInput("image", (8, 8, 3)), ModelInput("table", (3,), columns=("age", "score", "outcome"))
    x = packed([image, table])
    x[51:54] = x[:3]
    x[54, :100] = x[3, :100]
    arrays = Arrays(x, y, 60, 3, 1.0, inputs=inputs)
    assert telling_features(arrays, np.arange(40), np.arange(40, 60))[0] == ("outcome", 1.0)
    assert near_duplicates(arrays, np.arange(40), np.arange(40, 60)) == (3, 20, 3)


@pytest.mark.parametrize("model, words", [
    ("unknown", r":unknown' for the study's inputs image, table: KeyError: 'picture'"),
    ("misnamed", "input 'image'; did you mean 'imagine'?"), ("three", "its input 'history' is not fed"),
    ("wrong_shape", r"its input 'table' takes examples of shape \[7\], and the data's are \[2\]"),
    ("whole", "its input 'table' takes int32, and is given numbers, which are scaled")])
def test_a_model_of_other_inputs_is_refused(worker, model, words):
    with pytest.raises(InputError, match=words.replace("?", r"\?")):
        original(edit(RECIPE, model__name=f"{two_inputs.__name__}:{model}"), worker.data(RECIPE).shape, 3)
    with pytest.raises(InputError, match=r"model 'small_cnn' has one input.*table = keras\.Input"):
        original(edit(RECIPE, model__name="small_cnn"), worker.data(RECIPE).shape, 3)


@pytest.mark.parametrize("fields, words", [
    ({"source": "npz:a.npz", "inputs": (("image", "imm"), ("table", "t"))}, "image = 'imm' is not there; did you mean 'im'?"),
    ({"source": "csv:t.csv", "inputs": (("image", "file"), ("table", ("age", "scor")))},
     "inputs: table: unknown column 'scor'; did you mean 'score'?"),
    ({"source": "csv:t.csv", "inputs": (("image", "fil"), ("table", ("age",)))},
     "inputs: image: unknown column 'fil'; did you mean 'file'?"),
    ({"source": "csv:t.csv", "inputs": (("image", "age"), ("table", ("score",)))}, "inputs: image: column 'age'")])
def test_what_the_data_does_not_have_is_refused(folder, fields, words):
    with pytest.raises(InputError) as refused:
        read(folder, **fields)
    assert words in str(refused.value)


def test_from_the_command_line_a_table_of_images_and_columns_is_a_study(folder):
    arms = '[[arms]]\ntechnique = "flip"\n[[arms]]\ntechnique = "mixup"\n'
    (folder / "s.toml").write_text(OF_TABLE + HEAD.format(model="two") + 'group = "who"\nfolds = 2\n' + arms)
    planned = called(folder, "plan", "s.toml")
    assert planned.code == 0, planned.err
    told = " ".join(planned.out.split())
    assert "120 examples of 2 inputs in 3 classes" in told and "input 'image': images of 8x8x3, values from 0 to 255" in told
    assert "input 'table': columns age, score, sex=f, sex=m, each standardised over the training part" in told
    assert "images and sequences divided by their full range; columns of numbers brought to mean 0 and standard deviation 1" in told
    ended = called(folder, "run", "s.toml", "--out", "s")
    assert ended.code == 0, ended.err
    assert (folder / "s" / "index.html").is_file()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # model.save, with numpy 2
def test_from_the_command_line_cutmix_is_refused_and_plain_keras_written(folder):
    (folder / "c.toml").write_text(OF_ARRAYS + HEAD.format(model="two") + '[[arms]]\ntechnique = "cutmix"\n')
    refused = called(folder, "plan", "c.toml")
    assert refused.code == 2 and "cutmix needs examples of one input, and 'npz:a.npz' has 2 of them" in refused.err
    (folder / "m.toml").write_text(OF_ARRAYS + HEAD.format(model="misnamed") + '[[arms]]\ntechnique = "flip"\n')
    refused = called(folder, "plan", "m.toml")
    assert refused.code == 2 and "unknown input 'image'; did you mean 'imagine'?" in refused.err
    assert len([line for line in refused.err.splitlines() if line.startswith("dlbench: ")]) == 1 and "Traceback" not in refused.err
    (folder / "k.toml").write_text(OF_ARRAYS + HEAD.format(model="two") + '[[arms]]\ntechnique = "dropout"\nrate = 0.2\n')
    assert called(folder, "run", "k.toml", "--out", "k", "--no-timing", "--no-report").code == 0
    made = called(folder, "export", "k", "--format", "keras", "--arm", "dropout rate=0.2")
    assert made.code == 0, made.err
    script = folder / "k" / "export" / "train.py"
    model = keras.models.load_model(script.with_name("model.keras"))
    assert sorted(model.input) == ["image", "table"]
    with redirect_stdout(io.StringIO()) as said:
        runpy.run_path(str(script))
    assert "test accuracy" in said.getvalue()


def test_a_notebook_gives_a_dict_of_arrays(tmp_path):
    image, table, y = values()
    study = objects_study(two, ({"image": image, "table": table}, y), {"margin": 0.1, "arms": [arm("flip")]}, tmp_path / "made")
    with np.load(study.with_name("study_data.npz")) as kept:
        assert kept["x_image"].dtype == np.uint8 and np.array_equal(kept["x_table"], table) and np.array_equal(kept["y"], y)
    assert load(tomllib.loads(study.read_text())).baseline.data.inputs == (("image", "x_image"), ("table", "x_table"))
    with pytest.raises(InputError, match=r"input 'table' has 119 rows and y 120"):
        objects_study(two, ({"image": image, "table": table[1:]}, y), {"margin": 0.1, "arms": [arm("flip")]}, tmp_path / "other")


def test_a_stream_of_dicts_is_refused():
    image, table, y = values()
    made = tf.data.Dataset.from_tensor_slices(({"image": image, "table": table}, y))
    with pytest.raises(InputError, match=r"gives a dict of the inputs image, table; accepted: a dict of arrays"):
        list(examples("mine", made).train)


def test_the_order_of_inputs_in_a_study_decides_nothing():
    table = {"dataset": "npz:a.npz", "model": "net:two", "margin": 0.1, "arms": [{"technique": "flip"}]}
    one, two = (load({**table, "inputs": inputs}).baseline for inputs in ({"image": "im", "table": "t"}, {"table": "t", "image": "im"}))
    assert one == two and one.data.inputs == BOTH and to_dict(one)["data.inputs"] == [["image", "im"], ["table", "t"]]
    assert from_dict(to_dict(one)) == one
