"""What other libraries offer for the same tasks, as their users would call it; reached by reference only.

Random strengths are pinned to one value, so that an output can be checked; what a library draws, it still draws. Each module has a table
``TRANSFORMS``: name of a transform -> function of a batch, uint8 [b, H, W, C] -> float32; :mod:`.expected` says what each must give.
"""

from __future__ import annotations

import importlib

from dlbench.kernels.peers.expected import EXCEPTIONS, EXPECTED
from dlbench.kernels.samples import images
from dlbench.values.case import Prepared

MODULES = {"keras": "of_keras:LAYERS", "tf.image": "of_keras:TF_IMAGE", "generator": "of_keras:GENERATOR",
           "albumentations": "albumentations:TRANSFORMS", "opencv": "opencv:TRANSFORMS", "pil": "pil:TRANSFORMS"}


def prepare(peer: str, transform: str, shape: tuple[int, int, int], batch: int, dtype: str = "uint8") -> Prepared:
    """One transform of one library over a batch.

    Args:
        peer: one of :data:`MODULES`.
        transform: a name in its table.
        shape: height, width and channels.
        batch: images.
        dtype: of the input; the output is float32.
    """
    module, _, table = MODULES[peer].partition(":")
    apply = getattr(importlib.import_module(f"{__name__}.{module}"), table)[transform]
    x, expected = images(tuple(shape), batch, dtype), EXCEPTIONS.get((peer, transform), EXPECTED[transform])
    return Prepared(lambda: apply(x), lambda: expected.output(x), (0.02, expected.atol), expected.view)
