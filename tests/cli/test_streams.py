"""Closed or full standard streams, and a terminal that hangs up, end no study and damage no result."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time

import pytest

from dlbench.cli.streams import Lossy
from dlbench.cli.text import echo
from tests.calling import called, environment
from tests.selection import mostly_slow

CLOSED = ("2>&-", ">&-", ">&- 2>&-", "<&- >&- 2>&-")
STUDY = 'margin = 0.01\nseeds = 2\nmodel = "mlp"\nbudget = { steps = 1 }\n[[arms]]\ntechnique = "dropout"\nrate = 0.5\n'


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """``shell(folder, line)``: how a line of a shell ends in which ``dlbench`` is this one; what was tried once is known in all folders."""
    cache = str(tmp_path_factory.mktemp("cache"))

    def shell(folder, line, **variables):
        line = line.replace("dlbench", f"{sys.executable} -m dlbench", 1)
        variables = environment(folder, DLBENCH_CACHE_DIR=cache, **variables)
        return subprocess.run(["bash", "-c", line], cwd=folder, env=variables, capture_output=True, text=True, timeout=300, check=False)

    return shell


@pytest.mark.slow
@pytest.mark.parametrize("streams", CLOSED)
def test_a_plan_is_made_whatever_is_closed(streams, tmp_path, shell):
    (tmp_path / "s.toml").write_text(STUDY)
    ended = shell(tmp_path, f"dlbench plan s.toml {streams}")
    assert (ended.returncode, "4 runs" in ended.stdout, ended.stderr) == (0, ">&-" not in streams.split(), "")


@pytest.mark.parametrize("streams", mostly_slow(CLOSED[::3], CLOSED[0]))
def test_bad_input_has_its_code_whatever_is_closed(streams, tmp_path, shell):
    assert shell(tmp_path, f"dlbench plan nothing.toml {streams}").returncode == 2


def test_a_study_runs_where_all_streams_are_closed(tmp_path, shell):
    (tmp_path / "s.toml").write_text(STUDY)
    assert shell(tmp_path, "dlbench run s.toml --out out --jobs 1 --no-timing <&- >&- 2>&-").returncode == 0
    assert "4 runs planned" in called(tmp_path, "status", "out").out
    assert called(tmp_path, "status", "out", "--verify").code == 0


@pytest.mark.slow
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_messages_that_a_full_disk_does_not_take_are_lost_and_nothing_else(unbuffered, tmp_path, shell):
    """Python flushes what a full disk did not take once more at its end, and would make 120 of the exit code."""
    (tmp_path / "s.toml").write_text(STUDY.replace("rate = 0.5", "rate = 0.5\nexpect = 1"))
    lost = shell(tmp_path, "dlbench plan s.toml 2>/dev/full", PYTHONUNBUFFERED=unbuffered)
    assert lost.returncode == 2, "the study is wrong, and that nobody can read why does not change it"
    (tmp_path / "s.toml").write_text(STUDY)
    lost = shell(tmp_path, "dlbench plan s.toml 2>/dev/full", PYTHONUNBUFFERED=unbuffered)
    assert (lost.returncode, "4 runs" in lost.stdout) == (0, True)
    full = shell(tmp_path, "dlbench plan s.toml >/dev/full", PYTHONUNBUFFERED=unbuffered)
    assert (full.returncode, full.stderr) == (3, "dlbench: output: No space left on device; what was finished is kept\n")


def test_a_reader_that_leaves_early_is_no_error(tmp_path, shell):
    ended = shell(tmp_path, "dlbench list techniques | head -n 1; exit ${PIPESTATUS[0]}")
    assert (ended.returncode, ended.stdout.strip(), ended.stderr) == (0, "techniques", "")


@pytest.mark.slow
def test_a_hangup_ends_a_study_as_a_termination_does(tmp_path):
    (tmp_path / "s.toml").write_text(STUDY.replace("steps = 1", "steps = 1_000_000"))
    heard = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); from dlbench.cli import main; main()"  # also under nohup
    driver = subprocess.Popen([sys.executable, "-c", heard, "run", "s.toml", "--out", "out", "--jobs", "1"], cwd=tmp_path,
                              env=environment(tmp_path), stderr=subprocess.PIPE, text=True)
    for line in driver.stderr:
        if line.startswith("training"):
            break
    time.sleep(0.5)
    driver.send_signal(signal.SIGHUP)
    with driver.stderr:
        assert driver.stderr.read().strip() == "dlbench: interrupted; the same command resumes"
    assert driver.wait(60) == 130


def test_a_lossy_stream_raises_nothing_and_is_otherwise_the_stream():
    class Full(io.StringIO):
        def write(self, text):
            raise OSError(28, "full")

    assert Lossy(Full()).write("abc") == 3
    assert Lossy(io.StringIO()).getvalue() == ""


@pytest.mark.parametrize("sequence", ["\x1b]0;title\x07", "\x1b[2J", "\x9b2J", "\u202e", "\r", "\x00"])
def test_no_text_steers_the_terminal(sequence, capsys):
    echo(f"arm {sequence}a")
    shown = capsys.readouterr().out.removesuffix("\n")
    assert shown.isprintable() and shown.startswith("arm ") and shown.endswith("a")


def test_names_of_arms_steer_no_terminal(tmp_path):
    (tmp_path / "s.toml").write_text(STUDY + 'name = "a\\u001b]0;title\\u0007b\\u001b[2J"\n')
    assert "a]0;titleb " in called(tmp_path, "plan", "s.toml").out


def test_a_study_file_may_begin_with_a_byte_order_mark(tmp_path):
    (tmp_path / "s.toml").write_text("\ufeff" + STUDY, encoding="utf-8")
    assert called(tmp_path, "plan", "s.toml").code == 0
