"""Modules beside a study are those of the folders that are looked in now."""

import sys

import pytest

from dlbench.references import finder


@pytest.mark.parametrize("name", ["beside_it", "json"], ids=["a name of its own", "a library's name"])
def test_modules_of_an_earlier_study_are_forgotten(name, tmp_path):
    found = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        folder.mkdir()
        (folder / f"{name}.py").write_text(f"WHERE = {folder.name!r}\n")
        finder.use([folder])
        found.append(finder.import_beside(name).WHERE)
    finder.use([])
    assert found == ["one", "other"]
    assert not [module for module in sys.modules.values() if finder._is_own(getattr(module, "__spec__", None))]


def test_a_file_that_was_loaded_by_its_path_is_forgotten(tmp_path):
    finder.use([])
    (tmp_path / "loaded_by_path.py").write_text("")
    finder.load("loaded_by_path", str(tmp_path / "loaded_by_path.py"))
    finder.use([])
    assert "loaded_by_path" not in sys.modules
