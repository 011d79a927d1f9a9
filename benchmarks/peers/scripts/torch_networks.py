"""The networks of the cases in PyTorch, with the layers and the numbers of parameters of the Keras ones; their outputs are logits.

A convolution of stride 2 pads both sides by one, as is usual here; Keras pads one side.
"""

from __future__ import annotations

import os

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

BASE = "vgg16.npz"
"""The weights of the frozen base, in the folder of the case: ``LAYER/kernel`` and ``LAYER/bias``."""
VGG16 = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""Filters and number of the convolutions of each block."""


def build(arm: dict, case: dict) -> nn.Module:
    """An arm's model; kernels start as Keras starts them, uniform after Glorot."""
    model = NETWORKS[case["model"]](arm, case)
    for name, value in model.named_parameters():
        if value.dim() > 1:
            nn.init.xavier_uniform_(value)
        elif name.endswith("bias"):
            nn.init.zeros_(value)
    if isinstance(model, Frozen):
        model.load(os.path.join(case["folder"], BASE))
    return model.to(memory_format=torch.channels_last)


def small_cnn(arm: dict, case: dict) -> nn.Module:
    """A convolution, pooling, two more convolutions, one hidden dense layer."""
    side = case["shape"][0] // 2
    return nn.Sequential(*convolution(arm, case["shape"][-1], 16, 1, first=True), nn.MaxPool2d(2), *convolution(arm, 16, 32, 1),
                         *convolution(arm, 32, 32, 1), *head(arm, case, 32 * side**2))


def guide_cnn(arm: dict, case: dict) -> nn.Module:
    """The handwritten-digit guide's network."""
    side = ((case["shape"][0] - 2) // 2 - 2) // 2 - 2
    return nn.Sequential(*convolution(arm, case["shape"][-1], 32, 0, first=True), nn.MaxPool2d(2), *convolution(arm, 32, 64, 0),
                         nn.MaxPool2d(2), *convolution(arm, 64, 64, 0), *head(arm, case, 64 * side**2))


def head(arm: dict, case: dict, inputs: int) -> list[nn.Module]:
    """One hidden dense layer, and the output."""
    drop = [nn.Dropout(arm["dropout"])] if arm["dropout"] else []
    return [nn.Flatten(), nn.Linear(inputs, 64), nn.ReLU(inplace=True), *drop, nn.Linear(64, case["classes"])]


def convolution(arm: dict, inputs: int, filters: int, padding: int, first: bool = False) -> list[nn.Module]:
    """A convolution with its activation, separable and normalised as the arm says."""
    if arm["separable"] and not first:
        stack = [nn.Conv2d(inputs, inputs, 3, padding=padding, groups=inputs, bias=False), nn.Conv2d(inputs, filters, 1)]
    else:
        stack = [nn.Conv2d(inputs, filters, 3, padding=padding)]
    norm = [nn.BatchNorm2d(filters, eps=1e-3)] if arm["normalization"] == "batch" else []
    return [*stack, *norm, nn.ReLU(inplace=True)]


def normalised(inputs: int, filters: int, stride: int = 1, size: int = 3) -> nn.Sequential:
    """A convolution without bias, and batch normalisation with Keras' defaults."""
    return nn.Sequential(nn.Conv2d(inputs, filters, size, stride, padding=size // 2, bias=False),
                         nn.BatchNorm2d(filters, eps=1e-3, momentum=0.01))


class Residual(nn.Module):
    """A block of resnet20: two normalised convolutions, and a shortcut that is projected where the size changes."""

    def __init__(self, inputs: int, filters: int, stride: int) -> None:
        super().__init__()
        self.first, self.second = normalised(inputs, filters, stride), normalised(filters, filters)
        self.shortcut = nn.Identity() if stride == 1 else normalised(inputs, filters, stride, size=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The block's output."""
        return F.relu(self.shortcut(x) + self.second(F.relu(self.first(x))))


class Stage(nn.Module):
    """A stage of the user's own model: two normalised convolutions, a shortcut around the second one, pooling."""

    def __init__(self, inputs: int, filters: int) -> None:
        super().__init__()
        self.first, self.second = normalised(inputs, filters), normalised(filters, filters)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The stage's output."""
        x = F.relu(self.first(x))
        return F.max_pool2d(F.relu(x + self.second(x)), 2)


def pooled(filters: int, case: dict) -> list[nn.Module]:
    """Global average pooling, and the output."""
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(filters, case["classes"])]


def resnet20(arm: dict, case: dict) -> nn.Module:
    """The residual network for small photographs: three stages of three blocks."""
    sizes = [(16, 16, 1)] * 3 + [(16, 32, 2)] + [(32, 32, 1)] * 2 + [(32, 64, 2)] + [(64, 64, 1)] * 2
    first = [normalised(case["shape"][-1], 16), nn.ReLU(inplace=True)]
    return nn.Sequential(*first, *(Residual(*size) for size in sizes), *pooled(64, case))


def functional(arm: dict, case: dict) -> nn.Module:
    """The user's own model of :mod:`benchmarks.peers.own_model`."""
    return nn.Sequential(Stage(case["shape"][-1], 32), Stage(32, 64), Stage(64, 128), *pooled(128, case))


class Frozen(nn.Module):
    """VGG16 with given weights that are not trained, global average pooling, and the output."""

    def __init__(self, case: dict) -> None:
        super().__init__()
        stack, inputs = [], case["shape"][-1]
        for filters, count in VGG16:
            for _ in range(count):
                stack += [nn.Conv2d(inputs, filters, 3, padding=1), nn.ReLU(inplace=True)]
                inputs = filters
            stack.append(nn.MaxPool2d(2))
        self.base, self.head = nn.Sequential(*stack).requires_grad_(False), nn.Sequential(*pooled(inputs, case))

    def load(self, path: str) -> None:
        """Load the base's weights, whose kernels are [height, width, inputs, filters]."""
        convolutions = [layer for layer in self.base if isinstance(layer, nn.Conv2d)]
        names = [f"block{block}_conv{place}" for block, (_, count) in enumerate(VGG16, 1) for place in range(1, count + 1)]
        with np.load(path) as stored:
            for name, layer in zip(names, convolutions, strict=True):
                layer.weight.copy_(torch.from_numpy(stored[f"{name}/kernel"]).permute(3, 2, 0, 1))
                layer.bias.copy_(torch.from_numpy(stored[f"{name}/bias"]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The logits; no gradient is kept of the base."""
        with torch.no_grad():
            x = self.base(x)
        return self.head(x)


NETWORKS = {"small_cnn": small_cnn, "guide_cnn": guide_cnn, "resnet20": resnet20, "own_model:functional": functional,
            "application": lambda arm, case: Frozen(case)}
"""Model of a study -> what builds it from the settings of an arm and the case."""
