"""Every field of the recipe says itself what it is, and coherently; nothing else keeps a list of fields."""

import ast
import json
import re
from dataclasses import field, make_dataclass
from pathlib import Path
from typing import get_args

import pytest

from dlbench.values.field import Part, Purpose, Traced, declared, fields_for
from dlbench.values.identity import structure
from dlbench.values.recipe import DEFAULTS, TRAITS, Augmentation, Data, Hooks, Model, Recipe, edit, fields_with, flatten, within

ROOT = Path(__file__).parents[2] / "dlbench"
SECTIONS = tuple(name for name in Recipe.__dataclass_fields__ if not isinstance(getattr(Recipe(), name), tuple | float | None))
AUGMENTED = {Purpose.GEOMETRY, Purpose.DISTORT, Purpose.COLOUR, Purpose.ERASE, Purpose.CUT_OUT, Purpose.ADD_NOISE, Purpose.MIX}


def test_every_leaf_has_traits():
    assert list(TRAITS) == list(flatten(Recipe())) and len(TRAITS) > 80


@pytest.mark.parametrize("path", TRAITS)
def test_the_traits_of_a_field_are_coherent(path):
    known, default = TRAITS[path], DEFAULTS[path]
    assert known.moves <= set(get_args(Part))
    if known.traced is Traced.NUMBER:
        assert default is None or isinstance(default, float)
    if (accepted := known.tunable) is not None:
        assert isinstance(default, accepted.kind) and known.traced is not Traced.STRUCTURE
        assert default > accepted.low if accepted.open_low else default >= accepted.low
        assert accepted.below is None or default < accepted.below
    assert within(path, Augmentation) or not known.purpose & AUGMENTED
    assert within(path, Data) or not known.purpose & {Purpose.READ, Purpose.SELECT}
    assert within(path, Model) or Purpose.CHOOSE_MODEL not in known.purpose
    assert (known.words is not None) == within(path, Hooks)
    if known.words is not None:
        assert known.words(default) == "none"


OUTSIDE = [path for path, known in TRAITS.items() if known.traced is Traced.OUTSIDE and not within(path, Augmentation)]


@pytest.mark.parametrize("path", OUTSIDE)
def test_what_is_outside_of_the_program_shares_it(path):
    other = {str: "x", bool: False, int: 7, float: 0.77, type(None): 3, tuple: ("order",)}[type(DEFAULTS[path])]
    assert structure(edit(Recipe(), **{path: other})) == structure(Recipe())


def test_the_lists_that_follow_from_traits():
    assert {path for path, known in TRAITS.items() if known.tunable} >= {
        "training.batch_size", "training.learning_rate", "regularization.l1", "regularization.l2", "regularization.weight_decay",
        "regularization.label_smoothing"}
    assert {path: set(known.moves) for path, known in TRAITS.items() if known.moves}.items() >= {
        "data.examples": {"data", "split", "order"}, "data.labels_per_class": {"data", "split", "order"},
        "data.clean": {"data", "evaluation"}, "data.words": {"data", "evaluation"}, "data.vocabulary": {"data", "evaluation", "init"},
        **{f"transfer.{name}": {"init"} for name in ("mode", "source_classes", "dataset", "weights")}}.items()
    assert fields_for(Data, Purpose.READ) == (
        "source", "content", "size", "alpha", "rate", "seconds", "text", "image", "inputs", "kind", "task", "label", "label_separator",
        "features", "separator", "decimal", "thousands", "categories", "missing", "group", "order_by", "part", "weight")
    assert fields_with(Purpose.SPARSIFY, Purpose.MIX) > fields_with(Purpose.MIX) == {"augmentation.mixup", "augmentation.cutmix"}


def test_a_field_without_traits_is_refused():
    kind = make_dataclass("Section", [("named", float, declared(1.0, purpose=Purpose.SPEED)), ("bare", float, field(default=1.0))])
    with pytest.raises(KeyError):
        fields_for(kind, Purpose.SPEED)


FILES = (".py", ".keras", ".npz", "_")
"""Ends of what is no path of a field: names of files, and beginnings of paths."""


def quoted(path):
    """Texts in a module that look like the path of a recipe's field."""
    texts = (node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [text for text in texts if re.fullmatch(rf"({'|'.join(SECTIONS)})(\.[a-z_0-9]+)+", text) and not text.endswith(FILES)]


def test_a_quoted_path_names_a_field():
    found = {(path.relative_to(ROOT).as_posix(), text) for path in ROOT.rglob("*.py") for text in quoted(path)}
    assert len(found) > 20 and not [pair for pair in found if pair[1] not in TRAITS], json.dumps(sorted(found), indent=1)
