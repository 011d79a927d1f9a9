"""A function's source as a module of its own: it makes the same function, or says what no source says."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from dlbench.references.functions import function_digest
from dlbench.references.written import Unwritten, module_source

FACTOR, TABLE = 3, np.arange(3)


class Base:
    offset = 1


class Sum(Base):
    def of(self, value):
        return value + self.offset


def doubled(value):
    return 2 * value


def uses_much(value):
    table = [math.sqrt(one) for one in (1, 4)]
    return json.dumps([FACTOR * doubled(value), Sum().of(value), table])


def even(value):
    return value == 0 or odd(value - 1)


def odd(value):
    return value != 0 and even(value - 1)


def uses_even(value):
    return even(value)


def _closing(over):
    def function(value):
        return value, over

    return function


def _made(function):
    scope = {}
    exec(module_source(function), scope)
    return scope[function.__name__]


@pytest.mark.parametrize("function, given", [(uses_much, 5), (even, 7), (_closing({"a": [1, 2.5]}), 1)])
def test_its_module_makes_the_same_function(function, given):
    assert _made(function)(given) == function(given)


def test_a_local_name_is_not_taken_from_around_the_function():
    table = module_source(uses_much)
    assert "TABLE" not in table and table.startswith("import json\nimport math\n\n\nFACTOR = 3\n")


def uses_an_array(value):
    return TABLE + value


def computed_default(value, by=FACTOR):
    return value * by


@pytest.mark.parametrize("function, words", [
    (uses_an_array, "'TABLE', an object of ndarray"), (_closing(object()), "'over', an object of object"),
    (computed_default, "a default of 'computed_default' is computed"), (lambda value: value, "no definition of its own"),
    (Sum().of, "it is an object of method"), (_closing(float("nan")), "'over', an object of float")])
def test_what_no_source_says_is_named(function, words):
    with pytest.raises(Unwritten, match=words):
        module_source(function)


def test_a_digest_knows_what_a_function_reaches():
    digests = {function_digest(function)[0] for function in (_closing(1), _closing(2), _closing(np.arange(2)), _closing(np.arange(3)))}
    assert len(digests) == 4
    assert function_digest(_closing(np.arange(2)))[0] in digests


def test_a_digest_follows_functions_and_classes_of_the_users_modules(monkeypatch):
    before = function_digest(uses_much)
    assert before == (function_digest(uses_much)[0], True)
    monkeypatch.setitem(globals(), "doubled", lambda value: 3 * value)
    assert function_digest(uses_much)[0] != before[0]
    through = function_digest(uses_even)[0]
    monkeypatch.setitem(globals(), "odd", lambda value: value % 2 == 1)
    assert function_digest(uses_even)[0] != through


def test_compiled_code_stands_for_a_source_that_cannot_be_had():
    scope = {"__name__": "__main__"}
    exec("def one(value):\n    return 1\n\ndef two(value):\n    return 2", scope)
    (one, known), (two, _) = function_digest(scope["one"]), function_digest(scope["two"])
    assert not known and one != two
