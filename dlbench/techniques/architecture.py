"""Changes to the network's layers."""

from __future__ import annotations

from dlbench.techniques.declaration import Paper, Parameter, Technique
from dlbench.values.recipe import Recipe, edit

XCEPTION = Paper("F. Chollet", "Xception: deep learning with depthwise separable convolutions", 2017,
                 "https://arxiv.org/abs/1610.02357")
LAYER_NORM = Paper("J. L. Ba, J. R. Kiros, G. E. Hinton", "Layer normalization", 2016, "https://arxiv.org/abs/1607.06450")
NETWORK = Paper("M. Lin, Q. Chen, S. Yan", "Network in network", 2014, "https://arxiv.org/abs/1312.4400")
WIDE = Paper("S. Zagoruyko, N. Komodakis", "Wide residual networks", 2016, "https://arxiv.org/abs/1605.07146")
VGG = Paper("K. Simonyan, A. Zisserman", "Very deep convolutional networks for large-scale image recognition", 2015,
            "https://arxiv.org/abs/1409.1556")
KINDS = ("none", "batch", "layer", "layer_all", "instance", "group")


def separable_conv(recipe: Recipe, layers: str, depth_multiplier: int) -> Recipe:
    """Replace convolutions by a filter per channel and a pointwise mix: cost ratio 1/N + 1/k²."""
    return edit(recipe, model__separable=layers, model__depth_multiplier=depth_multiplier)


def article_separable_conv(recipe: Recipe, layers: str) -> Recipe:
    """The article's separable convolution: a filter per channel and no pointwise step, so channels never mix."""
    return edit(recipe, model__separable=f"article_{layers}")


def normalization(recipe: Recipe, kind: str, place: str) -> Recipe:
    """Normalise between a layer and its activation: over the batch, channels, all, each map, or groups of maps."""
    return edit(recipe, model__normalization=kind, model__normalization_place=place)


def article_layer_norm(recipe: Recipe, place: str) -> Recipe:
    """The article's layer normalisation: it normalises each map of each example, which is instance normalisation."""
    return normalization(recipe, "instance", place)


def pooling(recipe: Recipe, kind: str) -> Recipe:
    """What turns feature maps into a vector: flatten, global average or global maximum."""
    return edit(recipe, model__pooling=kind)


def width(recipe: Recipe, factor: float) -> Recipe:
    """Multiply the filters and units of every hidden layer."""
    return edit(recipe, model__width=factor)


def depth(recipe: Recipe, layers: int) -> Recipe:
    """Follow the last hidden convolution (the last hidden dense layer where there is none) by more of its kind and size."""
    return edit(recipe, model__depth=layers)


PLACE = Parameter("place", str, "after convolutions, after hidden dense layers, or both", "conv", choices=("conv", "head", "both"))
LAYERS = Parameter("layers", str, "which convolutions", "all_but_first", choices=("all_but_first", "all"))


def _technique(apply, paper, touches, parameters, requires=()) -> Technique:
    return Technique(apply.__name__, "architecture", apply.__doc__.rstrip("."), paper, touches, apply, parameters, requires)


TECHNIQUES = (
    _technique(separable_conv, XCEPTION, ("model.separable", "model.depth_multiplier"), (
        LAYERS,
        Parameter("depth_multiplier", int, "filters a channel", 1, low=1, high=16),
    ), ("conv",)),
    _technique(article_separable_conv, XCEPTION, ("model.separable",), (LAYERS,), ("conv",)),
    _technique(normalization, LAYER_NORM, ("model.normalization", "model.normalization_place"), (
        Parameter("kind", str, "what is normalised over; none takes the model's own normalisation out", choices=KINDS,
                  example="batch"),
        PLACE,
    )),
    _technique(article_layer_norm, LAYER_NORM, ("model.normalization", "model.normalization_place"), (PLACE,)),
    _technique(pooling, NETWORK, ("model.pooling",), (
        Parameter("kind", str, "the pooling head", choices=("flatten", "average", "max"), example="average"),), ("flatten",)),
    _technique(width, WIDE, ("model.width",), (
        Parameter("factor", float, "of the hidden layers' widths", 2.0, low=0, open_low=True),)),
    _technique(depth, VGG, ("model.depth",), (Parameter("layers", int, "how many more", 1, low=1, high=100, unit="layers"),)),
)
