import numpy as np
import pytest

from dlbench.engines.keras.measure.deploy import deployed
from dlbench.values.recipe import edit


@pytest.fixture(scope="module")
def recipe(tiny):
    return edit(tiny, data__examples=400, budget__amount=10)


@pytest.fixture(scope="module")
def plain(train, recipe):
    return train(recipe)


@pytest.mark.parametrize("bits, share", [(32, 1.0), (16, 0.5), (8, 0.25)])
def test_a_converted_network_is_smaller_and_answers_much_the_same(train, recipe, plain, bits, share):
    result = train(edit(recipe, compression__bits=bits))
    assert result.status == "done", result.reason
    assert result.curves["train_loss"] == plain.curves["train_loss"], "it is trained as its reference"
    assert result.controls.weights != plain.controls.weights, "and is not its reference"
    assert result.cost.model_bytes < share * plain.cost.model_bytes + 8000
    assert abs(result.scores["test_accuracy"] - plain.scores["test_accuracy"]) <= (0.03 if bits == 8 else 0.003)
    assert result.scores["test_loss"] == pytest.approx(plain.scores["test_loss"], rel=1e-4 if bits == 32 else 0.2)


def test_int8_has_another_loss_than_float(train, recipe, plain):
    assert train(edit(recipe, compression__bits=8)).scores["test_loss"] != plain.scores["test_loss"]


def test_the_file_is_the_same_each_time(worker, train, recipe):
    one, other = (train(edit(recipe, compression__bits=8)).controls.weights for _ in range(2))
    assert one == other


def test_every_batch_size_is_answered(worker, train, recipe):
    wanted = edit(recipe, compression__bits=32)
    train(wanted)
    program, data = worker.program(wanted), worker.data(wanted)
    model = deployed(program, wanted, data)
    for count in (1, 7, 450):
        x, y = data.test[0][:count], data.test[1][:count]
        (loss, classes, _), (theirs, reference, _) = model.evaluate(x, y, data.inputs), program.evaluate(x, y, data.inputs)
        assert loss == pytest.approx(theirs, rel=1e-4) and np.array_equal(classes, reference)


def test_sparse_networks_are_counted_zipped(train, recipe, plain):
    both = train(edit(recipe, compression__bits=8, compression__sparsity=0.9)).cost.model_bytes
    assert both < train(edit(recipe, compression__bits=8)).cost.model_bytes < plain.cost.model_bytes
