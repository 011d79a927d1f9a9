"""What the README says is so."""

from __future__ import annotations

import re

import click
import pytest

from dlbench.cli import COMMANDS, Lazy
from dlbench.study import load, plan
from tests.packaging.pins import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_two_commands_stand_at_the_top_and_the_whole_is_short():
    assert re.findall(r"^pip install tox && tox run -e (\w+)", README[:400], flags=re.MULTILINE) == ["quickstart", "tests"]
    assert len(README.splitlines()) <= 170


def test_its_study_file_can_be_planned(tmp_path):
    (tmp_path / "study.toml").write_text(re.search(r"```toml\n(.*?)```", README, flags=re.DOTALL)[1], encoding="utf-8")
    names = [arm.name for arm in plan(load(str(tmp_path / "study.toml"))).arms]
    assert names == ["baseline", "dropout rate=0.2", "dropout rate=0.5", "rotate + shift"]


def test_its_table_has_every_command_and_its_text_no_option_that_is_not_there():
    assert set(re.findall(r"^\| `dlbench (\w+)", README, flags=re.MULTILINE)) == set(COMMANDS)
    group = Lazy()
    commands = [group.get_command(click.Context(group), name) for name in COMMANDS]
    known = {name for command in commands for parameter in command.params for name in parameter.opts}
    assert set(re.findall(r"`(--[a-z-]+)", README)) <= known


@pytest.mark.parametrize("target", [link for link in re.findall(r"\]\(([^)]+)\)", README) if not link.startswith(("http", "reports/"))])
def test_its_links_lead_to_files(target):
    assert (ROOT / target).is_file()


def test_the_environments_that_it_and_the_workflow_name_are_in_tox_ini():
    stated = set(re.findall(r"\[testenv:(\w+)\]", (ROOT / "tox.ini").read_text(encoding="utf-8")))
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"tox run -e (\w+)", README)) | set(re.findall(r"environment: (\w+)", workflow)) <= stated
