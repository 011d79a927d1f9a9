"""What `dlbench new agent-skill` writes is followed by a script in place of an agent: changes that do nothing, and some that do."""

import json
import random
import re
import shlex

import pytest

from tests.repository import git

TRAIN = """
import argparse, random
from change import gain
parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
seed = parser.parse_args().seed
random.seed(seed)
print("val_loss =", 1 + random.gauss(0, 0.01) - gain(seed))
"""
CHANGE = "import random\n# {comment}\ndef gain(seed): return {gain} + random.Random(seed + {salt}).gauss(0, 0.002)\n"
PATTERN = ["--score-pattern", r"val_loss = (?P<val_loss>\S+)"]


@pytest.fixture
def project(tmp_path, call):
    git("init", "-q", "-b", "main", cwd=tmp_path)
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "change.py").write_text(CHANGE.format(comment="first", gain=0, salt=0))
    (tmp_path / ".gitignore").write_text("cache\n__pycache__\n")
    assert call("new", "agent-skill").code == 0
    git("add", ".", cwd=tmp_path)
    git("commit", "-q", "-m", "first", cwd=tmp_path)
    return tmp_path


def test_an_agent_that_follows_the_skill_keeps_what_helps_and_nothing_else(call, project):
    skill = (project / "skills" / "propose" / "SKILL.md").read_text()
    begin, ask = (shlex.split(line)[1:] for line in re.findall(r"^dlbench propose.*$", skill, flags=re.MULTILINE))
    codes = dict(re.findall(r"^\| (\d+) \| `(\w+)`", skill, flags=re.MULTILINE))
    assert call(*begin, *PATTERN).code == 0
    (project / ".git" / "info" / "exclude").write_text("lineage.jsonl\n")
    rng, best, kept = random.Random(0), 0.0, []
    for number, real in enumerate((False, 0.02, False, -0.02, 0.015)):
        gain = best + (real or 0.0)
        salt = rng.randrange(10_000) if not real else number
        (project / "change.py").write_text(CHANGE.format(comment=f"change {number}", gain=gain, salt=salt))
        ended = call(*ask)
        assert ended.out, ended.err
        found = json.loads(ended.out)
        assert codes[str(ended.code)] == found["verdict"]
        if ended.code == 0:
            git("commit", "-q", "-a", "-m", f"change {number}", cwd=project)
            best, kept = gain, [*kept, number]
        else:
            again = call(*ask)
            assert again.code == ended.code and "judged before" in json.loads(again.out)["why"]
            git("checkout", "-q", "--", ".", cwd=project)
    assert kept == [1, 4] and git("rev-list", "--count", "HEAD", cwd=project).strip() == "3"
    total = json.loads(ended.out)["total"]
    assert total["interval"][0] < 0.035 < total["interval"][1]


def test_a_project_with_an_agents_file_gets_the_snippet_beside_it_and_nothing_is_overwritten(call, tmp_path):
    (tmp_path / "AGENTS.md").write_text("mine\n")
    ended = call("new", "agent-skill")
    assert ended.code == 0 and (tmp_path / "AGENTS.md").read_text() == "mine\n", ended.err
    assert "dlbench propose" in (tmp_path / "AGENTS.dlbench.md").read_text()
    again = call("new", "agent-skill")
    assert again.code == 2 and "is there already" in again.err


def test_other_kinds_need_a_name(call):
    ended = call("new", "study")
    assert ended.code == 2 and "NAME" in ended.err
