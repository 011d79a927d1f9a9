"""What a run depends on is in its identity, the current folder shadows no library, and what cannot be imported is named in a line."""

import hashlib
import json
import re

import pytest

from dlbench.values.files import keep
from tests.calling import called, process

STUDY = """
dataset = "{dataset}"
model = "{model}"
margin = 0.02
seeds = 1
examples = 120
budget = {{ epochs = 1 }}
[[arms]]
{arm}
"""
NET = """
import keras

def net(shape, classes):
    inputs = keras.Input(shape)
    x = keras.layers.Dense({units}, activation="relu")(keras.layers.Flatten()(inputs))
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(x))
"""
SHADOWS = ("random code types queue string token copy logging numbers bottleneck tensorflow click inspect tempfile signal selectors keras "
           "numexpr").split()
"""Files of these names in the current folder have been seen to end a program that never named them."""


def study(folder, files=None, dataset="digits", model="mine:net", arm='technique = "dropout"'):
    for name, text in (files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "study.toml").write_text(STUDY.format(dataset=dataset, model=model, arm=arm))


def planned(folder, *arguments):
    """The facts that ``dlbench plan`` has, and what it said."""
    ended = called(folder, "plan", "study.toml", "--json", *arguments, DLBENCH_CACHE_DIR=str(folder / "cache"))
    assert ended.code == 0, ended.err
    return json.loads(ended.out), ended.err


def codes(folder):
    return {arm["arm"]: arm["recipe"].get("code", []) for arm in planned(folder)[0]["arms"]}


def run(folder):
    ended = called(folder, "run", "study.toml", "--no-report", "--no-timing", "--jobs", 1)
    assert ended.code == 0, ended.err
    return ended.err


# M6: what a run depends on is in its identity


IMPORTED = {
    "beside": ("from blocks import UNITS", "blocks.py"),
    "in a function": ("def units():\n    from blocks import UNITS\n    return UNITS\nUNITS = units()", "blocks.py"),
    "through another": ("from middle import UNITS", "blocks.py"),
    "in a package": ("from parts.blocks import UNITS", "parts/blocks.py"),
    "by its name": ("import importlib\nUNITS = importlib.import_module('bl' + 'ocks').UNITS", "blocks.py"),
    "from the repository": ("from shared.blocks import UNITS", "../shared/blocks.py"),
}


@pytest.mark.parametrize("statement, file", IMPORTED.values(), ids=IMPORTED)
def test_m6_a_module_that_the_model_imports_is_part_of_the_identity(statement, file, tmp_path, monkeypatch):
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


@pytest.mark.parametrize("when", ["in the function", "at the top"])
def test_m6_a_file_that_is_read_while_the_model_is_built_is_part_of_the_identity(when, tmp_path):
    head = ("import os, sqlite3\nfrom pathlib import Path\nimport numpy as np\nimport pandas as pd\nimport tensorflow as tf\n"
            "HERE = Path(__file__).parent\n")
    for name, code in READ.items():
        folder = tmp_path / name
        units = code.replace("units.txt", f"{name}.txt")
        text = head + (f"UNITS = {units}\n{NET.format(units='UNITS')}" if when == "at the top" else NET.format(units=units))
        study(folder, {"mine.py": text, f"{name}.txt": "4\n"})
        before = planned(folder)[0]
        assert f"{name}.txt" in before["watched"], name
        if name == "open":
            (folder / "open.txt").write_text("5\n")
            after = planned(folder)[0]
            assert after["arms"][0]["recipe"]["code"] != before["arms"][0]["recipe"]["code"]
            assert after["facts"]["digits"]["build"]["parameters"] == 385


def test_m6_changed_weights_make_the_runs_anew_and_it_is_said(tmp_path):
    text = NET.format(units=4).replace("return keras.Model(", "model = keras.Model(")
    text += "    model.load_weights(WEIGHTS)\n    return model\n"
    study(tmp_path, {"mine.py": f"from pathlib import Path\nWEIGHTS = Path(__file__).with_name('net.weights.h5')\n{text}",
                     "make.py": f"import sys\nfrom mine import *\n{NET.format(units=4)}\nkeras.utils.set_random_seed(int(sys.argv[1]))\n"
                                "net((8, 8, 1), 10).save_weights(WEIGHTS)\n"})
    assert process(tmp_path, "make.py", 1).code == 0
    run(tmp_path)
    assert planned(tmp_path)[0]["left"] == 0 and "net.weights.h5" in planned(tmp_path)[0]["watched"]
    assert process(tmp_path, "make.py", 2).code == 0
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


HOOK = """
from dlbench.techniques import Paper, Technique, hooked

def scaled(recipe):
    return hooked(recipe, "loss", "plugged:loss")

def loss(logits, labels):
    import json, tensorflow as tf
    from pathlib import Path
    import helper
    scale = json.loads(Path(__file__).with_name("scale.json").read_text())
    return helper.times(scale) * tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)

TECHNIQUES = (Technique("scaled", "regularisation", "Scaled", Paper("A", "B", 1995, "https://x.org"), ("hooks.loss",), scaled),)
"""


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
    make = "import numpy as np, sys\nnp.save('x.npy', np.random.default_rng(int(sys.argv[1])).random((300, 4, 4, 1), np.float32))\n"
    study(tmp_path, {"mine.py": data + NET.format(units=4), "make.py": make}, dataset="mine:data")
    assert process(tmp_path, "make.py", 1).code == 0
    first = planned(tmp_path)[0]
    assert "x.npy" not in first["watched"]
    assert process(tmp_path, "make.py", 2).code == 0
    second = planned(tmp_path)[0]
    contents = [facts["arms"][0]["recipe"]["data.content"] for facts in (first, second)]
    assert contents[0] != contents[1]


def test_m6_what_is_written_while_the_model_is_built_is_no_input(tmp_path):
    write = "    Path(__file__).with_name('log.txt').write_text('built')\n    inputs ="
    study(tmp_path, {"mine.py": "from pathlib import Path\n" + NET.format(units=4).replace("    inputs =", write)})
    assert planned(tmp_path)[0]["watched"] == ["mine.py"]


# M11: the current folder shadows no library


@pytest.fixture
def shadowed(tmp_path):
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text(f"raise RuntimeError('{name} of the current folder')\n")
    return tmp_path


def test_m11_files_that_nobody_names_change_nothing(shadowed):
    study(shadowed, model="small_cnn")
    (shadowed / "types.py").unlink()  # Python itself imports it where it is called with -m
    for command in (("plan", "study.toml"), ("run", "study.toml", "--no-report", "--no-timing"), ("doctor",)):
        ended = process(shadowed, "-m", "dlbench", *command)
        assert ended.code in (0, 4) and "current folder" not in ended.out + ended.err, ended
        assert str(shadowed) not in ended.out or "doctor" in command
    assert "2 done, 0 to do" in process(shadowed, "-m", "dlbench", "plan", "study.toml").out


def test_m11_with_the_current_folder_on_pythonpath_libraries_still_come_first(shadowed, monkeypatch):
    study(shadowed, {"mine.py": NET.format(units=4)})
    for name in ("types", "random", "code", "copy", "signal", "selectors", "tempfile", "inspect", "string", "token"):
        (shadowed / f"{name}.py").unlink()  # Python itself looks there first, before any of dlbench is loaded
    monkeypatch.setenv("PYTHONPATH", "")
    start = "import sys; sys.path.append(sys.argv.pop(1)); from dlbench.__main__ import main; main()"
    repository = __file__.partition("/tests/")[0]
    ended = process(shadowed, "-c", start, repository, "plan", "study.toml")
    assert ended.code == 0 and "mine:net: functional, 310 parameters" in " ".join(ended.out.split()), ended


@pytest.mark.parametrize("name", ["test", "code", "types", "random", "tensorflow", "pip"])
def test_m11_a_reference_takes_the_file_beside_the_study_whatever_its_name(name, tmp_path):
    study(tmp_path, {f"{name}.py": NET.format(units=4)}, model=f"{name}:net")
    facts = planned(tmp_path)[0]
    assert facts["facts"]["digits"]["build"]["parameters"] == 310 and facts["watched"] == [f"{name}.py"]
    assert f"'{name}' beside the study is used, and not the library of that name" in " ".join(facts["warnings"])


def test_m11_helpers_beside_the_study_are_imported_though_a_library_has_their_name(tmp_path, monkeypatch):
    installed = tmp_path / "site-packages"
    installed.mkdir()
    (installed / "blocks.py").write_text("UNITS = 99\n")
    monkeypatch.syspath_prepend(installed)
    folder = tmp_path / "study"
    mine = "from blocks import UNITS\nimport random\nrandom.random()\n" + NET.format(units="UNITS")
    study(folder, {"mine.py": mine, "blocks.py": "UNITS = 4\n", "random.py": "raise RuntimeError\n"})
    facts = planned(folder)[0]
    assert facts["facts"]["digits"]["build"]["parameters"] == 310
    said = " ".join(facts["warnings"])
    assert "'blocks' beside the study is used" in said and "'random' beside the study is not used" in said


def test_m11_a_name_that_is_not_there_is_said_with_the_nearest(tmp_path):
    study(tmp_path, {"mine.py": NET.format(units=4)}, model="mine:nett")
    assert "mine.py has no 'nett'; did you mean 'net'?" in refused(tmp_path)
    study(tmp_path, model="mina:net")
    assert re.search("there is no module 'mina' beside the study .*did you mean 'mine'", refused(tmp_path))


# M10: what cannot be imported is named in a line


def refused(folder, command="plan"):
    ended = called(folder, command, "study.toml")
    line = " ".join(ended.err.split())
    assert ended.code == 2 and "Traceback" not in line and "usage:" not in line, ended
    return line


ENDS = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--data', required=True)\n"
IMPORTS = {
    "arguments": (f"{ENDS}args = parser.parse_args()\n",
                  r"mine\.py ends the program while it is imported \(line 4: .*--data\); put .*__main__"),
    "exit": ("import sys\n\nsys.exit()\n", r"mine\.py ends the program while it is imported \(line 3\); put"),
    "exit in a function": ("def main():\n    raise SystemExit(1)\n\nmain()\n", r"ends the program while it is imported \(line 4\)"),
    "exit with words": ("raise SystemExit('no GPU')\n", r"ends the program while it is imported \(line 1: no GPU\)"),
    "_exit": ("import os\nos._exit(0)\n", r"mine\.py ends the program while it is imported \(line 2\)"),
    "in a helper": ("import helper\n", r"helper\.py ends the program while it is imported \(line 2\)"),
    "input": ("x = input('which? ')\n", r"mine\.py asks for input while it is imported \(line 1\)"),
    "error": ("x = 1\ny = x / 0\n", r"mine\.py cannot be imported: ZeroDivisionError: division by zero \(mine\.py, line 2\)"),
    "syntax": ("x = 1\ndef net(:\n", r"mine\.py cannot be imported: SyntaxError: .* \(mine\.py, line 2\)"),
    "circle": ("from circle import x\ny = 1\n", r"mine\.py cannot be imported: ImportError: .*circular import.*\(circle\.py, line 1\)"),
    "missing": ("import nowhere_xy\n", r"mine\.py cannot be imported: ModuleNotFoundError: .*'nowhere_xy' \(mine\.py, line 1\)"),
    "training": ("import keras\nnet = keras.Sequential([keras.layers.Dense(1)])\nnet.fit()\n",
                 r"mine\.py trains a model while it is imported \(line 3\)"),
}
HELPERS = {"helper.py": "import sys\nsys.exit()\n", "circle.py": "from mine import y\nx = 1\n"}


@pytest.mark.parametrize("text, words", IMPORTS.values(), ids=IMPORTS)
def test_m10_a_model_file_that_cannot_be_imported_is_named_with_its_line(text, words, tmp_path):
    study(tmp_path, {"mine.py": text + NET.format(units=4), **HELPERS})
    assert re.search(rf"study\.toml: model 'mine:net': (mine\.py )?{words}", refused(tmp_path))


@pytest.mark.parametrize("kind", ["dataset", "hook", "plug-in"])
def test_m10_so_is_a_file_of_data_of_hooks_and_of_a_plugin(kind, tmp_path):
    bad = "import os\nos._exit(0)\ndef data(): ...\ndef loss(logits, labels): ...\n"
    if kind == "dataset":
        study(tmp_path, {"mine.py": bad}, dataset="mine:data", model="mlp")
    else:
        study(tmp_path, {"plugged.py": HOOK.replace('"plugged:loss"', '"mine:loss"') if kind == "hook" else bad, "mine.py": bad},
              model="mlp", arm='technique = "scaled"')
        (tmp_path / "study.toml").write_text('plugins = ["plugged.py"]\n' + (tmp_path / "study.toml").read_text())
    for command in ("plan", "run"):
        file = "plugged" if kind == "plug-in" else "mine"
        assert f"{file}.py ends the program while it is imported (line 2); put" in refused(tmp_path, command)


@pytest.mark.parametrize("statement", ["import sys; sys.exit()", "import os; os._exit(0)", "raise SystemExit"])
@pytest.mark.parametrize("kind", ["model", "dataset"])
def test_m10_a_function_that_ends_the_program_is_named_too(kind, statement, tmp_path):
    head = f"def data():\n    {statement}\n" if kind == "dataset" else ""
    net = NET.format(units=4).replace("    inputs =", f"    {statement}\n    inputs =") if kind == "model" else NET.format(units=4)
    study(tmp_path, {"mine.py": head + net}, dataset="mine:data" if kind == "dataset" else "digits")
    assert re.search(r"the function ends the program \(mine\.py, line \d+\)", refused(tmp_path))


def test_m10_arguments_with_defaults_do_not_see_those_of_dlbench(tmp_path):
    text = ENDS.replace("'--data', required=True", "'--units', type=int, default=4") + "args = parser.parse_args()\n"
    study(tmp_path, {"mine.py": text + NET.format(units="args.units")})
    assert planned(tmp_path)[0]["facts"]["digits"]["build"]["parameters"] == 310


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
