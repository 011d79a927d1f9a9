"""The cases that the gate watches on every pull request: one of each kind, and end to end. `--cases dlbench.cases` watches all."""

from __future__ import annotations

from dlbench.cases import CASES as ALL
from dlbench.cases.training import STUDY
from dlbench.values.case import Case

NAMES = (
    "pipeline[32x32x3-uint8-b256]", "pipeline[224x224x3-uint8-b32]", "flip[32x32x3-uint8-b256]", "rotate[32x32x3-uint8-b256]",
    "cutout[32x32x3-uint8-b256]", "rand_augment[32x32x3-uint8-b256]", "mixup[32x32x3-float32-b256]",
    "separable_conv[14x14x64-float32-b64]", "batch_norm[14x14x64-float32-b64]", "layer_norm[14x14x64-float32-b64]",
    "dropout[14x14x64-float32-b64]", "penalty[guide_cnn]", "label_smoothing[128x1000]", "train[small_cnn-8x8x1-b32]",
    "train_augmented[guide_cnn-28x28x1-b64]", "run[digits-small_cnn-2-epochs]",
)
_BY_NAME = {case.name: case for case in ALL}
CASES: tuple[Case, ...] = (*(_BY_NAME[name] for name in NAMES), STUDY)
