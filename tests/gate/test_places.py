"""Where a function stands, and which of its lines are new."""

from __future__ import annotations

import pytest

from dlbench.gate.places import changes, place_of

OLD = """import os

@os.fspath
def f(n):
    return [
        i
        for i in range(n)
    ]

def g():
    return 1
"""


@pytest.fixture
def trees(tmp_path):
    def trees(new, old=OLD):
        for name, text in (("base", old), ("head", new)):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "a.py").write_text(text)
        return tmp_path / "base", tmp_path / "head"

    return trees


def test_changed_lines_within_the_function_alone_are_told(trees):
    new = OLD.replace("    return [", "    n = n * 2\n    return [").replace("return 1", "return 2")
    place = place_of("f (a.py)", "a.py", 3, *trees(new))
    assert (place["line"], place["end_line"], place["changed"]) == (3, 9, [[5, 5]])
    assert place_of("g (a.py)", "a.py", 11, *trees(new))["changed"] == [[12, 12]]


def test_a_comprehension_ends_where_it_ends(trees):
    place = place_of("<listcomp> (a.py)", "a.py", 5, *trees(OLD))
    assert (place["end_line"], place["changed"]) == (8, [])


def test_a_new_file_is_all_new_and_what_is_no_python_is_one_line(trees):
    base, head = trees(OLD)
    (base / "a.py").unlink()
    assert place_of("f (a.py)", "a.py", 3, base, head)["changed"] == [[3, 8]]
    assert place_of("f (a.py)", "a.py", 2, *trees("def (:\nx"))["end_line"] == 2


def test_what_is_taken_away_changes_no_line_that_is_left():
    assert list(changes("a\nb\nc", "a\nc")) == []
