"""Names are found, told apart, and taken by one entry only, wherever entries come from."""

from dataclasses import dataclass
from importlib.metadata import EntryPoint

import pytest

from dlbench.values import catalogue
from dlbench.values.catalogue import Catalogue
from dlbench.values.errors import InputError


@dataclass(frozen=True)
class Thing:
    name: str


PACKAGE = (Thing("from a package"), Thing("another"))
NO_THING = 5
TAKES = Thing("one")


def made(monkeypatch, *values):
    points = [EntryPoint(f"p{place}", value, "dlbench.things") for place, value in enumerate(values)]
    monkeypatch.setattr(catalogue, "entry_points", lambda group: [point for point in points if point.group == group])
    return Catalogue("thing", Thing, (Thing("one"), Thing("two")))


def names(things):
    return [thing.name for thing in things]


def test_entries_of_packages_and_files_follow_the_shipped_ones(monkeypatch):
    things = made(monkeypatch, f"{__name__}:PACKAGE")
    things.use({"mine.py": (Thing("own"),)})
    assert names(things) == ["one", "two", "from a package", "another", "own"] and len(things) == 5
    assert things.find("own") == Thing("own") and things.find("another") == PACKAGE[1]
    assert names(things.shipped) == ["one", "two"]


def test_the_files_of_the_next_study_take_the_place_of_those_of_the_last(monkeypatch):
    things = made(monkeypatch)
    things.use({"mine.py": (Thing("own"),)})
    things.use({"yours.py": (Thing("other"),)})
    assert names(things) == ["one", "two", "other"]
    things.use({})
    assert names(things) == ["one", "two"]


def test_an_unknown_name_is_told_its_nearest(monkeypatch):
    with pytest.raises(InputError, match="unknown thing 'anoter'; did you mean 'another'\\? Accepted: one, two, from a package, another"):
        made(monkeypatch, f"{__name__}:PACKAGE").find("anoter")


@pytest.mark.parametrize("own, words", [
    ({"mine.py": (Thing("one"),)}, "mine.py: thing 'one': the name is taken by one of dlbench"),
    ({"a.py": (Thing("x"),), "b.py": (Thing("x"),)}, "b.py: thing 'x': the name is taken by one of a.py"),
    ({"a.py": (Thing("x"), Thing("x"))}, "a.py: thing 'x': the name is taken by one of a.py"),
    ({"mine.py": ("text",)}, "mine.py: things: wanted Thing, got str"),
    ({"mine.py": 7}, "mine.py: things: wanted Thing, got int"),
])
def test_a_name_that_is_taken_and_what_is_no_entry_are_refused_and_nothing_changes(own, words, monkeypatch):
    things = made(monkeypatch)
    things.use({"before.py": (Thing("before"),)})
    with pytest.raises(InputError, match=words):
        things.use(own)
    assert names(things) == ["one", "two", "before"]


@pytest.mark.parametrize("value, words", [
    (f"{__name__}:TAKES", "'one': the name is taken by one of dlbench"), (f"{__name__}:NO_THING", "wanted Thing, got int 5"),
    (f"{__name__}:missing", "AttributeError.*mend or uninstall it"), ("nowhere.at_all:x", "ModuleNotFoundError"),
])
def test_a_package_that_offers_no_good_is_named(value, words, monkeypatch):
    with pytest.raises(InputError, match=f"^package .*{words}"):
        list(made(monkeypatch, value))
