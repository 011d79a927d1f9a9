"""What a run depends on is in its identity: row M6 of the cases, and its kin."""

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from dlbench.store.database import FILE
from dlbench.values.files import keep
from tests.calling import called, process
from tests.cases.written import HOOK, NET, planned, study
from tests.selection import mostly_slow


def codes(folder):
    return {arm["arm"]: arm["recipe"].get("code", []) for arm in planned(folder)[0]["arms"]}


def run(folder):
    ended = called(folder, "run", "study.toml", "--no-report", "--no-timing", "--jobs", 1)
    assert ended.code == 0, ended.err
    return ended.err


IMPORTED = {
    "beside": ("from blocks import UNITS", "blocks.py"),
    "in a function": ("def units():\n    from blocks import UNITS\n    return UNITS\nUNITS = units()", "blocks.py"),
    "through another": ("from middle import UNITS", "blocks.py"),
    "in a package": ("from parts.blocks import UNITS", "parts/blocks.py"),
    "by its name": ("import importlib\nUNITS = importlib.import_module('bl' + 'ocks').UNITS", "blocks.py"),
    "from the repository": ("from shared.blocks import UNITS", "../shared/blocks.py"),
}


@pytest.mark.parametrize("imported", mostly_slow(IMPORTED, "in a package", "from the repository"))
def test_m6_a_module_that_the_model_imports_is_part_of_the_identity(imported, tmp_path, monkeypatch):
    statement, file = imported
    folder = tmp_path / "repository" / "studies"
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "repository")
    study(folder, {"mine.py": f"{statement}\n{NET.format(units='UNITS')}", "middle.py": "from blocks import UNITS\n", file: "UNITS = 4\n"})
    before, (first, _) = codes(folder), planned(folder)
    assert file in first["watched"] and "mine.py" in first["watched"]
    (folder / file).write_text("UNITS = 5  # of another length: bytecode is known by size and second\n")
    after, (second, _) = codes(folder), planned(folder)
    assert before != after and [first["facts"]["digits"]["build"]["parameters"] for first in (first, second)] == [310, 385]
    (folder / file).write_text("UNITS = 4\n")
    assert codes(folder) == before


READ = {
    "open": "int(open(HERE / 'units.txt').read())",
    "os.open": "int(os.read(os.open(HERE / 'units.txt', os.O_RDONLY), 9))",
    "numpy": "int(np.loadtxt(HERE / 'units.txt'))",
    "memmap": "int(np.memmap(HERE / 'units.txt', 'S1', 'r')[0])",
    "pandas": "int(pd.read_csv(HERE / 'units.txt', header=None)[0][0])",
    "gfile": "int(tf.io.gfile.GFile(str(HERE / 'units.txt')).read())",
    "read_file": "int(tf.io.read_file(str(HERE / 'units.txt')).numpy())",
    "sqlite": "sqlite3.connect(HERE / 'units.txt') and 4",
}
"""Ways to read a number; each has a file of its own, and the network has as many units as the first says."""


@pytest.mark.parametrize("when", mostly_slow(("in the function", "at the top"), "in the function"))
def test_m6_a_file_that_is_read_while_the_model_is_built_is_part_of_the_identity(when, tmp_path):
    head = ("import os, sqlite3\nfrom pathlib import Path\nimport numpy as np\nimport pandas as pd\nimport tensorflow as tf\n"
            "HERE = Path(__file__).parent\n")
    files = {f"{name}.txt": "4\n" for name in READ}
    units = f"[{', '.join(code.replace('units.txt', f'{name}.txt') for name, code in READ.items())}][0]"
    text = head + (f"UNITS = {units}\n{NET.format(units='UNITS')}" if when == "at the top" else NET.format(units=units))
    study(tmp_path, {"mine.py": text, **files})
    before = planned(tmp_path)[0]
    assert before["watched"] == sorted(["mine.py", *files]) and before["facts"]["digits"]["build"]["parameters"] == 310
    (tmp_path / "open.txt").write_text("5\n")
    after = planned(tmp_path)[0]
    assert after["arms"][0]["recipe"]["code"] != before["arms"][0]["recipe"]["code"]
    assert after["facts"]["digits"]["build"]["parameters"] == 385


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # save_weights, with numpy 2
def test_m6_changed_weights_make_the_runs_anew_and_it_is_said(tmp_path):
    text = NET.format(units=4).replace("return keras.Model(", "model = keras.Model(")
    text += "    model.load_weights(WEIGHTS)\n    return model\n"
    study(tmp_path, {"mine.py": f"from pathlib import Path\nWEIGHTS = Path(__file__).with_name('net.weights.h5')\n{text}"})
    built = {}
    exec(NET.format(units=4), built)
    for number in (1, 2):
        built["net"]((8, 8, 1), 10).save_weights(tmp_path / f"{number}.weights.h5")
    shutil.copy(tmp_path / "1.weights.h5", tmp_path / "net.weights.h5")
    run(tmp_path)
    assert planned(tmp_path)[0]["left"] == 0 and "net.weights.h5" in planned(tmp_path)[0]["watched"]
    shutil.copy(tmp_path / "2.weights.h5", tmp_path / "net.weights.h5")
    facts, said = planned(tmp_path)
    assert (facts["done"], facts["left"]) == (0, 2)
    assert "net.weights.h5 has changed since the runs that are there were made" in " ".join(facts["warnings"]), said
    assert "net.weights.h5 has changed" in run(tmp_path) and planned(tmp_path)[0]["left"] == 0


def test_m6_a_model_in_one_file_keeps_the_ids_that_it_had(tmp_path):
    study(tmp_path, {"mine.py": NET.format(units=4), "other.py": "x = 1\n"})
    (only,) = codes(tmp_path)["baseline"]
    content = (tmp_path / "mine.py").read_bytes()
    assert only == ["mine", hashlib.sha256(f"mine.py {len(content)} ".encode() + content).hexdigest()[:16]], "as version 0.1.0 had it"
    (tmp_path / "other.py").write_text("x = 2\n")
    assert codes(tmp_path)["baseline"] == [only]


def test_m6_what_a_hook_imports_and_reads_is_part_of_its_arms_identity_alone(tmp_path):
    files = {"plugged.py": HOOK, "helper.py": "def times(x): return x\n", "scale.json": "1.0"}
    study(tmp_path, files, model="mlp", arm='technique = "scaled"')
    (tmp_path / "study.toml").write_text('plugins = ["plugged.py"]\n' + (tmp_path / "study.toml").read_text())
    before, (facts, _) = codes(tmp_path), planned(tmp_path)
    assert facts["watched"] == ["helper.py", "plugged.py", "scale.json"] and before["baseline"] == []
    for file, text in (("scale.json", "2.0"), ("helper.py", "def times(x): return 1 * x\n")):
        (tmp_path / file).write_text(text)
        after = codes(tmp_path)
        assert after["scaled"] != before["scaled"] and after["baseline"] == []
        before = after


def test_m6_data_of_a_function_is_known_by_its_content_and_called_again_when_a_file_changes(tmp_path):
    data = ("import numpy as np\nfrom pathlib import Path\ndef data():\n    x = np.load(Path(__file__).with_name('x.npy'))\n"
            "    return x, np.arange(300) % 3\n")

    def make(seed):
        np.save(tmp_path / "x.npy", np.random.default_rng(seed).random((300, 4, 4, 1), np.float32))

    study(tmp_path, {"mine.py": data + NET.format(units=4)}, dataset="mine:data")
    make(1)
    first = planned(tmp_path)[0]
    assert "x.npy" not in first["watched"]
    make(2)
    second = planned(tmp_path)[0]
    contents = [facts["arms"][0]["recipe"]["data.content"] for facts in (first, second)]
    assert contents[0] != contents[1]


def test_m6_what_is_written_while_the_model_is_built_is_no_input(tmp_path):
    write = "    Path(__file__).with_name('log.txt').write_text('built')\n    inputs ="
    study(tmp_path, {"mine.py": "from pathlib import Path\n" + NET.format(units=4).replace("    inputs =", write)})
    assert planned(tmp_path)[0]["watched"] == ["mine.py"]


def test_data_that_changes_without_a_sign_is_found_where_all_of_it_is_read_again(tmp_path):
    rows = "".join(f"{row % 7},{row % 3}\n" for row in range(300))
    (tmp_path / "rows.csv").write_text("a,label\n" + rows)
    study(tmp_path, dataset="csv:rows.csv", model="mlp")
    text = (tmp_path / "study.toml").read_text()
    (tmp_path / "study.toml").write_text('label = "label"\n' + text)
    content = planned(tmp_path)[0]["arms"][0]["recipe"]["data.content"]
    for kept in (tmp_path / "cache" / "fingerprints").iterdir():
        keep(kept, "0" * 16)  # what is kept when a file changes, and name, size and dates do not
    assert planned(tmp_path)[0]["arms"][0]["recipe"]["data.content"] == "0" * 16
    assert planned(tmp_path, "--check-data")[0]["arms"][0]["recipe"]["data.content"] == content


PROGRAM = """
import dlbench, os
for units in ("4", "8"):
    os.environ["U"] = units
    study = {"model": "mine:net", "margin": 0.1, "seeds": 1, "examples": 120, "budget": {"epochs": 1}, "arms": [{"technique": "dropout"}]}
    dlbench.run(study, out=units, timing=False, jobs=1)
"""
ASKED = {"at the top": f"UNITS = int(os.environ.get('UNITS', '4'))\n{NET.format(units='UNITS')}",
         "in the function": NET.format(units="int(os.getenv('UNITS', '4'))")}


@pytest.mark.parametrize("text", mostly_slow(ASKED, "in the function"))
def test_m6_a_variable_that_the_model_asks_for_is_part_of_the_identity(text, tmp_path, monkeypatch):
    monkeypatch.delenv("UNITS", raising=False)
    study(tmp_path, {"mine.py": f"import os\n{text}"})
    found = {}
    for units in (None, "8", "4"):
        if units:
            monkeypatch.setenv("UNITS", units)
        facts, _ = planned(tmp_path)
        assert facts["watched"] == ["$UNITS", "mine.py"]
        found[units] = facts["facts"]["digits"]["build"]["parameters"], facts["arms"][0]["recipe"]["code"]
    assert [found[units][0] for units in (None, "8", "4")] == [310, 610, 310]
    assert len({str(code) for _, code in found.values()}) == 3, "a variable that is not set is not one that is set"


def trained(folder):
    """The numbers of parameters that trained networks have."""
    (file,) = folder.rglob(FILE)
    with closing(sqlite3.connect(file)) as connection:
        return sorted({json.loads(cost)["parameters"] for (cost,) in connection.execute("SELECT cost FROM records")})


def test_m6_runs_are_made_anew_with_another_variable_and_it_is_said(tmp_path, monkeypatch):
    study(tmp_path, {"mine.py": f"import os\n{NET.format(units='int(os.environ[chr(85)])')}"})
    monkeypatch.setenv("U", "4")
    run(tmp_path)
    assert planned(tmp_path)[0]["left"] == 0
    monkeypatch.setenv("U", "8")
    assert "$U has changed since the runs that are there were made" in run(tmp_path)
    assert trained(tmp_path) == [310, 610]
    monkeypatch.setenv("U", "4")
    assert planned(tmp_path)[0]["left"] == 0


@pytest.mark.slow  # the test above changes one between two calls of this process, which start workers from one server
def test_m6_a_program_that_changes_a_variable_between_two_calls_trains_what_it_says(tmp_path):
    """The server that workers are forked from has the variables of the first call."""
    (tmp_path / "mine.py").write_text(f"import os\n{NET.format(units='int(os.environ[chr(85)])')}")
    (tmp_path / "program.py").write_text(PROGRAM)
    ended = process(tmp_path, "program.py")
    assert ended.code == 0 and [trained(tmp_path / units) for units in "48"] == [[310], [610]], ended
