"""``dlbench run`` of a folder of studies."""

import json

import pytest

from dlbench.execution import driver
from dlbench.store.read import read
from tests.execution.fakes import FakePool, accuracy

STUDY = 'question = "Does it?"\nmargin = 0.01\nseeds = 3\n[[arms]]\ntechnique = "dropout"\nrate = {}\n'


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "mine"
    place.mkdir()
    for name, rate in (("two", 0.5), ("one", 0.2)):
        (place / f"{name}.toml").write_text(STUDY.format(rate))
    return place


@pytest.fixture
def run(call, folder, monkeypatch):
    """``run()``: what ``dlbench run mine`` says; the study with dropout 0.5 loses 0.1 of accuracy."""
    def ran(*arguments, score=None):
        monkeypatch.setattr(driver, "Pool", FakePool(score or accuracy({0.5: -0.1})))
        return call("run", "mine", "--no-timing", *arguments)

    return ran


def test_every_study_gets_its_folder_and_all_a_page(run, tmp_path):
    ended = run()
    assert ended.code == 0 and ended.err.index("mine/one.toml: study 1 of 2") < ended.err.index("mine/two.toml: study 2 of 2")
    for name in ("one", "two"):
        results = read(tmp_path / "reports" / "mine" / name)
        assert results.complete and results.study["command"] == f"dlbench run mine/{name}.toml --no-timing"
        assert (tmp_path / "reports" / "mine" / name / "report.md").is_file()
    page = (tmp_path / "reports" / "mine" / "README.md").read_text()
    assert "# Mine" in page and page.index("](one/report.md)") < page.index("](two/report.md)") and "hurts" in page
    assert 'href="two/index.html"' in (tmp_path / "reports" / "mine" / "index.html").read_text()


def test_the_same_command_resumes(run):
    def interrupted(fields, seed):
        if fields.get("model.dropout") == 0.5:
            raise KeyboardInterrupt
        return 0.9

    assert run("--no-report", score=interrupted).code == 130
    ended = run("--no-report", score=lambda fields, seed: 0.9)
    first, second = (line for line in ended.err.splitlines() if " were there already" in line)
    assert ended.code == 0 and first.startswith("0 runs done, 6 were") and second.startswith("6 runs done, 0 were")


def test_a_slip_in_any_of_them_is_told_before_the_first_run(run, folder, tmp_path):
    (folder / "two.toml").write_text("margin = 1\nsedes = 2")
    ended = run()
    assert ended.code == 2 and "two.toml: unknown key 'sedes'" in ended.err and not (tmp_path / "reports").exists()


def test_the_worst_exit_code_is_told(run):
    assert run("--no-report", "--fail-on", "hurts").code == 1
    assert run("--no-report", "--fresh", score=lambda fields, seed: None if fields.get("model.dropout") == 0.2 else 0.9).code == 3


def test_a_folder_is_not_sharded(run, tmp_path):
    ended = run("--shard", "1/2")
    assert ended.code == 2 and "--shard 1/2: mine stands for 2 studies" in ended.err and not (tmp_path / "reports").exists()


def test_out_holds_a_folder_a_study_and_formats_are_those_asked_for(run, call, tmp_path):
    run("--out", tmp_path / "there", "--no-report")
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == ["one", "two"]
    assert f"--out {tmp_path / 'there' / 'two'} " in read(tmp_path / "there" / "two").study["command"]
    ended = call("report", tmp_path / "there", "--format", "csv")
    assert ended.code == 0 and (tmp_path / "there" / "two" / "runs.csv").is_file() and not (tmp_path / "there" / "README.md").exists()
    assert json.loads(call("plan", "mine/one.toml", "--out", tmp_path / "there" / "one", "--json").out)["left"] == 0


def test_a_readme_of_somebody_elses_stays(run, call, tmp_path):
    run("--no-report")
    page = tmp_path / "reports" / "mine" / "README.md"
    page.write_text("# By hand\n")
    ended = call("report", page.parent, "--format", "md")
    assert ended.code == 0 and "is not of dlbench's making" in ended.err and page.read_text() == "# By hand\n"
