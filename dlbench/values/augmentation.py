"""The strengths of the random transforms of training images and sequences. Zero is off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from dlbench.values.field import Purpose, Traced, declared, fields_for

T = TypeVar("T")
PARTS = (Purpose.GEOMETRY, Purpose.DISTORT, Purpose.COLOUR, Purpose.ERASE, Purpose.CUT_OUT, Purpose.ADD_NOISE, Purpose.MIX)


def _strength(default: T, *parts: Purpose) -> T:
    """A field that the traced program does not depend on; it is traced for the parts of the augmentation that act."""
    return declared(default, traced=Traced.OUTSIDE, purpose=(Purpose.REGULARISE, *parts))


@dataclass(frozen=True)
class Augmentation:
    """Strengths of transforms of training examples; zero is off. Each draws from its own stream, but ``article``, which is not random."""

    crop_px: int | str = _strength(0, Purpose.GEOMETRY)
    rotate_degrees: float = _strength(0.0, Purpose.GEOMETRY)
    flip_horizontal: float = _strength(0.0, Purpose.GEOMETRY)
    flip_vertical: float = _strength(0.0, Purpose.GEOMETRY)
    shift_px: float = _strength(0.0, Purpose.GEOMETRY)
    zoom: float = _strength(0.0, Purpose.GEOMETRY)
    brightness: float = _strength(0.0, Purpose.COLOUR)
    contrast: float = _strength(0.0, Purpose.COLOUR)
    saturation: float = _strength(0.0, Purpose.COLOUR)
    hue: float = _strength(0.0, Purpose.COLOUR)
    rand_augment_ops: int = _strength(0, Purpose.GEOMETRY, Purpose.COLOUR)
    rand_augment_magnitude: float = _strength(0.0)
    cutout_px: int = _strength(0, Purpose.CUT_OUT)
    erasing: float = _strength(0.0, Purpose.ERASE)
    erasing_area: float = _strength(0.4)
    mixup: float = _strength(0.0, Purpose.MIX)
    cutmix: float = _strength(0.0, Purpose.MIX)
    article: bool = _strength(False, Purpose.GEOMETRY)
    time_shift: float = _strength(0.0, Purpose.GEOMETRY)
    input_noise: float = _strength(0.0, Purpose.ADD_NOISE)
    alternating_flip: bool = _strength(False, Purpose.GEOMETRY)
    elastic_alpha_px: float = _strength(0.0, Purpose.DISTORT)
    elastic_sigma_px: float = _strength(4.0)


_FIELDS = {part: fields_for(Augmentation, part) for part in PARTS}


def acts(augmentation: Augmentation, part: Purpose) -> bool:
    """Return whether any transform of a part is on.

    Example:
        >>> acts(Augmentation(hue=0.1), Purpose.COLOUR), acts(Augmentation(hue=0.1), Purpose.GEOMETRY)
        (True, False)
    """
    return any(getattr(augmentation, name) for name in _FIELDS[part])


def is_mixing(augmentation: Augmentation) -> bool:
    """Return whether images, and their labels with them, are mixed with others."""
    return acts(augmentation, Purpose.MIX)


def parts(augmentation: Augmentation) -> dict[str, bool]:
    """Return for each part whether it acts: a training program is traced for the parts that do.

    Example:
        >>> [name for name, on in parts(Augmentation(rotate_degrees=5.0, cutout_px=2)).items() if on]
        ['geometric', 'cutout']
    """
    return {part.value: acts(augmentation, part) for part in PARTS}
