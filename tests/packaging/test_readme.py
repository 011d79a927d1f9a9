"""What the README says is so, and what it has a user do works as it is written."""

from __future__ import annotations

import re
from pathlib import Path

import click
import numpy as np
import pytest

from dlbench import plugins
from dlbench.cli import COMMANDS, Lazy
from dlbench.scaffold import create
from dlbench.store.read import read
from dlbench.study import load, plan
from tests.calling import process
from tests.packaging.pins import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
STUDY, MODEL = (re.search(rf"```{kind}\n(.*?)```", README, flags=re.DOTALL)[1] for kind in ("toml", "python"))
ARMS = ["baseline", "dropout rate=0.2", "dropout rate=0.5", "rotate + flip", "separable_conv", "my_noise strength=0.05", "scratch",
        "fine-tune"]


@pytest.fixture
def tour(tmp_path):
    """The folder of a user who has followed the README, but for the photos."""
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    (tmp_path / "mine.py").write_text(MODEL, encoding="utf-8")
    create("technique", "my_noise", tmp_path)
    yield tmp_path
    plugins.use()


def test_the_two_commands_stand_at_the_top_and_the_whole_is_short():
    assert re.findall(r"^pip install tox && tox run -e (\w+)", README[:400], flags=re.MULTILINE) == ["quickstart", "tests"]
    assert len(README.splitlines()) <= 150


def test_its_study_file_can_be_planned(tour):
    assert [arm.name for arm in plan(load(str(tour / "study.toml"))).arms] == ARMS


@pytest.mark.slow
@pytest.mark.parametrize("photos", [pytest.param("made", id="made up"), pytest.param("cifar10", marks=pytest.mark.data)])
def test_the_tour_of_own_data_runs_as_it_is_written(photos, tour, request):
    if photos == "made":
        _made_up_photos(tour / "photos")
    else:
        (tour / "photos").symlink_to(request.getfixturevalue("data_dir") / "cifar10_small")
    small = ("--seeds", "1", "--set", "budget.epochs=1", "--set", "examples=250", "--no-timing")
    ended = process(tour, "-m", "dlbench", "run", "study.toml", *small)
    assert ended.code == 0, ended.err
    results = read(tour / "reports" / "study")
    assert (results.runs.status == "done").all() and list(results.arms.arm) == ARMS
    assert not {"uncontrolled", "fault"} & set(results.runs.control)
    assert (tour / "reports" / "study" / "index.html").is_file()


def _made_up_photos(folder: Path) -> None:
    """PNG files of 20x20 pixels in ten classes, each of a colour of its own."""
    plots = pytest.importorskip("matplotlib.image")
    generator = np.random.default_rng(0)
    for part, count in (("train", 60), ("test", 20)):
        for label in range(10):
            place = folder / part / f"class_{label}"
            place.mkdir(parents=True)
            for number in range(count):
                image = generator.normal(0.5, 0.1, (20, 20, 3))
                image[..., label % 3] += 0.04 * label
                plots.imsave(place / f"{number}.png", image.clip(0, 1))


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
