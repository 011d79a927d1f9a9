"""What other libraries offer for the same tasks. A case whose package is missing is reported as not installed."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.cases import layers
from dlbench.cases.augmentation import LARGE, SMALL, label, work
from dlbench.values.case import Case

OFFERED = {
    "keras": "flip rotate shift zoom brightness contrast pipeline",
    "tf.image": "flip brightness contrast saturation hue",
    "albumentations": "flip rotate shift zoom brightness contrast saturation hue pipeline",
    "opencv": "flip rotate shift zoom brightness contrast pipeline",
    "pil": "flip rotate shift zoom brightness contrast saturation pipeline",
    "generator": "flip rotate shift zoom brightness pipeline",
}
SHOWN = {"generator": "ImageDataGenerator", "keras": "Keras", "albumentations": "Albumentations", "opencv": "OpenCV", "pil": "PIL"}


def _augmentation() -> Iterator[Case]:
    for peer, transforms in OFFERED.items():
        for transform in transforms.split():
            for shape, batch in (SMALL, LARGE):
                task = f"{transform}[{label(shape, batch)}]"
                options = {"peer": peer, "transform": transform, "shape": shape, "batch": batch}
                yield Case(f"{peer}.{task}", "augmentation", "dlbench.kernels.peers:prepare", options, work(shape, batch),
                           SHOWN.get(peer, peer), task)


def _layers() -> Iterator[Case]:
    for case in layers.CASES:
        function = case.prepare.partition(":")[2]
        if function == "cross_entropy" or case.options.get("kind") in ("dropout", "spatial_dropout"):
            yield Case(f"keras.{case.name}", case.family, f"dlbench.kernels.peers.of_keras:{function}", case.options, case.work, "Keras",
                       case.name)


CASES = (*_augmentation(), *_layers())
