"""A project outside of the package, made by following docs/own-data.md to the letter, on photographs in the usual folders."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from dlbench import plugins
from dlbench.store.read import read
from dlbench.study import load, plan
from tests.calling import process

PAGE = Path(__file__).parents[2] / "docs" / "own-data.md"
TOUR = PAGE.read_text(encoding="utf-8").partition("\n---\n")[0]
FILES = dict(re.findall(r"`([\w.]+\.(?:py|toml))`:\n\n```\w+\n(.*?)```", TOUR, re.DOTALL))
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", TOUR, re.DOTALL) for line in block.splitlines()]


def test_the_tour_has_its_files_and_commands():
    assert set(FILES) == {"my_net.py", "my_noise.py", "photos.toml"}
    assert COMMANDS == ["dlbench plan photos.toml", "dlbench run photos.toml"]
    assert len(TOUR.split()) < 900, "ten minutes to read and type"


@pytest.fixture
def folder(tmp_path):
    """A folder with the files of the tour, but for the photographs."""
    yield written(tmp_path)
    plugins.use()


def written(folder):
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_study_can_be_planned_before_the_photographs_are_there(folder):
    arms = plan(load(str(folder / "photos.toml"))).arms
    names = ["baseline", "flip + shift", "dropout rate=0.5", "separable_conv", "my_noise strength=0.1", "scratch", "fine-tune", "frozen"]
    assert [arm.name for arm in arms] == names


@pytest.mark.slow
def test_the_tour_runs_on_made_up_photographs(folder):
    made_up_photographs(folder / "photos")
    small = ("--seeds", "1", "--set", "budget.epochs=1", "--set", "examples=250", "--no-timing")
    ended = process(folder, "-m", "dlbench", "run", "photos.toml", *small)
    assert ended.code == 0, ended.err
    results = read(folder / "reports" / "photos")
    assert (results.runs.status == "done").all() and not {"uncontrolled", "fault"} & set(results.runs.control)
    assert (folder / "reports" / "photos" / "index.html").is_file()


def made_up_photographs(folder):
    """Write PNG files of 20x20 pixels in ten classes, each class of a colour of its own."""
    generator = np.random.default_rng(0)
    for part, count in (("train", 60), ("test", 20)):
        for label in range(10):
            place = folder / part / f"class_{label}"
            place.mkdir(parents=True)
            for number in range(count):
                image = generator.normal(0.5, 0.1, (20, 20, 3))
                image[..., label % 3] += 0.04 * label
                matplotlib.image.imsave(place / f"{number}.png", image.clip(0, 1))


@pytest.fixture(scope="module")
def project(tmp_path_factory, data_dir):
    """The project, and what its commands said."""
    folder = written(tmp_path_factory.mktemp("project"))
    (folder / "photos").symlink_to(data_dir / "cifar10_small", target_is_directory=True)
    said = {}
    for command in [*COMMANDS, "dlbench check my_noise.py --quick", "dlbench plan photos.toml --json"]:
        program, *arguments = shlex.split(command)
        assert program == "dlbench"
        environment = {**os.environ, "DLBENCH_CACHE_DIR": str(folder / "cache")}
        environment.pop("DLBENCH_DATA_DIR", None)
        environment["PYTHONPATH"] = str(Path(__file__).parents[2])
        said[command] = subprocess.run([sys.executable, "-m", "dlbench", *arguments], cwd=folder, env=environment, text=True,
                                       capture_output=True, timeout=900, check=False)
    return folder, said


@pytest.mark.data
@pytest.mark.slow
def test_every_command_does_its_work(project):
    for command, ended in project[1].items():
        assert ended.returncode == 0, (command, ended.stdout, ended.stderr)


@pytest.mark.data
@pytest.mark.slow
def test_the_plan_tells_what_there_is_and_that_all_is_done(project):
    first = project[1]["dlbench plan photos.toml"].stdout
    for words in ("2,500 images of 32x32x3", "10 classes", "near", "my_net:build", "my_noise"):
        assert words in first, first
    assert json.loads(project[1]["dlbench plan photos.toml --json"].stdout)["left"] == 0


@pytest.mark.data
@pytest.mark.slow
def test_every_arm_ran_was_controlled_and_learned_something(project):
    results = read(project[0] / "reports" / "photos")
    assert set(results.runs.status) == {"done"}
    page = (project[0] / "reports" / "photos" / "report.md").read_text(encoding="utf-8")
    assert "uncontrolled" not in page
    scores = results.runs.groupby("arm")["test_accuracy"].mean()
    assert scores["baseline"] > 0.3 and len(scores) == 8
