"""``dlbench bench`` end to end on made-up cases, and what it says of them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dlbench.bench.rows import WIDTH, count, duration, ratio, rows, tables
from dlbench.cli import dlbench as group

pytestmark = pytest.mark.usefixtures("here")
MINE = ["bench", "--cases", "tests.bench.made_up", "--rounds", "3", "--threads", "1"]


@pytest.fixture(scope="module")
def here():
    """The tests are importable in the process that measures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", ".", prepend=":")
        patch.setenv("PYTEST_ADDOPTS", "--no-such-option")  # somebody's own, which must not matter
        patch.delenv("PYTEST_XDIST_WORKER", raising=False)  # pytest-benchmark measures nothing beside other workers
        yield


def called(*arguments):
    return CliRunner().invoke(group, [*MINE, *arguments], standalone_mode=False)


@pytest.fixture(scope="module")
def session(here, tmp_path_factory):
    """One session over all made-up cases: what was printed, the exit code, and the file."""
    file = tmp_path_factory.mktemp("bench") / "found.json"
    ended = called("--json", str(file))
    assert ended.exception is None, ended.output
    return ended, json.loads(file.read_text())


def test_a_wrong_output_is_reported_and_not_timed(session):
    ended, data = session
    found = {row.name: row for row in rows(data)}
    assert found["wrong[10]"].verdict == "INCORRECT" and found["wrong[10]"].seconds is None
    assert "0.5" in found["wrong[10]"].reason and found["wrong[10]"].reason in ended.stderr.replace("\n", " ")
    assert found["fails[10]"].verdict == "FAILED" and "no such kernel" in found["fails[10]"].reason
    assert found["peer.wrong[1000]"].verdict == "INCORRECT" and found["peer.absent[1000]"].verdict == "not installed"
    assert ended.return_value == 3


def test_the_file_is_pytest_benchmarks(session):
    _, data = session
    assert {"machine_info", "commit_info", "benchmarks", "version", "datetime"} <= set(data)
    [item] = [item for item in data["benchmarks"] if item["name"] == "add[1000]"]
    assert item["fullname"] == "add[1000]" and item["group"] == "add[1000]"
    stats = item["stats"]
    assert stats["rounds"] == len(stats["data"]) == 3 and stats["iterations"] > 1
    assert stats["min"] <= stats["median"] <= stats["max"] < 1e-3
    assert data["dlbench"]["rounds"] == 3 and data["dlbench"]["threads"] == 1


def test_rates_and_shares_are_of_the_same_session(session):
    found = {row.name: row for row in rows(session[1])}
    ours, copy = found["add[1000]"], found["copy[128MiB]"]
    assert ours.images_per_s == pytest.approx(10 / ours.seconds) and ours.mpixel_per_s == pytest.approx(1e-3 / ours.seconds)
    assert ours.share == pytest.approx(16_000 / ours.seconds / (2**28 / copy.seconds)) and ours.bound == "copy"
    assert copy.share == pytest.approx(1)


def test_ratios_are_taken_within_rounds(session):
    middle, low, high = ratio(session[1], "add[1000]", "peer.add[1000]")
    assert low <= middle <= high and ratio(session[1], "add[1000]", "peer.wrong[1000]") is None


def test_the_tables_fit_80_columns_and_hold_one_table_a_family(session):
    ended, data = session
    text = tables(rows(data))
    assert all(len(line) <= WIDTH for line in ended.stdout.splitlines())
    assert text in ended.stdout and text.count("images/s") == 3
    for word in ("machine", "sums", "others", "INCORRECT", "not installed", "Peer"):
        assert word in text


def test_an_expression_chooses_cases():
    ended = called("-k", "add and not peer")
    assert ended.return_value == 0 and "add[1000]" in ended.stdout and "Peer" not in ended.stdout and "wrong" not in ended.stdout


def test_cases_in_the_working_folder_are_timed_beside_those_that_ship(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    (tmp_path / "beside_cases.py").write_text(
        "from dlbench.values.case import Case, Prepared\n"
        "CASES = (Case('nothing[1]', 'mine', 'beside_cases:ready'),)\n"
        "def ready():\n"
        "    return Prepared(int, int)\n")
    ended = CliRunner().invoke(group, ["bench", "--cases", "dlbench.cases", "--cases", "beside_cases", "-k", "nothing", "--rounds", "2"],
                               standalone_mode=False)
    assert ended.return_value == 0, ended.output
    assert ended.stdout.count("nothing[1]") == ended.stdout.count("sgemm[1024]") == 1


def test_an_expression_that_matches_nothing_measures_nothing():
    ended = called("-k", "no_such_case")
    assert ended.return_value == 4 and "dlbench list kernels" in ended.stderr


@pytest.mark.parametrize("arguments, message", [
    (["-k", "add and"], "not an expression"), (["--cases", "no_such_module"], "accepted: an importable"),
    (["--json", "no/such/folder/x.json"], "no such folder"),
])
def test_bad_input_is_told_in_one_line(arguments, message):
    ended = called(*arguments)
    assert message in str(ended.exception) and "\n" not in str(ended.exception)


@pytest.mark.parametrize("seconds, text", [(1.5, "1.50 s"), (0.0123, "12.3 ms"), (4.56e-6, "4.56 µs"), (0.9e-9, "0.900 ns")])
def test_times_have_three_digits(seconds, text):
    assert duration(seconds) == text


def test_rates_have_three_digits():
    assert [count(value) for value in (1630.4, 77_123, 9.876, 0.05, None)] == ["1,630", "77,100", "9.88", "0.05", ""]
