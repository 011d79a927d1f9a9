"""Layer 1: the catalogue of models. Each is built by engine code that is named here by reference."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dlbench.values.catalogue import Catalogue
from dlbench.values.errors import InputError, unknown


@dataclass(frozen=True)
class Architecture:
    """A model of the catalogue.

    Attributes:
        name: as a study file writes it.
        summary: its layers, one line.
        build: reference of ``build(input_shape, classes, **options) -> keras.Model``.
        has: what techniques may require of it: ``conv``, ``flatten``, ``residual``,
            ``spectrogram``; None where only building it shows that.
        smallest_px: the smallest input height and width it can take.
    """

    name: str
    summary: str
    build: str
    has: frozenset[str] | None
    smallest_px: int = 1


_BUILDERS = "dlbench.engines.keras.network.builders"
CATALOGUE = Catalogue("model", Architecture, (
    Architecture("small_cnn", "Conv16, MaxPool2, Conv32, Conv32, Flatten, Dense64, output: for images of 8x8 to 32x32",
                 f"{_BUILDERS}:small_cnn", frozenset({"conv", "flatten"}), 4),
    Architecture("guide_cnn", "Conv32, MaxPool2, Conv64, MaxPool2, Conv64, Flatten, Dense64, output: 93,322 parameters on MNIST",
                 f"{_BUILDERS}:guide_cnn", frozenset({"conv", "flatten"}), 18),
    Architecture("overview_cnn", "Conv32, Conv64, Conv128, each with MaxPool2, Flatten, Dense512, output",
                 f"{_BUILDERS}:overview_cnn", frozenset({"conv", "flatten"}), 22),
    Architecture("mlp", "Flatten, Dense800, output: 636,010 parameters on MNIST", f"{_BUILDERS}:mlp", frozenset()),
    Architecture("resnet20", "the CIFAR ResNet-20 with batch normalisation and global average pooling",
                 f"{_BUILDERS}:resnet20", frozenset({"conv", "flatten", "residual"}), 8),
    Architecture("vgg16_transfer", "the base of VGG16, Flatten, Dense512, Dropout, output: for ImageNet weights",
                 f"{_BUILDERS}:vgg16_transfer", frozenset({"conv", "flatten"}), 32),
    Architecture("application", "a base of keras.applications (options: base = \"MobileNetV2\"), global average pooling, output",
                 f"{_BUILDERS}:application", None, 32),
    Architecture("small_conv1d", "sequences: three Conv25 over steps, each at every second step, Flatten, output",
                 f"{_BUILDERS}:small_conv1d", frozenset()),
    Architecture("small_audio_cnn", "sounds: log-mel spectrogram, Conv16, Conv32 and Conv64, each with MaxPool2, global average, output",
                 f"{_BUILDERS}:small_audio_cnn", frozenset({"conv", "flatten", "spectrogram"})),
    Architecture("text_cnn", "sentences: embedding, Conv3, Conv4 and Conv5 over words, maximum over the sentence, Dropout, output",
                 f"{_BUILDERS}:text_cnn", frozenset()),
))


def architecture(name: str) -> Architecture:
    """Look up the model of a name, or make one of a reference ``package.module:function``; any other name is an InputError.

    Example:
        >>> architecture("guide_cnn").build
        'dlbench.engines.keras.network.builders:guide_cnn'
    """
    for known in CATALOGUE:
        if known.name == name:
            return known
    if re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", name):
        return Architecture(name, "a model of your own", name, None)
    raise InputError(unknown("model", name, [*(known.name for known in CATALOGUE), "package.module:function"]))
