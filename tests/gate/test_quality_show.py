"""What a gate of training quality says: a comment that is never too long, and JSON that every reader takes."""

import json

from dlbench.gate.answer import Found
from dlbench.gate.quality import Quality
from dlbench.gate.show import BYTES, MARK
from dlbench.gate.terms import Judged, Terms
from dlbench.gate.training import Trained
from dlbench.gate.verdicts import Pair, judge

TERMS = Terms((Judged("a_loss|x", 0.1, False),), undecided="fail")


def quality(verdict="undecided", pairs=(), **more):
    return Quality("main (ab)", "this tree", "python train.py `x` " + "y" * 9_999, TERMS, verdict, "it may be", tuple(pairs), **more)


def test_a_comment_is_short_enough_whatever_the_trainings_say():
    failed = Trained("", 1, None, "an_error | " * 400, curves={"loss": [float("nan")]})
    found = Found(quality=quality(pairs=[Pair(failed, failed)] * 1_000))
    text = found.markdown()
    assert len(text.encode()) < BYTES and text.startswith(MARK + "\n") and "1000 seeds, the first 100" in text
    rows = [line for line in text.splitlines() if line.startswith("| 1 ")]
    assert len(rows) == 100 and all(row.replace("\\|", "").count("|") == 4 for row in rows)


def test_json_holds_no_number_that_json_does_not_have():
    few = [Pair(Trained("", seed, 0.5, scores={"a_loss|x": 0.5}), Trained("", seed, 0.7, scores={"a_loss|x": 0.7})) for seed in range(5)]
    answer = judge(TERMS.metrics[0], few, TERMS.plan([]), 0, False)
    told = json.dumps(Found(quality=quality(pairs=few, answers=(answer,))).as_json(), allow_nan=False)
    (metric,) = json.loads(told)["training"]["metrics"]
    assert metric["low"] is None and metric["difference"] == 0.7 - 0.5 and json.loads(told)["exit_code"] == 3
    assert "| `a_loss\\|x` |" in Found(quality=quality(pairs=few, answers=(answer,))).markdown()
    assert "any to any" in Found(quality=quality(pairs=few, answers=(answer,))).table()


def test_the_gravest_answer_is_the_exit_code():
    codes = {kind: Found(quality=quality(kind)).code for kind in ("not worse", "worse", "undecided", "not run")}
    assert codes == {"not worse": 0, "worse": 1, "undecided": 3, "not run": 4}
