"""The current folder stands on no path before the libraries, in no process that dlbench starts."""

import os
import subprocess
import sys

import pytest

from dlbench.values.search_path import OtherFolders, leave_current_folder, safe_start


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), "/elsewhere", *sys.path, "/last"])
    return str(tmp_path)


def test_the_current_folder_is_taken_off_the_path_and_others_stay(here, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    leave_current_folder()
    assert sys.path[0] == "/elsewhere" and sys.path[-1] == "/last" and not {"", here} & set(sys.path)


def test_one_that_the_user_named_comes_last(here, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([here, "/elsewhere"]))
    leave_current_folder()
    assert sys.path[0] == "/elsewhere" and sys.path.index(here) == len(sys.path) - 1


def test_a_process_that_starts_meanwhile_imports_nothing_from_it_and_the_environment_comes_back(here, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", here)
    before = dict(os.environ)
    with open("random.py", "w", encoding="utf-8") as file:
        file.write("raise RuntimeError\n")
    with safe_start():
        subprocess.run([sys.executable, "-c", "import random, dlbench"], check=True)
    assert dict(os.environ) == before


def test_ray_keeps_the_folders_that_leave_it_out(here):
    config = pytest.importorskip("ray.job_config").JobConfig(_py_driver_sys_path=OtherFolders())
    config._py_driver_sys_path.extend([here, "/elsewhere"])
    assert config._py_driver_sys_path == ["/elsewhere"]
