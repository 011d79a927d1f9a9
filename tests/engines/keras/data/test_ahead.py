"""Training ahead of which images are augmented gives the bits of training whose graph augments them."""

import dataclasses
import sys
from itertools import cycle

import numpy as np
import pytest
import tensorflow as tf

from dlbench.datasets import Arrays
from dlbench.engines.keras.data import ahead, ondisk
from dlbench.engines.keras.data.ahead import fused_pass
from dlbench.engines.keras.data.batches import Acting
from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.keras.loop import program
from dlbench.engines.protocol import RunInputs, Settings
from dlbench.techniques import CATALOGUE
from dlbench.values.augmentation import Augmentation, parts
from dlbench.values.recipe import edit
from tests.selection import mostly_slow

pytest.importorskip("numba")
fused = pytest.importorskip("dlbench.kernels.fused")
EVERYTHING = {"crop_px": 2, "rotate_degrees": 15.0, "flip_horizontal": 0.5, "shift_px": 1.0, "zoom": 0.1, "brightness": 0.2,
              "contrast": 0.3, "saturation": 0.4, "hue": 0.1, "erasing": 0.5, "cutout_px": 3, "mixup": 0.4, "cutmix": 1.0}
TECHNIQUES = {
    "flip and crop": {"flip_horizontal": 0.5, "flip_vertical": 0.5, "crop_px": "auto"}, "contrast": {"contrast": 0.4},
    "colours": {"saturation": 0.4, "hue": 0.1}, "erasing and cutout": {"erasing": 0.5, "cutout_px": 3}, "everything": EVERYTHING,
    "RandAugment": {"rand_augment_ops": 2, "rand_augment_magnitude": 5.0}, "article": {"article": True},
    "mixed": {"rotate_degrees": 10.0, "mixup": 0.4}, "cut": {"shift_px": 2.0, "brightness": 0.2, "cutmix": 1.0},
    "alternating flip": {"alternating_flip": True}, "sequences'": {"time_shift": 0.3, "input_noise": 0.1},
}
"""Techniques that act on each other; tests/kernels/test_fused.py holds each of them alone to the bits of the graph."""
QUICK = ("flip and crop", "everything", "RandAugment", "article", "sequences'")
"""Of these, those that hold every kind of draw."""
SHAPES = [(8, 8, 1), (32, 32, 3), (9, 7, 2), (55, 51, 3), (97, 87, 1)]
"""The last two have more values than Eigen sums at once, and not a multiple of its vectors'."""


def photos(shape=(9, 7, 3), dtype="uint8", count=90):
    """Photographs of three classes that their brightness tells apart."""
    y = np.arange(count) % 3
    noise = np.random.default_rng(0).integers(0, 60, (count, *tuple(shape))) + 80 * y[:, None, None, None]
    return noise.astype(np.uint8) if dtype == "uint8" else (noise / 200 - 0.3).astype(np.float32), y


def doubled(images, draws):
    """A plug-in's function over images."""
    return tf.clip_by_value(images * (1 + draws.uniform((1, 1, 1))), 0.0, 1.0)


def run(recipe, folder, device_bytes=2**31, **kind):
    """Train on these photographs in an engine of its own."""
    x, y = photos(**kind)
    span = (255.0, 0.0) if x.dtype == np.uint8 else (float(x.max() - x.min()), float(x.min()))
    engine = KerasEngine(Settings(str(folder), device_bytes=device_bytes, load=lambda *_: Arrays(x, y, 70, 3, *span)))
    return engine.run(recipe, 0, RunInputs("test_accuracy"))


@pytest.fixture
def both(tiny, tmp_path, monkeypatch):
    """Train a recipe with the pass and without it, in stretches of one or two batches; compare all that comes out of it."""
    passes = []

    def counted(acting, *kind):
        done, rest = fused_pass(acting, *kind)
        assert done is not None, "nothing is augmented ahead"
        return lambda *given: passes.append(len(given[0])) or done(*given), rest

    def train(fields, device_bytes=2**31, stretch=2, **kind):
        recipe = edit(tiny, **{"data__examples": None, "training__batch_size": 16, "model__dropout": 0.2, **fields})
        row_bytes = 4 * np.prod(kind.get("shape", (9, 7, 3)))
        monkeypatch.setattr(program, "FEWEST_VALUES", 0)
        monkeypatch.setattr(ondisk, "CHUNK_BYTES", int(row_bytes) * 16 * stretch + 1)
        found = []
        for chosen in (counted, lambda acting, *_: (None, acting)):
            monkeypatch.setattr(program, "fused_pass", chosen)
            found.append(run(recipe, tmp_path, device_bytes, **kind))
        ours, theirs = found
        assert ours.status == "done" and len(passes) >= 2
        assert ours.controls == theirs.controls and ours.scores == theirs.scores
        timeless = [{name: values for name, values in one.curves.items() if name != "seconds"} for one in found]
        assert timeless[0] == timeless[1]
        assert all(np.array_equal(ours.arrays[name], theirs.arrays[name]) for name in theirs.arrays)
        return ours

    return train


def augmented(strengths):
    return {f"augmentation__{name}": value for name, value in strengths.items()}


@pytest.mark.parametrize("strengths", mostly_slow(TECHNIQUES, *QUICK))
def test_every_technique_trains_to_the_same_bits(strengths, both):
    both(augmented(strengths))


@pytest.mark.parametrize(("shape", "dtype"), [
    *zip(SHAPES, cycle(("uint8", "float32"))),
    *(pytest.param(*pair, marks=pytest.mark.slow) for pair in zip(SHAPES, cycle(("float32", "uint8"))))], ids=str)
def test_every_size_and_kind_of_image_trains_to_the_same_bits(shape, dtype, both):
    both(augmented(EVERYTHING), shape=shape, dtype=dtype)


@pytest.mark.parametrize(("shape", "taken"), [((8, 8, 1), False), ((8, 8, 3), True)])
def test_images_of_few_values_are_left_to_the_graph(shape, taken, tiny, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(program, "fused_pass", lambda acting, *kind: asked.append(kind) or fused_pass(acting, *kind))
    run(edit(tiny, data__examples=None, budget__amount=1, **augmented(TECHNIQUES["mixed"])), tmp_path, shape=shape)
    assert bool(asked) == taken


@pytest.mark.parametrize("fields", [
    {"training__batch_size": 7, "budget__unit": "steps", "budget__amount": 7, "data__normalization": "zscore_channel"},
    pytest.param({"training__batch_size": 64, "budget__unit": "examples", "budget__amount": 100, "measure": ("gradient_norms",)},
                 marks=pytest.mark.slow),
    {"hooks__images": (("tests.engines.keras.data.test_ahead:doubled", ()),), "redrawn": ("augment", "order")},
    pytest.param({"training__optimizer": "sgd", "training__xla": True}, marks=pytest.mark.slow),  # XLA compiles for 8 s
], ids=str)
def test_every_kind_of_training_ends_in_the_same_bits(fields, both):
    both({**augmented(EVERYTHING), **fields})


@pytest.mark.parametrize(("strengths", "stretch"), [
    pytest.param(TECHNIQUES["contrast"], 1, marks=pytest.mark.slow), (EVERYTHING, 2), (TECHNIQUES["contrast"], 100)],
                         ids=["alone-1", "mixed-2", "alone-100"])
def test_images_on_disk_train_to_the_same_bits(strengths, stretch, both):
    both(augmented(strengths), device_bytes=0, stretch=stretch)


def test_a_budget_of_seconds_trains_the_steps_of_as_many_steps(tiny, tmp_path):
    """How many steps there are is the clock's; what they are is not."""
    recipe = edit(tiny, **augmented(EVERYTHING), data__examples=None, training__batch_size=16, budget__unit="seconds", budget__amount=0.2)
    timed = run(recipe, tmp_path)
    again = run(edit(recipe, budget__unit="steps", budget__amount=timed.cost.steps), tmp_path)
    assert timed.cost.train_s >= 0.2 and timed.controls.weights == again.controls.weights


def test_only_so_many_images_are_in_memory_as_are_trained_on_at_once(both, monkeypatch):
    sizes = []
    plain = ahead._augment
    monkeypatch.setattr(ahead, "_augment", lambda images, *given, **options: sizes.append(len(images)) or plain(images, *given, **options))
    both(augmented(TECHNIQUES["mixed"]), stretch=1)
    assert max(sizes) == 32, "a batch of 16 and those that it is mixed with"


def acting(**strengths):
    return Acting(parts(Augmentation(**strengths)))


@pytest.mark.parametrize("given", [
    (acting(), (8, 8, 1), tf.uint8), (acting(cutout_px=2, mixup=0.4), (8, 8, 1), tf.uint8), (acting(brightness=0.1), (8, 8, 1), tf.float64),
    (acting(time_shift=0.1, input_noise=0.1), (40, 1), tf.float32), (acting(rotate_degrees=5.0, elastic_alpha_px=8.0), (8, 8, 1), tf.uint8),
], ids=["nothing", "what stays in the graph", "another kind", "sequences", "distorted between two parts of the pass"])
def test_there_is_no_pass_where_it_has_nothing_to_do(given):
    assert fused_pass(*given) == (None, given[0])


def test_without_numba_the_graph_augments(monkeypatch):
    ahead._equals_graph.cache_clear()
    monkeypatch.setattr(ahead, "FUSED", "dlbench.kernels.no_such_module:augment")
    wanted = acting(rotate_degrees=10.0)
    assert fused_pass(wanted, (8, 8, 1), tf.uint8) == (None, wanted)
    ahead._equals_graph.cache_clear()


@pytest.mark.parametrize("strengths", [{"rotate_degrees": 10.0}, {"contrast": 0.2}, {"erasing": 0.3}], ids=str)
def test_a_pass_that_differs_by_one_bit_in_one_pixel_is_not_used(strengths, monkeypatch):
    ahead._equals_graph.cache_clear()

    def off(*given):
        images = fused.augment(*given)
        images.flat[-1] = np.nextafter(images.flat[-1], np.float32(np.inf))
        return images

    monkeypatch.setattr(ahead, "FUSED", f"{__name__}:off")
    monkeypatch.setitem(globals(), "off", off)
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    assert fused_pass(acting(**strengths), (8, 8, 3), tf.uint8)[0] is None
    ahead._equals_graph.cache_clear()


def test_what_is_left_to_the_graph_is_what_comes_after():
    done, rest = fused_pass(acting(**EVERYTHING), (8, 8, 3), tf.uint8)
    assert done is not None and [name for name, on in rest.parts.items() if on] == ["cutout", "mixing"]
    assert rest == dataclasses.replace(acting(**EVERYTHING), parts=rest.parts)


def test_no_technique_of_augmentation_escapes():
    touched = {path.partition(".")[2] for item in CATALOGUE for path in item.touches if path.startswith("augmentation.")}
    tested = {name for strengths in TECHNIQUES.values() for name in strengths}
    in_graph = {"elastic_alpha_px", "elastic_sigma_px"}
    assert touched <= tested | in_graph | {"erasing_area"}
