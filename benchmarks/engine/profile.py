"""Which kinds of operations a training step spends its time in, by TensorFlow's profiler.

``python -m benchmarks.engine.profile small_cnn 8 8 1 32``: model, shape of an image, batch size; prints JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.tsl.profiler.protobuf import xplane_pb2

from dlbench.engines.keras.data.batches import Epoch, Inputs
from dlbench.engines.keras.engine import start
from dlbench.engines.keras.loop.program import Program
from dlbench.engines.keras.loop.train import NO_MAPS
from dlbench.engines.protocol import Settings
from dlbench.values.recipe import Recipe, edit

STEPS = 200
GROUPS = {
    "convolution": ("Conv2D", "DepthwiseConv"), "dense layers": ("MatMul",), "pooling": ("MaxPool", "AvgPool"),
    "weight updates": ("ResourceApply",), "activation": ("Relu",), "loss": ("SoftmaxCrossEntropy", "ArgMax"),
    "gathering the batch": ("GatherV2", "Cast"),
}
WHOLE = "train"
"""The traced function of :class:`dlbench.engines.keras.loop.program.Program` that trains."""


def profile(model: str, shape: tuple[int, ...], batch_size: int, steps: int = STEPS) -> dict[str, float]:
    """Microseconds a training step, by group of operations; ``whole`` is the step, ``other`` what no group holds."""
    recipe = edit(Recipe(), model__name=model, training__batch_size=batch_size)
    generator, count = np.random.default_rng(0), steps * batch_size
    x = tf.constant(generator.integers(0, 255, (count, *shape)).astype(np.uint8))
    y = tf.constant(generator.integers(0, 10, count))
    program = Program(recipe, shape, 10)
    program.trace(x)
    program.reset(recipe, 0)
    inputs = Inputs(tf.fill([1], 1 / 255.0), tf.zeros([1]), tf.constant([0.0, 255.0]))
    epoch = Epoch(np.arange(count, dtype=np.int32), np.full(steps, 1e-3, np.float32), NO_MAPS)
    program.train(x, y, inputs, epoch, batch_size)
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder)
        program.train(x, y, inputs, epoch, batch_size)
        tf.profiler.experimental.stop()
        return _grouped(_microseconds(folder, steps))


def _microseconds(folder: str, steps: int) -> Counter:
    """Kind of operation -> microseconds a step, on the processor."""
    space = xplane_pb2.XSpace.FromString(next(Path(folder).rglob("*.xplane.pb")).read_bytes())
    found: Counter = Counter()
    for plane in space.planes:
        for event in (event for line in plane.lines for event in line.events if "CPU" in plane.name):
            found[plane.event_metadata[event.metadata_id].name.rpartition(":")[2]] += event.duration_ps / 1e6 / steps
    return found


def _grouped(found: Counter) -> dict[str, float]:
    sums = {name: sum(us for kind, us in found.items() if any(part in kind for part in parts)) for name, parts in GROUPS.items()}
    return {"whole": found[WHOLE], **sums, "other": found[WHOLE] - sum(sums.values())}


if __name__ == "__main__":
    start(Settings(cache_dir=""))
    name, *numbers, batch = sys.argv[1:]
    print(json.dumps(profile(name, tuple(map(int, numbers)), int(batch))))
