"""A variable counts that code of the user's own asks for, in whatever way; not one that a library asks for, nor one that it has set."""

import json
import subprocess
import sys

import pytest

from dlbench.references.variables import take_over

PROGRAM = """
import json, os, sys
from contextlib import suppress
from pathlib import Path
import mine_xy
from dlbench.references import watch
found, before = {}, dict(os.environ)
for way in json.loads(sys.argv[1]):
    os.environ.clear()
    os.environ.update(before)
    watch.start(Path("."), (), ("OURS",))
    with watch.calling("mine:net"), suppress(KeyError):
        mine_xy.ask(way)
    found[way] = [name for read in watch.files_read().values() for name in read if name.startswith("$")]
print(json.dumps(found))
"""
ASK = """
import locale, mimetypes, os, shutil, subprocess, tempfile
from os import environ

def ask(way):
    eval(compile(way, __file__, "eval"))
"""
NAMED = ["os.environ['UNITS']", "os.environ.get('UNITS')", "os.getenv('UNITS', '4')", "'UNITS' in os.environ", "os.environb[b'UNITS']",
         "os.path.expandvars('$UNITS')", "environ.get('UNITS')", "os.environ.setdefault('UNITS', '4')", "os.environ.pop('UNITS', None)"]
NOT_NAMED = ["dict(os.environ)", "{**os.environ}", "os.environ.copy()", "list(os.environ.items())", "sorted(os.environ)",
             "os.path.expanduser('~')", "tempfile.mkdtemp()", "subprocess.run(['true'])", "os.getenv('HOME')",
             "os.environ.update(UNITS='8') or os.environ['UNITS']", "os.getenv('DLBENCH_DATA_DIR')", "os.getenv('OURS')",
             "mimetypes.init()", "shutil.which('ls')", "locale.getlocale()"]


@pytest.mark.parametrize("variables", [{"UNITS": "4"}, {}], ids=["set", "not set"])
def test_who_asks_decides(variables, tmp_path):
    (tmp_path / "mine_xy.py").write_text(ASK)
    (tmp_path / "program.py").write_text(PROGRAM)
    ended = subprocess.run([sys.executable, "program.py", json.dumps(NAMED + NOT_NAMED)], cwd=tmp_path, capture_output=True, text=True,
                           check=False, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path), **variables})
    assert ended.stdout, ended.stderr
    assert json.loads(ended.stdout) == {way: ["$UNITS"] if way in NAMED else [] for way in NAMED + NOT_NAMED}


def test_a_process_takes_over_what_another_has(monkeypatch):
    environment = {"UNITS": "4", "GONE": "1", "PYTHONPATH": "/here", "DLBENCH_CACHE_DIR": "/cache"}
    monkeypatch.setattr("os.environ", environment)
    take_over({"UNITS": "8", "NEW": "1", "UNSET": None, "PYTHONPATH": "/there"})
    assert environment == {"UNITS": "8", "NEW": "1", "PYTHONPATH": "/here", "DLBENCH_CACHE_DIR": "/cache"}
