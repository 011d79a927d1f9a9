"""The fused pass against plain numpy and, to the bit, against the training graph, over shapes and dtypes."""

import ast
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from dlbench.engines.keras.data.batches import transform
from dlbench.kernels import reference
from dlbench.kernels.maps import maps
from dlbench.values.augmentation import Augmentation, parts
from tests.selection import mostly_slow

fused = pytest.importorskip("dlbench.kernels.fused", exc_type=ImportError)
KINDS = {
    "nothing": Augmentation(), "flips": Augmentation(0, 0.0, 0.5, 0.5), "crop": Augmentation(crop_px=2),
    "cropped flips": Augmentation(9, 0.0, 0.5, 0.5), "far": Augmentation(0, 180.0, shift_px=90.0),
    "moves": Augmentation("auto", 15.0, 0.5, 0.5, 1.5, 0.1), "brightness": Augmentation(brightness=0.3),
    "contrast": Augmentation(contrast=0.5), "colours": Augmentation(brightness=0.2, contrast=0.2, saturation=0.5, hue=0.1),
    "erasing": Augmentation(erasing=0.7), "RandAugment": Augmentation(rand_augment_ops=2, rand_augment_magnitude=9.0),
    "everything": Augmentation("auto", 15.0, 0.5, 0.5, 1.0, 0.1, 0.2, 0.2, 0.2, 0.1, 2, 5.0, 0, 0.7, 0.4),
}
SHAPES = [(0, 8, 8, 3), (1, 8, 8, 1), (3, 7, 9, 3), (40, 28, 28, 1), (2, 33, 70, 3), (2, 6, 5, 4), (1, 1, 1, 1),
          (3, 1, 1, 3), (16, 101, 93, 1), (3, 53, 55, 3), (2, 224, 224, 3)]
"""From one pixel to more values than Eigen sums at once, and not a multiple of its vectors' lanes."""


def pictures(shape, dtype):
    """Images with the smallest value and the range of what they hold."""
    whole = np.random.default_rng(0).integers(0, 256, shape)
    if dtype == "uint8" or not whole.size:
        return whole.astype(dtype), (0.0, 255.0)
    x = (whole + np.random.default_rng(1).random(shape) + 1).astype(np.float32)
    return x, (float(x.min()), float(x.max() - x.min()))


def plain(images, drawn, wanted, span):
    """What the parts that act give in plain numpy; values are clipped where colours change alone."""
    moved = reference.warp(images, drawn.affine)
    if parts(wanted)["colour"]:
        moved = reference.tint(moved, drawn.colour, drawn.towards_mean, drawn.shift, span)
    return reference.erase(moved, drawn.erased, drawn.noise, span)


def augmented(images, drawn, wanted, span=(0.0, 255.0)):
    return fused.augment(images, drawn, span, parts(wanted)["colour"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_it_equals_plain_numpy(kind, dtype):
    for shape in SHAPES[:7]:
        images, span = pictures(shape, dtype)
        drawn = maps(KINDS[kind], 3, 1, len(images), shape[1:])
        output = augmented(images, drawn, KINDS[kind], span)
        expected = plain(images, drawn, KINDS[kind], span)
        assert output.dtype == np.float32 and output.shape == shape
        np.testing.assert_allclose(output, expected, atol=0.1, err_msg=str(shape))


@pytest.mark.parametrize("kind", mostly_slow([*KINDS], "cropped flips", "moves", "contrast", "colours", "RandAugment", "everything"))
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_it_equals_the_training_graph_to_the_bit(kind, dtype):
    wanted = KINDS[kind]
    graph = tf.function(lambda x, span, *given: transform(parts(wanted), x, given, span), reduce_retracing=True)
    for shape in SHAPES:
        images, span = pictures(shape, dtype)
        drawn = maps(wanted, 3, 1, len(images), shape[1:])
        expected = graph(tf.constant(images), tf.constant(span), *map(tf.constant, drawn.arrays()))
        np.testing.assert_array_equal(augmented(images, drawn, wanted, span), expected, err_msg=str(shape))


def test_the_place_in_the_batch_decides_how_an_image_is_summed():
    images, wanted = pictures((20, 101, 93, 1), "float32")[0], KINDS["contrast"]
    drawn = maps(wanted, 0, 0, 20, (101, 93, 1))
    together = augmented(images, drawn, wanted)
    alone = [fused.augment(images[[i]], drawn.rows([i]), (0.0, 255.0), True, np.array([i]))[0] for i in range(20)]
    first = [augmented(images[[i]], drawn.rows([i]), wanted)[0] for i in range(20)]
    np.testing.assert_array_equal(together, alone)
    assert not np.array_equal(together, first)


def test_flips_are_exact_and_the_input_is_left_alone():
    images = np.random.default_rng(1).integers(0, 256, (5, 9, 12, 3)).astype(np.uint8)
    before, wanted = images.copy(), Augmentation(flip_horizontal=1.0)
    drawn = maps(wanted, 0, 0, 5, (9, 12, 3))
    once = augmented(images, drawn, wanted)
    np.testing.assert_array_equal(once, images[:, :, ::-1])
    np.testing.assert_array_equal(augmented(once, drawn, wanted), images)
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("kind", ["flips", "cropped flips", "moves", "everything"])
@pytest.mark.parametrize("shape", [(7, 10, 35, 3), (3, 4, 6, 3), (4, 9, 21, 1)], ids=str)
def test_nothing_is_written_beside_an_image(kind, shape, monkeypatch):
    """Several values are written at a time: the last of an image must not reach into the next one, nor beyond the batch."""
    images = np.random.default_rng(4).integers(0, 256, shape).astype(np.uint8)
    drawn, alone = maps(KINDS[kind], 5, 0, len(images), shape[1:]), []
    for i in range(len(images)):
        around = np.full((3, *shape[1:]), -1, np.float32)
        with monkeypatch.context() as patch:
            patch.setattr(fused.np, "empty", lambda *_, around=around: around[1:2])
            fused.augment(images[i : i + 1], drawn.rows(slice(i, i + 1)), (0.0, 255.0), parts(KINDS[kind])["colour"])
        assert (around[[0, 2]] == -1).all()
        alone.append(around[1])
    np.testing.assert_array_equal(augmented(images, drawn, KINDS[kind]), alone)


def test_slices_and_other_spans():
    images, wanted = np.random.default_rng(3).random((4, 10, 10, 3))[:, ::2, ::2].astype(np.float32)[:, :, ::-1], KINDS["colours"]
    drawn = maps(wanted, 0, 0, 4, (5, 5, 3))
    output = augmented(images, drawn, wanted, (-1.0, 2.0))
    np.testing.assert_allclose(output, reference.augment(images, drawn, (-1.0, 2.0)), atol=1e-5)
    assert output.min() >= -1 and output.max() <= 1


@pytest.mark.parametrize("path", sorted(Path(fused.__file__).parent.glob("*.py")), ids=lambda path: path.name)
def test_no_compiled_function_is_made_by_another(path):
    """Functions of one factory share a symbol: processes that filled numba's cache at once left one that moved pixels wrongly."""
    outer = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    inner = [node for function in outer for node in ast.walk(function) if isinstance(node, ast.FunctionDef) and node is not function]
    compiled = ("jit", "inlined", "numba")
    assert not [node.name for node in inner if any(ast.unparse(mark).startswith(compiled) for mark in node.decorator_list)]
