"""How raw values become inputs: scalings that are fitted on the training part."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import tensorflow as tf

from dlbench.engines.keras.data.batches import Inputs
from dlbench.values.errors import InputError
from dlbench.values.packed import Packed


def fit(kind: str, chunks: Iterable[np.ndarray], full_range: float, low: float = 0.0) -> Inputs:
    """Fit an input scaling on training images; a constant input becomes 0.

    Args:
        kind: none; scale (/full range); bytes (full range to 255); minmax [0, 1]; minmax_signed
            [-1, 1]; zscore; zscore_channel; or of :data:`IMAGENET`.
        chunks: training images, each [n, H, W, C], or rows of numbers [n, C].
        full_range, low: of the possible values.

    Returns:
        The map x·scale + offset.

    Example:
        >>> fit("minmax", [np.array([2.0, 4.0]).reshape(2, 1, 1, 1)], 255.0).scale.numpy().tolist()
        [0.5]

    Source: Y. LeCun et al., "Efficient BackProp", 1998, https://doi.org/10.1007/3-540-49430-8_2.
    """
    if kind in FITTED:
        moments = _moments(chunks)
        channels, (centre, spread) = len(moments["count"]), _centre_and_spread(kind, moments)
    else:
        channels = next(iter(chunks)).shape[-1]
        centre, spread = _known(kind, channels, full_range, low)
    spread = np.asarray(spread, np.float64)
    scale = np.where(spread > 0, 1 / np.where(spread > 0, spread, 1), 0.0)
    rows = np.broadcast_to(scale, channels), np.broadcast_to(-centre * scale, channels), [low, full_range]
    return Inputs(*(tf.constant(np.array(row), tf.float32) for row in rows))


def fit_each(kind: str, chunks: Callable[[], Iterable[np.ndarray]], shape: Packed) -> Inputs:
    """Fit the scaling of each of several inputs on packed training examples, as :func:`fit` does, one number for each value.

    Images and sequences are scaled as ``kind`` says; each column of numbers gets mean 0 and standard deviation 1; whole numbers stay.
    ``span`` is that of the input that augmentation acts on.

    Example:
        >>> from dlbench.values.packed import ModelInput
        >>> shape = Packed.of([ModelInput("scan", (1, 2, 1), span=(0.0, 255.0)), ModelInput("clinic", (1,))])
        >>> fit_each("scale", lambda: [np.array([[0.0, 255, 1], [255, 0, 3]])], shape).offset.numpy().tolist()
        [-0.0, -0.0, -2.0]
    """
    scales, offsets = [], []
    for one, place in shape.places():
        low, high = one.span or (0.0, 1.0)
        kind_of_input = kind if one.kind != "row" else "none" if one.whole else "zscore_channel"
        cut = (chunk[:, place].reshape(-1, *one.shape) for chunk in chunks())
        fitted = fit(kind_of_input, cut, high - low or 1.0, low)
        for kept, found in ((scales, fitted.scale), (offsets, fitted.offset)):
            kept.append(np.broadcast_to(found.numpy(), one.shape).ravel())
    low, high = (acted.span if (acted := shape.acted()) is not None else None) or (0.0, 1.0)
    return Inputs(tf.constant(np.concatenate(scales)), tf.constant(np.concatenate(offsets)), tf.constant([low, high - low or 1.0]))


FITTED = ("minmax", "minmax_signed", "zscore", "zscore_channel")
"""Kinds that depend on the values of the training images."""
IMAGENET = {
    "tf": (0.5, 0.5), "torch": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "caffe": ((123.68 / 255, 116.779 / 255, 103.939 / 255), 1 / 255),
}
"""Kind of preprocessing in ``keras.applications`` -> centre and spread of red, green and blue, as shares of the full range."""


def _known(kind: str, channels: int, full_range: float, low: float) -> tuple:
    """Return centre and spread of a kind that does not depend on images."""
    if kind not in IMAGENET:
        return 0.0, {"none": 1.0, "bytes": full_range / 255}.get(kind, full_range)
    if channels != 3:
        raise InputError(f"normalization 'application': it is for images of 3 channels; these have {channels}")
    centre, spread = (np.array(part) * full_range for part in IMAGENET[kind])
    return low + centre, spread


def _moments(chunks: Iterable[np.ndarray]) -> dict[str, np.ndarray]:
    """Return count, sum, sum of squares, minimum and maximum of each channel, float64 [C]; sums of whole numbers are exact."""
    moments = []
    for chunk in chunks:
        x, axes = chunk.astype(np.float64), tuple(range(chunk.ndim - 1))
        moments.append([np.full(x.shape[-1], x[..., 0].size, float), x.sum(axes), (x * x).sum(axes), x.min(axes), x.max(axes)])
    count, total, squares, least, most = (np.array(rows) for rows in zip(*moments))
    return {"count": count.sum(0), "sum": total.sum(0), "squares": squares.sum(0), "least": least.min(0), "most": most.max(0)}


def _centre_and_spread(kind: str, moments: dict[str, np.ndarray]) -> tuple:
    if kind.startswith("minmax"):
        least, most = moments["least"].min(), moments["most"].max()
        return (least, most - least) if kind == "minmax" else ((least + most) / 2, (most - least) / 2)
    merged = moments if kind == "zscore_channel" else {name: moments[name].sum() for name in ("count", "sum", "squares")}
    mean = merged["sum"] / merged["count"]
    variance = merged["squares"] / merged["count"] - mean**2
    return mean, np.sqrt(np.where(variance > 1e-12 * np.maximum(mean**2, 1e-300), variance, 0.0))
