"""Metrics and margins of a study: each metric has its margin, and what does not go together is refused by name."""

import pytest

from dlbench.study import load, plan
from dlbench.values.errors import InputError

ARMS = {"arms": [{"technique": "dropout"}]}


def test_several_metrics_have_a_margin_each_and_runs_measure_them_all():
    pytest.importorskip("sklearn")
    study = load({"metrics": ["test_accuracy", "test_loss", "balanced_accuracy"], "margin": [0.01, 0.1, 0.02], **ARMS})
    assert (study.metric, study.margin, study.further) == ("test_accuracy", 0.01, (("test_loss", 0.1), ("test_balanced_accuracy", 0.02)))
    assert study.baseline.metrics == ("test_balanced_accuracy", "validation_balanced_accuracy")


def test_metrics_that_every_run_has_change_no_run():
    one, two = (plan(load(keys | ARMS)) for keys in ({"margin": 0.01}, {"margin": [0.01, 0.1], "metrics": ["test_accuracy", "test_loss"]}))
    assert one.cells == two.cells


@pytest.mark.parametrize(("keys", "said"), [
    ({"metrics": ["test_accuracy", "test_loss"], "margin": 0.01}, "a list of 2 margins, one for each of test_accuracy, test_loss"),
    ({"margin": [0.01, 0.1]}, "a number, for there is one metric"),
    ({"metrics": ["test_accuracy", "test_loss"], "metric": "test_loss", "margin": [0.01, 0.1]}, "either metric = NAME, or metrics"),
    ({"metrics": ["test_accuracy"], "margin": [0.01]}, "at least two different metrics"),
    ({"metrics": ["test_auc", "auc"], "margin": [0.01, 0.1]}, "two of them are the same"),
    ({"metrics": ["test_loss", "test_accuracy"], "margin": [0.1, 1.5]}, "test_accuracy: margin = 1.5"),
    ({"metrics": ["test_loss", "test_acuracy"], "margin": [0.1, 0.1]}, "test_accuracy"),
])
def test_what_does_not_go_together_is_refused(keys, said):
    with pytest.raises(InputError, match=said):
        load(keys | ARMS)
