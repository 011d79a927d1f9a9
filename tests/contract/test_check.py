"""``dlbench check``: a good plug-in keeps the contract, and each way of breaking it is told."""

import pytest

from dlbench import plugins
from dlbench.contract import check, entries
from dlbench.contract.declarations import technique_problems
from dlbench.techniques import Paper, Parameter, Technique, hooked
from dlbench.values.errors import InputError
from dlbench.values.recipe import edit

PAPER = Paper("A. Uthor", "Title", 2000, "https://example.org")


def declared(apply, touches=("model.dropout",), parameters=(), paper=PAPER, summary="It does", family="mine"):
    return Technique("mine", family, summary, paper, touches, apply, parameters)


BROKEN = {
    "changes nothing": (declared(lambda recipe: recipe), "it changes nothing in the recipe"),
    "changes more": (declared(lambda recipe: edit(recipe, model__dropout=0.5, budget__amount=3)), "it changes budget.amount, which its"),
    "touches nothing": (declared(lambda recipe: edit(recipe, model__dropout=0.5), ("model.dropout", "model.x")), "model.x: no such"),
    "adds up": (declared(lambda recipe: edit(recipe, model__dropout=recipe.model.dropout + 0.1)), "it is not idempotent"),
    "no paper": (declared(lambda recipe: edit(recipe, model__dropout=0.5), paper=Paper("", "", 0, "")), "paper: wanted a year and a link"),
    "no summary": (declared(lambda recipe: edit(recipe, model__dropout=0.5), summary=""), "summary: wanted one line"),
    "no doc": (declared(lambda recipe, rate: edit(recipe, model__dropout=rate), parameters=(Parameter("rate", float, "", 0.5),)),
               "parameter 'rate': wanted a doc"),
    "no example": (declared(lambda recipe, rate: edit(recipe, model__dropout=rate), parameters=(Parameter("rate", float, "rate"),)),
                   "rate = None; accepted: a number"),
    "raises": (declared(lambda recipe: 1 / 0), "apply: ZeroDivisionError"),
    "no such field": (declared(lambda recipe: edit(recipe, model__dropot=0.5)), "unknown recipe field 'dropot'"),
    "no such hook": (declared(lambda recipe: hooked(recipe, "image", "a:f")), "unknown hook 'image'"),
}


@pytest.mark.parametrize("item, words", BROKEN.values(), ids=BROKEN)
def test_a_broken_declaration_is_told(item, words):
    assert any(words in problem for problem in technique_problems(item)), list(technique_problems(item))


def test_a_good_declaration_has_no_problem():
    good = declared(lambda recipe, rate: edit(recipe, model__dropout=rate),
                    parameters=(Parameter("rate", float, "of units", 0.5, low=0, open_low=True),))
    assert list(technique_problems(good)) == []


PLUGIN = '''
import numpy as np
from dlbench.models import Architecture
from dlbench.techniques import Paper, Technique, hooked
from dlbench.values.metric import Metric

PAPER = Paper("A", "B", 1995, "https://x.org")

def good(recipe):
    return hooked(recipe, "images", "checked_xy:inverted")

def inverted(images, draws):
    return 1 - images

def inert(recipe):
    return hooked(recipe, "gradients", "checked_xy:same")

def same(gradients, weights):
    return gradients

def careless(recipe):
    return hooked(recipe, "images", "checked_xy:noise")

def noise(images, draws):
    import tensorflow as tf
    return images + tf.random.normal(tf.shape(images))

def broken(recipe):
    return hooked(recipe, "loss", "checked_xy:nothing")

def nothing(logits, labels):
    return labels

def net(input_shape, classes):
    import keras
    return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(classes + 1)])

def accuracy(labels, probabilities):
    return (probabilities.argmax(1) == labels).mean()

TECHNIQUES = tuple(Technique(f.__name__, "mine", "S", PAPER, touches, f)
                   for f, touches in ((good, ("hooks.images",)), (inert, ("hooks.gradients",)), (careless, ("hooks.images",)),
                                      (broken, ("hooks.loss",))))
MODELS = (Architecture("wide_xy", "S", "checked_xy:net", None),)
METRICS = (Metric("fine", "fraction", True, 0.0, 1.0, "test", compute="checked_xy:accuracy"),
           Metric("upside_down", "fraction", False, 0.0, 1.0, "test", compute="checked_xy:accuracy"))
'''


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "checked_xy.py"
    path.write_text(PLUGIN)
    yield str(path)
    plugins.use()


def test_declarations_alone_are_checked_without_training(file):
    found = {finding.name: finding.problems for finding in check(file, quick=True)}
    assert set(found) == {"good", "inert", "careless", "broken", "wide_xy", "fine", "upside_down"}
    assert [name for name, problems in found.items() if problems] == ["upside_down"]
    assert "its higher_is_better says the opposite" in found["upside_down"][0]


@pytest.mark.slow
def test_training_finds_out_what_a_declaration_does_not_tell(file):
    found = {finding.name: " ".join(finding.problems) for finding in check(file)}
    assert found["good"] == found["fine"] == ""
    assert "it changed nothing" in found["inert"]
    assert "draws from a global generator" in found["careless"]
    assert "hook 'checked_xy:nothing': wanted float32" in found["broken"]
    assert "its output has 11 units, the data 10 classes" in found["wide_xy"]


def test_a_plugin_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.py: no such file"):
        entries(str(tmp_path / "nowhere.py"))
    with pytest.raises(InputError, match="nowhere: no such file, and unknown plug-in package 'nowhere'"):
        entries("nowhere")
