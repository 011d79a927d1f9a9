import numpy as np
import pytest

from dlbench.datasets import Arrays
from dlbench.datasets.splits import split
from dlbench.engines.keras.data.text import tokens
from dlbench.values.recipe import Data, edit
from tests.engines.keras.samples import sentences


@pytest.fixture(scope="module")
def arrays():
    x, y = sentences()
    return Arrays(x, y, len(x), 2, 255.0)


def test_words_are_known_from_the_training_split_alone(arrays):
    data = Data(source="texts", vocabulary=1000, words=8)
    numbers, parts = tokens(arrays, data), split(arrays, data)
    last = {row: int(str(arrays.x[row].decode()).rpartition("number")[2]) for row in range(200)}
    ids = [numbers.x[row][np.flatnonzero(numbers.x[row])[-1]] for row in range(200)]
    assert all(ids[row] > 1 for row in parts.train) and all(ids[row] == 1 for row in [*parts.test, *parts.validation]), last
    assert numbers.x.shape == (200, 8) and numbers.x.dtype == np.int32


def test_the_vocabulary_is_bounded_and_sentences_are_cut_or_filled(arrays):
    numbers = tokens(arrays, Data(source="texts", vocabulary=6, words=3))
    assert numbers.x.max() <= 5 and numbers.x.shape == (200, 3)
    assert (tokens(arrays, Data(source="texts", words=30)).x[:, -1] == 0).all()


@pytest.mark.parametrize("clean, words", [("off", 6), ("article", 6), ("proper", 4)])
def test_cleaning_decides_what_is_one_word(arrays, clean, words):
    """bad, "Bad," and dull: three spellings of two words, and as many of the other class; the article keeps the case."""
    numbers = tokens(arrays, Data(source="texts", clean=clean, words=8)).x
    before = [row[np.flatnonzero(row)[-2]] for row in numbers]
    assert len(set(before)) == words


@pytest.fixture(scope="module")
def recipe(tiny):
    return edit(tiny, data__source="tests.engines.keras.samples:sentences", data__examples=None, model__name="text_cnn", model__options=(),
                data__vocabulary=100, budget__amount=4, training__learning_rate=0.01)


def test_sentences_are_learned_end_to_end(train, recipe):
    result = train(recipe)
    assert result.status == "done", result.reason
    assert result.scores["test_accuracy"] > 0.9 and result.cost.macs > 0


def test_cleaning_moves_the_data_and_nothing_else(train, recipe):
    plain, clean = train(recipe).controls, train(edit(recipe, data__clean="proper")).controls
    assert (plain.split, plain.order, plain.init) == (clean.split, clean.order, clean.init)
    assert plain.data != clean.data


def test_the_keras_loop_agrees(worker, train, recipe):
    recipe = edit(recipe, budget__amount=1, training__learning_rate=1e-3)
    ours = train(recipe)
    theirs = train(edit(recipe, training__loop="keras"))
    assert ours.scores["test_loss"] == pytest.approx(theirs.scores["test_loss"], rel=1e-2)


def test_dropout_and_early_stopping_apply_to_sentences_too(train, recipe):
    result = train(edit(recipe, model__dropout=0.2, training__early_stopping__patience_epochs=1, data__validation=0.2))
    assert result.status == "done", result.reason
