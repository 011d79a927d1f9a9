"""What other libraries offer for the same tasks, as their users would call it; reached by reference only.

Random strengths are pinned to one value, so that an output can be checked; what a library draws, it still draws.
"""

from __future__ import annotations

import importlib

from dlbench.kernels.peers.expected import Peer
from dlbench.kernels.samples import images
from dlbench.values.case import Prepared

MODULES = {"keras": "keras_layers", "tf.image": "tf_image", "albumentations": "albumentations", "opencv": "opencv", "pil": "pil",
           "generator": "generator"}


def prepare(peer: str, transform: str, shape: tuple[int, int, int], batch: int, dtype: str = "uint8") -> Prepared:
    """One transform of one library over a batch.

    Args:
        peer: one of :data:`MODULES`.
        transform: a name in the module's ``TRANSFORMS``.
        shape: height, width and channels.
        batch: images.
        dtype: of the input; the output is float32.
    """
    x = images(tuple(shape), batch, dtype)
    chosen: Peer = importlib.import_module(f"dlbench.kernels.peers.{MODULES[peer]}").TRANSFORMS[transform]
    apply = chosen.make(tuple(shape)) if chosen.make else chosen.apply
    return Prepared(lambda: apply(x), lambda: chosen.expected(x), (0.02, chosen.atol), chosen.view)
