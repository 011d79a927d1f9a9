"""Plain numpy references of the layer and loss kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

NORM_AXES = {"batch": (0, 1, 2), "layer": (3,), "layer_all": (1, 2, 3), "instance": (1, 2)}
"""Kind of normalisation -> the axes of [b, H, W, C] that it takes mean and variance over."""


def conv(x: np.ndarray, weights: np.ndarray, padding: str = "SAME") -> np.ndarray:
    """A dense convolution of x [b, H, W, C] with weights [k, k, C, N] and stride 1; the padding is ``SAME`` (zeros) or ``VALID``."""
    size = weights.shape[0]
    if padding == "SAME":
        before, after = (size - 1) // 2, size // 2
        x = np.pad(x, ((0, 0), (before, after), (before, after), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(np.float64), (size, size), axis=(1, 2))
    return np.einsum("bhwcij,ijcn->bhwn", windows, weights.astype(np.float64))


def separable_conv(x: np.ndarray, depthwise: np.ndarray, pointwise: np.ndarray, padding: str = "SAME") -> np.ndarray:
    """The dense convolution that a separable one equals: W[h, w, c, o] = Σ_m depthwise[h, w, c, m]·pointwise[c·M + m, o]."""
    mix = pointwise.reshape(*depthwise.shape[2:], -1)
    return conv(x, np.einsum("hwcm,cmo->hwco", depthwise.astype(np.float64), mix.astype(np.float64)), padding)


def dropout_moments(rate: float) -> tuple[float, float]:
    """Mean and variance of an inverted dropout mask.

    Example:
        >>> dropout_moments(0.5)
        (1.0, 1.0)
    """
    return 1.0, rate / (1 - rate)


def mask_moments(value: Any) -> np.ndarray:
    """Mean and variance of a mask; of a pair of them, the pair."""
    if isinstance(value, tuple):
        return np.array(value)
    value = np.asarray(value, np.float64)
    return np.array([value.mean(), value.var()])


def normalize(x: np.ndarray, kind: str, gamma: np.ndarray, beta: np.ndarray, groups: int = 1) -> np.ndarray:
    """(x - mean) / sqrt(variance + 1e-5) · gamma + beta, with ``kind`` of :data:`NORM_AXES` or ``group``: places and a group's channels."""
    x = x.astype(np.float64)
    if kind == "group":
        split = x.reshape(*x.shape[:3], groups, x.shape[3] // groups)
        return _standardised(split, (1, 2, 4)).reshape(x.shape) * gamma + beta
    return _standardised(x, NORM_AXES[kind]) * gamma + beta


def _standardised(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    if not x.size:
        return x
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-5)


def penalty(kernels: Sequence[np.ndarray], l1: float, l2: float) -> float:
    """l1·Σ|w| + l2·Σw²."""
    return float(sum(l1 * np.abs(w.astype(np.float64)).sum() + l2 * (w.astype(np.float64) ** 2).sum() for w in kernels))


def soft_threshold(weights: np.ndarray, threshold: float) -> np.ndarray:
    """The proximal step of an L1 penalty: towards zero by the threshold, and not beyond."""
    return np.where(weights > threshold, weights - threshold, np.where(weights < -threshold, weights + threshold, 0.0))


def cross_entropy(logits: np.ndarray, labels: np.ndarray, smoothing: float = 0.0) -> np.ndarray:
    """-Σ target·log softmax(logits), with the target (1-a)·one-hot + a/K."""
    z = logits.astype(np.float64)
    shifted = z - z.max(1, keepdims=True, initial=-np.inf)
    logs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    target = (1 - smoothing) * np.eye(logits.shape[1])[labels] + smoothing / logits.shape[1]
    return -(target * logs).sum(1)
