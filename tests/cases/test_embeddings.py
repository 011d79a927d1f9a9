"""Words of a table that a model embeds: their codes, the vectors that they look up, and studies of them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dlbench.engines.keras.data.resident import resident
from dlbench.engines.keras.network.originals import original
from dlbench.models.embeddings import embedding_width
from dlbench.values.errors import InputError
from dlbench.values.recipe import Recipe, edit
from tests.calling import called
from tests.cases.test_categories import COLOURS, ROWS, read, written
from tests.selection import mostly_slow

STUDY = """
dataset = "csv:t.csv"
label = LABEL
model = "mlp"
margin = 0.1
seeds = 1
budget = { epochs = 2 }
categories = "embedding"
baseline = { options = { hidden = 4 } }
[[arms]]
technique = "embedding_width"
width = 5
[[arms]]
technique = "dropout"
rate = 0.2
"""


def test_each_column_of_words_is_a_column_of_codes_after_the_numbers(tmp_path):
    written(tmp_path, colour=lambda row: "NA" if row == 7 else COLOURS[row % 3])
    arrays, _ = read(tmp_path, categories="embedding", missing="median")
    assert arrays.columns == ("size", "big", "colour") and arrays.cardinalities == (3,)
    codes = [0 if row == 7 else sorted(COLOURS).index(COLOURS[row % 3]) + 1 for row in range(ROWS)]
    assert arrays.x[:, 2].tolist() == codes
    assert {"each word is a code, in 'colour' (3 words)", "rows without a word have the code 0 of unknown words, in 'colour' (1)"} <= set(
        arrays.notes)


def test_a_word_that_no_training_row_has_is_unknown_and_codes_are_not_scaled(tmp_path):
    (tmp_path / "d").mkdir()
    written(tmp_path / "d", name="train.csv")
    written(tmp_path / "d", colour=lambda row: "violet" if row < 4 else "red", name="test.csv")
    arrays, data = read(tmp_path, "csv:d", categories="embedding")
    assert arrays.cardinalities == (4,)
    part = resident(arrays, data, "zscore_channel")
    codes = part.test[0].numpy()[:, -1]
    assert codes[:4].tolist() == [0] * 4 and set(codes[4:]) == {3.0} and 0 not in part.train[0].numpy()[:, -1]
    assert part.notes == ("words that no training row has get the code 0 of unknown ones, in 'colour' (1 word, 4 rows)",)
    assert part.inputs.scale.numpy()[-1] == 1 and part.inputs.offset.numpy()[-1] == 0
    scaled = part.train[0].numpy()[:, 0] * part.inputs.scale.numpy()[0] + part.inputs.offset.numpy()[0]
    assert abs(scaled.mean()) < 1e-5 and abs(scaled.std() - 1) < 1e-5


@pytest.mark.parametrize("kind", ["scale", "minmax", "zscore", "zscore_channel"])
def test_a_table_of_words_alone_is_left_as_it_is_by_every_scaling(kind, tmp_path):
    written(tmp_path)
    arrays, data = read(tmp_path, categories="embedding", features=("colour",))
    inputs = resident(arrays, data, kind).inputs
    assert inputs.scale.numpy().tolist() == [1] and inputs.offset.numpy().tolist() == [0]


def embedding(width=None, **fields):
    return edit(Recipe(), model__name="mlp", model__options=(("hidden", 6),), data__categories="embedding", data__cardinalities=(3, 5),
                model__embedding_width=width, **fields)


def test_a_network_of_words_is_that_of_columns_of_0_and_1_whose_first_layer_has_the_vectors_in_it():
    """Looking a vector up is multiplying a row of 0 and 1 by the table of vectors."""
    draws, columns = np.random.default_rng(0), 2
    model = original(embedding(), (columns + 2,), 3)
    plain = original(edit(Recipe(), model__name="mlp", model__options=(("hidden", 6),)), (columns + 4 + 6,), 3)
    *tables, kernel, bias, head, head_bias = [draws.normal(size=weight.shape) for weight in model.weights]
    assert [table.shape for table in tables] == [(4, embedding_width(3)), (6, embedding_width(5))]
    model.set_weights([*tables, kernel, bias, head, head_bias])
    rows = np.split(kernel, np.cumsum([columns, tables[0].shape[1]]))
    plain.set_weights([np.concatenate([rows[0], tables[0] @ rows[1], tables[1] @ rows[2]]), bias, head, head_bias])
    numbers, codes = draws.normal(size=(20, columns)), np.stack([draws.integers(0, 4, 20), draws.integers(0, 6, 20)], axis=1)
    hot = np.concatenate([numbers, np.eye(4)[codes[:, 0]], np.eye(6)[codes[:, 1]]], axis=1)
    one, other = model(np.concatenate([numbers, codes], axis=1).astype(np.float32)), plain(hot.astype(np.float32))
    np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_a_stated_width_is_that_of_every_vector():
    assert [weight.shape for weight in original(embedding(width=7), (4,), 3).weights][:2] == [(4, 7), (6, 7)]


def own(input_shape, classes):
    """A model that is not told of words."""
    return original(edit(Recipe(), model__name="mlp"), input_shape, classes)


def test_a_model_that_is_not_told_of_words_is_refused():
    with pytest.raises(InputError, match=r"test_embeddings:own' is given codes of words .* accepted: model 'mlp', or a function"):
        original(edit(embedding(), model__name="tests.cases.test_embeddings:own", model__options=()), (4,), 3)


def test_a_table_of_other_words_than_was_planned_is_refused(tmp_path):
    written(tmp_path)
    arrays, data = read(tmp_path, categories="embedding", cardinalities=(9,))
    with pytest.raises(InputError, match=r"its columns of words have \[3\] different words, and the model embeds \[9\]"):
        resident(arrays, data, "none")


def test_a_column_of_very_many_words_is_named(tmp_path):
    (tmp_path / "t.csv").write_text("size,text,label\n" + "".join(f"{row},w{row},{'ab'[row % 2]}\n" for row in range(10_001)))
    with pytest.raises(InputError, match="column 'text' has 10,001 different words; accepted: up to 10,000, or `features"):
        read(tmp_path, categories="embedding")
    with pytest.raises(InputError, match='accepted: up to 100, up to 10,000 with `categories = "embedding"`, or `features'):
        read(tmp_path, categories="one_hot")


def test_words_are_read_in_another_way_into_another_folder_of_the_cache(tmp_path):
    written(tmp_path)
    (hot, _), (coded, _) = (read(tmp_path, categories=way) for way in ("one_hot", "embedding"))
    assert hot.x.shape[1] == 5 and coded.x.shape[1] == 3 and hot.cardinalities == () and hot.digest != coded.digest


TASKS = {"classification": ('"label"', ""), "regression": ('"size"', 'task = "regression"\nmetric = "test_rmse"\n'),
         "multi_label": ('["big", "old"]', 'loop = "keras"\n')}


@pytest.mark.parametrize("task", mostly_slow([*TASKS], "classification"))
def test_a_study_of_each_task_is_planned_run_and_controlled(task, tmp_path):
    written(tmp_path)
    rows = (tmp_path / "t.csv").read_text().splitlines()
    (tmp_path / "t.csv").write_text("\n".join([rows[0] + ",old", *(f"{row},{number % 3 == 0}" for number, row in enumerate(rows[1:]))]))
    label, more = TASKS[task]
    (tmp_path / "s.toml").write_text(more + STUDY.replace("LABEL", label))
    planned = called(tmp_path, "plan", "s.toml", "--json")
    assert planned.code == 0, planned.err
    told = json.loads(planned.out)
    assert any("'colour' (3 words) in 3 numbers" in note for note in told["facts"]["csv:t.csv"]["notes"])
    assert told["arms"][1]["changes"] == {"model.embedding_width": [None, 5]}
    assert all(arm["recipe"]["data.cardinalities"][0] == 3 for arm in told["arms"])
    ended = called(tmp_path, "run", "s.toml", "--out", "out", "--jobs", "1", "--no-timing", "--no-report")
    assert ended.code == 0, ended.err
    plain = called(tmp_path, "export", "out", "--format", "keras", "--out", "plain", "--arm", "baseline")
    assert plain.code == 0, plain.err
    reported = called(tmp_path, "report", "out")
    assert reported.code == 0 and "uncontrolled" not in (tmp_path / "out" / "report.md").read_text()


@pytest.mark.parametrize("change, words", [
    (("embedding\"", "embeding\""), "unknown categories 'embeding'; did you mean 'embedding'?"),
    (('categories = "embedding"', 'features = ["size"]'), 'embedding_width needs words that are embedded; `categories = "embedding"`')])
def test_what_cannot_be_planned_is_said_in_a_line(change, words, tmp_path):
    written(tmp_path)
    (tmp_path / "s.toml").write_text(STUDY.replace("LABEL", '"label"').replace(*change))
    ended = called(tmp_path, "plan", "s.toml")
    assert ended.code == 2 and words in ended.err and "Traceback" not in ended.err, ended.err
