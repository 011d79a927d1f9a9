"""Every starting point works as it is written: its own test passes, its study is planned and runs."""

from __future__ import annotations

import pytest

from dlbench import plugins
from dlbench.scaffold import FILES, create
from dlbench.study import load, plan
from dlbench.values.errors import InputError
from tests.calling import process


@pytest.fixture(autouse=True)
def forget():
    yield
    plugins.use()


@pytest.mark.parametrize("kind", FILES)
def test_its_study_is_planned_and_its_files_are_named_after_it(kind, tmp_path):
    files = create(kind, "mine_xy", tmp_path / "new")
    names = {path.name for path in files}
    assert names == {"mine_xy.toml", "test_mine_xy.py"} | ({"mine_xy.py"} if kind != "study" else set())
    assert files[0].name == ("mine_xy.toml" if kind == "study" else "mine_xy.py")
    assert len(plan(load(str(tmp_path / "new" / "mine_xy.toml"))).arms) >= 3
    assert all(len(line) <= 140 for path in files for line in path.read_text().splitlines())


@pytest.mark.slow
def test_their_own_tests_pass(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # they use none, and importing them takes seconds
    for kind in FILES:
        create(kind, f"mine_{kind}", tmp_path)
    ended = process(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path)
    assert ended.code == 0 and f"{2 * len(FILES) - 1} passed" in ended.out, ended.out + ended.err


@pytest.mark.slow
@pytest.mark.parametrize("kind", FILES)
def test_its_study_runs(kind, tmp_path):
    create(kind, "mine_xy", tmp_path)
    ended = process(tmp_path, "-m", "dlbench", "run", "mine_xy.toml", "--seeds", "2", "--jobs", "2", "--no-timing")
    assert ended.code == 0 and "0 failed" in ended.err, ended.err
    assert (tmp_path / "reports" / "mine_xy" / "index.html").is_file()


@pytest.mark.parametrize("kind, name, words", [
    ("technique", "dropout", "name 'dropout': a technique or module of this name is there already"),
    ("model", "random", "a model or module of this name"), ("dataset", "digits", "a dataset or module"),
    ("study", "quickstart", "a study or module"), ("technique", "my-noise", "accepted: letters, digits and _"),
    ("technique", "class", "accepted: letters, digits and _"), ("study", "../x", "accepted: letters"),
])
def test_a_name_that_cannot_be_used_is_refused(kind, name, words, tmp_path):
    with pytest.raises(InputError, match=words):
        create(kind, name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "test_mine_xy.py").write_text("mine")
    with pytest.raises(InputError, match=r"test_mine_xy.py: is there already, and is left alone"):
        create("technique", "mine_xy", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["test_mine_xy.py"]
