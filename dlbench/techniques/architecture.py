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
ENTITY = Paper("C. Guo, F. Berkhahn", "Entity embeddings of categorical variables", 2016, "https://arxiv.org/abs/1604.06737")
FAMILY = "architecture"
NORMALIZED = ("model.normalization", "model.normalization_place")


def _article_separable_conv(recipe: Recipe, layers: str) -> Recipe:
    return edit(recipe, model__separable=f"article_{layers}")


def _article_layer_norm(recipe: Recipe, place: str) -> Recipe:
    return edit(recipe, model__normalization="instance", model__normalization_place=place)


PLACE = Parameter("place", str, "after convolutions, after hidden dense layers, or both", "conv", choices=("conv", "head", "both"),
                  sets="model.normalization_place")
LAYERS = Parameter("layers", str, "which convolutions", "all_but_first", choices=("all_but_first", "all"), sets="model.separable")

TECHNIQUES = (
    Technique(
        "separable_conv", FAMILY, "Replace convolutions by a filter per channel and a pointwise mix: cost ratio 1/N + 1/k²", XCEPTION,
        parameters=(LAYERS, Parameter("depth_multiplier", int, "filters a channel", 1, low=1, high=16, sets="model.depth_multiplier")),
        requires=("conv",), formula="y[c] = Σ_m pw[m, c] · (dw[m] ∗ x)[m]; cost ratio to a convolution 1 / N + 1 / k²"),
    Technique(
        "article_separable_conv", FAMILY,
        "The article's separable convolution: a filter per channel and no pointwise step, so channels never mix", XCEPTION,
        apply=_article_separable_conv, parameters=(LAYERS,), requires=("conv",)),
    Technique(
        "normalization", FAMILY,
        "Normalise between a layer and its activation: over the batch, channels, all, each map, or groups of maps", LAYER_NORM,
        parameters=(
            Parameter("kind", str, "what is normalised over; none takes the model's own normalisation out",
                      choices=("none", "batch", "layer", "layer_all", "instance", "group"), example="batch", sets="model.normalization"),
            PLACE,
        ),
        formula="h' = γ (h - mean) / √(variance + ε) + β, over the batch (batch), channels (layer), all (layer_all), each map\n"
                "(instance), or groups of maps (group)"),
    Technique(
        "article_layer_norm", FAMILY,
        "The article's layer normalisation: it normalises each map of each example, which is instance normalisation", LAYER_NORM,
        NORMALIZED, _article_layer_norm, (PLACE,)),
    Technique(
        "pooling", FAMILY, "What turns feature maps into a vector: flatten, global average or global maximum", NETWORK,
        parameters=(Parameter("kind", str, "the pooling head", choices=("flatten", "average", "max"), example="average",
                              sets="model.pooling"),),
        requires=("flatten",), formula="flatten: h as one vector; average: mean over places; max: maximum over places"),
    Technique(
        "width", FAMILY, "Multiply the filters and units of every hidden layer", WIDE,
        parameters=(Parameter("factor", float, "of the hidden layers' widths", 2.0, low=0, open_low=True, sets="model.width"),),
        formula="units' = max(1, round(factor · units)) of every hidden layer"),
    Technique(
        "depth", FAMILY,
        "Follow the last hidden convolution (the last hidden dense layer where there is none) by more of its kind and size", VGG,
        parameters=(Parameter("layers", int, "how many more", 1, low=1, high=100, unit="layers", sets="model.depth"),),
        formula="f(x) = f_n(… f_1(x)), with so many layers more"),
    Technique(
        "embedding_width", FAMILY, "Embed each word of a table's columns of words in so many numbers, instead of by the rule of its column",
        ENTITY, parameters=(Parameter("width", int, "numbers that stand for a word", 8, low=1, high=1000, unit="numbers",
                                      sets="model.embedding_width"),),
        requires=("categories",), formula="x' = (numbers, E_1[c_1], …, E_m[c_m]), E_i of (words of column i + 1) × width"),
)
