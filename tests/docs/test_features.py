"""No feature stands alone: each command, option, design and key of a study file has a place in the guides and a test, each design a
shipped study."""

from __future__ import annotations

import re

import click
import pytest

from dlbench.cli import COMMANDS, Lazy
from dlbench.study import load, shipped
from dlbench.study.schema import DESIGNS, AdaptiveKeys, BaselineKeys, BudgetKeys, NuisanceKeys, ResourceKeys, StudyKeys
from dlbench.study.script import MetricKeys, ScriptKeys, ScriptResourceKeys
from tests.packaging.pins import ROOT
from tests.selection import mostly_slow

GUIDES = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
SHOWN = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", "\n".join(path.read_text(encoding="utf-8") for path in GUIDES), flags=re.DOTALL))
"""What stands as code in a guide."""
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
OPTIONS = sorted({(command, parameter.opts[-1]) for command in COMMANDS
                  for parameter in Lazy().get_command(click.Context(Lazy()), command).params if isinstance(parameter, click.Option)})
TABLES = (StudyKeys, BudgetKeys, BaselineKeys, NuisanceKeys, AdaptiveKeys, ResourceKeys, ScriptKeys, ScriptResourceKeys, MetricKeys)


@pytest.mark.parametrize("command, option", OPTIONS, ids=[" ".join(pair) for pair in OPTIONS])
def test_every_option_has_a_place_in_the_guides_and_a_test(command, option):
    assert f"dlbench {command}" in SHOWN
    assert re.search(rf"{option}(?![\w-])", SHOWN), "no guide names it"
    assert re.search(rf"[\"' ]{option}[\"'= ]", TESTS), "no test calls it"


@pytest.mark.parametrize("table, key", [(table.__name__, key) for table in TABLES for key in table.model_fields])
def test_every_key_of_a_study_has_a_place_in_the_guides_and_a_test(table, key):
    assert re.search(rf"(?<!\w)\[*{key}(?!\w)", SHOWN), f"no guide names {key}"
    assert re.search(rf"(?<!\w){key} ?=|[\"'\[.]{key}[\"'\]=]", TESTS), f"no test sets {key}"


@pytest.mark.parametrize("design", mostly_slow([*DESIGNS], "one_at_a_time", "confirm"))
def test_every_design_has_a_shipped_study(design):
    studies = [load(name) for name in shipped()]
    asked = {name for study in studies for name in (*study.designs, *(["screening"] if study.screening else []))}
    assert design in asked and f"`{design}`" in SHOWN


@pytest.mark.parametrize("feature", ["looks", "nuisance"])
def test_interim_analyses_and_tuning_have_a_shipped_study(feature):
    assert any(getattr(load(name), feature) for name in shipped())
