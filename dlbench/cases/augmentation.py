"""Augmentation: five transforms at once, each transform alone, and what mixes images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dlbench.values.case import Case, Work

SMALL, LARGE, GREY = ((32, 32, 3), 256), ((224, 224, 3), 32), ((28, 28, 1), 256)
SINGLE: dict[str, dict[str, Any]] = {
    "flip": {"flip_horizontal": 0.5}, "rotate": {"rotate_degrees": 10.0}, "crop": {"crop_px": 4}, "shift": {"shift_px": 4.0},
    "zoom": {"zoom": 0.1}, "brightness": {"brightness": 0.1}, "contrast": {"contrast": 0.2}, "saturation": {"saturation": 0.2},
    "hue": {"hue": 0.05}, "cutout": {"cutout_px": 8}, "random_erasing": {"erasing": 0.5},
    "rand_augment": {"rand_augment_ops": 2, "rand_augment_magnitude": 5.0},
}
PIPELINE = SINGLE["flip"] | SINGLE["rotate"] | SINGLE["shift"] | SINGLE["brightness"] | SINGLE["contrast"]
"""Flip, rotate, shift, brightness and contrast: the pipeline that the goals are stated for."""


def label(shape: tuple[int, ...], batch: int, dtype: str = "uint8") -> str:
    """An input, in a case's name.

    Example:
        >>> label((32, 32, 3), 256)
        '32x32x3-uint8-b256'
    """
    return f"{'x'.join(map(str, shape))}-{dtype}-b{batch}"


def work(shape: tuple[int, int, int], batch: int, dtype: str = "uint8") -> Work:
    """Return the least work of augmenting a batch: read the input once, write float32 once."""
    values = batch * shape[0] * shape[1] * shape[2]
    return Work(batch, batch * shape[0] * shape[1], values * (4 + (1 if dtype == "uint8" else 4)))


def _case(transform: str, size: tuple, dtype: str = "uint8", **strengths: Any) -> Case:
    shape, batch = size
    options = {"shape": shape, "batch_size": batch, "dtype": dtype, **strengths}
    return Case(f"{transform}[{label(shape, batch, dtype)}]", "augmentation", "dlbench.engines.keras.measure.kernels:augmented", options,
                work(shape, batch, dtype))


def _cases() -> Iterator[Case]:
    for size, dtype in ((SMALL, "uint8"), (SMALL, "float32"), (LARGE, "uint8"), (GREY, "uint8")):
        yield _case("pipeline", size, dtype, **PIPELINE)
    for transform, strengths in SINGLE.items():
        for size in (SMALL, LARGE):
            yield _case(transform, size, **strengths)
    for name in ("mixup", "cutmix"):
        yield _case(name, SMALL, "float32", **{name: 1.0})


CASES = tuple(_cases())
