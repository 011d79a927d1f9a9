"""Write `gate.md` as a comment of its pull request, or over the gate's own earlier comment.

The folder was made by a job that ran the pull request's code, so nothing in it is believed: the number has to be that of a pull request
whose head is the commit of that job, and the text has to be the gate's. Only the standard library is used, and nothing of it is run.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from pathlib import Path
from typing import Any

MARK = "<!-- dlbench gate -->"
"""The first line of the gate's comments (`dlbench.gate.show.MARK`)."""
LONGEST = 65_536
PAGE = 100


def main(folder: str) -> int:
    """Write the comment; return the exit code: 0 written, or there is none to write; 1 refused."""
    text, number = (_read(Path(folder) / name) for name in ("gate.md", "number"))
    if not text or not number:
        print("no comment to write: the job made no gate.md, or was not started by a pull request")
        return 0
    problem = _problem(text, number.strip())
    if problem:
        print(f"::error title=dlbench gate::no comment is written: {problem}")
        return 1
    own = _own_comment(number.strip())
    path, method = (f"issues/comments/{own}", "PATCH") if own else (f"issues/{number.strip()}/comments", "POST")
    _api(path, method, {"body": text})
    return 0


def _read(path: Path) -> str:
    """The text of a file, and no more of it than a comment may have; empty where there is none."""
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(LONGEST + 1)


def _problem(text: str, number: str) -> str:
    """Why a comment is not written; empty where it may be."""
    if not text.startswith(MARK + "\n") or len(text) > LONGEST:
        return "gate.md is not what the gate writes"
    if not number.isascii() or not number.isdigit():
        return "the number of the pull request is no number"
    head = _api(f"pulls/{number}")["head"]["sha"]
    return "" if head == os.environ["HEAD_SHA"] else f"the head of pull request {number} is another commit than the one that was measured"


def _own_comment(number: str) -> int | None:
    """The id of the gate's earlier comment; those of people and of other programs are left alone."""
    page = 1
    while comments := _api(f"issues/{number}/comments?per_page={PAGE}&page={page}"):
        for comment in comments:
            if comment["body"].startswith(MARK) and comment["user"]["type"] == "Bot":
                return comment["id"]
        page += 1
    return None


def _api(path: str, method: str = "GET", body: dict[str, str] | None = None) -> Any:
    url = f"{os.environ.get('GITHUB_API_URL', 'https://api.github.com')}/repos/{os.environ['GITHUB_REPOSITORY']}/{path}"
    headers = {"Authorization": f"Bearer {os.environ['GH_TOKEN']}", "Accept": "application/vnd.github+json",
               "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
