"""A digest of code changes with the code, and with nothing else; nothing is imported to find it."""

import sys

import pytest

from dlbench.references.sources import source_digest, source_files


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """A folder on the path with a module and a package."""
    (tmp_path / "alone_xy.py").write_text("raise RuntimeError('imported')\n")
    package = tmp_path / "packed_xy"
    (package / "inner").mkdir(parents=True)
    for name in ("__init__.py", "nets.py", "layers.py", "inner/__init__.py", "inner/deep.py"):
        (package / name).write_text("raise RuntimeError('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_the_files_of_a_module_and_of_a_package_are_found_without_importing_them(beside):
    def files(reference):
        return [str(path.relative_to(beside)) for path in source_files(reference)]

    assert files("alone_xy:f") == ["alone_xy.py"]
    assert files("packed_xy:f") == files("packed_xy.nets:f") == [f"packed_xy/{name}.py" for name in ("__init__", "layers", "nets")]
    assert files("packed_xy.inner.deep:f") == ["packed_xy/inner/__init__.py", "packed_xy/inner/deep.py"]
    assert not {"alone_xy", "packed_xy"} & set(sys.modules)


def test_a_digest_changes_with_any_file_of_the_package_and_comes_back(beside):
    first = source_digest("packed_xy.nets:f")
    layers = beside / "packed_xy" / "layers.py"
    before = layers.read_text()
    layers.write_text("x = 1  # as long as the text before..\n")
    changed = source_digest("packed_xy.nets:f")
    (beside / "packed_xy" / "inner" / "deep.py").write_text("")
    assert changed != first and source_digest("packed_xy.nets:g") == changed
    layers.write_text(before)
    assert source_digest("packed_xy.nets:f") == first


@pytest.mark.parametrize("reference", ["nowhere_xy:f", "sys:exit", "dlbench.models:architecture", "packed_xy.missing:f"])
def test_what_has_no_source_of_its_own_has_no_digest(reference, beside):
    assert source_digest(reference) is None
