"""What dlbench knows of an engine without importing it."""

import inspect
import pickle
import pkgutil
from dataclasses import replace

import pytest

from dlbench.engines.keras.engine import KerasEngine
from dlbench.engines.protocol import Capability, Complete, Description, Engine, Settings, engine_named
from dlbench.values.recipe import Recipe, edit
from tests.calling import process


def test_the_description_of_an_engine_imports_no_library(tmp_path):
    code = ("import sys; from dlbench.engines.protocol import engine_named; engine_named()\n"
            "print({'tensorflow', 'keras'} & set(sys.modules))")
    assert process(tmp_path, "-c", code).out.strip() == "set()"


def test_a_description_travels_to_other_processes():
    assert pickle.loads(pickle.dumps(engine_named())) == engine_named()
    assert pickle.loads(pickle.dumps(Settings("cache", plugins=("a",)))) == Settings("cache", plugins=("a",))


@pytest.mark.parametrize("method", ["run", *Capability])
def test_the_keras_engine_has_the_methods_that_it_declares_with_the_parameters_of_the_protocol(method):
    assert method == "run" or method in engine_named().capabilities
    wanted = getattr(Engine if method == "run" else Complete, method)
    assert list(inspect.signature(getattr(KerasEngine, method)).parameters) == list(inspect.signature(wanted).parameters)


def test_every_capability_is_a_method_of_the_protocol():
    assert {name for name in vars(Complete) if not name.startswith("_")} == set(Capability)


def test_the_references_of_the_description_lead_somewhere():
    described = engine_named("dlbench.engines.keras:ENGINE")
    assert all(callable(pkgutil.resolve_name(name)) for name in (described.start, described.loader))


def test_the_keras_engine_keeps_runs_of_one_structure_together_and_another_engine_need_not():
    one, two, other = Recipe(), edit(Recipe(), training__batch_size=7), edit(Recipe(), model__name="mlp")
    key = engine_named().scheduling_key
    assert key(one) == key(two) != key(other)
    plain = Description("plain", "nowhere:start")
    assert plain.scheduling_key(one) == plain.scheduling_key(other) and plain.capabilities == frozenset()
    assert replace(plain, scheduling_key=key).scheduling_key(one) == key(one)
