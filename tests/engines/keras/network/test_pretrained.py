"""Weights from files, and the inputs that belong to them."""

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from dlbench.datasets import Arrays, Places
from dlbench.datasets.fingerprint import content
from dlbench.engines.keras.data.resident import fit
from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.keras.network.anatomy import functional
from dlbench.engines.keras.network.builders import small_cnn, vgg16_transfer
from dlbench.engines.keras.network.network import Network
from dlbench.engines.keras.network.pretrained import fitted, input_kind, read
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.models.applications import PREPROCESSING
from dlbench.techniques import technique
from dlbench.techniques.transfer_learning import pretraining
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe, Transfer, edit

# Keras' own saving, under a numpy that is newer than it
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def transferred(recipe, mode, **task):
    given = {"source": None, "target": None, "dataset": None, "weights": None, "labels_per_class": None,
             "base_learning_rate": 1e-5, **task}
    return technique("transfer").apply(recipe, mode=mode, **given)


@pytest.mark.parametrize("ending", [".keras", ".weights.h5"])
def test_a_file_of_ten_classes_starts_a_run_on_five(worker, train, tiny, tmp_path, ending):
    path = str(tmp_path / f"source{ending}")
    source = small_cnn((8, 8, 1), 10, width=4, hidden=16)
    (source.save if ending == ".keras" else source.save_weights)(path)
    recipe = edit(transferred(tiny, "frozen", weights=path, target=[5, 6, 7, 8, 9]), data__examples=50)
    result = train(recipe)
    assert result.status == "done", result.reason
    ours = worker.program(recipe).network.weights()
    for place, layer in enumerate([one for one in source.layers if isinstance(one, layers.Conv2D)], start=1):
        np.testing.assert_array_equal(ours[f"conv2d_{place}/kernel"], layer.kernel)
    assert ours["dense_2/kernel"].shape == (16, 5)


def test_a_weights_file_that_does_not_fit_says_where(worker, tiny, tmp_path):
    path = str(tmp_path / "other.weights.h5")
    small_cnn((8, 8, 1), 10, width=6, hidden=16).save_weights(path)
    with pytest.raises(InputError, match="conv2d_1/kernel"):
        worker.prepare([transferred(tiny, "frozen", weights=path)])


@pytest.mark.parametrize("name, content, words", [
    ("missing.keras", None, "there is no"), ("weights.pkl", b"\x80\x04.", "accepted"), ("broken.keras", b"nothing", "cannot be loaded"),
    ("broken.weights.h5", b"nothing", "cannot be loaded"), ("broken.h5", b"nothing", "cannot be loaded"),
])
def test_what_is_no_weights_file_is_refused_in_one_message(worker, tiny, tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        worker.prepare([transferred(tiny, "finetune", weights=str(tmp_path / name))])
    assert name in str(caught.value)


def test_a_keras_file_with_code_in_it_is_not_run(worker, tiny, tmp_path):
    path = str(tmp_path / "lambda.keras")
    keras.Sequential([keras.Input((8, 8, 1)), layers.Lambda(lambda x: 2 * x), layers.Flatten(), layers.Dense(10)]).save(path)
    with pytest.raises(InputError, match="cannot be loaded") as caught:
        worker.prepare([transferred(tiny, "frozen", weights=path)])
    assert "safe" in str(caught.value).lower() or "lambda" in str(caught.value).lower()


def test_a_base_inside_a_model_is_taken_apart():
    recipe = edit(Recipe(), model__name="tests.engines.keras.samples:nested", transfer__mode="frozen")
    network = Network(recipe, (8, 8, 1), 3)
    assert network.base >= {"conv2d_1", "conv2d_2", "batch_normalization_1"}
    assert [weight.path for weight in network.model.trainable_variables] == ["dense_1/kernel", "dense_1/bias"]


def test_taking_a_model_apart_leaves_what_it_computes():
    inputs = keras.Input((6, 6, 1))
    base = keras.Sequential([keras.Input((6, 6, 1)), layers.Conv2D(3, 3), layers.BatchNormalization()])
    model = keras.Model(inputs, layers.Dense(2)(layers.Flatten()(base(inputs, training=False))))
    x = np.random.default_rng(0).random((4, 6, 6, 1), dtype=np.float32)
    flat = functional(model)
    assert not any(isinstance(layer, keras.Model) for layer in flat.layers)
    np.testing.assert_allclose(flat(x), model(x), atol=1e-6)
    np.testing.assert_allclose(flat(x, training=True), model(x, training=True), atol=1e-6)


@pytest.fixture(scope="module")
def imagenet(tmp_path_factory):
    """A file of a VGG16 base, as `keras.applications` would download it, with other numbers."""
    keras.utils.set_random_seed(0)
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    path = str(tmp_path_factory.mktemp("imagenet") / "vgg16.weights.h5")
    base.save_weights(path)
    return base, path


def test_imagenet_weights_come_from_the_file_that_stands_for_them(imagenet, tmp_path):
    base, path = imagenet
    worker = KerasEngine(Settings(str(tmp_path), imagenet=path))
    start = edit(Recipe(), data__source="tests.engines.keras.samples:photos", model__name="vgg16_transfer",
                 model__options=(("hidden", 8),), budget__unit="steps", budget__amount=1)
    frozen = transferred(start, "frozen", weights="imagenet")
    assert frozen.data.normalization == "application"
    result = worker.run(frozen, 0, RunInputs("test_accuracy"))
    assert result.status == "done", result.reason
    ours = worker.program(frozen).network.weights()
    kernels = [layer.kernel for layer in base.layers if isinstance(layer, layers.Conv2D)]
    assert all(np.array_equal(ours[f"conv2d_{place}/kernel"], kernel) for place, kernel in enumerate(kernels, start=1))
    assert worker.data(frozen).inputs.scale.numpy().tolist() == [1, 1, 1]


def test_another_file_than_the_one_that_was_planned_with_is_refused(imagenet, tmp_path):
    start = edit(Recipe(), data__source="tests.engines.keras.samples:photos", model__name="vgg16_transfer", model__options=(("hidden", 8),))
    planned = transferred(start, "frozen", weights="imagenet#0123456789abcdef")
    assert planned.data.normalization == "application"
    data = KerasEngine(Settings(str(tmp_path))).data(planned)
    with pytest.raises(InputError, match="another one than when this study was planned"):
        read(planned, data, Places(), imagenet[1])
    with pytest.raises(InputError, match="--weights FILE names it"):
        read(planned, data, Places(), None)
    known = edit(planned, transfer__weights=f"imagenet#{content(Path(imagenet[1]))}")
    assert "conv2d_1/kernel" in read(known, data, Places(), imagenet[1])


def test_frozen_features_of_a_base_equal_those_of_keras(imagenet, tmp_path):
    base, path = imagenet
    recipe = transferred(edit(Recipe(), data__source="tests.engines.keras.samples:photos", model__name="vgg16_transfer",
                              model__options=(("hidden", 8),)), "frozen", weights="imagenet")
    worker = KerasEngine(Settings(str(tmp_path), imagenet=path))
    program, data = worker.program(recipe), worker.data(recipe)
    program.network.load(worker.pretrained(recipe))
    raw = data.test[0][:2].numpy().astype(np.float32)
    last = program.model.get_layer("max_pooling2d_5").output
    ours = keras.Model(program.model.input, last)(program._ordered(raw * data.inputs.scale + data.inputs.offset))
    np.testing.assert_allclose(ours, base(keras.applications.vgg16.preprocess_input(raw)), rtol=1e-4, atol=1e-4)


def test_grey_images_have_no_imagenet_weights(imagenet, tmp_path):
    recipe = edit(Recipe(), data__source="tests.engines.keras.samples:grey", model__name="vgg16_transfer",
                  transfer=Transfer("frozen", weights="imagenet"))
    with pytest.raises(InputError, match="3 channels"):
        read(recipe, KerasEngine(Settings(str(tmp_path))).data(edit(recipe, model__name="mlp")), Places(), imagenet[1])


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch"])
def test_inputs_are_scaled_as_the_base_was_trained(mode):
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 3)).astype(np.float32)
    inputs = fit(mode, [images], 255.0)
    ours = images * inputs.scale.numpy() + inputs.offset.numpy()
    wanted = keras.applications.imagenet_utils.preprocess_input(images.copy(), mode=mode)
    np.testing.assert_allclose(ours[..., ::-1] if mode == "caffe" else ours, wanted, rtol=1e-5, atol=1e-4)


def test_every_base_has_the_preprocessing_that_keras_gives_it():
    image = np.full((1, 2, 2, 3), [10.0, 100.0, 200.0], np.float32)
    for base, mode in PREPROCESSING.items():
        assert hasattr(keras.applications, base)
        own = next(module for module in vars(keras.applications).values() if hasattr(module, base) and hasattr(module, "preprocess_input"))
        wanted = keras.applications.imagenet_utils.preprocess_input(image.copy(), mode=mode)
        np.testing.assert_allclose(own.preprocess_input(image.copy()), wanted, rtol=1e-6)


def test_the_article_scales_nothing_and_others_need_a_base():
    recipe = edit(Recipe(), model__name="vgg16_transfer", data__normalization="application")
    assert input_kind(recipe) == "caffe" and input_kind(edit(recipe, transfer__mode="article")) == "none"
    with pytest.raises(InputError, match="has none"):
        input_kind(edit(recipe, model__name="mlp"))


def test_the_overviews_transfer_network_has_its_counts():
    model = vgg16_transfer((224, 224, 3), 2)
    assert model.count_params() == 27_560_769
    assert sum(layer.count_params() for layer in model.layers if layer.name.startswith("block")) == 14_714_688


def test_another_dataset_is_brought_to_the_size_of_this_one(worker, tiny):
    recipe = transferred(tiny, "frozen", dataset="tests.engines.keras.samples:photos")
    lesson = pretraining(recipe)
    assert (lesson.data.source, lesson.transfer.fits, lesson.data.classes) == ("tests.engines.keras.samples:photos", "digits", None)
    assert worker.data(lesson).shape == (8, 8, 1) and worker.data(lesson).classes == 3
    result = worker.run(lesson, 0, RunInputs("test_accuracy"))
    weights = {name.removeprefix("weights/"): value for name, value in result.arrays.items() if name.startswith("weights/")}
    moved = worker.run(recipe, 0, RunInputs("test_accuracy", weights))
    plain = worker.run(tiny, 0, RunInputs("test_accuracy"))
    assert moved.status == "done" and moved.controls.init != plain.controls.init


def test_images_are_averaged_down_and_turned_grey_or_back():
    x = np.zeros((2, 4, 4, 1), np.uint8)
    x[0, :2, :2] = 100
    small = fitted(Arrays(x, np.array([0, 1]), 2, 2, 255.0), (2, 2, 1))
    np.testing.assert_allclose(small.x[0, ..., 0], [[100, 0], [0, 0]])
    colour = fitted(Arrays(x, np.array([0, 1]), 2, 2, 255.0), (4, 4, 3))
    assert colour.x.shape == (2, 4, 4, 3) and np.allclose(fitted(colour, (4, 4, 1)).x, x, rtol=1e-3)
