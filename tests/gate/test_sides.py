"""A version at a git reference, beside the working tree."""

from __future__ import annotations

import os

import pytest

from dlbench.gate.sides import checked_out, installed, tree
from dlbench.values.errors import InputError
from tests.repository import git


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Two commits and a change that is not committed."""
    root = tmp_path / "project"
    (root / "inner").mkdir(parents=True)
    git("init", "-q", "-b", "main", cwd=root)
    (root / ".gitattributes").write_text("kept.txt export-ignore\n")
    for text in ("one", "two"):
        (root / "kept.txt").write_text(text)
        (root / "inner" / "deep.txt").write_text(text)
        git("add", ".", cwd=root)
        git("commit", "-q", "-m", text, cwd=root)
    (root / "kept.txt").write_text("three")
    monkeypatch.chdir(root)
    return root


def test_the_version_is_written_elsewhere_and_the_repository_stays_as_it_is(repository, tmp_path):
    before = git("status", "--porcelain", cwd=repository), git("worktree", "list", cwd=repository)
    (tmp_path / "to").mkdir()
    side = checked_out("HEAD~1", tmp_path / "to")
    assert (side.root / "kept.txt").read_text() == "one" and (repository / "kept.txt").read_text() == "three"
    assert (git("status", "--porcelain", cwd=repository), git("worktree", "list", cwd=repository)) == before
    assert side.label.startswith("HEAD~1 (") and side.path == (side.root,)


def test_a_project_in_a_folder_of_the_repository_keeps_its_place(repository, tmp_path, monkeypatch):
    monkeypatch.chdir(repository / "inner")
    (tmp_path / "to").mkdir()
    assert (checked_out("HEAD~1", tmp_path / "to").root / "deep.txt").read_text() == "one"


@pytest.mark.parametrize("reference", ["nowhere", "--all", "", "HEAD~9"])
def test_an_unknown_reference_is_refused(repository, tmp_path, reference):
    with pytest.raises(InputError, match="no such git reference"):
        checked_out(reference, tmp_path)


def test_no_repository_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(InputError, match=r"--base: .*not a git repository"):
        checked_out("HEAD", tmp_path)


def test_another_python_has_to_be_there(tmp_path):
    with pytest.raises(InputError, match="no such program"):
        installed(str(tmp_path / "python"))


def test_a_source_folder_goes_before_the_tree(tmp_path):
    (tmp_path / "src").mkdir()
    side = tree("x", tmp_path, variables={"A": "1"})
    found = side.environment(3, tmp_path)
    assert found["PYTHONPATH"].split(os.pathsep)[:2] == [str(tmp_path / "src"), str(tmp_path)]
    assert (found["PYTHONHASHSEED"], found["A"]) == ("3", "1") and found["OMP_NUM_THREADS"] in ("1", os.environ.get("OMP_NUM_THREADS"))


def test_the_allocator_keeps_memory_unless_the_user_says_otherwise(tmp_path, monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1000")
    found = tree("x", tmp_path).environment(1, tmp_path)
    assert (found["MALLOC_TRIM_THRESHOLD_"], found["MALLOC_MMAP_THRESHOLD_"]) == ("1000", str(32 * 2**20))
