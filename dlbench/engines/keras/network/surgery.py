"""Changes a model's layers as techniques ask, in one pass of Keras' ``clone_model`` over a functional model.

Each layer of the copy has its canonical name in the original (``conv2d_2``: the second convolution), whatever else was built in the
process. An inserted layer is named after the layer that it follows (``conv2d_2.dropout``).
"""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import layers

from dlbench.engines.keras.network.anatomy import POOLS, Anatomy, anatomy, build_of, renamed
from dlbench.engines.keras.network.initial import keep_given
from dlbench.engines.keras.network.layers import Dropout, SpatialDropout, StochasticDepth
from dlbench.engines.keras.network.replacements import (
    INITIALIZERS,
    article_separable,
    branches,
    config_of,
    norm_layer,
    own_objects,
    plain_conv,
    separable,
    with_activation,
)
from dlbench.models.fit import misfit
from dlbench.values.errors import InputError
from dlbench.values.recipe import Model


class Surgeon:
    """Makes a copy of a model with a recipe's changes.

    Args:
        model: a functional model.
        wanted: the changes.
        rates: variables of the dropout rates, by ``model.dropout`` and ``model.spatial_dropout``.
        parts: of the model, where its layers are named already.

    Attributes:
        touched: canonical paths of the layers that were inserted or replaced, or whose weights changed in shape or law.
    """

    def __init__(self, model: keras.Model, wanted: Model, rates: dict[str, tf.Variable], parts: Anatomy | None = None) -> None:
        self.model, self.wanted, self.rates = model, wanted, rates
        self.parts = parts or anatomy(renamed(model))
        self.touched: set[str] = set()
        self.residual = branches(model) if wanted.stochastic_depth else {}
        self.which = (wanted.separable or "").removeprefix("article_")
        self._followers: dict[str, list] = {}
        self._made: dict[str, keras.Layer] = {}

    def operate(self) -> keras.Model:
        """Make the changed copy, which returns logits.

        Raises:
            InputError: a change does not apply to this model; the message says why.
        """
        self._check()
        self._plan_insertions()
        changed = keras.models.clone_model(self.model, clone_function=self._replace, call_function=self._call)
        self._carry_over(changed)
        return changed

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
        if wanted.dropout and wanted.dropout_place in ("conv", "both"):
            self._follow(self.parts.convs, self._dropout)

    def _follow(self, names: tuple[str, ...], insert) -> None:
        for name in names:
            self._followers.setdefault(name, []).append(insert)

    def _replace(self, layer: keras.Layer) -> keras.Layer:
        """Make the layer that replaces a layer in the copy, under its canonical name."""
        path, wanted, parts = self.parts.paths[layer.name], self.wanted, self.parts
        config = config_of(layer)
        if config is None:
            return layer
        config |= {**own_objects(layer), "name": path}
        if layer.name in parts.tail or (layer.name == parts.output and "activation" in config):
            config["activation"] = "linear"
        elif wanted.activation and layer.name != parts.output:
            config = with_activation(config, wanted.activation)
            if isinstance(layer, layers.ReLU):
                return layers.Activation(wanted.activation, name=path, dtype=wanted.precision)
        if wanted.init:
            self._reinitialise(path, config)
        if layer.name in parts.convs + parts.dense:
            config |= {key: max(round(wanted.width * config[key]), 1) for key in ("filters", "units") if key in config}
        if self._split_activation in self._followers.get(layer.name, ()):
            config["activation"] = "linear"
        if wanted.precision != "float32":
            config["dtype"] = "float32" if layer.name in (parts.output, *parts.tail) else wanted.precision
        self._made[layer.name] = self._swap(layer, path, config)
        return self._made[layer.name]

    def _swap(self, layer: keras.Layer, path: str, config: dict) -> keras.Layer:
        wanted, parts = self.wanted, self.parts
        if layer.name in parts.tail:
            return layers.Activation("linear", name=path)
        if self.which and layer.name in parts.convs[self.which == "all_but_first" :] and plain_conv(layer):
            self.touched.add(path)
            if self.which != wanted.separable:
                return article_separable(config, layer.filters / layer.input.shape[-1])
            return separable(config, wanted.depth_multiplier)
        if wanted.pooling and layer.name == parts.pool:
            return POOLS[wanted.pooling](name=path, dtype=config["dtype"])
        if wanted.normalization and layer.name in parts.norms:
            self.touched.add(path)
            return norm_layer(wanted.normalization, layer.input.shape, path, wanted.precision)
        return type(layer).from_config(config)

    def _reinitialise(self, path: str, config: dict) -> None:
        for key in config:
            if key in ("kernel_initializer", "depthwise_initializer", "pointwise_initializer"):
                config[key] = INITIALIZERS[self.wanted.init]
                self.touched.add(path)

    def _call(self, layer: keras.Layer, *args, **kwargs):
        """Call a layer of the copy, with what is inserted before and after it."""
        original = next(name for name, path in self.parts.paths.items() if path == layer.name)
        wanted = self.wanted
        if original in self.residual:
            args = (self._thinned(args[0], original), *args[1:])
        if original == self.parts.output and wanted.dropout and wanted.dropout_place in ("head", "both"):
            args = (self._dropout(args[0], original), *args[1:])
        stated = {name: value for name, value in kwargs.items() if value is not None}  # another class may not know mask=None
        out = layer(*args, **stated)
        for insert in self._followers.get(original, ()):
            out = insert(out, original)
        return out

    def _inserted(self, after: str, what: str) -> str:
        path = f"{self.parts.paths[after]}.{what}"
        self.touched.add(path)
        return path

    def _norm(self, x, after: str):
        return norm_layer(self.wanted.normalization, x.shape, self._inserted(after, "normalization"), self.wanted.precision)(x)

    def _split_activation(self, x, after: str):
        activation = self.wanted.activation or self.model.get_layer(after).get_config().get("activation", "linear")
        return layers.Activation(activation, name=self._inserted(after, "activation"), dtype=self.wanted.precision)(x)

    def _dropout(self, x, after: str):
        return self._noise(Dropout, "dropout", after)(x)

    def _noise(self, kind: type, what: str, after: str, **options) -> keras.Layer:
        return kind(self.rates[f"model.{what}"], name=self._inserted(after, what), dtype=self.wanted.precision, **options)

    def _thinned(self, inputs: list, after: str) -> list:
        """Put stochastic depth on the residual branch of an addition's inputs."""
        branch, share = self.residual[after]
        drop = self._noise(StochasticDepth, "stochastic_depth", after, share=share)
        return [drop(x) if place == branch else x for place, x in enumerate(inputs)]

    def _deepen(self, x, after: str):
        """Append layers of the kind and size of the one before them."""
        last, fused = self._made[after], self.model.get_layer(after).get_config().get("activation", "linear")
        config = {**last.get_config(), **own_objects(last), "activation": self.wanted.activation or fused}
        shape = {"strides": (1, 1), "padding": "same"} if "strides" in config else {}
        for number in range(self.wanted.depth):
            x = type(last).from_config({**config, **shape, "name": self._inserted(after, f"deeper_{number + 1}")})(x)
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
