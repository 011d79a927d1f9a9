"""Models of several inputs, made models of one: its row of numbers is taken apart in front of them, see :mod:`dlbench.values.packed`."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from dlbench.engines.keras.network.anatomy import has_graph
from dlbench.engines.keras.network.own_demands import own_steps
from dlbench.values.augmentation import is_mixing
from dlbench.values.errors import InputError, unknown
from dlbench.values.packed import ModelInput, Packed
from dlbench.values.recipe import Recipe

COMPILED = ("optimizer", "compiled", "_compile_loss", "_compile_metrics")
"""Attributes of a model that hold what it was compiled with."""


def joined(recipe: Recipe, model: keras.Model, shape: Packed) -> keras.Model:
    """Return a model of packed examples whose layers are those of a functional model of several inputs.

    Args:
        recipe: whose model it is.
        model: as its function built it; its inputs have the names of those of the data.
        shape: of a packed example.

    Raises:
        InputError: it is not functional, or its inputs are not those of the data.
    """
    name = recipe.model.name
    if not has_graph(model) or isinstance(model, keras.Sequential) or own_steps(model):
        raise InputError(f"model '{name}': an example has the inputs {_named(shape)}; accepted: a functional model, keras.Model(inputs, "
                         "outputs), of these inputs, without a training step of its own")
    wanted = inputs_of(model)
    _demand_fed(name, wanted, shape)
    for one in shape.inputs:
        _demand_fits(recipe, wanted[one.name], one)
    row = keras.Input(tuple(shape), name="inputs")
    parts = {one.name: _part(row, place, one, wanted[one.name].dtype) for one, place in shape.places()}
    by_tensor = {id(tensor): parts[told] for told, tensor in wanted.items()}
    outputs = model._run_through_graph(
        [by_tensor[id(tensor)] for tensor in model.inputs], operation_fn=lambda operation: operation, call_fn=_called)
    whole = keras.Model(row, outputs)
    if model.compiled:
        vars(whole).update({name: getattr(model, name) for name in COMPILED})
    return whole


def apart(model: keras.Model, shape: Packed) -> keras.Model:
    """Return a model of several inputs, by name, with the layers of one of packed examples; the inverse of :func:`joined`.

    Args:
        model: functional, made by :func:`joined`, whatever was changed in it since.
        shape: of a packed example.
    """
    found = {start: operation.output for operation in model.operations if (start := _start(operation, shape)) is not None}
    cuts = {one: found[place.start] for one, place in shape.places()}
    inner = keras.Model(list(cuts.values()), model.output)
    inputs = {one.name: keras.Input(one.shape, name=one.name, dtype=cut.dtype) for one, cut in cuts.items()}
    return keras.Model(inputs, inner._run_through_graph(
        list(inputs.values()), operation_fn=lambda operation: operation, call_fn=_called))


def _start(operation: keras.Operation, shape: Packed) -> int | None:
    """Return where the values begin that an operation takes out of a packed example; None where it is not the last of :func:`_part`."""
    if not isinstance(operation, layers.Reshape):
        return None
    before = _before(operation)
    before = _before(before) if type(before).__name__ == "Cast" else before
    if type(before).__name__ != "GetItem" or tuple(before.input.shape[1:]) != shape:
        return None
    return before._inbound_nodes[0].arguments.args[1][1].start


def _before(operation: keras.Operation) -> keras.Operation:
    return operation._inbound_nodes[0].input_tensors[0]._keras_history.operation


def _called(operation: keras.Operation, *given: Any, **stated: Any) -> Any:
    return operation(*given, **stated)


def inputs_of(model: keras.Model) -> dict[str, Any]:
    """Return the inputs of a functional model by name: the keys of a dict of them, or the names of its input layers.

    Example:
        >>> two = [keras.Input((2,), name="a"), keras.Input((3,), name="b")]
        >>> sorted(inputs_of(keras.Model(two, layers.Concatenate()(two))))
        ['a', 'b']
    """
    struct = model._inputs_struct
    return dict(struct) if isinstance(struct, dict) else {tensor._keras_history.operation.name: tensor for tensor in model.inputs}


def _demand_fed(name: str, wanted: dict[str, Any], shape: Packed) -> None:
    fed = [one.name for one in shape.inputs]
    for given in fed:
        if given not in wanted:
            raise InputError(f"model '{name}': {unknown('input', given, wanted)}; the data's inputs are {_named(shape)}")
    if lacking := [one for one in wanted if one not in fed]:
        raise InputError(f"model '{name}': its input '{lacking[0]}' is not fed; the data's inputs are {_named(shape)}; accepted: an entry "
                         f"`{lacking[0]} = ...` of the study's inputs, or a model without it")


def _demand_fits(recipe: Recipe, tensor: Any, one: ModelInput) -> None:
    known, where = tuple(tensor.shape[1:]), f"model '{recipe.model.name}': its input '{one.name}'"
    if len(known) != len(one.shape) or any(size not in (None, given) for size, given in zip(known, one.shape)):
        raise InputError(f"{where} takes examples of shape {list(known)}, and the data's are {list(one.shape)}; accepted: a function "
                         f"that builds its model for input_shape['{one.name}'], which it is given")
    if tensor.dtype == "string" or (tensor.dtype.startswith(("int", "uint", "bool")) and not one.whole):
        scaled = "text" if tensor.dtype == "string" else "which are scaled"
        raise InputError(f"{where} takes {tensor.dtype}, and is given numbers, {scaled}; accepted: float32, or a table of whole numbers, "
                         "which stay as they are")
    if one.whole and is_mixing(recipe.augmentation):
        raise InputError(f"{where} takes whole numbers, of which mixup makes fractions; accepted: floats, or no mixup")


def _part(row: Any, place: slice, one: ModelInput, dtype: str) -> Any:
    values = row[:, place.start : place.stop]
    if dtype != "float32":
        values = keras.ops.cast(values, dtype)
    return layers.Reshape(one.shape, dtype=dtype if dtype.startswith("float") else None)(values)


def _named(shape: Packed) -> str:
    return ", ".join(f"{one.name} {list(one.shape)}" for one in shape.inputs)
