"""The report says what the records tell, and what fell short; the command says in one line what is missing."""

import json
import re

import numpy as np
import pytest
import statsmodels.api as sm
from click.testing import CliRunner

from benchmarks.decision import findings
from benchmarks.decision.__main__ import main
from benchmarks.decision.cases import CASES, find
from benchmarks.decision.document import document, headline
from benchmarks.decision.pilots import Pilot, keep, pilot_file
from benchmarks.decision.timing import FILE, LOOPED, WAYS, read
from tests.packaging.pins import ROOT

MACHINE = {"cpu": "Example CPU", "cores": 2}
RECORDS, REPORT = ROOT / "reports" / "decision", ROOT / "reports" / "decision.md"
SECONDS = {"keras": 6.0, "final": 0.5, "dlbench": 0.6}


def rounds(case, count=3, seconds=SECONDS):
    scores = {name: [0.9] for name in LOOPED}
    return [{"round": turn, "case": case.name, "way": way, "seconds": 2 * seconds[way], "runs": 2, "scores": scores}
            for turn in range(count) for way in WAYS]


def timed(count=3, load=0.1, seconds=SECONDS):
    starts = [{"load": load, "keras": {"start_s": 4.0}, "dlbench": {"start_s": 9.0}}]
    return {"machine": MACHINE, "source": "0", "starts": starts, "scores": {case.name: [0.94, 0.95, 0.96] for case in CASES},
            "rounds": [one for case in CASES for one in rounds(case, count, seconds)]}


def report(records, data):
    return document(findings.judged(records, data["rounds"], 2), data)


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """Pilots of all cases: an arm with spread, and one whose examples' luck is out of reach."""
    folder, rng = tmp_path_factory.mktemp("records"), np.random.default_rng(0)
    for case in CASES:
        base, spread = rng.binomial(3, 0.95, (2, 24, 2000))
        arms = np.stack([base, spread, np.where(np.arange(2000) < 800, 0, base)])
        for layout in case.layouts:
            keep(Pilot(arms.astype(np.uint8), (arms > 1).astype(np.uint8), 3, ("baseline", "spread", "luck")),
                 pilot_file(folder, case, layout), case)
    return folder


def test_the_parts_of_a_row_multiply_to_its_ratio(records):
    found = report(records, timed())
    rows = re.findall(r"^\| spread \| ([\d. |]+?) \| [\d.]+ \| \*\*([\d.]+)\*\* \|", found, flags=re.MULTILINE)
    assert len(rows) == len(CASES)
    for cells, ratio in rows:
        parts = [float(cell) for cell in cells.split(" | ")]
        assert len(parts) == 6 and np.prod(parts) == pytest.approx(float(ratio), rel=0.03) and parts[0] == 12


def test_the_scores_of_both_ways_stand_beside_each_other(records):
    ours = 100 * next(iter(findings.found(records, timed()["rounds"])[0].arms.values())).reference
    limits = sm.stats.CompareMeans.from_data([94, 95, 96], ours).tconfint_diff(usevar="unequal")
    assert (f"95.00 ± 1.00 % in the loop (3 runs) and {ours.mean():.2f} ± {ours.std(ddof=1):.2f} % in the pilot (24 runs); the loop minus"
            f" the pilot, 95 % interval by Welch: {limits[0]:+.2f} to {limits[1]:+.2f} points") in report(records, timed())


def test_a_goal_that_is_missed_and_an_arm_that_is_out_of_reach_are_said(records):
    found = report(records, timed(seconds=SECONDS | {"keras": 0.6}))
    assert found.count("| **no** |") == len(CASES) and "luck: the margin is out of dlbench's reach" in found
    assert re.search(r"MNIST, 500 training examples: [\d.]+ times sooner \([\d.]+ to [\d.]+\), and at least 10 was wanted", found)


@pytest.mark.slow
def test_a_machine_that_was_busy_or_unsteady_is_said(records):
    quiet, busy = (report(records, timed(load=load)) for load in (0.2, 5.0))
    assert "not quiet" not in quiet and "not quiet: load 5" in busy and "not steady" not in quiet
    data = timed()
    data["rounds"][0] = data["rounds"][0] | {"seconds": 99.0}
    assert "Keras loop varied from 6.000 to 49.500" in report(records, data)
    assert "**Rounds: 2, fewer than 3.**" in report(records, timed(2))


def test_twice_as_fast_is_twice_as_soon_whatever_the_seeds(records):
    ratios = [findings.Ratios(one, 2).median for seconds in (SECONDS, SECONDS | {"dlbench": 0.3})
              for one in findings.found(records, timed(seconds=seconds)["rounds"])]
    assert ratios[3:] == pytest.approx([2 * ratio for ratio in ratios[:3]])


def test_the_row_of_the_readme_says_what_the_report_does(records):
    found = findings.judged(records, timed()["rounds"], 3)
    row, found = headline(found), document(found, timed())
    said = re.findall(r"([\d.]+) times \(([\d.]+) to ([\d.]+)\)", row)
    goals = re.findall(r"\| at least \d+ \| ([\d.]+) \([\d. to]+\) \| ([\d.]+) to ([\d.]+) \|", found)
    assert goals == said and len(said) == 3


def test_the_command_writes_the_report_from_records_alone(records, tmp_path):
    (records / FILE).write_text(json.dumps(timed()), encoding="utf-8")
    places = ["--records", str(records), "--work", str(tmp_path), "--out", str(tmp_path / "r.md")]
    done = CliRunner().invoke(main, ["--step", "report", "--resamples", "2", *places])
    assert done.exit_code == 0 and done.stdout.startswith("| How soon") and (tmp_path / "r.md").read_text().startswith("# Time to the same")
    (records / FILE).unlink()


@pytest.mark.parametrize("arguments, said", [
    (["--case", "digit"], "did you mean 'digits'"), (["--step", "report"], "there are no rounds; --step timing measures them"),
    (["--rounds", "0"], "--rounds"), (["--step", "pilot"], "pilots")])
def test_bad_input_is_one_line_and_exit_code_2(tmp_path, arguments, said):
    places = ["--records", str(tmp_path / "records"), "--work", str(tmp_path / "work")]
    done = CliRunner().invoke(main, [*arguments, *places])
    assert done.exit_code == 2 and said in done.output and "Traceback" not in done.output


def test_a_pilot_that_is_missing_is_named(tmp_path):
    with pytest.raises(findings.InputError, match=r"digits-fixed\.npz: there is no such pilot"):
        findings.found(tmp_path, rounds(find("digits")))


@pytest.mark.slow
@pytest.mark.skipif(not REPORT.exists(), reason="the rounds are not measured yet: tox run -e decision")
def test_the_committed_report_and_the_readme_are_those_of_the_committed_records():
    data = read(RECORDS / FILE)
    found = findings.judged(RECORDS, data["rounds"])
    assert document(found, data) == REPORT.read_text(encoding="utf-8")
    assert headline(found) in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
