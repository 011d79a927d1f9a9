"""What is done to training images at random: the strengths. Zero is off."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Augmentation:
    """Random transforms of the training images; zero is off. Each draws from a stream of its own. ``article`` is one that is not random."""

    crop_px: int | str = 0
    rotate_degrees: float = 0.0
    flip_horizontal: float = 0.0
    flip_vertical: float = 0.0
    shift_px: float = 0.0
    zoom: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    hue: float = 0.0
    rand_augment_ops: int = 0
    rand_augment_magnitude: float = 0.0
    cutout_px: int = 0
    erasing: float = 0.0
    erasing_area: float = 0.4
    mixup: float = 0.0
    cutmix: float = 0.0
    article: bool = False


def is_geometric(augmentation: Augmentation) -> bool:
    """Whether any transform moves pixels."""
    a = augmentation
    return any((a.crop_px, a.rotate_degrees, a.flip_horizontal, a.flip_vertical, a.shift_px, a.zoom, a.rand_augment_ops, a.article))


def is_colour(augmentation: Augmentation) -> bool:
    """Whether any transform changes the values of pixels by a linear map."""
    a = augmentation
    return any((a.brightness, a.contrast, a.saturation, a.hue, a.rand_augment_ops))


def is_mixing(augmentation: Augmentation) -> bool:
    """Whether images are mixed with others, and their labels with them."""
    return any((augmentation.mixup, augmentation.cutmix))


def parts(augmentation: Augmentation) -> dict[str, bool]:
    """Which parts of the augmentation act at all: a training program is traced for these.

    Example:
        >>> [name for name, on in parts(Augmentation(rotate_degrees=5.0, cutout_px=2)).items() if on]
        ['geometric', 'cutout']
    """
    return {
        "geometric": is_geometric(augmentation), "colour": is_colour(augmentation), "erasing": augmentation.erasing > 0,
        "cutout": augmentation.cutout_px > 0, "mixing": is_mixing(augmentation),
    }
