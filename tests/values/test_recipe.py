import dataclasses
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from dlbench.values.identity import NUMBERS, OUTSIDE, run_ids, structure
from dlbench.values.recipe import (
    DEFAULTS,
    Recipe,
    changes,
    edit,
    flatten,
    from_dict,
    to_dict,
)

FIELDS = {
    "training__batch_size": st.integers(1, 512), "model__dropout": st.floats(0, 0.9), "regularization__l2": st.floats(0, 1),
    "data__classes": st.one_of(st.none(), st.lists(st.integers(0, 9), min_size=1).map(tuple)),
    "redrawn": st.sampled_from([(), ("order",), ("init", "order")]), "target": st.one_of(st.none(), st.floats(0, 1)),
}
recipes = st.fixed_dictionaries({}, optional=FIELDS).map(lambda fields: edit(Recipe(), **fields))


@given(recipes)
def test_the_canonical_form_loses_nothing(recipe):
    assert from_dict(to_dict(recipe)) == recipe


@given(recipes, recipes)
def test_equal_recipes_and_only_those_share_an_identity(one, other):
    assert (run_ids(one, [3])[0] == run_ids(other, [3])[0]) == (one == other)
    assert bool(changes(one, other)) == (one != other)


@given(recipes, st.integers(0, 5))
def test_every_seed_is_another_run(recipe, seed):
    assert run_ids(recipe, [seed])[0] != run_ids(recipe, [seed + 1])[0]


def test_a_field_at_its_default_leaves_identities_as_they_were():
    assert to_dict(Recipe()) == {}


def test_identities_do_not_depend_on_the_process():
    imports = "from dlbench.values.identity import *; from dlbench.values.recipe import *"
    code = f"{imports}; print(run_ids(edit(Recipe(), model__dropout=0.5), [7])[0])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert printed == run_ids(edit(Recipe(), model__dropout=0.5), [7])[0]


def test_numbers_share_a_structure_and_switches_do_not():
    def with_l2(value):
        return structure(edit(Recipe(), regularization__l2=value))

    assert with_l2(1e-3) == with_l2(1e-2) != with_l2(0.0)
    assert structure(edit(Recipe(), training__learning_rate=1.0)) == structure(Recipe())
    assert structure(edit(Recipe(), augmentation__rotate_degrees=5.0)) == structure(edit(Recipe(), augmentation__shift_px=1.0))
    assert structure(edit(Recipe(), augmentation__rotate_degrees=5.0)) != structure(Recipe())
    assert structure(edit(Recipe(), training__optimizer="sgd")) != structure(Recipe())


def test_a_network_has_a_variable_for_every_number_and_for_no_other_field():
    assert all(DEFAULTS[path] is None or isinstance(DEFAULTS[path], float) for path in NUMBERS)
    assert {"training.learning_rate", "model.dropout", "compression.sparsity"} < NUMBERS
    assert not NUMBERS & OUTSIDE


def test_recipes_are_frozen_all_the_way_down():
    for value in (Recipe(), *(getattr(Recipe(), item.name) for item in dataclasses.fields(Recipe))):
        if dataclasses.is_dataclass(value):
            assert value.__dataclass_params__.frozen
    assert all(not isinstance(value, list | dict) for value in flatten(Recipe()).values())
