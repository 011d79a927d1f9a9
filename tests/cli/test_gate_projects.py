"""What real projects bring to the gate, each kind on a tiny project of its own; nothing here depends on how fast the machine is."""

from __future__ import annotations

import json
import sys
import textwrap
from functools import partial

import pytest

from dlbench.app import gate_request
from dlbench.gate.pairs import Timer
from tests.repository import git

PAIR_S = 0.02
BUDGET = ("--budget", "1")
"""Enough for one case, whose output is compared before anything is timed."""
SEVERAL = ("--budget", "3")
"""For suites of several cases, each of which is to be tried."""
SURE = ("--min-effect", "50%", "--budget", "120")
"""For what must be found: it ends as soon as it is."""
FAILING = {"regression", "crashed", "wrong output"}
SLOW = "def f(n):\n    return sum(sum(range(n)) for _ in range({times}))\n"
SUITE = "from pkg import f\n\ndef test_f(benchmark):\n    benchmark(f, 20000)\n"


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Pairs take a fraction of their time, and a verdict half of the pairs: what they find does not matter here, but for changes of several
    times. The six servers of a gate load none of the plug-ins that these tests have installed and these projects do not use."""
    monkeypatch.setattr(gate_request, "Timer", partial(Timer, seconds=PAIR_S))
    monkeypatch.setattr(gate_request, "FEWEST_PAIRS", 9)
    monkeypatch.setenv("PYTEST_ADDOPTS", " ".join(f"-p no:{name}" for name in ("hypothesispytest", "hydra_pytest", "anyio")))


@pytest.fixture
def gated(tmp_path, call):
    """Commit versions, each a mapping of file -> text, and gate the last against the one before (or the only one against itself)."""

    def gated(*versions, options=(), base=None):
        git("init", "-q", "-b", "main", cwd=tmp_path)
        for version in versions:
            for name, text in version.items():
                (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / name).write_text(textwrap.dedent(text))
            git("add", ".", cwd=tmp_path)
            git("commit", "-q", "--allow-empty", "-m", "a version", cwd=tmp_path)
        ended = call("gate", "--base", base or ("HEAD~1" if len(versions) > 1 else "HEAD"), "--pytest", "tests", *BUDGET, *options)
        found = json.loads((tmp_path / "gate.json").read_text())["cases"] if (tmp_path / "gate.json").is_file() else []
        return ended, {case["name"].partition("::")[2]: case for case in found}

    return gated


def test_suites_of_every_manner_are_measured_against_themselves(gated):
    """Warnings as errors, options in addopts, statistics asked for, values that cannot be compared, asynchronous and marked tests."""
    suite = """
    import asyncio, math
    import pytest

    class Odd:
        def __array__(self, *args, **kwargs):
            raise ValueError("no array")

    def test_plain(benchmark):
        benchmark(sum, range(1000))

    def test_asks_for_statistics(benchmark):
        benchmark(sum, range(1000))
        assert benchmark.stats.stats.mean < 1 and benchmark.stats["median"] < 1

    @pytest.mark.parametrize("value", [math.factorial(3000), Odd(), {"a": [[[]]]}], ids=["large", "odd", "nested"])
    def test_returns(benchmark, value):
        benchmark(lambda: value)

    def test_itself(benchmark):
        ring = {}
        ring["ring"] = ring
        benchmark(lambda: ring)

    async def asynchronous():
        await asyncio.sleep(0)
        return sum(range(1000))

    def test_async(benchmark):
        benchmark(asynchronous)

    def test_extra(benchmark):
        benchmark.extra_info["case"] = "mine"
        benchmark(sum, range(1000))

    @pytest.mark.benchmark
    def test_marked():
        sum(range(1000))
    """
    options = '[tool.pytest.ini_options]\nfilterwarnings = ["error"]\naddopts = "--strict-config --strict-markers --ff"\n'
    ended, cases = gated({"pyproject.toml": options, "tests/test_it.py": suite}, options=SEVERAL)
    assert ended.code == 0, ended.out + ended.err
    assert not {name: case for name, case in cases.items() if case["verdict"] in {*FAILING, "not run"}}
    assert len(cases) == 9


@pytest.mark.slow
def test_what_fails_on_both_sides_is_not_run_and_says_why(gated):
    suite = """
    import threading
    def test_imports(benchmark):
        import a_package_that_nobody_has
        benchmark(sum, [1])
    def test_fine(benchmark):
        benchmark(sum, range(1000))
    """
    ended, cases = gated({"tests/test_it.py": suite}, options=SEVERAL)
    assert ended.code == 0 and cases["test_imports"]["verdict"] == "not run"
    assert "a_package_that_nobody_has" in cases["test_imports"]["reason"]


@pytest.mark.slow
def test_inputs_that_are_used_up_are_fresh_for_each_round(gated):
    suite = """
    import pytest
    def consume(values):
        values = list(values)
        assert len(values) == 50, len(values)
        return len(values)
    def test_setup(benchmark):
        benchmark.pedantic(consume, setup=lambda: ((iter(range(50)),), {}), rounds=5)
    def test_one_shot(benchmark):
        benchmark.pedantic(consume, args=(iter(range(50)),), rounds=1)
    def test_grows(benchmark):
        rows = list(range(5000))
        benchmark.pedantic(rows.pop, rounds=20, iterations=2)
    """
    ended, cases = gated({"tests/test_it.py": suite}, options=SEVERAL)
    assert ended.code == 0, ended.out + ended.err
    assert not [case for case in cases.values() if case["verdict"] in FAILING]


@pytest.mark.parametrize("place", ["packages/x/src/pkg", pytest.param("python/pkg", marks=pytest.mark.slow)])
def test_a_package_lies_where_it_lies_and_each_side_loads_its_own(place, gated):
    versions = [{f"{place}/__init__.py": SLOW.format(times=times), "tests/test_it.py": SUITE} for times in (1, 6)]
    ended, cases = gated(*versions)
    assert "1.19994e+09 instead of 1.9999e+08" in cases["test_f"]["output"], ended.out + ended.err


def test_one_installed_package_on_both_sides_is_told_and_nothing_is_claimed(gated, tmp_path, monkeypatch):
    place = tmp_path.with_name(tmp_path.name + "-installed")
    (place / "pkg").mkdir(parents=True)
    (place / "pkg" / "__init__.py").write_text(SLOW.format(times=1))
    conftest = f"import sys\nsys.path.insert(0, {str(place)!r})\nsys.modules.pop('pkg', None)\n"
    suite = {"tests/test_it.py": SUITE, "tests/conftest.py": conftest}
    ended, _ = gated(*({"lib/pkg/__init__.py": SLOW.format(times=times), **suite} for times in (1, 6)))
    assert ended.code == 4 and "both sides load pkg from" in " ".join(ended.out.split()), ended.out + ended.err


@pytest.mark.slow
def test_a_file_that_git_does_not_keep_is_told_and_a_build_makes_it(gated):
    files = {".gitignore": "_version.py\ngate.*\n", "pkg/__init__.py": "from pkg._version import V\n" + SLOW.format(times=1),
             "tests/test_it.py": SUITE, "pkg/_version.py": "V = 1\n", "make.py": "open('pkg/_version.py', 'w').write('V = 1')"}
    ended, cases = gated(files)
    assert ended.code == 4 and "_version" in ended.out and cases["test_f"]["verdict"] != "appeared", ended.out
    ended, cases = gated({}, options=("--build", f"{sys.executable} make.py"), base="HEAD")
    assert ended.code == 0 and cases["test_f"]["verdict"] not in {*FAILING, "not run"}, ended.out + ended.err
    ended, _ = gated({}, options=("--build", "false"), base="HEAD")
    assert ended.code == 2 and "--build: 'false' ended with 1" in ended.err


def test_a_branch_is_compared_with_where_it_left_the_base(gated, tmp_path):
    gated({"pkg/__init__.py": SLOW.format(times=6), "tests/test_it.py": SUITE}, base="nowhere")
    git("branch", "docs", cwd=tmp_path)
    (tmp_path / "pkg" / "__init__.py").write_text(SLOW.format(times=1))
    git("commit", "-qam", "another answer", cwd=tmp_path)
    git("checkout", "-q", "docs", cwd=tmp_path)
    ended, cases = gated({"README": "words"}, base="main")
    assert "the merge base" in ended.out + ended.err and cases["test_f"]["output"] == "same"
    ended, cases = gated({}, base="main", options=("--base-exact",))
    assert "the merge base" not in ended.out + ended.err and cases["test_f"]["output"].startswith("changed")


def test_a_changed_workload_is_no_regression_and_a_renamed_case_is_found(gated):
    code = {"pkg/__init__.py": SLOW.format(times=1)}
    larger = {"tests/test_it.py": SUITE.replace("20000", "200000")}
    _, cases = gated({**code, "tests/test_it.py": SUITE}, larger)
    assert cases["test_f"]["verdict"] not in FAILING and cases["test_f"]["output"] == "same", "the head's suite runs on both sides"
    other = {"pkg/__init__.py": SLOW.format(times=6), "tests/test_it.py": SUITE.replace("test_f", "test_g")}
    _, cases = gated(other, base="HEAD~1")
    assert cases["test_g"]["output"].startswith("changed") and "appeared" not in {case["verdict"] for case in cases.values()}


@pytest.mark.slow
def test_types_of_an_output_are_part_of_it(gated):
    def suite(values):
        return {"pkg/__init__.py": f"VALUES = {values}\n",
                "tests/test_it.py": "import pytest\nfrom pkg import VALUES\n\n@pytest.mark.parametrize('place', range(3))\n"
                                    "def test_v(benchmark, place):\n    benchmark(lambda: VALUES[place])\n"}
    ended, cases = gated(suite([[1, 2], 1, {1: 2}]), suite([(1, 2), True, {"1": 2}]), options=SEVERAL)
    assert {case["output"].partition(":")[0] for case in cases.values()} == {"changed"} and "with another output" in ended.out
    assert "is of type tuple instead of list" in cases["test_v[0]"]["output"]


def test_threads_that_run_after_importing_are_told(gated):
    suite = """
    import threading
    wake = threading.Event()
    threading.Thread(target=wake.wait, args=(60,), name="pool").start()
    def test_it(benchmark):
        benchmark(sum, range(1000))
    """
    ended, cases = gated({"tests/test_it.py": suite}, options=("--undecided", "pass"))
    assert cases["test_it"]["verdict"] == "not run" and "a forked process would not have them" in cases["test_it"]["reason"], ended.out


@pytest.mark.slow
def test_an_accepted_slowdown_passes_and_a_pattern_without_a_case_is_told(gated):
    rules = """
    [[accept]]
    cases = "tests/*::test_f"
    up_to = 9.0
    until = 2999-12-31
    reason = "It does more now."
    [[limit]]
    cases = "nobody"
    min_effect = 0.5
    """
    suite = {"tests/test_it.py": SUITE, ".dlbench-gate.toml": rules}
    ended, cases = gated(*({"pkg/__init__.py": SLOW.format(times=times), **suite} for times in (1, 6)), options=SURE)
    assert ended.code == 0 and cases["test_f"]["verdict"] == "accepted", ended.out + ended.err
    assert "It does more now." in ended.out and "1 accepted" in ended.out and "limit[0]: no case is called 'nobody'" in ended.err


def test_a_regression_names_the_function_that_became_slower(gated):
    code = """
    def slow(n):
        return sum([i * i for i in range(n)])

    def same(n):
        return sum([i + i for i in range(n)])

    def f(n):
        return same(2000) + slow(n)
    """
    suite = {"tests/test_it.py": SUITE.replace("20000", "pkg.N").replace("from pkg", "import pkg\nfrom pkg")}
    versions = [{"pkg/__init__.py": f"N = {number}\n" + textwrap.dedent(code), **suite} for number in (1000, 20_000)]
    ended, cases = gated(*versions, options=SURE)
    assert ended.code == 1 and cases["test_f"]["verdict"] == "regression", ended.out + ended.err
    [first, *_] = [note for note in cases["test_f"]["notes"] if note.startswith("own time grew")]
    assert "(pkg/__init__.py)" in first and ("slow" in first or "listcomp" in first) and "same (" not in str(cases["test_f"]["notes"])
    assert "own time grew" in ended.out and max(map(len, ended.out.splitlines())) <= 80


def hungry():
    """Two versions of a call, of which the second needs half as much memory again for the same result."""
    code = """
    def f(n):
        parts = [list(range(n)) for _ in range({times})]
        return len(parts) * 0 + sum(range(n * {rest}))
    """
    return [{"pkg/__init__.py": code.format(times=times, rest=40 - times), "tests/test_it.py": SUITE} for times in (2, 3)]


@pytest.mark.slow
def test_a_call_that_needs_more_memory_fails(gated):
    ended, cases = gated(*hungry(), options=SURE)
    assert ended.code == 1 and cases["test_f"]["verdict"] == "more memory", ended.out + ended.err
    assert "peak of Python's memory" in cases["test_f"]["reason"] and "1 more memory" in ended.out


@pytest.mark.slow
def test_a_call_that_needs_more_memory_passes_under_a_limit_of_its_own(gated):
    gated(*hungry(), base="nowhere")  # they are committed, and nothing is measured yet
    ended, _ = gated({}, options=(*SURE, "--min-memory", "90%"), base="HEAD~2")
    assert ended.code == 0, ended.out + ended.err
    ended, cases = gated({".dlbench-gate.toml": '[[memory]]\ncases = "*"\nmin_effect = 5.0\n'}, options=SURE, base="HEAD~3")
    assert ended.code == 0 and cases["test_f"]["memory"]["peak_bytes"], ended.out + ended.err


@pytest.mark.slow
def test_bisect_finds_the_commit_by_the_same_verdicts(gated, call, tmp_path):
    code = "NUMBER = {number}\n" + SLOW
    versions = [{"pkg/__init__.py": code.format(number=number, times=times), "tests/test_it.py": SUITE}
                for number, times in enumerate((1, 1, 6, 6))]
    gated(*versions, base="nowhere")  # they are committed, and nothing is measured yet
    commits = git("rev-list", "--reverse", "HEAD", cwd=tmp_path).split()
    ended = call("gate", "--bisect", f"{commits[0]}..HEAD", "--pytest", "tests", *SURE)
    assert ended.code == 1 and f"fails since {commits[2][:7]} a version" in " ".join(ended.out.split()), ended.out + ended.err
    [found] = json.loads((tmp_path / "gate.json").read_text())["bisect"]
    assert found["commit"] == commits[2] and found["case"].endswith("test_f") and found["undecided"] == []
    assert "fails since" in (tmp_path / "gate.md").read_text().replace("\\_", "_")


def test_a_history_gets_a_line_of_each_committed_version_and_a_page(gated, tmp_path):
    fast, slow = ({"pkg/__init__.py": SLOW.format(times=times), "tests/test_it.py": SUITE} for times in (1, 6))
    file, options = tmp_path.with_name(tmp_path.name + "-history.jsonl"), ("--history", str(tmp_path) + "-history.jsonl", *SURE)
    ended, _ = gated(fast, slow, options=options)
    assert ended.code == 1, ended.out + ended.err
    commits = git("rev-list", "--reverse", "HEAD", cwd=tmp_path).split()
    [line] = map(json.loads, file.read_text().splitlines())
    assert (line["base"], line["commit"]) == tuple(commits) and 4 < line["cases"][0]["ratio"] < 9
    assert "in total over 1 commit" in " ".join(ended.out.split()) and "Told at" in (tmp_path / "gate" / "index.html").read_text()
