"""Changes a model's layers as techniques ask, in one pass of Keras' ``clone_model`` over a functional model.

Each layer of the copy has its canonical name in the original (``conv2d_2``: the second convolution), whatever else was built in the
process. An inserted layer is named after the layer that it follows (``conv2d_2.dropout``).

A layer of the user's own, or one whose state its config does not hold, is not copied but kept itself, for a copy may compute something
else. Operations that are no layers (``x + y``, ``keras.ops``, slices) are called again as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import keras
import tensorflow as tf
from keras import layers

from dlbench.engines.keras.network.anatomy import POOLS, Anatomy, anatomy, build_of, renamed
from dlbench.engines.keras.network.initial import keep_given
from dlbench.engines.keras.network.kept import copied_weights, demand_copyable, first_call, kept
from dlbench.engines.keras.network.layers import Dropout, LogOdds, LogProbabilities, SpatialDropout, SpecAugment, StochasticDepth
from dlbench.engines.keras.network.outputs import Head
from dlbench.engines.keras.network.replacements import (
    DRAWN,
    INITIALIZERS,
    article_separable,
    branches,
    config_of,
    norm_layer,
    own_objects,
    plain_conv,
    separable,
    stated_config,
    with_activation,
)
from dlbench.models.fit import misfit
from dlbench.values.errors import InputError
from dlbench.values.recipe import Model
from dlbench.values.text import listed


class Surgeon:
    """Makes a copy of a model with a recipe's changes.

    Args:
        model: a functional model.
        wanted: the changes.
        rates: variables of the dropout rates, by ``model.dropout`` and ``model.spatial_dropout``.
        parts: of the model, where its layers are named already.
        head: what is done to the output so that it is logits, see :class:`dlbench.engines.keras.network.outputs.Head`.

    Attributes:
        touched: canonical paths of the layers that were inserted or replaced, or whose weights changed in shape or law.
    """

    def __init__(self, model: keras.Model, wanted: Model, rates: dict[str, tf.Variable], parts: Anatomy | None = None,
                 head: Head = Head.WITHOUT_SQUASH) -> None:
        self.model, self.wanted, self.rates, self.head = model, wanted, rates, head
        self.parts = parts or anatomy(renamed(model))
        self.touched: set[str] = set()
        self.residual = branches(model) if wanted.stochastic_depth else {}
        self.which = (wanted.separable or "").removeprefix("article_")
        self.tail = self.parts.tail if head == Head.WITHOUT_SQUASH else ()
        owners = Counter(id(weight) for layer in model.layers for weight in layer.weights)
        self._tied = {layer.name for layer in model.layers if any(owners[id(weight)] > 1 for weight in layer.weights)}
        self._originals = {path: name for name, path in self.parts.paths.items()}
        self._followers: dict[str, list] = {}
        self._made: dict[str, keras.Layer] = {}
        self._inserted: dict[str, keras.Layer] = {}

    def operate(self) -> keras.Model:
        """Make the changed copy, which returns logits.

        Raises:
            InputError: a change does not apply to this model; the message says why.
        """
        self._check()
        self._plan_insertions()
        try:
            changed = keras.models.clone_model(self.model, clone_function=self._replace, call_function=self._call)
        except (ValueError, TypeError) as error:  # such as a layer that is called twice and no longer takes its own output
            raise InputError(f"model '{self.wanted.name}' cannot be changed so: {' '.join(str(error).split())[:200]}") from error
        self._carry_over(changed)
        undone = {Head.LOGARITHM: LogProbabilities(name="log_probabilities"), Head.LOG_ODDS: LogOdds(name="log_odds")}.get(self.head)
        return keras.Model(changed.input, undone(changed.output), name=changed.name) if undone is not None else changed

    def without_squash(self) -> keras.Model:
        """Make a model of the same layers, but the output layer without its softmax or sigmoid, and without those after it.

        Raises:
            InputError: the output layer cannot be copied, or is followed by other operations.
        """
        names, ends = [operation.name for operation in self.model.operations], (self.parts.output, *self.tail)
        if others := set(names[names.index(self.parts.output) :]) - set(ends):
            raise InputError(f"layer '{self.parts.output}' is followed by {listed(sorted(others))}")

        def replaced(layer: keras.Layer) -> keras.Operation:
            return self._replace(layer) if layer.name in ends else layer

        try:
            model = keras.models.clone_model(self.model, clone_function=replaced)
        except (ValueError, TypeError) as error:
            raise InputError(f"layer '{self.parts.output}' cannot be copied: {error}") from error
        copied_weights(self.model.get_layer(self.parts.output), model.get_layer(self.parts.output))
        return model

    def _check(self) -> None:
        if (why := misfit(self.wanted, build_of(self.model, self.parts))) is not None:
            raise InputError(why)

    def _places(self, place: str) -> tuple[str, ...]:
        parts = self.parts
        return {"conv": parts.convs, "head": parts.dense, "both": parts.convs + parts.dense}[place]

    def _plan_insertions(self) -> None:
        wanted = self.wanted
        if wanted.normalization and not self.parts.norms:
            for name in self._places(wanted.normalization_place):
                self._followers[name] = [self._norm, self._split_activation]
        if wanted.depth:
            self._follow((self.parts.convs or self.parts.dense)[-1:], self._deepen)
        if wanted.spatial_dropout:
            self._follow(self.parts.convs, lambda x, after: self._noise(SpatialDropout, "spatial_dropout", after)(x))
        if wanted.mask_time or wanted.mask_frequency:
            self._follow(self.parts.spectrograms, self._mask)
        if wanted.dropout and wanted.dropout_place in ("conv", "both"):
            self._follow(self.parts.convs, self._dropout)

    def _follow(self, names: tuple[str, ...], insert) -> None:
        for name in names:
            self._followers.setdefault(name, []).append(insert)

    def _replace(self, layer: keras.Operation) -> keras.Operation:
        """Make the layer that replaces a layer in the copy, under its canonical name, or keep the layer itself."""
        config = config_of(layer) if isinstance(layer, keras.Layer) else None
        if config is None:
            return layer
        changed, path = self._changed(layer, config), self.parts.paths[layer.name]
        changes = {key for key in changed if changed[key] is not config.get(key) and changed[key] != config.get(key)}
        given = {**changed, **_objects(layer, changed), "name": path}
        if (other := self._substitute(layer, path, given)) is None:
            if self._is_kept(layer) and not changes:
                return layer
            if self._is_kept(layer):
                self._demand_copyable(layer, ", ".join(sorted(changes)))
            other = type(layer).from_config(given)
        if self.wanted.init and DRAWN & changed.keys():
            self.touched.add(path)
        self._made[layer.name] = other
        return other

    def _is_kept(self, layer: keras.Layer) -> bool:
        return layer.name in self._tied or kept(layer)

    def _demand_copyable(self, layer: keras.Layer, changes: str) -> None:
        if layer.name in self._tied:
            raise InputError(f"layer '{layer.name}' ({type(layer).__name__}) cannot be changed ({changes}): another layer has the same "
                             "weights; accepted: techniques that leave the layer as it is")
        demand_copyable(layer, changes)

    def _changed(self, layer: keras.Layer, config: dict) -> dict:
        """Return a layer's config as the recipe wants it."""
        wanted, parts = self.wanted, self.parts
        config = dict(config)
        is_output = layer.name == parts.output and self.head == Head.WITHOUT_SQUASH
        if layer.name in self.tail or (is_output and "activation" in config):
            config["activation"] = "linear"
        elif wanted.activation and layer.name != parts.output:
            config = with_activation(config, wanted.activation)
        if wanted.init:
            config |= {key: INITIALIZERS[wanted.init] for key in config if key in DRAWN}
        if layer.name in parts.convs + parts.dense and wanted.width != 1:
            config |= {key: max(round(wanted.width * config[key]), 1) for key in ("filters", "units") if key in config}
        if self._split_activation in self._followers.get(layer.name, ()):
            config["activation"] = "linear"
        if wanted.precision != "float32" and not self._is_kept(layer):
            config["dtype"] = "float32" if layer.name in (parts.output, *self.tail) else wanted.precision
        return config

    def _substitute(self, layer: keras.Layer, path: str, config: dict) -> keras.Layer | None:
        """Make a layer of another kind, where the recipe wants one in this place."""
        wanted, parts = self.wanted, self.parts
        if layer.name in self.tail:
            return layers.Activation("linear", name=path)
        if wanted.activation and layer.name != parts.output and isinstance(layer, layers.ReLU):
            return layers.Activation(wanted.activation, name=path, dtype=wanted.precision)
        if self.which and layer.name in parts.convs[self.which == "all_but_first" :] and plain_conv(layer):
            self.touched.add(path)
            article = self.which != wanted.separable
            per_channel = layer.filters / layer.input.shape[-1]
            return article_separable(config, per_channel) if article else separable(config, wanted.depth_multiplier)
        if wanted.pooling and layer.name == parts.pool:
            return POOLS[wanted.pooling](name=path, dtype=config["dtype"])
        if wanted.normalization and layer.name in parts.norms:
            self.touched.add(path)
            return norm_layer(wanted.normalization, layer.input.shape, path, wanted.precision)
        return None

    def _call(self, layer: keras.Operation, *args, **kwargs):
        """Call a layer or operation of the copy, with what is inserted before and after it."""
        name: str = layer.name
        original, wanted = self._originals.get(name, name), self.wanted
        if original in self.residual:
            args = self._thinned(args, original)
        if not isinstance(layer, keras.Layer):
            return layer(*args, **kwargs)
        if original == self.parts.output and wanted.dropout and wanted.dropout_place in ("head", "both"):
            args = (self._dropout(args[0], original), *args[1:])
        stated = {name: value for name, value in kwargs.items() if value is not None}  # another class may not know mask=None
        out = self._fitting(layer, args)(*args, **stated)
        for insert in self._followers.get(original, ()):
            out = insert(out, original)
        return out

    def _fitting(self, layer: keras.Layer, args: tuple) -> keras.Layer:
        """Return a kept layer, or a copy of it where the layers before it have changed the shape that its weights were made for."""
        if self.parts.paths.get(layer.name) in self._made or not layer.weights or _shapes(args) == _shapes(first_call(layer).args):
            return layer
        if layer.name not in self._inserted:
            self._demand_copyable(layer, "the shape of its input")
            self._inserted[layer.name] = type(layer).from_config({**(config_of(layer) or {}), **own_objects(layer)})
        return self._inserted[layer.name]

    def _once(self, after: str, what: str, make: Callable[[str], keras.Layer]) -> keras.Layer:
        """Return the layer that is inserted after another one; a layer that is called several times has one follower."""
        path = f"{self.parts.paths.get(after, after)}.{what}"
        if path not in self._inserted:
            self.touched.add(path)
            self._inserted[path] = make(path)
        return self._inserted[path]

    def _norm(self, x, after: str):
        return self._once(after, "normalization", lambda path: norm_layer(
            str(self.wanted.normalization), x.shape, path, self.wanted.precision))(x)

    def _split_activation(self, x, after: str):
        activation = self.wanted.activation or stated_config(self.model.get_layer(after)).get("activation", "linear")
        return self._once(after, "activation", lambda path: layers.Activation(activation, name=path, dtype=self.wanted.precision))(x)

    def _dropout(self, x, after: str):
        return self._noise(Dropout, "dropout", after)(x)

    def _mask(self, x, after: str):
        strengths = self.rates["model.mask_time"], self.rates["model.mask_frequency"]
        return self._once(after, "spec_augment", lambda path: SpecAugment(
            *strengths, self.wanted.masks, name=path, dtype=self.wanted.precision))(x)

    def _noise(self, kind: type, what: str, after: str, **options) -> keras.Layer:
        return self._once(after, what, lambda path: kind(self.rates[f"model.{what}"], name=path, dtype=self.wanted.precision, **options))

    def _thinned(self, args: tuple, after: str) -> tuple:
        """Put stochastic depth on the residual branch of what is added: a list, as a layer takes it, or two arguments of an operation."""
        branch, share = self.residual[after]
        drop = self._noise(StochasticDepth, "stochastic_depth", after, share=share)
        if isinstance(args[0], list | tuple):
            return ([drop(x) if place == branch else x for place, x in enumerate(args[0])], *args[1:])
        return tuple(drop(x) if place == branch else x for place, x in enumerate(args))

    def _deepen(self, x, after: str):
        """Append layers of the kind and size of the one before them."""
        last, fused = self._made[after], stated_config(self.model.get_layer(after)).get("activation", "linear")
        config = {**stated_config(last), **own_objects(last), "activation": self.wanted.activation or fused}
        shape = {"strides": (1, 1), "padding": "same"} if "strides" in config else {}
        for number in range(self.wanted.depth):
            x = self._once(after, f"deeper_{number + 1}", lambda path: type(last).from_config({**config, **shape, "name": path}))(x)
        return x

    def _carry_over(self, changed: keras.Model) -> None:
        """Keep the values that the model's own code gave its weights, and note layers whose weights changed their shape."""
        copies = {layer.name: layer for layer in changed.layers}
        for layer in self.model.layers:
            path = self.parts.paths[layer.name]
            if (copy := copies.get(path)) is None:
                continue
            keep_given(layer, copy)
            if [weight.shape for weight in layer.weights] != [weight.shape for weight in copy.weights]:
                self.touched.add(path)


def _objects(layer: keras.Layer, changed: dict) -> dict:
    """Return a layer's own initializers, regularizers and constraints, but those that the recipe replaces."""
    return {key: value for key, value in own_objects(layer).items() if not isinstance(changed[key], str)}


def _shapes(args: tuple) -> list:
    return [getattr(given, "shape", None) for given in keras.tree.flatten(args)]
