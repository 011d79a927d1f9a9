"""Data and models of two inputs, an image and a table, as a user of dlbench has them."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers
from PIL import Image

from dlbench.values.recipe import Recipe, edit

N = 120
BOTH = (("image", "im"), ("table", "t"))
RECIPE = edit(Recipe(), data__source="npz:a.npz", data__inputs=BOTH, model__name=f"{__name__}:two", budget__amount=2)
HEAD = f"""
model = "{__name__}:{{model}}"
margin = 0.05
seeds = 2
budget = {{{{ epochs = 2 }}}}
"""
OF_TABLE = """
dataset = "csv:t.csv"
inputs = { image = "file", table = ["age", "score", "sex"] }
categories = "one_hot"
missing = "median"
"""
OF_ARRAYS = """
dataset = "npz:a.npz"
inputs = { image = "im", table = "t" }
"""


def values():
    """Images [n, 8, 8, 3] uint8 and a table [n, 2], both of which tell something of the class."""
    draw, y = np.random.default_rng(0), np.arange(N) % 3
    image, table = draw.integers(0, 60, (N, 8, 8, 3)), draw.normal(size=(N, 2)) * [10, 1] + [50, 0]
    for row, label in enumerate(y):
        image[row, :, 2 * label : 2 * label + 2] += 90
    table[:, 1] += 2 * (y == 1)
    return image.astype(np.uint8), table, y


def of_function():
    """A function that gives a dict of arrays."""
    image, table, y = values()
    return ({"table": table[:90], "image": image[:90]}, y[:90]), ({"table": table[90:], "image": image[90:]}, y[90:])


def two(input_shape, classes, names=("image", "table"), dtype="float32"):
    """A network of a user, of two inputs, no two of whose weights have one shape."""
    image, table = keras.Input(input_shape["image"], name=names[0]), keras.Input(input_shape["table"], name=names[1], dtype=dtype)
    seen = layers.Flatten()(layers.Conv2D(4, 3, activation="relu")(image))
    told = layers.Dense(8, activation="relu")(layers.Rescaling(1.0)(table))
    joined = layers.Dense(16, activation="relu")(layers.Concatenate()([seen, told]))
    return keras.Model([image, table], layers.Dense(classes, activation="softmax")(joined))


def misnamed(input_shape, classes):
    return two(input_shape, classes, ("imagine", "table"))


def unknown(input_shape, classes):
    return two({"image": input_shape["picture"], **input_shape}, classes)


def whole(input_shape, classes):
    return two(input_shape, classes, dtype="int32")


def three(input_shape, classes):
    model, more = two(input_shape, classes), keras.Input((5,), name="history")
    return keras.Model([*model.inputs, more], layers.Dense(classes)(layers.Concatenate()([model.output, more])))


def wrong_shape(input_shape, classes):
    return two({**input_shape, "table": (7,)}, classes)


def coded(input_shape, classes):
    """A network whose table are codes."""
    image, codes = keras.Input(input_shape["image"], name="image"), keras.Input(input_shape["table"], name="table", dtype="int32")
    told = layers.Flatten()(layers.Embedding(7, 3)(codes))
    return keras.Model({"image": image, "table": codes}, layers.Dense(classes)(layers.Concatenate()([layers.Flatten()(image), told])))


def compiled(input_shape, classes):
    model = two(input_shape, classes)
    model.compile("adam", loss="sparse_categorical_crossentropy")
    return model


def written(folder, **arrays):
    image, table, y = values()
    np.savez(folder / "a.npz", **({"im": image, "t": table, "y": y} | arrays))
    rows = ["file,age,score,sex,who,label"]
    for row, (pixels, (age, score), label) in enumerate(zip(image, table, y)):
        Image.fromarray(pixels).save(folder / f"{row:03}.png")
        rows.append(f"{row:03}.png,{age if row % 17 else ''},{score},{'mf'[row % 2]},p{row // 4},{'abc'[label]}")
    (folder / "t.csv").write_text("\n".join(rows) + "\n")
    return folder
