"""Models that are trained as they are built and yet cannot learn what they could, kin of rows M2 and M4 of the cases."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from dlbench.engines.keras.network.oddities import demand_unbounded, oddities
from dlbench.values.errors import InputError
from tests.cases.written import NET, planned, refused, study


def model(*stack):
    x = inputs = keras.Input((6,))
    for layer in stack:
        x = layer(x)
    return keras.Model(inputs, x)


def adapted(data):
    layer = layers.Normalization(name="n")
    layer.adapt(data)
    return layer


ADAPTED = np.random.default_rng(0).random((9, 6)) * 5
ODD = {
    "never adapted": ((layers.Normalization(name="n"), layers.Dense(3)), "layer 'n' was not adapted"),
    "nested": ((keras.Sequential([keras.Input((6,)), layers.Normalization(name="n")]), layers.Dense(3)), "layer 'n' was not adapted"),
    "adapted": ((adapted(ADAPTED), layers.Dense(3)), ""),
    "adapted to what is scaled": ((adapted((ADAPTED - ADAPTED.mean(0)) / ADAPTED.std(0)), layers.Dense(3)), ""),
    "given": ((layers.Normalization(mean=np.zeros(6), variance=np.ones(6)), layers.Dense(3)), ""),
    "tanh": ((layers.Dense(3, "tanh", name="d"),), "come out of 'd' (tanh)"),
    "a layer": ((layers.Dense(3), layers.ReLU(name="r")), "come out of 'r' (relu)"),
    "an operation": ((layers.Dense(3), ops.relu6), "(relu6)"),
    "two softmaxes": ((layers.Dense(3, "softmax"),), "cannot fall below 0.55"),
    "plain": ((layers.Dense(3),), ""),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_said(name):
    stack, words = ODD[name]
    said = " ".join(oddities(model(*stack), (6,)))
    assert (words in said) if words else not said, said


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "softplus", "exponential"])
def test_numbers_are_not_predicted_through_an_activation_with_a_bound(activation):
    with pytest.raises(InputError, match=rf"comes out of 'd' \({activation}\)"):
        demand_unbounded(model(layers.Dense(1, activation, name="d")))
    demand_unbounded(model(layers.Dense(4, activation), layers.Dense(1)))


def test_plan_says_it_of_classes_and_refuses_it_of_numbers(tmp_path):
    net, head = NET.format(units=4), '(classes, activation="softmax")'
    first = net.replace("keras.layers.Flatten()(inputs)", "keras.layers.Normalization()(keras.layers.Flatten()(inputs))")
    study(tmp_path, {"mine.py": first.replace(head, '(classes, activation="tanh")')})
    notes = " ".join(planned(tmp_path)[0]["facts"]["digits"]["notes"])
    assert "was not adapted, so it changes nothing" in notes and "(tanh), which bounds them" in notes
    rows = "".join(f"{row % 7},{row / 3}\n" for row in range(200))
    study(tmp_path, {"mine.py": net.replace(head, '(classes, activation="relu")'), "x.csv": f"a,price\n{rows}"}, dataset="csv:x.csv")
    text = (tmp_path / "study.toml").read_text()
    (tmp_path / "study.toml").write_text(f'task = "regression"\nlabel = "price"\n{text}')
    assert "(relu), and targets are scaled to mean 0" in refused(tmp_path)
