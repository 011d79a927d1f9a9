"""One contract for every technique in the catalogue, the one that plug-ins are held to; a new one is held to it without a line here."""

import pytest

from dlbench.contract.declarations import TECHNIQUE, applied, stated
from dlbench.study.validation import check, parameters_model
from dlbench.techniques import CATALOGUE, FAMILIES, technique
from dlbench.values.errors import InputError
from dlbench.values.hooks import POINTS
from dlbench.values.recipe import DEFAULTS, Recipe, edit

every = pytest.mark.parametrize("item", CATALOGUE.shipped, ids=lambda item: item.name)


@every
@pytest.mark.parametrize("kept", TECHNIQUE, ids=lambda kept: kept.__name__)
def test_it_keeps_the_contract(kept, item):
    assert list(kept(item)) == []


@every
def test_it_is_in_the_module_of_its_family(item):
    assert item.family in {family.__name__.rpartition(".")[2].removesuffix("_learning") for family in FAMILIES}


@every
def test_an_unknown_parameter_is_refused_with_the_nearest(item):
    for parameter in item.parameters[:1]:
        with pytest.raises(InputError, match=f"did you mean '{parameter.name}'"):
            check(parameters_model(item), {**stated(item), parameter.name + "x": 1}, "test")


def test_no_declared_technique_escapes_the_catalogue():
    declared = [item for family in FAMILIES for item in family.TECHNIQUES]
    assert list(CATALOGUE.shipped) == declared and len({item.name for item in declared}) == len(declared)


def test_the_design_names_are_all_there():
    names = """crop rotate flip shift zoom brightness contrast saturation hue rand_augment cutout
        random_erasing mixup cutmix l1 l2 l1_l2 weight_decay dropout spatial_dropout
        label_smoothing early_stopping batch_size learning_rate lr_schedule optimizer gradient_clipping activation init
        separable_conv normalization pooling normalize transfer reseed stochastic_depth averaging width depth clean_text vocabulary
        distillation mixed_precision xla pruning quantization article_separable_conv article_layer_norm
        article_early_stopping article_augment article_normalize time_shift input_noise
        spec_augment max_norm alternating_flip elastic_distortion
        test_time_augmentation gradient_noise layerwise_learning_rate mc_dropout ensemble embedding_width
        progressive_resizing""".split()
    assert {technique(name).name for name in names} == set(names)


def test_every_touched_field_can_be_reached_from_a_study():
    """A recipe field that no technique and no study key sets would be dead."""
    read = ("source", "content", "size", "alpha", "rate", "seconds", "text", "image", "task", "label", "label_separator", "features",
            "separator", "decimal", "thousands", "group", "kind", "categories", "missing", "order_by", "part", "weight")
    by_study = {f"data.{name}" for name in (*read, "split_seed", "validation", "test", "folds", "examples")}
    by_study |= {"model.name", "model.options", "training.loop", "training.devices", "training.batch_size", "training.optimizer",
                 "training.learning_rate", "training.loss", "training.targets", "budget.unit", "budget.amount", "target", "score_over",
                 "measure", "metrics"}
    by_study |= {path for path in DEFAULTS if path.startswith("command.")}  # of studies of scripts, which apply no technique
    by_study |= {"data.fold"}  # of a seed's run
    by_study |= {"data.inputs"}  # of examples of several inputs
    by_study |= {"data.cardinalities"}  # of the words that planning finds in a table
    by_study |= {"transfer.fits"}  # of the pretraining run that a transfer brings with it
    by_study |= {f"hooks.{point}" for point in POINTS} | {"code"}  # of plug-ins
    touched = {path for item in CATALOGUE for path in item.touches}
    assert set(DEFAULTS) == by_study | touched


def test_relative_techniques_scale_the_learning_rate_of_the_baseline():
    recipe = edit(Recipe(), training__learning_rate=0.1)
    sizes = technique("batch_size").apply
    assert sizes(recipe, size=128, lr_rule="linear").training.learning_rate == pytest.approx(0.4)
    assert sizes(recipe, size=128, lr_rule="sqrt").training.learning_rate == pytest.approx(0.2)
    assert sizes(recipe, size=128, lr_rule="none").training.learning_rate == 0.1


def test_what_the_contract_is_given_is_what_the_technique_declares():
    assert applied(technique("batch_size"), Recipe()).training.batch_size == 64
