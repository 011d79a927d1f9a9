"""dlbench's kernel cases, and beside them what other libraries offer for the same tasks, called as their users call it.

``dlbench bench --cases benchmarks.kernels.peers`` times all of them in the same rounds; a library that is missing is reported as not
installed. Random strengths are pinned to one value, so that an output can be checked; a library still draws its random numbers. Each
module has a table ``TRANSFORMS``: name of a transform -> function of a batch, uint8 [b, H, W, C] -> float32. :mod:`.expected` says what
each must give.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from benchmarks.kernels.peers.expected import EXCEPTIONS, EXPECTED
from dlbench.cases import CASES as SHIPPED
from dlbench.cases import layers
from dlbench.cases.augmentation import LARGE, SMALL, label, work
from dlbench.kernels.samples import images
from dlbench.values.case import Case, Prepared

MODULES = {"keras": "of_keras:LAYERS", "tf.image": "of_keras:TF_IMAGE", "generator": "of_keras:GENERATOR",
           "albumentations": "albumentations:TRANSFORMS", "opencv": "opencv:TRANSFORMS", "pil": "pil:TRANSFORMS"}
OFFERED = {
    "keras": "flip rotate shift zoom brightness contrast pipeline",
    "tf.image": "flip brightness contrast saturation hue",
    "albumentations": "flip rotate shift zoom brightness contrast saturation hue pipeline",
    "opencv": "flip rotate shift zoom brightness contrast pipeline",
    "pil": "flip rotate shift zoom brightness contrast saturation pipeline",
    "generator": "flip rotate shift zoom brightness pipeline",
}
TITLES = {"generator": "ImageDataGenerator", "keras": "Keras", "albumentations": "Albumentations", "opencv": "OpenCV", "pil": "PIL"}


def prepare(peer: str, transform: str, shape: tuple[int, int, int], batch: int) -> Prepared:
    """Prepare one transform of one library over a batch.

    Args:
        peer: one of :data:`MODULES`.
        transform: a name in its table.
        shape: height, width and channels.
        batch: images.
    """
    module, _, table = MODULES[peer].partition(":")
    apply = getattr(importlib.import_module(f"{__name__}.{module}"), table)[transform]
    x, expected = images(tuple(shape), batch), EXCEPTIONS.get((peer, transform), EXPECTED[transform])
    return Prepared(lambda: apply(x), lambda: expected.output(x), (0.02, expected.atol), expected.view)


def _augmentation() -> Iterator[Case]:
    for peer, transforms in OFFERED.items():
        for transform in transforms.split():
            for shape, batch in (SMALL, LARGE):
                task = f"{transform}[{label(shape, batch)}]"
                options = {"peer": peer, "transform": transform, "shape": shape, "batch": batch}
                yield Case(f"{peer}.{task}", "augmentation", f"{__name__}:prepare", options, work(shape, batch),
                           TITLES.get(peer, peer), task)


def _layers() -> Iterator[Case]:
    for case in layers.CASES:
        function = case.prepare.partition(":")[2]
        if function == "cross_entropy" or case.options.get("kind") in ("dropout", "spatial_dropout"):
            yield Case(f"keras.{case.name}", case.family, f"{__name__}.of_keras:{function}", case.options, case.work, "Keras", case.name)


PEERS = (*_augmentation(), *_layers())
CASES = (*SHIPPED, *PEERS)
