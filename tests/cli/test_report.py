"""``dlbench report`` as a user calls it: following a study that runs, and the index of a folder."""

from __future__ import annotations

import io
import json
import os
import platform
import shutil
import sqlite3
import sys

import pytest

from dlbench.app import report as command
from dlbench.cli.report import conclude
from dlbench.store.lock import held
from dlbench.values.text import visible


def edit(folder, statement):
    with sqlite3.connect(folder / "results.sqlite") as connection:
        connection.execute(statement)


@pytest.fixture
def growing(results, monkeypatch):
    """A folder of which 6 runs are still missing; each time that the watch rests, three more are there."""
    with sqlite3.connect(results / "results.sqlite") as connection:
        rows = connection.execute("SELECT * FROM records WHERE rowid > (SELECT MAX(rowid) - 6 FROM records)").fetchall()
        connection.execute("DELETE FROM records WHERE rowid > (SELECT MAX(rowid) - 6 FROM records)")
    pages = []

    def more(_seconds):
        pages.append((results / "index.html").read_text() if (results / "index.html").exists() else "")
        with sqlite3.connect(results / "results.sqlite") as connection:
            for row in (rows.pop() for _ in range(3)):
                connection.execute(f"INSERT INTO records VALUES ({', '.join('?' * len(row))})", row)

    monkeypatch.setattr(command.time, "sleep", more)
    monkeypatch.setattr(command, "REST", 0)
    return results, pages


def test_a_study_that_runs_is_followed_to_its_end(call, growing):
    folder, pages = growing
    ended = call("report", folder, "--watch")
    assert ended.code == 0 and len(pages) == 2
    assert ["10 of 16 runs" in ended.err, "13 of 16 runs" in ended.err] == [True, True]
    assert all("data-reload-s" in page and "(partial)" in page and '<span class="badge">partial' in page for page in pages)
    assert 'max="16" value="10"' in pages[0]
    assert "data-reload-s" not in (folder / "index.html").read_text()
    assert "dropout rate=0.2: helps" in ended.out


def test_a_finished_study_is_followed_as_long_as_someone_writes_to_it(call, results, monkeypatch):
    rests = []
    def rest(_seconds):
        rests.append(held(results))
        (results / ".lock").unlink()

    (results / ".lock").write_text(json.dumps({"pid": os.getpid(), "host": platform.node(), "since": ""}))
    monkeypatch.setattr(command.time, "sleep", rest)
    ended = call("report", results, "--watch")
    assert ended.code == 0 and rests == [True]
    (results / ".lock").write_text(json.dumps({"pid": 2**22 + 1, "host": platform.node(), "since": ""}))
    assert not held(results)


def test_the_index_names_what_cannot_be_read_and_shows_the_rest(call, results, tmp_path):
    broken = tmp_path / "reports" / "broken"
    broken.mkdir()
    (broken / "results.sqlite").write_text("no database")
    shutil.copytree(results, tmp_path / "reports" / "other")
    ended = call("report", tmp_path / "reports")
    text = (tmp_path / "reports" / "index.html").read_text()
    assert ended.code == 0 and "broken is left out" in ended.err and "broken is left out" in text
    assert 'href="study/index.html"' in text and 'href="other/index.html"' in text and "2 ablation studies" in text


def test_a_folder_without_results_is_a_usage_error(call, tmp_path):
    (tmp_path / "nothing").mkdir()
    ended = call("report", tmp_path / "nothing")
    assert ended.code == 2 and "no results here" in ended.err


def test_a_comparison_is_written_as_a_page(call, results, tmp_path):
    second = shutil.copytree(results, tmp_path / "second")
    ended = call("compare", results, second, "--format", "html", "--out", tmp_path / "c.html")
    assert ended.code == 0 and "page: " in ended.err and "no meaningful effect" in ended.out
    text = (tmp_path / "c.html").read_text()
    assert "the same to the bit" in text and "dlbench compare" in text


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self):
        return True


def test_on_a_terminal_it_ends_with_a_table_and_the_next_command_and_elsewhere_with_a_line_an_arm(call, results, monkeypatch):
    ended = call("report", results)
    assert "dropout rate=0.2: helps: +" in ended.out and "next:" not in ended.out
    monkeypatch.setattr(sys, "stdout", shown := Terminal())
    conclude(results.relative_to(os.getcwd()), (), ())
    lines = visible(shown.getvalue()).splitlines()
    assert lines[0].split()[:2] == ["Arm", "Verdict"] and max(map(len, lines)) <= 80
    assert lines[-1] == "next: dlbench confirm reports/study    (what to keep, on new seeds)"
