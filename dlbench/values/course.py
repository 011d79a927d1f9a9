"""What changes in the course of a training: the learning rate, the size of images, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass

from dlbench.values.field import Purpose, Traced, declared


@dataclass(frozen=True)
class Schedule:
    """How the learning rate goes over the run's steps."""

    kind: str = declared("constant", traced=Traced.OUTSIDE, stated=True)
    warmup: float = declared(0.0, traced=Traced.OUTSIDE)
    factor: float = declared(0.1, traced=Traced.OUTSIDE)
    every_epochs: int = declared(10, traced=Traced.OUTSIDE)
    patience_epochs: int = declared(5, traced=Traced.OUTSIDE)
    min_delta: float = declared(1e-4, traced=Traced.OUTSIDE)
    floor: float = declared(0.0, traced=Traced.OUTSIDE)


@dataclass(frozen=True)
class EarlyStopping:
    """When a run ends before its budget; off where patience is None."""

    patience_epochs: int | None = declared(None, traced=Traced.OUTSIDE, purpose=Purpose.REGULARISE, stated=True)
    min_delta: float = declared(0.0, traced=Traced.OUTSIDE, purpose=Purpose.REGULARISE)
    restore_best: bool = declared(True, traced=Traced.OUTSIDE, purpose=Purpose.REGULARISE)


@dataclass(frozen=True)
class Resizing:
    """How training images grow: from a share ``start`` of their sides, in so many stages of equal numbers of epochs; off where it is 0."""

    start: float = declared(0.0, traced=Traced.OUTSIDE, purpose=Purpose.SPEED)
    stages: int = declared(4, traced=Traced.OUTSIDE, purpose=Purpose.SPEED)


def size_px(resizing: Resizing, shape: tuple[int, ...], epoch: int, epochs: int) -> tuple[int, int] | None:
    """Return the height and width that training images have in an epoch; None where they have their own.

    Args:
        resizing: of the recipe.
        shape: of an image: height, width and channels.
        epoch: from 0.
        epochs: of the run.

    Example:
        >>> [size_px(Resizing(0.5, 3), (8, 12, 1), epoch, 6) for epoch in range(6)]
        [(4, 6), (4, 6), (6, 9), (6, 9), None, None]
        >>> size_px(Resizing(), (8, 8, 1), 0, 6) is None
        True

    Source: M. Tan, Q. V. Le, "EfficientNetV2: smaller models and faster training", 2021, https://arxiv.org/abs/2104.00298, algorithm 1.
    """
    if not resizing.start:
        return None
    stage = min(epoch * resizing.stages // epochs, resizing.stages - 1)
    share = resizing.start + (1 - resizing.start) * stage / (resizing.stages - 1)
    height, width = (max(1, round(share * side)) for side in shape[:2])
    return None if (height, width) == shape[:2] else (height, width)


def sizes_px(resizing: Resizing, shape: tuple[int, ...]) -> list[tuple[int, int] | None]:
    """Return the sizes that training images have, one a stage; None stands for their own.

    Example:
        >>> sizes_px(Resizing(0.5, 3), (8, 12, 1)), sizes_px(Resizing(), (8, 8, 1))
        ([(4, 6), (6, 9), None], [None])
    """
    stages = resizing.stages if resizing.start else 1
    return [size_px(resizing, shape, stage, stages) for stage in range(stages)]
