"""Changes to the network's layers."""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique
from dlbench.values.recipe import Recipe, edit

XCEPTION = Paper("F. Chollet", "Xception: deep learning with depthwise separable convolutions", 2017,
                 "https://arxiv.org/abs/1610.02357")
LAYER_NORM = Paper("J. L. Ba, J. R. Kiros, G. E. Hinton", "Layer normalization", 2016, "https://arxiv.org/abs/1607.06450")
NETWORK = Paper("M. Lin, Q. Chen, S. Yan", "Network in network", 2014, "https://arxiv.org/abs/1312.4400")
KINDS = ("none", "batch", "layer", "layer_all", "instance", "group")


def separable_conv(recipe: Recipe, layers: str, depth_multiplier: int) -> Recipe:
    """Replace convolutions by a filter per channel and a pointwise mix: cost ratio 1/N + 1/k²."""
    return edit(recipe, model__separable=layers, model__depth_multiplier=depth_multiplier)


def normalization(recipe: Recipe, kind: str, place: str) -> Recipe:
    """Normalise between a layer and its activation: over the batch, channels, all, each map, or groups of maps."""
    return edit(recipe, model__normalization=kind, model__normalization_place=place)


def pooling(recipe: Recipe, kind: str) -> Recipe:
    """What turns feature maps into a vector: flatten, global average or global maximum."""
    return edit(recipe, model__pooling=kind)


def _technique(apply, paper, touches, parameters, requires=()) -> Technique:
    return Technique(apply.__name__, "architecture", apply.__doc__.rstrip("."), paper, touches, apply, parameters, requires)


TECHNIQUES = (
    _technique(separable_conv, XCEPTION, ("model.separable", "model.depth_multiplier"), (
        Parameter("layers", str, "which convolutions", "all_but_first", choices=("all_but_first", "all")),
        Parameter("depth_multiplier", int, "filters a channel", 1, low=1, high=16),
    ), ("conv",)),
    _technique(normalization, LAYER_NORM, ("model.normalization", "model.normalization_place"), (
        Parameter("kind", str, "what is normalised over; none takes the model's own normalisation out", choices=KINDS),
        Parameter("place", str, "after convolutions, after hidden dense layers, or both", "conv",
                  choices=("conv", "head", "both")),
    )),
    _technique(pooling, NETWORK, ("model.pooling",), (
        Parameter("kind", str, "the pooling head", choices=("flatten", "average", "max")),), ("flatten",)),
)
