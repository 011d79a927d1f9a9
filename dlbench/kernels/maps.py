"""The random numbers of augmentation, as one affine map and one colour map per image. No TensorFlow.

What happens to example *i* in epoch *e* is a function of (seed, e, i) alone, whatever the batch size: every transform draws
one row an example from a stream of its own, and rows do not depend on how many there are.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import partial
from typing import Self, cast

import numpy as np

from dlbench.kernels.rand_augment import GREY, extra_maps
from dlbench.values.augmentation import Augmentation, acts
from dlbench.values.field import Purpose
from dlbench.values.seeds import derive

YIQ = np.array([[0.299, 0.587, 0.114], [0.595716, -0.274453, -0.321263], [0.211456, -0.522591, 0.311135]])
IDENTITY = np.array([1, 0, 0, 0, 1, 0, 0, 0], np.float32)
ASPECT = 0.3
SMALLEST_AREA = 0.02
ATTEMPTS = 10
"""Random erasing: aspect ratios from 0.3 to 1/0.3 and areas from 2 %, tried ten times where a box does not fit."""
ARTICLE_DEGREES, ARTICLE_SCALE = 90.0, 124 / 224
"""Of the article's constant transform: a quarter turn, and the middle 124 of 224 pixels."""


class PerExample:
    """Arrays with one row an example, as fields of a dataclass."""

    def arrays(self) -> tuple[np.ndarray, ...]:
        """The arrays, in the order of the fields."""
        return tuple(getattr(self, item.name) for item in dataclasses.fields(self))  # type: ignore[arg-type]

    def rows(self, chosen: np.ndarray | slice) -> Self:
        """The rows of some examples."""
        return type(self)(*(array[chosen] for array in self.arrays()))


@dataclass(frozen=True)
class Maps(PerExample):
    """What happens to each example in an epoch, one row an example.

    Attributes:
        affine: float32 [n, 8], output pixel -> input pixel, as ``ImageProjectiveTransformV3`` takes them.
        colour: float32 [n, C, C]; a pixel's row vector is multiplied by it.
        towards_mean: float32 [n]; how much of the image's mean is added back (1 - contrast factor).
        shift: float32 [n]; added to every value, as a share of the full range.
        erased: int32 [n, 4], the box that noise replaces: top, left, bottom, right; bottom and right are outside.
        noise: uint32 [n], the key of that noise.
        hole: int32 [n, 4], the box that is cut out.
        seeds: uint32 [n, 2], what functions of plug-ins, added noise and elastic distortion draw their numbers from; zero where there
            are none.
        noise_level: float32 [n], standard deviation of the noise that is added to scaled inputs.
        elastic: float32 [n, 2], scale and smoothing of the elastic distortion, in px.
    """

    affine: np.ndarray
    colour: np.ndarray
    towards_mean: np.ndarray
    shift: np.ndarray
    erased: np.ndarray
    noise: np.ndarray
    hole: np.ndarray
    seeds: np.ndarray
    noise_level: np.ndarray
    elastic: np.ndarray


def draws(seed: int, name: str, epoch: int, examples: int, columns: int) -> np.ndarray:
    """Uniform numbers in [0, 1) for one technique and epoch; row i does not depend on how many rows there are.

    Returns:
        float32 [examples, columns].

    Example:
        >>> bool((draws(0, "flip", 1, 5, 2) == draws(0, "flip", 1, 9, 2)[:5]).all())
        True
    """
    return generator(seed, name, epoch).random((examples, columns), dtype=np.float32)


def generator(seed: int, name: str, epoch: int) -> np.random.Generator:
    """The generator of one technique and epoch."""
    return np.random.Generator(np.random.Philox(derive(seed, "augment", name, epoch)))


def maps(augmentation: Augmentation, seed: int, epoch: int, examples: int, shape: tuple[int, ...],  # noqa: PLR0913
         functions: bool = False) -> Maps:
    """Draw an epoch's maps.

    Args:
        augmentation: strengths; zero is off.
        seed: of the run's ``augment`` stream.
        epoch: from 0.
        examples: how many rows.
        shape: height, width and channels of an image, or steps and channels of a sequence, which is drawn as an image of width 1.
        functions: whether functions of plug-ins take part.

    Example:
        >>> maps(Augmentation(), 0, 0, 1, (8, 8, 1)).affine.tolist()
        [[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]]
    """
    shape = cast(tuple[int, int, int], (shape[0], 1, shape[1]) if len(shape) == 2 else shape)

    def uniform(name: str, columns: int) -> np.ndarray:
        return draws(seed, name, epoch, examples, columns)

    def symmetric(name: str, amount: float, columns: int = 1) -> np.ndarray:
        if not amount:
            return np.zeros((examples, columns))
        return amount * (2 * uniform(name, columns).astype(np.float64) - 1)

    alternating = _alternating(seed, epoch, examples) if augmentation.alternating_flip else np.ones(examples)
    affine = _geometry(augmentation, symmetric, uniform, shape, alternating)
    colour, towards_mean, shift = _colours(augmentation, symmetric, examples, shape[-1])
    if augmentation.rand_augment_ops:
        moved, tinted, mean, grey = extra_maps(augmentation, uniform, shape)
        affine, colour = _then(affine, moved), colour @ tinted
        towards_mean, shift = grey * towards_mean + mean, (grey + mean) * shift
    words = partial(_words, seed, epoch)
    return Maps(affine, colour.astype(np.float32), towards_mean.astype(np.float32), shift.astype(np.float32),
                erased_boxes(augmentation, uniform, shape[:2], examples), words(augmentation.erasing, "erasing noise", examples),
                cutout_boxes(augmentation.cutout_px, uniform, shape[:2], examples),
                words(functions or augmentation.input_noise or augmentation.elastic_alpha_px, "plug-ins", examples, 2),
                np.full(examples, augmentation.input_noise, np.float32),
                np.tile(np.array([augmentation.elastic_alpha_px, augmentation.elastic_sigma_px], np.float32), (examples, 1)))


def _colours(a: Augmentation, symmetric, examples: int, channels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if not acts(a, Purpose.COLOUR):
        return np.tile(np.eye(channels), (examples, 1, 1)), np.zeros(examples), np.zeros(examples)
    contrast = 1 + symmetric("contrast", a.contrast)[:, 0]
    colour = contrast[:, None, None] * _hue_and_saturation(a, symmetric, examples, channels)
    return colour, 1 - contrast, symmetric("brightness", a.brightness)[:, 0]


def _words(seed: int, epoch: int, wanted: object, name: str, *shape: int) -> np.ndarray:
    return generator(seed, name, epoch).integers(0, 2**32, shape, np.uint32) if wanted else np.zeros(shape, np.uint32)


def _alternating(seed: int, epoch: int, examples: int) -> np.ndarray:
    """Return -1 for each image that is mirrored in an epoch, else 1: half of them in the first one, the other half in the next."""
    return np.where(draws(seed, "alternating_flip", 0, examples, 1)[:, 0] < 0.5, -1.0, 1.0) * (-1) ** epoch


def _geometry(a: Augmentation, symmetric, uniform, shape: tuple[int, int, int], alternating: np.ndarray) -> np.ndarray:
    if not acts(a, Purpose.GEOMETRY):
        return np.tile(IDENTITY, (len(alternating), 1))
    angle = symmetric("rotate", a.rotate_degrees)[:, 0] + ARTICLE_DEGREES * a.article
    scale = (ARTICLE_SCALE if a.article else 1) / (1 + symmetric("zoom", a.zoom)[:, 0])
    moved = symmetric("shift", a.shift_px, 2) + np.round(shape[0] * symmetric("time_shift", a.time_shift)) * (0, 1)
    if pad := default_crop_px(shape) if isinstance(a.crop_px, str) else a.crop_px:
        moved = moved + np.floor(uniform("crop", 2) * (2 * pad + 1)) - pad
    mirror = np.column_stack([alternating, np.ones(len(angle))])
    if a.flip_horizontal or a.flip_vertical:
        mirror = mirror * np.where(uniform("flip", 2) < (a.flip_horizontal, a.flip_vertical), -1.0, 1.0)
    return affine_maps(angle, scale, mirror, moved, shape[:2])


def default_crop_px(shape: tuple[int, int, int]) -> int:
    """The usual border for a crop: 1 px up to 8 px, 2 px up to 28 px, 4 px above."""
    return 1 if max(shape[:2]) <= 8 else 2 if max(shape[:2]) <= 28 else 4


def affine_maps(
    degrees: np.ndarray, scale: np.ndarray, mirror: np.ndarray, moved_px: np.ndarray, size_px: tuple[int, int]
) -> np.ndarray:
    """Compose rotation, scaling and mirroring about the centre ((W-1)/2, (H-1)/2), then a translation, into one map per image.

    Args:
        degrees: [n] counter-clockwise; multiples of 90 are exact.
        scale: [n] input pixels per output pixel.
        mirror: [n, 2] +1 or -1 for x and y.
        moved_px: [n, 2] translation of the sampling point in x and y.
        size_px: height and width.

    Returns:
        float32 [n, 8].

    Example:
        >>> affine_maps(np.array([90.0]), np.ones(1), np.ones((1, 2)), np.zeros((1, 2)), (3, 3))[0, :6].tolist()
        [0.0, -1.0, 2.0, 1.0, 0.0, 0.0]
    """
    cos, sin = _cos_sin(degrees)
    turned = np.stack([cos, -sin, sin, cos], axis=1).reshape(-1, 2, 2) * scale[:, None, None] * mirror[:, None]
    centre = (np.array(size_px[::-1]) - 1) / 2
    parts = turned * centre
    affine = np.zeros((len(cos), 8), np.float32)
    rows = affine[:, :6].reshape(-1, 2, 3)
    rows[..., :2], rows[..., 2] = turned, centre - parts[..., 0] - parts[..., 1] + moved_px
    return affine + np.float32(0)  # no negative zeros


def _cos_sin(degrees: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not np.any(degrees):
        return np.ones(len(degrees)), np.zeros(len(degrees))
    quarter = np.round(np.asarray(degrees) / 90) * 90
    rest = np.deg2rad(degrees - quarter)
    turns = (quarter / 90).astype(int) % 4
    c, s = np.array([1, 0, -1, 0])[turns], np.array([0, 1, 0, -1])[turns]
    cos, sin = np.cos(rest), np.sin(rest)
    return c * cos - s * sin, s * cos + c * sin


def _hue_and_saturation(a: Augmentation, symmetric, examples: int, channels: int) -> np.ndarray:
    if channels != 3 or not (a.saturation or a.hue):
        return np.eye(channels)
    saturation = 1 + symmetric("saturation", a.saturation)
    turn = 2 * math.pi * symmetric("hue", a.hue)[:, 0]
    rotation = np.zeros((examples, 3, 3))
    rotation[:, 0, 0] = 1
    rotation[:, 1, 1] = rotation[:, 2, 2] = np.cos(turn)
    rotation[:, 1, 2], rotation[:, 2, 1] = -np.sin(turn), np.sin(turn)
    hue = (np.linalg.inv(YIQ) @ rotation @ YIQ).transpose(0, 2, 1) if a.hue else np.eye(3)
    grey = np.repeat(GREY[:, None], 3, axis=1)
    return hue @ (saturation[:, :, None] * np.eye(3) + (1 - saturation[:, :, None]) * grey)


def _then(affine: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """First the transform of ``affine`` [n, 8], then that of ``moved`` [n, 3, 3]; both map output to input pixels."""
    whole = np.zeros((len(affine), 3, 3))
    whole[:, :2] = affine[:, :6].reshape(-1, 2, 3)
    whole[:, 2, 2] = 1
    composed = affine.copy()
    composed[:, :6] = (whole @ moved)[:, :2].reshape(-1, 6)
    return composed


def cutout_boxes(size_px: int, uniform, image_px: tuple[int, int], examples: int) -> np.ndarray:
    """Squares around a uniform pixel, clipped at the border: for 16 px on 32 they cover 0.191406 of it on average, not 0.25.

    Returns:
        int32 [n, 4]: top, left, bottom, right; all zero where ``size_px`` is.

    Source: T. DeVries, G. W. Taylor, "Improved regularization of convolutional neural networks with cutout", 2017,
    https://arxiv.org/abs/1708.04552.
    """
    if not size_px:
        return np.zeros((examples, 4), np.int32)
    first = np.floor(uniform("cutout", 2) * image_px) - size_px // 2
    return _clipped(first, first + size_px, image_px)


def erased_boxes(a: Augmentation, uniform, image_px: tuple[int, int], examples: int) -> np.ndarray:
    """Boxes of random area and aspect that fit into the image, drawn up to ten times, with probability ``erasing``.

    Returns:
        int32 [n, 4]; all zero where nothing is erased.

    Source: Z. Zhong et al., "Random erasing data augmentation", 2020, https://arxiv.org/abs/1708.04896.
    """
    if not a.erasing:
        return np.zeros((examples, 4), np.int32)
    wanted = uniform("erasing", 1)[:, 0] < a.erasing
    area, aspect, y, x = np.moveaxis(uniform("erasing box", 4 * ATTEMPTS).astype(np.float64).reshape(-1, ATTEMPTS, 4), -1, 0)
    area = (SMALLEST_AREA + area * (a.erasing_area - SMALLEST_AREA)) * image_px[0] * image_px[1]
    aspect = ASPECT + aspect * (1 / ASPECT - ASPECT)
    size = np.stack([np.round(np.sqrt(area * aspect)), np.round(np.sqrt(area / aspect))], -1)
    fits = (size < image_px).all(-1) & (size > 0).all(-1)
    pick = (np.arange(len(size)), fits.argmax(1))
    first = np.floor(np.stack([y, x], -1)[pick] * (np.array(image_px) - size[pick] + 1))
    boxes = _clipped(first, first + size[pick], image_px)
    return np.where((wanted & fits.any(-1))[:, None], boxes, 0).astype(np.int32)


def _clipped(first: np.ndarray, last: np.ndarray, image_px: tuple[int, int]) -> np.ndarray:
    return np.concatenate([np.clip(first, 0, image_px), np.clip(last, 0, image_px)], axis=1).astype(np.int32)
