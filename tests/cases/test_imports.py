"""What cannot be imported is named in a line: row M10 of the cases, and its kin."""

import re

import pytest

from tests.cases.written import HOOK, NET, planned, refused, study

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


def test_m12_a_model_in_the_place_of_the_function_that_builds_it_is_named(tmp_path):
    layers = "keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10)"
    study(tmp_path, {"mine.py": f"import keras\nnet = keras.Sequential([{layers}])\n"})
    assert "model 'mine:net': it is a model, and each run builds its own; accepted: a function that builds it" in refused(tmp_path)
