"""Whether the network that is trained computes what the user's model computes: both get the same weights and the same random inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlbench.engines.keras.network.anatomy import functional, renamed
from dlbench.engines.keras.network.initial import given, remembered
from dlbench.engines.keras.network.kept import close, copied_weights, difference
from dlbench.engines.keras.network.network import Network
from dlbench.engines.keras.network.originals import original, subclassed
from dlbench.engines.keras.network.outputs import called, examples, probabilities, squashed
from dlbench.engines.keras.tasks import answering
from dlbench.values.errors import InputError
from dlbench.values.recipe import Model, Recipe

SEED = 0
RANDOM = ("it returns something else each time that it is called in inference; accepted: random numbers in training only, which "
          "keras.random draws by a keras.random.SeedGenerator of the layer")
DEPENDENT = ("what it gives for an example in inference depends on the other examples of its batch, by {:.2g} of the largest output, so "
             "scores depend on how examples are batched")
MOST_DEPENDENT = 0.01
"""Share of the largest output that the rounding of float32 in other batches explains even in deep networks."""
UNCONTROLLED = "it draws random numbers that no seed of a run decides, so its output in training was not compared with that of the copy"


def unchanged(recipe: Recipe) -> Recipe:
    """Return the recipe of the same data and model, without any technique."""
    return Recipe(data=recipe.data, model=Model(recipe.model.name, recipe.model.options))


@dataclass(frozen=True)
class Comparison:
    """How near the network is to the user's model.

    Attributes:
        difference: of their outputs in inference and training, the largest, as a share of the largest output.
        notes: sentences on what could not be compared.
    """

    difference: float
    notes: tuple[str, ...] = ()


def demand_faithful(recipe: Recipe, shape: tuple[int, ...], classes: int) -> Comparison:
    """Refuse a model of which the network that would be trained, before any technique, computes something else.

    Outputs are compared in inference and in training, and the moving statistics after the latter; random layers draw alike on both
    sides. Differences of 1e-4 of the largest value count as rounding of float32.

    Args:
        recipe: its data and model count.
        shape: of an example.
        classes: of the output.

    Raises:
        InputError: naming the layer at which the two part.
    """
    plain = unchanged(recipe)
    network = Network(plain, shape, classes)
    network.initialise(SEED, ())
    with remembered():
        model = original(plain, shape, classes)
        model = model if subclassed(model) else renamed(functional(model))
        x = examples(model, shape)
        twice = [_called(model, x, False) for _ in range(2)]  # a subclassed model has no weights before
    if not close(*twice):
        raise InputError(f"model '{recipe.model.name}': {RANDOM}")
    _demand_given_alike(network.model, model, recipe.model.name)
    notes = tuple(f"model {recipe.model.name}: {note}" for note in _batch_notes(model, x))
    trained = []
    for _ in range(2):
        _same_weights(network.model, model, recipe.model.name)
        trained.append(_called(model, x, True))
    _same_weights(network.model, model, recipe.model.name)
    if not close(*trained):
        apart = _demand_same(network.model, model, x, (False,), recipe)
        return Comparison(apart, (*notes, f"model {recipe.model.name}: {UNCONTROLLED}"))
    return Comparison(_demand_same(network.model, model, x, (False, True), recipe), notes)


def _demand_given_alike(network: keras.Model, model: keras.Model, name: str) -> None:
    """Refuse weights to which the model's own code gives other values whenever it builds the model, such as random ones."""
    for layer, copy in _pairs(network, model):
        values = [(old, new) for old, new in zip(layer.weights, copy.weights) if old.shape == new.shape and given(old)]
        if not all(close(old.numpy(), new.numpy()) for old, new in values):
            raise InputError(f"model '{name}': its code gives the weights of layer '{layer.name}' other values each time that it builds "
                             "the model; accepted: an initializer, which a run's seed decides, or the same values whenever it is built")


def _batch_notes(model: keras.Model, x: np.ndarray) -> Iterator[str]:
    half = len(x) // 2
    apart = difference(_called(model, x, False)[:half], _called(model, x[:half], False))
    if apart > MOST_DEPENDENT:
        yield DEPENDENT.format(apart)


def _demand_same(network: keras.Model, model: keras.Model, x: np.ndarray, modes: tuple[bool, ...], recipe: Recipe) -> float:
    largest, name, squash = 0.0, recipe.model.name, answering(recipe.data).SQUASH
    probable = squash and probabilities(_called(model, x, False), squash)
    for training in modes:
        wanted, got = _called(model, x, training), _called(network, x, training)
        if probable:
            wanted, got = _normalised(wanted, squash), squashed(got, squash)
        if not close(wanted, got):
            raise InputError(f"model '{name}': the network that would be trained computes something else in "
                             f"{'training' if training else 'inference'}, by {difference(wanted, got):.2g} of the largest output"
                             f"{_parting(network, model, x, training)}; accepted: layers whose get_config() returns all that __init__ was "
                             "given, and a function that builds the same model whenever it is called")
        largest = max(largest, difference(wanted, got))
    for layer, copy in _pairs(network, model):
        if not close([weight.numpy() for weight in layer.weights], [weight.numpy() for weight in copy.weights]):
            raise InputError(f"model '{name}': a step of training leaves other moving statistics in layer '{layer.name}' of the network "
                             "that would be trained")
    return largest


def _normalised(out: np.ndarray, squash: str) -> np.ndarray:
    """Bring probabilities that dropout has scaled to a sum of 1, as Keras' crossentropy does; of one unit or of sigmoids, to at most 1."""
    if out.shape[1] == 1 or squash == "sigmoid":
        return np.clip(out, 0, 1)
    floored = np.maximum(out, 1e-30)
    return floored / floored.sum(axis=1, keepdims=True)


def _called(model: keras.Model, x: np.ndarray, training: bool) -> np.ndarray:
    _restart(model)
    return called(model, x, training)


def _restart(model: keras.Model) -> None:
    """Set the state of all random layers, each to a start of its own that is the same in another copy of the model."""
    for place, generator in enumerate(one for layer in model._flatten_layers() for one in layer._seed_generators):
        generator.state.assign(tf.constant([place, 0], generator.state.dtype))


def _pairs(network: keras.Model, model: keras.Model) -> list[tuple[keras.Layer, keras.Layer]]:
    """Pair the layers of the model with those of the network that have the same name; of a subclassed model, the models themselves."""
    if subclassed(model):
        return [(model, getattr(network, "inner", network))]
    copies = {layer.name: layer for layer in network.layers}
    return [(layer, copies[layer.name]) for layer in model.layers if layer.name in copies]


def _same_weights(network: keras.Model, model: keras.Model, name: str) -> None:
    """Give the model the weights of the network."""
    for layer, copy in _pairs(network, model):
        if not copied_weights(copy, layer):
            raise InputError(f"model '{name}': layer '{layer.name}' has other weights each time that its function is called; accepted: a "
                             "function that builds the same model whenever it is called")


def _parting(network: keras.Model, model: keras.Model, x: np.ndarray, training: bool) -> str:
    """Name the first layer whose output differs, for the end of a sentence."""
    if subclassed(model):
        return ""
    ours, theirs = _outputs(network, x, training), _outputs(model, x, training)
    parts = [name for name in theirs if name in ours and not close(theirs[name], ours[name])]
    if not parts:
        return ""
    kind = type(next(one for one in model.operations if one.name == parts[0])).__name__
    return f", from layer '{parts[0]}' ({kind}) on"


def _outputs(model: keras.Model, x: np.ndarray, training: bool) -> Mapping[str, list]:
    """Return what each operation of a functional model gives, in the order in which they are carried out."""
    outputs: dict[str, list] = {}
    _restart(model)

    def called(operation: keras.Operation, *args: Any, **kwargs: Any) -> Any:
        if isinstance(operation, keras.Layer) and operation._call_has_training_arg and kwargs.get("training") is None:
            kwargs["training"] = training
        out = operation(*args, **kwargs)
        outputs.setdefault(operation.name, []).append(out)
        return out

    model._run_through_graph(tf.constant(x), call_fn=called)
    return outputs
