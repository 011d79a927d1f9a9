"""One contract for every technique in the catalogue; a new one is held to it without a line here."""

import pytest

from dlbench.study.schema import check, parameters_model
from dlbench.techniques import CATALOGUE, FAMILIES, technique
from dlbench.values.errors import InputError
from dlbench.values.recipe import DEFAULTS, Recipe, changes, edit

STATED = {
    "batch_size": {"size": 64, "lr_rule": "linear"}, "learning_rate": {"value": 3e-3}, "lr_schedule": {"kind": "cosine"},
    "optimizer": {"kind": "sgd"}, "activation": {"kind": "tanh"}, "init": {"kind": "he"}, "normalization": {"kind": "batch"},
    "pooling": {"kind": "average"}, "normalize": {"kind": "zscore"}, "transfer": {"mode": "frozen"}, "reseed": {"stream": "order"},
}
"""Parameters without a default."""


def applied(item, recipe=None):
    given = check(parameters_model(item), STATED.get(item.name, {}), "test").model_dump()
    return item.apply(recipe or Recipe(), **given)


every = pytest.mark.parametrize("item", CATALOGUE, ids=lambda item: item.name)


@every
def test_it_changes_what_it_declares_and_nothing_else(item):
    changed = changes(applied(item), Recipe())
    assert changed, "an arm that changes nothing"
    assert set(changed) <= set(item.touches)


@every
def test_what_it_touches_are_recipe_fields(item):
    assert set(item.touches) <= set(DEFAULTS)


@every
def test_it_is_pure(item):
    before = Recipe()
    assert applied(item, before) == applied(item, before)
    assert before == Recipe()


@every
def test_it_is_idempotent_unless_it_is_relative(item):
    once = applied(item)
    assert applied(item, once) == once


@every
def test_it_says_where_it_comes_from(item):
    assert item.paper.link.startswith("https://") and 1950 < item.paper.year < 2030
    assert item.summary and item.family in {family.__name__.rpartition(".")[2] for family in FAMILIES} | {"regularisation"}


@every
def test_every_parameter_is_described_and_bounded_values_are_refused(item):
    for parameter in item.parameters:
        assert parameter.doc and parameter.accepted()
        if parameter.low is not None and parameter.kind in (int, float):
            with pytest.raises(InputError, match=parameter.name):
                check(parameters_model(item), {**STATED.get(item.name, {}), parameter.name: parameter.low - 1}, "test")


@every
def test_an_unknown_parameter_is_refused_with_the_nearest(item):
    for parameter in item.parameters[:1]:
        with pytest.raises(InputError, match=f"did you mean '{parameter.name}'"):
            check(parameters_model(item), {**STATED.get(item.name, {}), parameter.name + "x": 1}, "test")


def test_no_declared_technique_escapes_the_catalogue():
    declared = [item for family in FAMILIES for item in family.TECHNIQUES]
    assert len(CATALOGUE) == len(declared) == len({item.name for item in declared})


def test_the_design_names_are_all_there():
    names = """crop rotate flip shift zoom brightness contrast saturation hue rand_augment cutout
        random_erasing mixup cutmix l1 l2 l1_l2 weight_decay dropout spatial_dropout
        label_smoothing early_stopping batch_size learning_rate lr_schedule optimizer gradient_clipping activation init
        separable_conv normalization pooling normalize transfer reseed stochastic_depth averaging width depth clean_text vocabulary
        distillation mixed_precision xla pruning quantization article_separable_conv article_layer_norm
        article_early_stopping""".split()
    assert {technique(name).name for name in names} == set(names)


def test_every_touched_field_can_be_reached_from_a_study():
    """A recipe field that no technique and no study key sets would be dead."""
    read = ("source", "content", "size", "text", "label", "features")
    by_study = {f"data.{name}" for name in (*read, "split_seed", "validation", "test", "examples")}
    by_study |= {"model.name", "model.options", "training.loop", "training.batch_size", "training.optimizer",
                 "training.learning_rate", "budget.unit", "budget.amount", "target", "measure"}
    by_study |= {"transfer.fits"}  # of the pretraining run that a transfer brings with it
    touched = {path for item in CATALOGUE for path in item.touches}
    assert set(DEFAULTS) == by_study | touched


def test_relative_techniques_scale_the_learning_rate_of_the_baseline():
    recipe = edit(Recipe(), training__learning_rate=0.1)
    sizes = technique("batch_size").apply
    assert sizes(recipe, size=128, lr_rule="linear").training.learning_rate == pytest.approx(0.4)
    assert sizes(recipe, size=128, lr_rule="sqrt").training.learning_rate == pytest.approx(0.2)
    assert sizes(recipe, size=128, lr_rule="none").training.learning_rate == 0.1
