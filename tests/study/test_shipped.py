"""What a name on the command line stands for."""

import pytest

from dlbench.study import load, shipped, studies_in
from dlbench.study.shipped import study_name
from dlbench.values.errors import InputError

STUDY = 'margin = 0.01\n[[arms]]\ntechnique = "dropout"\n'


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_study_stands_for_itself(here):
    (here / "x.toml").write_text(STUDY)
    (here / "quickstart").mkdir()
    assert [studies_in(name) for name in ("x.toml", "quickstart", "no such thing")] == [["x.toml"], ["quickstart"], ["no such thing"]]


def test_a_folder_stands_for_its_studies_by_name(here):
    (here / "mine").mkdir()
    for name in "cab":
        (here / "mine" / f"{name}.toml").write_text(STUDY)
    (here / "mine" / "notes.txt").write_text("")
    assert studies_in("mine") == studies_in("mine/") == ["mine/a.toml", "mine/b.toml", "mine/c.toml"]


def test_a_folder_without_studies_is_refused(here):
    (here / "empty").mkdir()
    with pytest.raises(InputError, match="empty: a folder without study files; accepted: a study, or a folder of studies"):
        studies_in("empty")


def test_a_shipped_folder_stands_for_its_studies(monkeypatch, here):
    folder = here / "ablations"
    (folder / "claims").mkdir(parents=True)
    for name in ("claims/02", "claims/01", "other"):
        (folder / f"{name}.toml").write_text(STUDY)
    monkeypatch.setattr("importlib.resources.files", lambda _: here)
    assert list(shipped()) == ["claims/01", "claims/02", "other"]
    assert studies_in("claims") == studies_in("claims/") == ["claims/01", "claims/02"]
    assert load("claims/01").name == load(str(folder / "claims" / "01.toml")).name == "claims/01"
    (here / "01.toml").write_text(STUDY)
    assert study_name(here / "01.toml") == "01"
