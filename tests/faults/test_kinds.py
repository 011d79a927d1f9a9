"""A hundred blows over eight kinds of study: each ends as an undisturbed one."""

import importlib.util
import random
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

import pytest

from dlbench.store.database import FILE
from tests.faults.disturb import REAL, TOY, Blow, endure, session, start, whole
from tests.faults.size import sized
from tests.faults.test_crashes import KILLED
from tests.studies import transfer

HEAD = 'model = "mlp"\nmargin = 0.01\n'
ARMS = '[[arms]]\ntechnique = "dropout"\nrate = [0.2, 0.5]\n'
TABLE = "label,a,b\n" + "".join(f"{row % 3},{row},{row % 7}\n" for row in range(60))
PLUGIN = '''
from dlbench.techniques import Paper, Parameter, Technique

PAPER = Paper("A. Author", "A title", 2020, "https://example.org")
TECHNIQUES = (
    Technique("softer", "regularisation", "Dropout by another name", PAPER,
              parameters=(Parameter("rate", float, "share of units dropped", 0.3, low=0, high=1, sets="model.dropout"),)),
)
'''
BLOWS = 13
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Kind:
    """A kind of study.

    Attributes:
        text: of its file.
        options: of each session that carries out a part of it.
        victims: of the blows.
    """

    text: str
    options: tuple[tuple[str, ...], ...] = ((),)
    victims: tuple[str, ...] = KILLED


KINDS = {
    "adaptive": Kind(f"{HEAD}adaptive = {{ looks = [4, 8, 12] }}\n{ARMS}"),
    "tuned": Kind(f"{HEAD}seeds = 6\nnuisance = {{ learning_rate = [1e-3, 1e-2] }}\ntuning_seeds = 3\n{ARMS}"),
    "two datasets": Kind(f'{HEAD}seeds = 10\ndatasets = ["digits", "csv:table.csv"]\n{ARMS}'),
    "transfer": Kind(f"margin = 0.01\nseeds = 10\n{ARMS}{transfer()}"),
    "plug-in": Kind(f'{HEAD}seeds = 20\nplugins = ["mine.py"]\n[[arms]]\ntechnique = "softer"\nrate = [0.2, 0.5]\n'),
    "sharded": Kind(f"{HEAD}seeds = 20\n{ARMS}", (("--shard", "1/2"), ("--shard", "2/2"))),
    "watched": Kind(f"{HEAD}seeds = 20\n{ARMS}"),
    "Ray": Kind(f"{HEAD}seeds = 10\n{ARMS}", (("--backend", "ray"),), ("driver", "helper", "worker", "workers", "both")),
}


class Watcher(threading.Thread):
    """Has `dlbench report --watch` follow whatever study is the last one, and kills it now and then."""

    def __init__(self, studies, place):
        super().__init__()
        self.studies, self.place, self.draw = studies, place, random.Random(5)
        self.ended, self.told = threading.Event(), []

    def run(self):
        while not self.ended.wait(0.1):
            there = sorted(self.studies.glob(f"out*/{FILE}"), key=lambda path: path.stat().st_mtime)
            if there:
                process = start(REAL, self.place, "report", there[-1].parent, "--watch")
                try:
                    process.wait(self.draw.uniform(2, 20))
                except subprocess.TimeoutExpired:
                    process.kill()
                self.told.append((process.wait(), (self.place / "stderr").read_text()))


@pytest.mark.parametrize("name", KINDS)
def test_a_hundred_blows_over_eight_kinds_of_study(name, tmp_path, record_property):
    if name == "Ray" and importlib.util.find_spec("ray") is None:
        pytest.skip("needs Ray: pip install dlbench[ray]")
    kind, study = KINDS[name], tmp_path / "study.toml"
    for file, text in ((study, kind.text), (tmp_path / "table.csv", TABLE), (tmp_path / "mine.py", PLUGIN)):
        file.write_text(text)
    expected, span = _undisturbed(study, kind)
    (tmp_path / "watcher").mkdir()
    watcher = Watcher(tmp_path, tmp_path / "watcher")
    if name == "watched":
        watcher.start()
    try:
        tally = endure(TOY, study, expected, sized(BLOWS), Blow(signal.SIGKILL, kind.victims, span), random.Random(4), kind.options)
    finally:
        watcher.ended.set()
    if name == "watched":
        watcher.join()
        assert watcher.told and not [end for end in watcher.told if end[0] not in (0, 2, 3, -signal.SIGKILL) or "Traceback" in end[1]]
    for key, value in (("signal", "SIGKILL"), ("kind", name), ("engine", "none (scores from a function)"), ("strikes", tally.strikes),
                       ("sessions", tally.sessions), ("studies", tally.studies), ("runs", len(expected[0])),
                       ("victims", ", ".join(f"{victim} {n}" for victim, n in sorted(tally.by_victim.items())))):
        record_property(key, value)


def _undisturbed(study, kind):
    """The results of an undisturbed study, and how long a session takes; on Ray, those of this machine alone."""
    def carry_out(_, arguments):
        code, text = session(TOY, study.parent, *arguments)
        assert code == 0, text

    code, text = session(REAL, study.parent, "plan", study)  # the toy engine cannot look at data of one's own; what is found is kept
    assert code == 0, text
    options = ((),) if kind.options == KINDS["Ray"].options else kind.options
    began = time.monotonic()
    expected = whole(TOY, study, study.parent / "undisturbed", options, carry_out)
    return expected, time.monotonic() - began
