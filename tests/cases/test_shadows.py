"""The current folder shadows no library: row M11 of the cases, and its kin."""

import re

import pytest

from tests.calling import process
from tests.cases.written import NET, planned, refused, study
from tests.selection import mostly_slow

SHADOWS = ("random code types queue string token copy logging numbers bottleneck tensorflow click inspect tempfile signal selectors keras "
           "numexpr").split()
"""Files of these names in the current folder have been seen to end a program that never named them."""


@pytest.fixture
def shadowed(tmp_path):
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text(f"raise RuntimeError('{name} of the current folder')\n")
    return tmp_path


def ended_well(folder, *arguments):
    """Call dlbench in a process of its own, which names no file of the current folder."""
    (folder / "types.py").unlink(missing_ok=True)  # Python itself imports it where it is called with -m
    ended = process(folder, "-m", "dlbench", *arguments)
    assert ended.code in (0, 4) and "current folder" not in ended.out + ended.err, ended
    return ended


@pytest.mark.slow
def test_m11_files_that_nobody_names_change_nothing(shadowed):
    study(shadowed, model="small_cnn")
    assert str(shadowed) not in ended_well(shadowed, "run", "study.toml", "--no-report", "--no-timing").out
    assert planned(shadowed)[0]["done"] == 2


@pytest.mark.slow
@pytest.mark.parametrize("command", [("plan", "study.toml"), ("doctor",)])
def test_m11_nor_do_they_for_other_commands(command, shadowed):
    study(shadowed, model="small_cnn")
    ended_well(shadowed, *command)


@pytest.mark.slow
def test_m11_with_the_current_folder_on_pythonpath_libraries_still_come_first(shadowed, monkeypatch):
    study(shadowed, {"mine.py": NET.format(units=4)})
    for name in ("types", "random", "code", "copy", "signal", "selectors", "tempfile", "inspect", "string", "token"):
        (shadowed / f"{name}.py").unlink()  # Python itself looks there first, before any of dlbench is loaded
    monkeypatch.setenv("PYTHONPATH", "")
    start = "import sys; sys.path.append(sys.argv.pop(1)); from dlbench.__main__ import main; main()"
    repository = __file__.partition("/tests/")[0]
    ended = process(shadowed, "-c", start, repository, "plan", "study.toml")
    assert ended.code == 0 and "mine:net: functional, 310 parameters" in " ".join(ended.out.split()), ended


@pytest.mark.parametrize("name", mostly_slow(("test", "code", "types", "random", "tensorflow", "pip"), "code", "tensorflow"))
def test_m11_a_reference_takes_the_file_beside_the_study_whatever_its_name(name, tmp_path):
    study(tmp_path, {f"{name}.py": NET.format(units=4)}, model=f"{name}:net")
    facts = planned(tmp_path)[0]
    assert facts["facts"]["digits"]["build"]["parameters"] == 310 and facts["watched"] == [f"{name}.py"]
    assert f"'{name}' beside the study is used, and not the library of that name" in " ".join(facts["warnings"])


def test_m11_helpers_beside_the_study_are_imported_though_a_library_has_their_name(tmp_path, monkeypatch):
    installed = tmp_path / "site-packages"
    installed.mkdir()
    (installed / "blocks.py").write_text("UNITS = 99\n")
    monkeypatch.syspath_prepend(installed)
    folder = tmp_path / "study"
    mine = "from blocks import UNITS\nimport random\nrandom.random()\n" + NET.format(units="UNITS")
    study(folder, {"mine.py": mine, "blocks.py": "UNITS = 4\n", "random.py": "raise RuntimeError\n"})
    facts = planned(folder)[0]
    assert facts["facts"]["digits"]["build"]["parameters"] == 310
    said = " ".join(facts["warnings"])
    assert "'blocks' beside the study is used" in said and "'random' beside the study is not used" in said


def test_m11_a_name_that_is_not_there_is_said_with_the_nearest(tmp_path):
    study(tmp_path, {"mine.py": NET.format(units=4)}, model="mine:nett")
    assert "mine.py has no 'nett'; did you mean 'net'?" in refused(tmp_path)
    study(tmp_path, model="mina:net")
    assert re.search("there is no module 'mina' beside the study .*did you mean 'mine'", refused(tmp_path))
