"""A study of a script from its file to its report: run in the pool, stored, resumed, judged, and tested for its control."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

import dlbench
from tests.calling import called

TRAIN = """
import argparse, os, random
parser = argparse.ArgumentParser()
for name, kind in (("seed", int), ("rate", float), ("idle", int)):
    parser.add_argument("--" + name, type=kind, default=0)
parser.add_argument("--fixed", action="store_true")
parser.add_argument("--wild", action="store_true")
given = parser.parse_args()
draw = random.Random(0 if given.fixed else given.seed)
score = 0.8 + draw.gauss(0, 0.01) + 0.1 * given.rate + random.Random(given.seed + 1000 * (given.rate > 0)).gauss(0, 0.0005)
if given.wild:
    score += int.from_bytes(os.urandom(4), "big") / 2**44
print("acc:", score)
"""
STUDY = """
question = "Which options help my script?"
engine = "command"
run = "python train.py --seed {seed} --rate {rate} --idle {idle} %s"
metric = { name = "accuracy", higher_is_better = true, unit = "fraction" }
score_pattern = 'acc: (?P<accuracy>[0-9.]+)'
margin = 0.01
seeds = 5
files = ["*.py"]
[baseline]
rate = 0.0
idle = 0
[[arms]]
rate = 0.5
[[arms]]
idle = 1
"""


@pytest.fixture
def study(tmp_path):
    """Write a script and its study, with options of the command; the study's path."""
    def write(options=""):
        (tmp_path / "train.py").write_text(TRAIN)
        (tmp_path / "s.toml").write_text(STUDY % options)
        return tmp_path / "s.toml"

    return write


def _run(path, **choices):
    return dlbench.run(path, out=path.parent / "out", progress=False, **{"jobs": 1, **choices})


def test_a_script_is_judged_and_an_ignored_parameter_is_a_fault(study, undrawn):
    path = study()
    result = _run(path)
    verdicts = result.verdicts.set_index("arm")
    assert verdicts.loc["rate=0.5", "verdict"] == "helps" and verdicts.loc["rate=0.5", "control"] == "not proven"
    assert verdicts.loc["idle=1", "verdict"] == "no verdict" and verdicts.loc["idle=1", "control"] == "fault"
    assert "what it sets is ignored" in verdicts.loc["idle=1", "reason"]
    result.report("md")
    page = (path.parent / "out" / "report.md").read_text()
    assert "yes: its runs are deterministic" in page and "not of idle=1" in page
    for never in ("small_cnn", "20 epochs", "MACs", "Training and inference times"):
        assert never not in page
    result.export("csv")
    again = _run(path)
    assert again.runs["started"].tolist() == result.runs["started"].tolist()


@pytest.mark.slow
def test_an_ignored_seed_refuses_every_verdict(study):
    verdicts = _run(study("--fixed")).verdicts
    assert set(verdicts["verdict"]) != {"no verdict"}  # the arm's own draw depends on the seed
    path = study("--fixed")
    path.with_name("train.py").write_text(TRAIN.replace("random.Random(given.seed + 1000 * (given.rate > 0)).gauss(0, 0.0005)", "0"))
    verdicts = _run(path).verdicts
    assert set(verdicts["verdict"]) == {"no verdict"} and "its seed is ignored" in verdicts.set_index("arm").loc["rate=0.5", "reason"]


def test_runs_that_cannot_be_repeated_are_said_to_be_so(study, undrawn):
    path = study("--wild")
    _run(path).report("md")
    page = (path.parent / "out" / "report.md").read_text()
    assert "runs are not deterministic" in page and "correlate with their reference's by " in page


@pytest.mark.slow
def test_a_changed_file_reruns_and_is_named(study, capsys):
    path = study()
    _run(path)
    path.with_name("train.py").write_text(TRAIN + "\n")
    result = dlbench.run(path, out=path.parent / "out", jobs=1, arms=("rate=0.5",))
    assert "train.py has changed since the runs that are there were made" in "".join(capsys.readouterr())
    assert len(result.runs) == 10


def test_status_shows_what_a_run_wrote(study):
    path = study()
    result = _run(path, arms=("rate=0.5",))
    run_id = result.runs["run_id"].iloc[0]
    assert called(path.parent, "status", "out", "--log", run_id[:8]).out.startswith("acc: 0.")
    missing = called(path.parent, "status", "out", "--log", "zz")
    assert missing.code == 2 and "--log zz: no runs begin like this" in missing.err


def test_answers_that_make_up_the_score_carry_claims_about_new_data(study):
    path = study()
    path.with_name("train.py").write_text("""
import random, sys
from dlbench import track
seed, rate = int(sys.argv[2]), float(sys.argv[4])
hard = random.Random(7)
correct = [float(random.Random(f"{seed} {row}").random() < 0.6 + 0.3 * hard.random() + 0.4 * rate) for row in range(200)]
track.examples(correct=correct)
track.score(accuracy=sum(correct) / 200)
""")
    path.write_text(path.read_text().replace("score_pattern", "# score_pattern"))
    result = _run(path, arms=("rate=0.5",))
    assert result.analysis.scope == "new_data" and result.verdicts["verdict"].tolist() == ["helps"]


@pytest.mark.slow
def test_times_of_whole_runs_are_compared_where_each_has_the_machine_to_itself(study, undrawn):
    path = study()
    slower = ("import atexit, os, sys, time\nopen('busy', 'x').close()\natexit.register(os.unlink, 'busy')\n"  # fails beside another run
              "time.sleep(0.5 * ('0.5' in sys.argv))\n")
    path.with_name("train.py").write_text(slower + TRAIN)
    path.write_text(path.read_text().replace("margin = 0.01", "margin = 0.01\ntiming = true"))
    with pytest.raises(dlbench.InputError, match=r"s.toml: timing = true: a run has the machine to itself; accepted: --jobs 1"):
        _run(path, jobs=2)
    result = _run(path, jobs=None)
    row = result.timings.set_index("arm").loc["rate=0.5"]
    assert row["rounds"] == 5 and row["step_low"] > 1 and row["inference_ratio"] != row["inference_ratio"]
    result.report("md")
    page = (path.parent / "out" / "report.md").read_text(encoding="utf-8")
    assert "A run takes" in page and "Run time" in page and "training step" not in page
    assert not len(result.failures)
    path.write_text(path.read_text().replace("timing = true", ""))
    assert not len(_run(path).timings)


@pytest.mark.slow
def test_a_killed_study_leaves_no_process_and_resumes(study):
    path = study()
    marker = path.with_name("pids")
    slow = f"import os, time; open({str(marker)!r}, 'a').write(str(os.getpid()) + chr(10)); time.sleep(1)\n"
    path.with_name("train.py").write_text(slow + TRAIN)
    command = [sys.executable, "-m", "dlbench", "run", str(path), "--out", str(path.parent / "out"), "--jobs", "2"]
    driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while not marker.exists() or len(marker.read_text().split()) < 4:
        assert driver.poll() is None, "the study ended before it could be killed"
        time.sleep(0.05)
    os.kill(driver.pid, signal.SIGKILL)
    driver.wait()
    until = time.monotonic() + 60
    while any(os.path.exists(f"/proc/{pid}") for pid in marker.read_text().split()) and time.monotonic() < until:
        time.sleep(0.05)
    assert not [pid for pid in marker.read_text().split() if os.path.exists(f"/proc/{pid}")]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    status = json.loads(subprocess.run([sys.executable, "-m", "dlbench", "status", str(path.parent / "out"), "--json"],
                                       capture_output=True, text=True, check=True).stdout)
    assert status["statuses"] == {"done": 15}
