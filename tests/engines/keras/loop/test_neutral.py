"""A technique of (nearly) no strength trains what the baseline trains: its code is there, and what it does is nothing."""

import pytest

from dlbench.techniques import technique
from dlbench.values.recipe import edit

NONE = 1e-9
NEUTRAL = {
    "rotate": {"degrees": 1e-7}, "flip": {"p": NONE}, "shift": {"pixels": 1e-7}, "zoom": {"amount": 1e-7},
    "elastic_distortion": {"alpha": 1e-6}, "brightness": {"amount": NONE},
    "contrast": {"amount": NONE}, "random_erasing": {"p": NONE}, "l1": {"strength": 1e-12}, "l2": {"strength": 1e-12},
    "l1_l2": {"l1": 1e-12, "l2": 1e-12}, "weight_decay": {"strength": 1e-12}, "max_norm": {"norm": 1e9},
    "dropout": {"rate": NONE}, "spatial_dropout": {"rate": NONE}, "label_smoothing": {"amount": NONE},
    "gradient_clipping": {"norm": 1e9}, "gradient_noise": {"eta": 1e-24},
    "layerwise_learning_rate": {"factor": 1 + 1e-7}, "focal_loss": {"gamma": NONE}, "pruning": {"sparsity": 1e-6},
}
"""Technique -> parameters with which it does nothing that can be seen."""


@pytest.fixture(scope="module")
def baseline(train, tiny):
    return train(_long(tiny))


def _long(tiny):
    return edit(tiny, budget__amount=3)


def test_the_parameters_exist():
    for name, given in NEUTRAL.items():
        assert set(given) <= {parameter.name for parameter in technique(name).parameters}, name


@pytest.mark.parametrize("name", NEUTRAL)
def test_a_technique_of_no_strength_trains_the_baseline(name, train, tiny, baseline):
    item = technique(name)
    recipe = item.apply(_long(tiny), **item.defaults() | NEUTRAL[name])
    assert recipe != _long(tiny)
    outcome = train(recipe)
    assert outcome.status == "done", outcome.reason
    assert outcome.scores["test_loss"] == pytest.approx(baseline.scores["test_loss"], rel=1e-4)
    assert outcome.curves["train_loss"] == pytest.approx(baseline.curves["train_loss"], rel=1e-4)


def test_one_of_some_strength_does_not(train, tiny, baseline):
    item = technique("dropout")
    outcome = train(item.apply(_long(tiny), **item.defaults() | {"rate": 0.1}))
    assert outcome.scores["test_loss"] != pytest.approx(baseline.scores["test_loss"], rel=1e-4)
