"""``dlbench propose`` on small projects: git repositories with a training that is over at once."""

import json

import pytest

from dlbench.gate.ledger import read_ledger, writing
from tests.repository import git

SCRIPT = """
import random, sys
from part import gain
seed = int(sys.argv[1])
random.seed(seed)
loss = 1 + random.gauss(0, 0.01)
print(f"loss = {loss - gain(seed) - float(sys.argv[2])}")
"""
NOISE = "import random\ndef gain(seed): return {} + random.Random(seed + {}).gauss(0, 0.002)\n"
TRAIN = ("--train", "python train.py {seed} {bonus}", "--score", "loss", "--lower", "--score-pattern", r"loss = (?P<loss>\S+)")
BEGIN = ("propose", "--ledger", "lineage.jsonl", *TRAIN, "--set", "bonus=0")
NEXT = ("propose", "--ledger", "lineage.jsonl", "--json")


@pytest.fixture
def project(tmp_path, call):
    """A repository whose only commit trains to a loss of 1 with noise of 0.01, and whose ledger is begun."""
    git("init", "-q", "-b", "main", cwd=tmp_path)
    (tmp_path / "train.py").write_text(SCRIPT)
    (tmp_path / "part.py").write_text(NOISE.format(0, 0))
    (tmp_path / ".gitignore").write_text("cache\n__pycache__\n")
    git("add", ".", cwd=tmp_path)
    git("commit", "-q", "-m", "a version", cwd=tmp_path)
    begun = call(*BEGIN)
    assert begun.code == 0 and begun.out.startswith("begun"), begun.out + begun.err
    return tmp_path


def write(project, gain="0", salt=1):
    (project / "part.py").write_text(NOISE.format(gain, salt))


def begin(call, project, script):
    """Begin the ledger anew, with a script as the first incumbent."""
    (project / "train.py").write_text(script)
    git("commit", "-q", "-a", "-m", "another first version", cwd=project)
    (project / "lineage.jsonl").unlink()
    assert call(*BEGIN).code == 0


def verdict(ended):
    assert ended.out.startswith("{"), ended.err
    return json.loads(ended.out)


def lines(project):
    return [json.loads(line) for line in (project / "lineage.jsonl").read_text().splitlines()]


def test_a_version_that_gains_is_kept_confirmed_on_fresh_seeds_and_is_then_the_one_to_beat(call, project):
    write(project, "0.02")
    ended = call(*NEXT)
    found = verdict(ended)
    assert (ended.code, found["verdict"], found["seeds"]) == (0, "keep", 6), ended.err
    assert found["interval"][0] < 0.02 < found["interval"][1] and found["total"]["seeds"] == 5
    ledger = read_ledger(project / "lineage.jsonl")
    assert not set(ledger.proposals[0].seeds) & set(ledger.confirmations[0].seeds)
    assert ledger.incumbent.proposal == 1 and ledger.incumbent.seed == ledger.confirmations[0].seeds[0]
    again = call(*NEXT)
    assert again.code == 4 and verdict(again)["verdict"] == "nothing changed"
    write(project, "0.015", 2)
    worse = call(*NEXT)
    assert worse.code == 1 and verdict(worse)["verdict"] == "discard" and verdict(worse)["effect"] < 0
    trained = [line["run"] for line in lines(project) if line["kind"] == "run"]
    assert len(trained) == len(set(trained)) == 12 + 10 + 3 + 2, "the incumbent's runs on fresh seeds serve the next; each repeats one"


def test_the_same_files_are_not_judged_twice_and_what_is_killed_is_resumed(call, project):
    write(project, "-0.001")
    first = verdict(call(*NEXT))
    known = lines(project)
    again = call(*NEXT)
    assert again.code == 1 and "judged before, as proposal 1" in verdict(again)["why"] and lines(project) == known
    (project / "lineage.jsonl").write_text("".join(json.dumps(line) + "\n" for line in known[:-2]) + json.dumps(known[-1])[:40])
    resumed = call(*NEXT)
    assert verdict(resumed)["effect"] == first["effect"] and "damaged" in resumed.err
    assert len([line for line in lines_that_are_whole(project) if line["kind"] == "run"]) == 7, "one training was lost, and one is run"


def lines_that_are_whole(project):
    found = []
    for line in (project / "lineage.jsonl").read_text().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def test_damage_in_the_middle_is_named_and_what_is_whole_is_used(call, project):
    write(project, "-0.001")
    call(*NEXT)
    path = project / "lineage.jsonl"
    text = path.read_text().splitlines()
    text[2] = text[2].replace('"score": ', '"score": 1')
    path.write_text("\n".join(text) + "\n")
    again = call(*NEXT)
    assert again.code == 1 and "line 3 of lineage.jsonl is damaged and left out; 8 lines are whole" in " ".join(again.err.split())
    del text[2]
    path.write_text("\n".join(text) + "\n")
    assert "lines are missing from lineage.jsonl before line 3" in " ".join(call(*NEXT).err.split())
    path.write_text("{}\n")
    refused = call(*NEXT)
    assert refused.code == 2 and "line 1 is no whole header" in " ".join(refused.err.split())


def test_two_writers_are_refused(call, project):
    with writing(project / "lineage.jsonl"):
        ended = call(*NEXT)
    assert ended.code == 2 and "another dlbench propose is writing" in " ".join(ended.err.split())


@pytest.mark.parametrize(("options", "said"), [
    (("--score", "accuracy"), "the ledger lineage.jsonl has loss"), (("--margin", "0.5"), "has 0.0"), (("--higher",), "--lower False"),
    (("--train", "python other.py {seed}"), "--train python other.py {seed}: the ledger"), (("--control", "fwer"), "has fdr"),
    (("--set", "bonuss=1"), "bonus"), (("--set", "bonus"), "NAME=VALUE"), (("--patch", "no.diff"), "no such file"),
])
def test_what_is_not_of_the_ledger_is_refused(call, project, options, said):
    ended = call(*NEXT, *options)
    assert ended.code == 2 and said in " ".join(ended.err.split()), ended.err


def test_a_ledger_of_another_project_and_an_incumbent_whose_files_are_gone(call, project):
    path = project / "lineage.jsonl"
    whole = path.read_text()
    git("commit", "-q", "--amend", "-m", "another first commit", cwd=project)
    write(project, "0.5")
    ended = call(*NEXT)
    assert ended.code == 2 and "it is of another project" in " ".join(ended.err.split())
    path.unlink()
    git("checkout", "-q", ".", cwd=project)
    assert call(*BEGIN).code == 0 and path.read_text() != whole
    first = read_ledger(path).about.first.tree
    write(project, "0.5")
    git("commit", "-q", "-a", "-m", "next", cwd=project)
    loose = project / ".git" / "objects" / first[:2] / first[2:]
    loose.unlink()
    ended = call(*NEXT)
    assert ended.code == 2 and "the incumbent: its files are gone" in " ".join(ended.err.split()), ended.err


@pytest.mark.slow
def test_patches_and_parameters_are_proposed_on_the_incumbent(call, project):
    ended = call(*NEXT, "--set", "bonus=0.5", "--name", "a bonus")
    assert ended.code == 0 and read_ledger(project / "lineage.jsonl").proposals[0].name == "a bonus", ended.err
    write(project, "0.02")
    (project / "a.diff").write_text(git("diff", cwd=project))
    git("checkout", "-q", ".", cwd=project)
    ended = call(*NEXT, "--patch", "a.diff")
    assert ended.code == 0, ended.err
    incumbent = read_ledger(project / "lineage.jsonl").incumbent
    assert incumbent.version.parameters == {"bonus": "0.5"} and incumbent.proposal == 2
    assert not git("status", "--porcelain", "--untracked-files=no", cwd=project)
    refused = call(*NEXT, "--patch", "a.diff")
    assert refused.code == 2 and "does not fit the incumbent" in " ".join(refused.err.split())


def test_a_training_that_fails_is_discarded_and_an_incumbent_that_fails_is_not_run(call, project):
    (project / "part.py").write_text("def gain(seed): raise RuntimeError('out of memory')\n")
    ended = call(*NEXT)
    assert ended.code == 1 and "out of memory" in verdict(ended)["why"] and verdict(ended)["effect"] is None
    git("commit", "-q", "-a", "-m", "broken", cwd=project)
    (project / "lineage.jsonl").unlink()
    assert call(*BEGIN).code == 0
    write(project)
    ended = call(*NEXT)
    assert ended.code == 4 and "the incumbent does not train: seed 1" in verdict(ended)["why"]


@pytest.mark.parametrize(("script", "reason"), [
    ("print('accuracy = 1')\n", "without a score 'loss'"),
    ("import sys\nprint('loss =', 'nan' if sys.argv[1] == '2' else 0.1)\n", "seed 2"),
    ("raise SystemExit(3)\n", "3"),
])
def test_a_proposal_without_a_score_on_a_seed_is_discarded_with_the_reason(call, project, script, reason):
    (project / "train.py").write_text(script)
    ended = call(*NEXT)
    assert ended.code == 1 and reason in verdict(ended)["why"] and verdict(ended)["interval"] is None, ended.out + ended.err


def test_where_neither_trains_nothing_is_judged_and_no_wealth_is_spent(call, project):
    begin(call, project, "raise SystemExit('no data')\n")
    (project / "train.py").write_text("raise SystemExit('still no data')\n")
    ended = call(*NEXT)
    assert ended.code == 4 and verdict(ended)["verdict"] == "not run" and verdict(ended)["wealth"] == 0.05


@pytest.mark.slow
def test_the_first_incumbent_is_a_commit_and_what_is_not_committed_a_proposal(call, project):
    (project / "lineage.jsonl").unlink()
    refused = call(*BEGIN, "--base", "nowhere")
    assert refused.code == 2 and "nowhere" in refused.err and not (project / "lineage.jsonl").exists(), refused.err
    write(project, "0.5")
    begun = call(*BEGIN)
    assert begun.code == 0 and "the first incumbent is HEAD" in begun.err
    assert verdict(call(*NEXT))["verdict"] == "keep"


def test_a_seed_that_is_ignored_decides_nothing(call, project):
    begin(call, project, "print('loss = 1')\n")
    (project / "train.py").write_text("print('loss = 0.5')\n")
    ended = call(*NEXT)
    assert ended.code == 3 and "the seed is ignored" in verdict(ended)["why"]


@pytest.mark.slow
def test_training_that_is_not_deterministic_is_told_and_judged(call, project):
    begin(call, project, "import os, sys\nprint('loss =', 1 + int.from_bytes(os.urandom(2), 'big') / 2**20)\n")
    (project / "train.py").write_text("import os, sys\nprint('loss =', 0.5 + int.from_bytes(os.urandom(2), 'big') / 2**20)\n")
    ended = call(*NEXT)
    assert ended.code == 0 and "training is not deterministic: seed 0 of the incumbent scored 1.0" in " ".join(verdict(ended)["remarks"])
    page = (project / call("lineage", "lineage.jsonl").out.strip()).read_text()
    assert "Training is not deterministic" in page
    write(project, "0.1")
    assert "training is not deterministic" in call("propose", "--ledger", "lineage.jsonl", "--patch", _bonus(project)).out


def _bonus(project):
    """A patch that gains."""
    text = (project / "train.py").read_text()
    (project / "train.py").write_text(text.replace("0.5", "0.25"))
    before = read_ledger(project / "lineage.jsonl").incumbent.version.tree
    (project / "bonus.diff").write_text(git("diff", before, "--", "train.py", cwd=project))
    return "bonus.diff"


def test_a_folder_without_git_is_refused(call, tmp_path):
    ended = call(*BEGIN)
    assert ended.code == 2 and "git commit" in ended.err and not (tmp_path / "lineage.jsonl").exists()


def test_the_page_of_a_ledger(call, project):
    write(project, "-0.001")
    call(*NEXT)
    ended = call("lineage", "lineage.jsonl")
    assert ended.code == 0 and "0 of 1 proposal were kept" in (project / ended.out.strip()).read_text()
    assert call("lineage", "lineage.jsonl", "--out", "cache/page.html").code == 0 and (project / "cache" / "page.html").is_file()
    refused = call("lineage", "other.jsonl")
    assert refused.code == 2 and "there is no ledger" in refused.err
    assert "judged before" in verdict(call(*NEXT, "--name", "again"))["why"], "the page and the ledger belong to no version"


def test_a_ledger_that_is_committed_is_no_change(call, project):
    git("add", "-f", "lineage.jsonl", cwd=project)
    git("commit", "-q", "-m", "with the ledger", cwd=project)
    ended = call(*NEXT)
    assert ended.code == 4 and verdict(ended)["verdict"] == "nothing changed"
