"""The network of ``transfer_photos.toml``, and how its base was pretrained: ``python transfer_photos.py DIR/cifar10_medium/train``."""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers

SIZE_PX, BATCH, EPOCHS, LEARNING_RATE = (64, 64), 32, 30, 1e-3
SOURCES = 5
"""The base is pretrained on the first classes, in alphabetical order; the study trains on the others."""
WEIGHTS = Path(__file__).with_name("transfer_photos.weights.h5")


def small_vgg(input_shape: tuple[int, int, int], classes: int, filters: tuple[int, ...] = (16, 32, 48, 64),
              hidden: int = 64) -> keras.Model:
    """Convolutions of 3x3, each followed by pooling that halves both sides; global average pooling, one hidden dense layer, output.

    Args:
        input_shape: height, width and channels.
        classes: of the output.
        filters: of each convolution.
        hidden: units of the dense layer.

    Source: the kind of network of K. Simonyan, A. Zisserman, "Very deep convolutional networks for large-scale image recognition", 2015,
    https://arxiv.org/abs/1409.1556.
    """
    stack: list[keras.Layer] = []
    for count in filters:
        stack += [layers.Conv2D(count, 3, padding="same", activation="relu"), layers.MaxPooling2D()]
    head = [layers.GlobalAveragePooling2D(), layers.Dense(hidden, activation="relu"), layers.Dense(classes, activation="softmax")]
    return keras.Sequential([keras.Input(input_shape), *stack, *head])


def pretrain(folder: Path, weights: Path = WEIGHTS, epochs: int = EPOCHS) -> keras.Model:
    """Train the network on the first classes of a folder of photographs, flipped at random, and write its weights.

    Args:
        folder: has a folder of photographs for each class.
        weights: the file to write, ``.weights.h5``.
        epochs: of training.
    """
    keras.utils.set_random_seed(0)
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())[:SOURCES]
    files = [(file, label) for label, name in enumerate(names) for file in sorted((folder / name).iterdir())]
    images = np.stack([keras.utils.img_to_array(keras.utils.load_img(file, target_size=SIZE_PX, interpolation="bilinear"))
                       for file, _ in files])
    network = small_vgg((*SIZE_PX, 3), len(names))
    model = keras.Sequential([layers.Rescaling(1 / 255), layers.RandomFlip("horizontal", seed=0), network])
    model.compile(keras.optimizers.Adam(LEARNING_RATE), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images, np.array([label for _, label in files]), batch_size=BATCH, epochs=epochs, verbose=2)
    network.save_weights(weights)
    return network


if __name__ == "__main__":
    pretrain(Path(sys.argv[1]))
