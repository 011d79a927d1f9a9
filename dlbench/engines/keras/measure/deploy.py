"""The model that would be shipped, as trained or converted with the LiteRT (TFLite) converter, and its size."""

from __future__ import annotations

import os
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import tensorflow as tf

from dlbench.engines.keras.data.batches import Inputs
from dlbench.engines.keras.data.ondisk import Images, OnDisk
from dlbench.engines.keras.data.resident import Resident
from dlbench.engines.keras.loop.ensemble import Ensemble
from dlbench.engines.keras.loop.program import EVALUATION_BATCH, Member, Program
from dlbench.engines.keras.network.network import Network
from dlbench.values.recipe import Recipe

CALIBRATED = 200
"""How many training examples show int8 conversion the ranges of activations."""


def deployed(program: Program, recipe: Recipe, data: Resident, members: Sequence[Member] = ()) -> Program | Converted | Ensemble:
    """Return what a recipe ships: the trained program, converted where it has fewer bits, or the ensemble of its members.

    Where these are not given, they are as many networks of the program's weights.
    """
    if (count := recipe.scoring.members) > 1:
        return Ensemble(program, members or [program.member()] * count)
    return program if recipe.compression.bits is None else Converted(program, recipe.compression.bits, data)


class Converted:
    """A trained network after conversion; it is scored like its program.

    Args:
        program: trained.
        bits: 8 (int8 arithmetic), 16 (float16 weights) or 32 (only converted).
        data: whose training part calibrates int8.

    Attributes:
        content: the ``.tflite`` file.

    Source: B. Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only inference",
    2018, https://arxiv.org/abs/1712.05877.
    """

    def __init__(self, program: Program, bits: int, data: Resident) -> None:
        self.network, self.reversed, self.task = program.network, program.reversed, program.task
        samples = self._scaled(data.train[0][:CALIBRATED], data.inputs)
        self.content = convert(program.model, bits, samples)
        with warnings.catch_warnings(), _quiet():
            warnings.simplefilter("ignore")  # the interpreter's successor is another package, and not needed
            self.interpreter = tf.lite.Interpreter(model_content=self.content, num_threads=1)
        self.entry, self.exit = (side()[0]["index"] for side in (self.interpreter.get_input_details, self.interpreter.get_output_details))
        self.size = None

    def networks(self) -> Iterator[Network]:
        """Yield the network that was converted."""
        yield self.network

    def _scaled(self, images: Images, inputs: Inputs) -> np.ndarray:
        raw = images.read(slice(None)) if isinstance(images, OnDisk) else images.numpy()
        scaled = raw.astype(np.float32) * inputs.scale.numpy() + inputs.offset.numpy()
        return np.ascontiguousarray(scaled[..., ::-1] if self.reversed else scaled)

    def evaluate(self, x: Images, y: tf.Tensor, inputs: Inputs) -> tuple[float, np.ndarray, np.ndarray]:
        """Return loss, answers and outputs; see :meth:`dlbench.engines.keras.loop.program.Program.evaluate`."""
        logits = tf.concat(list(self._logits(x, inputs)), axis=0)
        losses = self.task.losses(logits, y)
        return float(losses.numpy().mean(dtype=np.float64)), self.task.answers(logits).numpy(), logits.numpy()

    def _logits(self, x: Images, inputs: Inputs) -> Iterator[np.ndarray]:
        for first in range(0, x.shape[0], EVALUATION_BATCH):
            yield self._answer(self._scaled(x[first : first + EVALUATION_BATCH], inputs))

    def _answer(self, images: np.ndarray) -> np.ndarray:
        if self.size != len(images):
            with _quiet():
                self.interpreter.resize_tensor_input(self.entry, images.shape)
                self.interpreter.allocate_tensors()
            self.size = len(images)
        self.interpreter.set_tensor(self.entry, images)
        self.interpreter.invoke()
        return self.interpreter.get_tensor(self.exit)


def convert(model, bits: int, samples: np.ndarray) -> bytes:
    """Convert a Keras model to a ``.tflite`` file; inputs and outputs stay float32. The file is the same whatever was built before.

    Args:
        model: its output are logits.
        bits: 8, 16 or 32.
        samples: scaled training inputs, for the ranges of activations in int8.
    """
    whole = tf.Module()
    whole.weights = [weight.value for weight in model.weights]
    wanted = tf.TensorSpec([None, *model.input_shape[1:]], tf.float32)
    whole.answer = tf.function(lambda x: model(x, training=False), input_signature=[wanted])
    with _named(model, "network"):
        concrete = whole.answer.get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], whole)
    if bits < 32:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if bits == 16:
        converter.target_spec.supported_types = [tf.float16]
    if bits == 8:
        converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    with warnings.catch_warnings(), _quiet():
        warnings.simplefilter("ignore")  # of TensorFlow's own code
        return converter.convert()


@contextmanager
def _named(model, name: str) -> Iterator[None]:
    """Give a model another name, which the names of its tensors begin with; Keras counts the models that a process has built."""
    kept, model.name = model.name, name
    yield
    model.name = kept


@contextmanager
def _quiet() -> Iterator[None]:
    """Discard what the converter's C++ prints to standard error."""
    kept = os.dup(2)
    with open(os.devnull, "wb") as null:
        os.dup2(null.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def size(model: Program | Converted | Ensemble, recipe: Recipe) -> dict[str, int]:
    """Return the bytes of the model that would be shipped, and the number of its weights that are not zero.

    The bytes are those of the weights or, after conversion, of the ``.tflite`` file. Of a pruned model they are counted zipped, where
    zeros take almost no room.
    """
    weights = [value for network in model.networks() for value in network.weights().values()]
    shipped = len(model.content) if isinstance(model, Converted) else sum(value.nbytes for value in weights)
    if recipe.compression.sparsity:
        content = model.content if isinstance(model, Converted) else b"".join(value.tobytes() for value in weights)
        shipped = len(zlib.compress(content))
    return {"model_bytes": shipped, "nonzero_parameters": int(sum(np.count_nonzero(value) for value in weights))}
