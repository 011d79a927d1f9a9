"""Studies with code beside them, as users write them, and what dlbench says of them."""

import json

from tests.calling import called

STUDY = """
dataset = "{dataset}"
model = "{model}"
margin = 0.02
seeds = 1
examples = 120
budget = {{ epochs = 1 }}
[[arms]]
{arm}
"""
NET = """
import keras

def net(shape, classes):
    inputs = keras.Input(shape)
    x = keras.layers.Dense({units}, activation="relu")(keras.layers.Flatten()(inputs))
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(x))
"""
HOOK = """
from dlbench.techniques import Paper, Technique, hooked

def scaled(recipe):
    return hooked(recipe, "loss", "plugged:loss")

def loss(logits, labels):
    import json, tensorflow as tf
    from pathlib import Path
    import helper
    scale = json.loads(Path(__file__).with_name("scale.json").read_text())
    return helper.times(scale) * tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)

TECHNIQUES = (Technique("scaled", "regularisation", "Scaled", Paper("A", "B", 1995, "https://x.org"), ("hooks.loss",), scaled),)
"""


def study(folder, files=None, dataset="digits", model="mine:net", arm='technique = "dropout"'):
    for name, text in (files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "study.toml").write_text(STUDY.format(dataset=dataset, model=model, arm=arm))


def planned(folder, *arguments):
    """The facts that ``dlbench plan`` has, and what it said."""
    ended = called(folder, "plan", "study.toml", "--json", *arguments, DLBENCH_CACHE_DIR=str(folder / "cache"))
    assert ended.code == 0, ended.err
    return json.loads(ended.out), ended.err


def refused(folder, command="plan"):
    ended = called(folder, command, "study.toml")
    line = " ".join(ended.err.split())
    assert ended.code == 2 and "Traceback" not in line and "usage:" not in line, ended
    return line
