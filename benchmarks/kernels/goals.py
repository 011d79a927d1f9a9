"""The goals that were set for the kernels, each with what was measured."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dlbench.bench.rows import Row, ratio, rows

SMALL, LARGE = "32x32x3-uint8-b256", "224x224x3-uint8-b32"
SINGLE = ("flip", "rotate", "shift", "zoom", "brightness", "contrast", "saturation", "hue")
TRAINING = (("images of MNIST's size, `guide_cnn`", "guide_cnn-28x28x1-b64", 15),
            ("32x32x3, `small_cnn`", "small_cnn-32x32x3-b64", 5))
"""What is trained in words, its case, and the share of an epoch in percent that augmentation may take."""


@dataclass(frozen=True)
class Goal:
    """One line of the table.

    Attributes:
        text: what was asked.
        measured: in words.
        met: None where it could not be measured.
    """

    text: str
    measured: str
    met: bool | None


def goals(data: Mapping[str, Any]) -> list[Goal]:
    """Every goal, in the order in which they were set."""
    return [*_pipelines(data), *_singles(data), *_shares(data)]


def _pipelines(data: Mapping[str, Any]) -> Iterator[Goal]:
    for peer, name, wanted in (("keras", "Keras' layers", (6, 6)), ("albumentations", "Albumentations", (20, 1.5))):
        for size, least in zip((SMALL, LARGE), wanted):
            found = ratio(data, f"pipeline[{size}]", f"{peer}.pipeline[{size}]")
            text = f"flip + rotate + shift + brightness + contrast, {size.partition('-')[0]}: {least} times as fast as {name}"
            yield Goal(text, *((_times(found), found[0] >= least) if found else ("not measured", None)))


def fastest_peer(data: Mapping[str, Any], task: str) -> Row | None:
    """The fastest peer that does a task and was timed."""
    rivals = [row for row in rows(data) if row.task == task and row.peer and row.seconds]
    return min(rivals, key=lambda row: row.seconds, default=None)


def _singles(data: Mapping[str, Any]) -> Iterator[Goal]:
    for size in (SMALL, LARGE):
        for transform in SINGLE:
            task = f"{transform}[{size}]"
            peer = fastest_peer(data, task)
            found = ratio(data, task, peer.name) if peer else None
            text = f"{transform}, {size.partition('-')[0]}: as fast as the fastest peer"
            if found is None:
                yield Goal(text, "not measured", None)
            else:
                yield Goal(text, f"{_times(found)}, {peer.peer}", found[0] >= 1)


def _shares(data: Mapping[str, Any]) -> Iterator[Goal]:
    for words, case, most in TRAINING:
        text = f"augmenting in training, {words}: at most {most} % of the epoch's time"
        found = ratio(data, f"train[{case}]", f"train_augmented[{case}]")
        if found is None:
            yield Goal(text, "not measured", None)
        else:
            share, low, high = (100 * (1 - 1 / value) for value in found)
            yield Goal(text, f"{share:.1f} % ({low:.1f} to {high:.1f})", share <= most)


def _times(found: tuple[float, float, float]) -> str:
    return f"{found[0]:.2f} times ({found[1]:.2f} to {found[2]:.2f})"


def spread(data: Mapping[str, Any]) -> float:
    """How much the rounds of a case differ: the median over cases of (slowest - fastest) / median."""
    return statistics.median((item["stats"]["max"] - item["stats"]["min"]) / item["stats"]["median"] for item in data["benchmarks"])
