"""Hooks are a set: the order in which techniques are named does not matter, and naming one twice changes nothing."""

import pytest

from dlbench.techniques import hooked
from dlbench.values.errors import InputError
from dlbench.values.hooks import POINTS
from dlbench.values.recipe import Recipe, from_dict, to_dict


@pytest.mark.parametrize("point", POINTS)
def test_a_hook_is_idempotent_and_survives_the_canonical_form(point):
    once = hooked(Recipe(), point, "a:f", rate=0.5, sizes=(1, 2))
    assert hooked(once, point, "a:f", rate=0.5, sizes=(1, 2)) == once != Recipe()
    assert from_dict(to_dict(once)) == once
    assert set(to_dict(once)) == {f"hooks.{point}"}


@pytest.mark.parametrize("point", ["model", "images", "gradients"])
def test_hooks_at_one_point_commute(point):
    forth = hooked(hooked(Recipe(), point, "a:f"), point, "b:g")
    assert forth == hooked(hooked(Recipe(), point, "b:g"), point, "a:f")


@pytest.mark.parametrize("point", ["loss", "optimizer"])
def test_one_function_alone_decides_the_loss_or_the_optimizer(point):
    forth = hooked(hooked(Recipe(), point, "a:f"), point, "b:g")
    assert forth != hooked(hooked(Recipe(), point, "b:g"), point, "a:f"), "so that an arm with both is refused"


def test_an_unknown_point_is_told_its_nearest():
    with pytest.raises(InputError, match="unknown hook 'image'; did you mean 'images'\\? Accepted: model, images, loss"):
        hooked(Recipe(), "image", "a:f")
