"""The scripts of `action.yml` and of the comment, with made-up events and a made-up GitHub."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from dlbench.gate.show import MARK
from tests.repository import git

ROOT = Path(__file__).parents[2]
GATE, COMMENT = ROOT / ".github" / "gate.py", ROOT / ".github" / "gate-comment" / "comment.py"
CODE = "CASES = {{'total': lambda: sum(sum(range(20000)) for _ in range({times}))}}\n"


def script(path, variables, *arguments, cwd=None):
    """How a script ends under some variables."""
    environment = {**os.environ, **variables}
    return subprocess.run([sys.executable, path, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def job(tmp_path):
    """What the action's steps do in a checkout of a pull request's merge commit, by the variables that a job has."""
    place, out = tmp_path / "checkout", tmp_path / "out"
    place.mkdir()
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": {"number": 7}}))

    def job(event=True, base="HEAD^1", options="--cases work --budget 20 --min-effect '50%'", times=(1, 1)):
        git("init", "-q", "-b", "main", cwd=place)
        for number in times:
            (place / "work.py").write_text(CODE.format(times=number))
            git("add", ".", cwd=place)
            git("commit", "-q", "--allow-empty", "-m", "a version", cwd=place)
        variables = {"GATE_OUT": str(out), "GATE_BASE": base, "GATE_OPTIONS": options, "PYTHONPATH": str(ROOT),
                     "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), "GITHUB_OUTPUT": str(tmp_path / "output"),
                     "GITHUB_EVENT_PATH": str(tmp_path / ("event.json" if event else "none"))}
        return script(GATE, variables, cwd=place)

    return job


@pytest.mark.slow
def test_a_pull_request_is_measured_against_its_target_told_at_the_changed_lines_and_kept_with_its_number(job, tmp_path):
    ended = job(times=(1, 8), options="--cases work --budget 60 --min-effect '50%'")
    assert ended.returncode == 1 and "::error title=dlbench gate::FAILED: 1 regression" in ended.stdout, ended.stdout + ended.stderr
    assert (tmp_path / "out" / "number").read_text() == "7\n" and (tmp_path / "output").read_text() == "exit-code=1\n"
    summary = (tmp_path / "summary").read_text()
    assert summary == (tmp_path / "out" / "gate.md").read_text() and "**regression**" in summary
    [warning] = [line for line in ended.stdout.splitlines() if line.startswith("::warning")]
    assert warning.startswith("::warning file=work.py,line=1,endLine=1,title=total is "), warning
    assert " %25 slower::own time grew" in warning and "builtins.sum" in warning


@pytest.mark.slow
def test_undecided_cases_leave_the_job_green_and_other_events_need_no_number(job, tmp_path):
    ended = job(event=False, options="--cases work --budget 1")
    assert ended.returncode == 0 and "::error" not in ended.stdout, ended.stdout + ended.stderr
    assert not (tmp_path / "out" / "number").exists() and (tmp_path / "out" / "gate.md").is_file()


@pytest.mark.parametrize("options, words", [("--cases 'work", "accepted: options as in a shell"), ("--cases nowhere", "exit code 2")])
def test_wrong_options_fail_with_a_line(options, words, job):
    ended = job(options=options)
    assert ended.returncode == 2 and words in ended.stdout, ended.stdout + ended.stderr


@pytest.fixture
def github():
    """A server that has one pull request, and notes what is written."""
    class Handler(BaseHTTPRequestHandler):
        comments = ()
        written = ()

        def do_GET(self):
            page = re.search(r"&page=(\d+)", self.path)
            found = {"head": {"sha": "abc"}} if page is None else list(self.comments) if page[1] == "1" else []
            self.answer(found)

        def do_POST(self):
            text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]
            type(self).written = (*self.written, (self.command, self.path, text, self.headers["Authorization"]))
            self.answer({})

        do_PATCH = do_POST

        def answer(self, value):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(value).encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        Handler.url = f"http://127.0.0.1:{server.server_port}"
        yield Handler
        server.shutdown()


def commented(github, folder, text=f"{MARK}\nwords", number="7\n", head="abc"):
    for name, content in (("gate.md", text), ("number", number)):
        if content is not None:
            (folder / name).write_text(content)
    variables = {"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": "some/project", "GH_TOKEN": "t", "HEAD_SHA": head}
    return script(COMMENT, variables, folder)


def test_a_comment_is_written(github, tmp_path):
    assert commented(github, tmp_path).returncode == 0
    assert github.written == (("POST", "/repos/some/project/issues/7/comments", f"{MARK}\nwords", "Bearer t"),)


def test_only_the_gates_own_comment_is_written_over(github, tmp_path):
    github.comments = ({"id": 1, "body": "from another bot", "user": {"type": "Bot"}}, {"id": 2, "body": MARK, "user": {"type": "User"}},
                       {"id": 3, "body": f"{MARK}\nold", "user": {"type": "Bot"}})
    assert commented(github, tmp_path).returncode == 0
    assert [(method, path) for method, path, *_ in github.written] == [("PATCH", "/repos/some/project/issues/comments/3")]


@pytest.mark.parametrize("given, words", [
    ({"text": "Buy this"}, "not what the gate writes"), ({"text": f"{MARK}\n" + "x" * 70_000}, "not what the gate writes"),
    ({"number": "7/../8"}, "is no number"), ({"head": "def"}, "another commit than the one that was measured"),
])
def test_what_a_pull_request_made_up_is_not_written(given, words, github, tmp_path):
    ended = commented(github, tmp_path, **given)
    assert ended.returncode == 1 and words in ended.stdout and github.written == ()


@pytest.mark.parametrize("missing", ["text", "number"])
def test_a_job_that_measured_nothing_has_no_comment(missing, github, tmp_path):
    ended = commented(github, tmp_path, **{missing: None})
    assert ended.returncode == 0 and "no comment to write" in ended.stdout and github.written == ()


def test_the_comments_mark_is_the_gates():
    assert f'MARK = "{MARK}"' in COMMENT.read_text()


def test_workflows_and_actions_name_files_and_inputs_that_exist_and_never_trust_a_pull_request():
    yaml = pytest.importorskip("yaml")
    gate, comment = (yaml.safe_load((ROOT / "docs" / name).read_text()) for name in ("gate-workflow.yml", "gate-comment.yml"))
    action, other = (yaml.safe_load((ROOT / path).read_text()) for path in ("action.yml", ".github/gate-comment/action.yml"))
    [used] = [step for step in gate["jobs"]["gate"]["steps"] if str(step.get("uses", "")).startswith("OWNER")]
    assert set(used["with"]) <= set(action["inputs"]) and GATE.is_file() and other["runs"]["using"] == "composite"
    assert gate["permissions"] == {"contents": "read"} and gate["concurrency"]["cancel-in-progress"]
    assert comment[True] == {"workflow_run": {"workflows": [gate["name"]], "types": ["completed"]}}
    assert not [step for step in comment["jobs"]["comment"]["steps"] if "checkout" in str(step) or "run" in step]
    steps = [step for file in (action, other) for step in file["runs"]["steps"]]
    assert all("${{" not in step.get("run", "") for step in steps), "no text is pasted into a shell"
