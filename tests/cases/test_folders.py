"""Nobody else's files are touched: links out of a results folder, folders that are somebody else's, and stores that hold nothing."""

import os

import pytest

from dlbench.study import load, plan
from tests.calling import called
from tests.execution.made_up import carry_out

STUDY = {"margin": 0.02, "seeds": 2, "model": "mlp", "score": {"over": "final"}, "budget": {"steps": 1},
         "arms": [{"technique": "dropout", "rate": 0.5}]}
TEXT = ('margin = 0.02\nseeds = 2\nmodel = "mlp"\nscore = { over = "final" }\nbudget = { steps = 1 }\n'
        '[[arms]]\ntechnique = "dropout"\nrate = 0.5\n')
MINE = "mine, and nobody else's\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A results folder, made without training."""
    folder = tmp_path_factory.mktemp("made") / "out"
    carry_out(plan(load(STUDY)), folder, lambda recipe, seed: (0.8 + 0.001 * seed, 0.8))
    return folder


@pytest.fixture
def results(made, tmp_path):
    """A folder with the study, ``out`` with its results, and ``mine.txt``, a file of the user's."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "results.sqlite").write_bytes((made / "results.sqlite").read_bytes())
    (tmp_path / "s.toml").write_text(TEXT)
    (tmp_path / "mine.txt").write_text(MINE)
    return tmp_path


def refused(ended, *words):
    lines = [line for line in ended.err.splitlines() if not line.startswith("warning: ")]
    assert ended.code == 2 and len(lines) == 1 and all(word in lines[0] for word in words), ended.err


# Row 6: no link is followed out of the results folder


RUN = ("run", "s.toml", "--out", "out", "--jobs", 1, "--no-timing", "--no-report")


@pytest.mark.parametrize("name", [".lock", "results.sqlite-wal", "results.sqlite-shm", "results.sqlite-journal"])
@pytest.mark.parametrize("link", [os.symlink, os.link], ids=["symbolic", "hard"])
def test_g6_a_run_writes_through_no_link(name, link, results):
    link(results / "mine.txt", results / "out" / name)
    refused(called(results, *RUN), name, "link", "remove it")
    assert (results / "mine.txt").read_text() == MINE


def test_g6_a_run_does_not_write_through_a_linked_store(results):
    (results / "elsewhere.sqlite").write_bytes(content := (results / "out" / "results.sqlite").read_bytes())
    (results / "out" / "results.sqlite").unlink()
    (results / "out" / "results.sqlite").symlink_to("../elsewhere.sqlite")
    refused(called(results, *RUN, "--seeds", 3), "results.sqlite", "link")
    assert (results / "elsewhere.sqlite").read_bytes() == content


def test_g6_a_pipe_in_the_place_of_a_file_is_named(results):
    os.mkfifo(results / "out" / ".lock")
    refused(called(results, *RUN), ".lock", "neither a file nor a folder")


@pytest.mark.parametrize("format", ["html", "md", "csv", "tex"])
def test_g6_a_report_writes_through_no_link(format, results):
    outside = results / "outside"
    outside.mkdir()
    for name in ("index.html", "report.md", "report.tex", "verdicts.csv", "verdicts.tex", "runs.csv"):
        (results / "out" / name).symlink_to("../mine.txt")
    (results / "out" / "figures").symlink_to("../outside")
    ended = called(results, "report", "out", "--format", format)
    if format in ("md", "tex"):
        refused(ended, "figures", "link")
    assert (results / "mine.txt").read_text() == MINE and not list(outside.iterdir())


@pytest.mark.parametrize("format, linked", [("csv", "export"), ("json", "export"), ("csv", "export/runs.csv"),
                                            ("parquet", "export/runs.parquet"), ("tensorboard", "export/baseline")])
def test_g6_an_export_writes_through_no_link(format, linked, results):
    if format == "parquet":
        pytest.importorskip("pyarrow")
    target = results / ("outside" if "." not in linked else "mine.txt")
    if target.name == "outside":
        target.mkdir()
        (target / "seed-0").mkdir()
    (results / "out" / linked).parent.mkdir(exist_ok=True)
    (results / "out" / linked).symlink_to(target)
    called(results, "export", "out", "--format", format)
    assert (results / "mine.txt").read_text() == MINE
    assert target.name == "mine.txt" or [path.name for path in target.rglob("*")] == ["seed-0"]


def test_g6_the_report_of_a_folder_of_studies_leaves_linked_studies_as_they_are(results):
    (results / "all").mkdir()
    (results / "all" / "linked").symlink_to("../out")
    ended = called(results, "report", "all")
    assert ended.code == 0 and "linked is a link to another folder" in ended.err
    assert "linked" in (results / "all" / "index.html").read_text()
    assert [path.name for path in (results / "out").iterdir()] == ["results.sqlite"]


# Row 7: a folder of somebody else's is not written to


MINES = ("index.html", "report.md", "README.md", "notes.txt", "figures/plot.svg", "results.csv", "deep/er/file.py")


@pytest.mark.parametrize("name", MINES)
def test_g7_a_run_refuses_a_folder_that_is_not_empty_and_not_its_own(name, tmp_path):
    (tmp_path / "s.toml").write_text(TEXT)
    (tmp_path / "out" / name).parent.mkdir(parents=True)
    (tmp_path / "out" / name).write_text(MINE)
    refused(called(tmp_path, *RUN), "out:", name.partition("/")[0], "--into")
    assert (tmp_path / "out" / name).read_text() == MINE
    assert [path.name for path in (tmp_path / "out").iterdir()] == [name.partition("/")[0]]


def test_g7_a_lock_of_somebody_else_stays(tmp_path):
    (tmp_path / "s.toml").write_text(TEXT)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".lock").write_text(MINE)
    refused(called(tmp_path, *RUN), ".lock", "left alone")
    assert (tmp_path / "out" / ".lock").read_text() == MINE


def test_g7_where_the_user_says_so_it_is_written_into(tmp_path):
    (tmp_path / "s.toml").write_text(TEXT)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text(MINE)
    assert called(tmp_path, *RUN, "--into").code == 0
    assert (tmp_path / "out" / "notes.txt").read_text() == MINE and called(tmp_path, *RUN).code == 0, "it is a results folder from then on"


@pytest.mark.parametrize("name, text", [("index.html", '<!doctype html>\n<meta name="generator" content="dlbench 0.1.0">\n'),
                                        ("report.md", "# Does it?\n\nstudy: s · dataset: digits\n"),
                                        ("results.old.sqlite", ""), (".gitkeep", "")])
def test_g7_a_report_without_its_results_is_dlbenchs_own_folder(name, text, results):
    (results / "new").mkdir()
    (results / "new" / name).write_text(text)
    assert called(results, "merge", "out", "--out", "new").code == 0


def test_g7_a_merge_and_an_export_refuse_too(results):
    (results / "taken").mkdir()
    (results / "taken" / "runs.csv").write_text(MINE)
    refused(called(results, "merge", "out", "--out", "taken"), "taken", "--into")
    for format in ("csv", "json", "tensorboard"):
        refused(called(results, "export", "out", "--format", format, "--out", "taken"), "taken", "runs.csv", "--into")
    assert (results / "taken" / "runs.csv").read_text() == MINE and len(list((results / "taken").iterdir())) == 1
    assert called(results, "export", "out", "--format", "json", "--out", "taken", "--into").code == 0
    assert called(results, "export", "out", "--format", "json", "--out", "taken").code == 0, "an export has been made there by now"
    assert called(results, "export", "out", "--format", "csv", "--out", "fresh").code == 0


# Row 14: stores that hold nothing, and drivers that have died


@pytest.mark.parametrize("command", [("status", "out"), ("status", "out", "--verify"), ("report", "out"), ("export", "out"),
                                     ("report", "out", "--watch"), ("compare", "out", "other"), ("merge", "out", "--out", "new")])
def test_g14_an_empty_store_is_called_empty(command, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "results.sqlite").touch()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "results.sqlite").touch()
    refused(called(tmp_path, *command), "results.sqlite", "empty")


def test_g14_a_study_goes_on_in_an_empty_store(tmp_path):
    (tmp_path / "s.toml").write_text(TEXT)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "results.sqlite").touch()
    assert called(tmp_path, *RUN).code == 0


def test_g14_a_report_that_watches_ends_when_nobody_writes_any_more(results, monkeypatch):
    monkeypatch.setattr("dlbench.app.report.POLL_S", 0.0)
    (results / "out" / ".lock").write_text('{"pid": 999999999, "host": "' + os.uname().nodename + '", "since": "2026"}')
    carry_out(plan(load({**STUDY, "seeds": 3})), results / "out", lambda recipe, seed: "open")
    ended = called(results, "report", "out", "--watch")
    assert ended.code == 0 and "nobody writes to out any more" in ended.err
