"""Why a case is slower: profiles of both sides, and what grew between them."""

from __future__ import annotations

from dlbench.gate.rows import Row
from dlbench.gate.servers import Lost
from dlbench.gate.side.profile import own_times
from dlbench.gate.why import explain, grown


def test_at_most_three_functions_are_told_and_small_growth_is_left_out():
    before = {"a": 1.0, "b": 1.0, "faster": 9.0}
    after = {"a": 2.0, "b": 1.01, "c": 3.0, "d": 2.0, "e": 1.5, "faster": 1.0}
    assert grown(before, after) == ["c", "d", "e"]
    assert grown(before, before) == [] and grown(before, {"a": 2.0, "b": 1.01}) == ["a"]


def test_own_time_is_of_a_call_and_named_by_the_path_below_the_tree(tmp_path):
    (tmp_path / "work.py").write_text("def f():\n    return g()\n\ndef g():\n    return sum(range(10))\n")
    space = {}
    exec(compile((tmp_path / "work.py").read_text(), str(tmp_path / "work.py"), "exec"), space)
    calls = []
    found = own_times(lambda: calls.append(space["f"]()), 5, str(tmp_path))
    assert len(calls) == 5 and {"f (work.py)", "g (work.py)", "<built-in method builtins.sum>"} <= set(found)
    assert all(0 <= seconds < 0.01 for seconds, *_ in found.values())
    assert found["g (work.py)"][1:] == ("work.py", 4) and found["<built-in method builtins.sum>"][1:] == ("work.py", 4)


def test_a_case_that_cannot_be_profiled_says_so():
    class Server:
        def fork(self, *_):
            raise Lost("crashed", "ended with exit code 3")

    row, said = Row("a", "regression"), []
    explain([row], Server(), Server(), 1.0, said.append)
    assert said == ["profiling 1 slower case"]
    assert row.notes == ["its profile failed: ended with exit code 3"]
