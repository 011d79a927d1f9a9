"""A study whose runs take no time, and what an undisturbed session makes of it."""

import os
import time

import pytest

from tests.faults.disturb import QUIET, TOY, results, session
from tests.faults.report import commit
from tests.faults.size import SHARE
from tests.studies import transfer

STUDY = """
margin = 0.01
seeds = {seeds}
[[arms]]
technique = "dropout"
rate = [0.2, 0.5]
""" + transfer()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """``undisturbed(seeds)``: the study of so many seeds, its results, and how long a session takes."""
    known = {}

    def made(seeds):
        if seeds not in known:
            folder = tmp_path_factory.mktemp("undisturbed")
            study = folder / "study.toml"
            study.write_text(STUDY.format(seeds=seeds))
            began = time.monotonic()
            code, said = session(TOY, folder, "run", study, "--out", folder / "whole", *QUIET)
            assert code == 0, said
            known[seeds] = study, results(folder / "whole"), time.monotonic() - began
        return known[seeds]

    return made


@pytest.fixture(autouse=True)
def of_a_size(request, record_property):
    """The report says how much of what is promised was run."""
    if request.node.get_closest_marker("slow"):
        record_property("share", f"{float(os.environ.get(SHARE, '1')):g}")


@pytest.fixture(autouse=True)
def of_a_commit(record_property):
    """The report names the commit that was tested, which need not be the one that it is written at."""
    record_property("commit", commit())
