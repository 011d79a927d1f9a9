"""End to end: steps of training, with and without augmentation; a whole small run; a whole tiny study, from its file to its verdict."""

from __future__ import annotations

from dlbench.cases.augmentation import PIPELINE
from dlbench.values.case import Case, Work

PREPARE = "dlbench.engines.keras.cases"
MNIST = {"model": "guide_cnn", "shape": (28, 28, 1), "examples": 1024, "batch": 64}
PHOTOS = {"model": "small_cnn", "shape": (32, 32, 3), "examples": 1024, "batch": 64}
AUGMENT = {"crop_px": 2, "rotate_degrees": 10.0, "shift_px": 1.0, "zoom": 0.1, "brightness": 0.1, "contrast": 0.2}
GUIDE = Work(1024, 1024 * 28 * 28, flops=3 * 2 * 2_794_240 * 1024)
"""Forward and backward pass: three times the multiply-adds of the forward pass."""

CASES = (
    Case("train[guide_cnn-28x28x1-b64]", "training", f"{PREPARE}:steps", MNIST, GUIDE),
    Case("train_augmented[guide_cnn-28x28x1-b64]", "training", f"{PREPARE}:steps", {**MNIST, "augmentation": tuple(AUGMENT.items())},
         GUIDE),
    Case("train[small_cnn-32x32x3-b64]", "training", f"{PREPARE}:steps", PHOTOS, Work(1024, 1024 * 32 * 32)),
    Case("train_augmented[small_cnn-32x32x3-b64]", "training", f"{PREPARE}:steps", {**PHOTOS, "augmentation": tuple(PIPELINE.items())},
         Work(1024, 1024 * 32 * 32)),
    Case("train[small_cnn-8x8x1-b32]", "training", f"{PREPARE}:steps",
         {"model": "small_cnn", "shape": (8, 8, 1), "examples": 1024, "batch": 32}, Work(1024, 1024 * 64)),
    Case("run[digits-small_cnn-2-epochs]", "training", f"{PREPARE}:run", {"epochs": 2, "examples": 500}, Work(1000, 1000 * 64)),
)
TINY = ("seeds = 2", "examples = 100", "budget = { epochs = 1 }")
STUDY = Case("study[digits-2-arms-2-seeds]", "training", "dlbench.execution.study_case:prepare",
             {"study": "quickstart", "arms": ("l2 strength=0.001",), "overrides": TINY}, Work(4 * 100))
"""Four runs of 100 examples. The gate alone times it."""
