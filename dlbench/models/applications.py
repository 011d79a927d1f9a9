"""The networks of ``keras.applications`` that can be a model's base, and how each base's inputs are preprocessed."""

from __future__ import annotations

from dlbench.values.errors import InputError, unknown
from dlbench.values.recipe import Model

PREPROCESSING = {
    "VGG16": "caffe", "VGG19": "caffe", "ResNet50": "caffe", "ResNet101": "caffe", "ResNet152": "caffe",
    "ResNet50V2": "tf", "ResNet101V2": "tf", "ResNet152V2": "tf", "MobileNet": "tf", "MobileNetV2": "tf", "Xception": "tf",
    "InceptionV3": "tf", "InceptionResNetV2": "tf", "DenseNet121": "torch", "DenseNet169": "torch", "DenseNet201": "torch",
}
"""Base -> preprocessing: caffe (blue, green, red; less the mean colour), tf ([-1, 1]) or torch ([0, 1], then z-scores of ImageNet)."""


def base_of(model: Model) -> str | None:
    """Name the base of a recipe's model; None where there is none. An unknown name in the options is an InputError.

    Example:
        >>> base_of(Model("vgg16_transfer")), base_of(Model("application", (("base", "MobileNet"),))), base_of(Model("mlp"))
        ('VGG16', 'MobileNet', None)
    """
    if model.name == "vgg16_transfer":
        return "VGG16"
    if model.name != "application":
        return None
    base = dict(model.options).get("base", "MobileNetV2")
    if base not in PREPROCESSING:
        raise InputError(f"model 'application': options.base: {unknown('base', base, PREPROCESSING)}")
    return base
