"""A project outside of the package, made by following docs/own-data.md to the letter, on photographs in the usual folders."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from dlbench.store.read import read

PAGE = Path(__file__).parents[2] / "docs" / "own-data.md"
TOUR = PAGE.read_text(encoding="utf-8").partition("\n---\n")[0]
FILES = dict(re.findall(r"`([\w.]+\.(?:py|toml))`:\n\n```\w+\n(.*?)```", TOUR, re.DOTALL))
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", TOUR, re.DOTALL) for line in block.splitlines()]


def test_the_tour_has_its_files_and_commands():
    assert set(FILES) == {"my_net.py", "my_noise.py", "photos.toml"}
    assert COMMANDS == ["dlbench plan photos.toml", "dlbench run photos.toml"]
    assert len(TOUR.split()) < 900, "ten minutes to read and type"


@pytest.fixture(scope="module")
def project(tmp_path_factory, data_dir):
    """The project, and what its commands said."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "photos").symlink_to(data_dir / "cifar10_small", target_is_directory=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
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
