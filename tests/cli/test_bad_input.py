"""Bad input ends with exit code 2 and one line that says where, what and what else; nothing is run or written."""

from __future__ import annotations

import os

import pytest

from dlbench.app.request import checked_data_dir
from dlbench.study.validation import check, parameters_model
from dlbench.techniques import CATALOGUE
from dlbench.values.errors import InputError

GOOD = 'margin = 0.01\n[[arms]]\ntechnique = "dropout"\nrate = 0.5\n'
FILES = {
    "technique": (
        'margin = 0.01\n[[arms]]\ntechnique = "dropuot"', ["arms[0]", "technique 'dropuot'", "mean 'dropout'?", "Accepted: crop"]),
    "technique of a baseline": (
        'margin = 0.01\nbaseline = { techniques = [{ technique = "l3" }] }\narms = [{ technique = "flip" }]',
        ["baseline", "technique 'l3'", "did you mean", "Accepted: crop"]),
    "technique left out": ('margin = 0.01\n[[arms]]\ntehnique = "l2"', ["arms[0]", "'technique' is missing", "'tehnique'", "dlbench list"]),
    "parameter": (
        'margin = 0.01\n[[arms]]\ntechnique = "dropout"\nrat = 0.5', ["arms[0] (dropout)", "key 'rat'", "mean 'rate'?", "Accepted: rate"]),
    "word": ('margin = 0.01\n[[arms]]\ntechnique = "lr_schedule"\nkind = "cosin"', ["kind 'cosin'", "mean 'cosine'?", "Accepted: "]),
    "key": ("seedz = 3\n" + GOOD, ["key 'seedz'", "mean 'seeds'?", "Accepted: question, design"]),
    "key of a table": (GOOD + "[baseline]\nbatchsize = 3", ["'baseline.batchsize'", "mean 'baseline.batch_size'?", "Accepted: "]),
    "unit of the budget": ("budget = { epoch = 3 }\n" + GOOD, ["'budget.epoch'", "mean 'budget.epochs'?", "budget.seconds"]),
    "two budgets": ("budget = { epochs = 3, steps = 2 }\n" + GOOD, ["budget", "exactly one of epochs, steps, examples, seconds"]),
    "dataset": ('dataset = "digts"\n' + GOOD, ["dataset 'digts'", "mean 'digits'?", "Accepted: digits, folder:PATH"]),
    "model": ('model = "smal_cnn"\n' + GOOD, ["model 'smal_cnn'", "mean 'small_cnn'?", "Accepted: small_cnn, guide_cnn"]),
    "size of data without one": ("size = [8, 8]\n" + GOOD, ["size: dataset 'digits' has no use for it", "'folder:…'"]),
    "size": ('dataset = "folder:x"\nsize = [8]\n' + GOOD, ["size = [8]", "[height, width]"]),
    "channels": ('dataset = "folder:x"\nsize = [8, 8, 2]\n' + GOOD, ["size = [8, 8, 2]", "channels 1 or 3"]),
    "column of a folder": ('dataset = "folder:x"\ntext = "review"\n' + GOOD, ["text: dataset 'folder:x' has no use for it", "'csv:…'"]),
    "text and numbers": (
        'dataset = "csv:x.csv"\ntext = "review"\nfeatures = ["stars"]\n' + GOOD, ["text and features", "one of them"]),
    "one input": ('dataset = "csv:x.csv"\ninputs = { image = "file" }\n' + GOOD, ["inputs = ", "a table of two or more inputs"]),
    "inputs beside an image": (
        'dataset = "csv:x.csv"\nimage = "f"\ninputs = { a = "f", b = ["c"] }\n' + GOOD, ["inputs and image", "one of them"]),
    "columns of arrays": (
        'dataset = "npz:x.npz"\ninputs = { a = "f", b = ["c"] }\n' + GOOD, ["b is a list of columns", "the name of an array"]),
    "inputs of a folder": (
        'dataset = "folder:x"\ninputs = { a = "f", b = "c" }\n' + GOOD, ["inputs: dataset 'folder:x' has no use for it", "'npz:…'"]),
    "a size without images": (
        'dataset = "csv:x.csv"\nsize = [8, 8]\ninputs = { a = ["b"], c = ["d"] }\n' + GOOD, ["size: every input is a list of columns"]),
    "a target that has no curve": (
        'metric = "test_auc"\ntarget = 0.9\n' + GOOD, ["target", "test_auc", "accuracy or a loss"]),
    "metric": ('metric = "test_acuracy"\n' + GOOD, ["metric 'test_acuracy'", "mean 'test_accuracy'?", "Accepted: "]),
    "design": ('design = "factoral"\n' + GOOD, ["design 'factoral'", "mean 'factorial'?", "Accepted: one_at_a_time"]),
    "a margin as large as the metric's range": (
        GOOD.replace("0.01", "1.0"), ["margin = 1: test_accuracy lies between 0 and 1", "below 1 (0.01 is one point)"]),
    "a margin beyond all scores": ('metric = "test_loss"\n' + GOOD.replace("0.01", "1e101"), ["margin = 1e+101", "up to a billion"]),
    "a seed that no table holds": (f"seeds = [{2**63}, 1]\n" + GOOD, ["seeds = [9223372036854775808, 1]", "below 2^63"]),
    "a split seed that no table holds": (f"split_seed = {2**64}\n" + GOOD, ["split_seed = 18446744073709551616", "below 2^63"]),
    "steps without end": (f"budget = {{ steps = {10**20} }}\n" + GOOD, ["budget.steps = 1", "a whole number from 1"]),
    "arms that are each other's reference": (
        GOOD + 'name = "a"\nreference = "b"\n[[arms]]\nname = "b"\ntechnique = "l2"\nstrength = 0.1\nreference = "a"',
        ["arms 'a' and 'b' are compared with each other in a circle", "ends at an arm without one"]),
    "arms that are references in a ring": (
        GOOD + 'name = "a"\nreference = "b"\n[[arms]]\nname = "b"\ntechnique = "l2"\nstrength = 0.1\nreference = "c"\n'
        '[[arms]]\nname = "c"\ntechnique = "l2"\nstrength = 0.2\nreference = "a"', ["in a circle", "'a'", "'b'", "'c'"]),
    "lists in lists without end": (f"seeds = {'[' * 50_000}{']' * 50_000}\n" + GOOD, ["nested too deeply"]),
    "tables in tables without end": (f"seeds = {'{ a = ' * 5_000}1{' }' * 5_000}\n" + GOOD, ["nested too deeply"]),
    "a number of 5,000 digits": (f"seeds = {'9' * 5_000}\n" + GOOD, ["not valid TOML", "5000 digits"]),
    "a dotted key of 40,000 characters": (f"{'.'.join('a' * 20_000)} = 1\n" + GOOD, ["a key has over 1,000 characters"]),
    "a table of 40,000 characters": (f"{GOOD}[{'.'.join('a' * 20_000)}]\nb = 1", ["a key has over 1,000 characters"]),
    "a file of five million characters": ("#" * 5_000_000, ["is no study file"]),
    "type of a design": ("design = 5\n" + GOOD, ["design = 5", "accepted: one of one_at_a_time"]),
    "a look within a round of folds": (
        "adaptive = { looks = [4, 6] }\nfolds = 4\n" + GOOD, ["adaptive.looks: 6 seeds with folds = 4", "whole rounds", "such as 8"]),
    "folds beside a test share": ("test = 0.3\nfolds = 4\n" + GOOD, ["test = 0.3 beside folds = 4", "either key"]),
    "one fold": ("folds = 1\n" + GOOD, ["folds = 1", "a whole number from 2 to 64"]),
    "settings chosen in folds": (
        "folds = 4\nnuisance = { learning_rate = [0.001, 0.01] }\n" + GOOD, ["nuisance beside folds", "what another fold tests"]),
    "designs that do not go together": ('design = ["factorial", "leave_one_out"]\n' + GOOD, ["design = ", "side by side"]),
    "resolution": ('design = "fractional"\nresolution = 2\n' + GOOD, ["resolution = 2", "accepted: one of 3, 4, 5"]),
    "optimizer": (GOOD + '[baseline]\noptimizer = "adm"', ["baseline.optimizer 'adm'", "mean 'adam'?", "Accepted: sgd"]),
    "reference": (GOOD + 'reference = "basline"', ["arm 'dropout rate=0.5'", "reference", "arm 'basline'", "mean 'baseline'?"]),
    "type of a number": ('seeds = "eight"\n' + GOOD, ["seeds = 'eight'", "accepted: a number of seeds"]),
    "type of a parameter": (
        'margin = 0.01\n[[arms]]\ntechnique = "dropout"\nrate = "high"', ["rate = 'high'", "accepted: a number in (0, 1)"]),
    "type of a table": ("budget = 20\n" + GOOD, ["budget = 20", "accepted: a table such as { epochs = 20 }"]),
    "a switch for a number": ("seeds = true\n" + GOOD, ["seeds", "accepted: a number of seeds"]),
    "negative rate": (
        'margin = 0.01\n[[arms]]\ntechnique = "dropout"\nrate = -0.5', ["arms[0]", "rate = -0.5", "accepted: a number in (0, 1)"]),
    "negative learning rate": (GOOD + "[baseline]\nlearning_rate = -0.1", ["baseline.learning_rate = -0.1", "accepted: a number above 0"]),
    "not a number": (GOOD + "[baseline]\nlearning_rate = nan", ["baseline.learning_rate = nan", "accepted: a number above 0"]),
    "seeds beside looks": (
        "seeds = 5\nadaptive = { looks = [5, 8] }\n" + GOOD, ["seeds = 5 beside", "leave out either seeds (or --seeds) or adaptive"]),
    "looks that do not ascend": ("adaptive = { looks = [5, 5] }\n" + GOOD, ["adaptive.looks = [5, 5]", "ascending whole numbers from 2"]),
    "a look at one seed": ("adaptive = { looks = [1, 5] }\n" + GOOD, ["adaptive.looks = [1, 5]", "from 2"]),
    "no look": ("adaptive = { looks = [] }\n" + GOOD, ["adaptive.looks = []", "such as [5, 8, 12, 16]"]),
    "too late a look": ("adaptive = { looks = [5, 201] }\n" + GOOD, ["adaptive.looks = [5, 201]", "from 2 to 200"]),
    "half a seed": ("adaptive = { looks = [2.5] }\n" + GOOD, ["adaptive.looks[0] = 2.5", "ascending whole numbers"]),
    "key of the looks": ("adaptive = { look = [5] }\n" + GOOD, ["'adaptive.look'", "mean 'adaptive.looks'?"]),
    "type of the looks": ("adaptive = 5\n" + GOOD, ["adaptive = 5", "a table such as { looks = [5, 8, 12, 16] }"]),
    "neither looks nor a time": ("adaptive = { first_seed = 8 }\n" + GOOD, ["adaptive.looks: missing", "or spend = TIME"]),
    "seeds beside a time": ("seeds = 5\nspend = \"30 min\"\n" + GOOD, ["seeds = 5 beside spend", "leave out either seeds"]),
    "looks beside a time": ("adaptive = { looks = [5, 8] }\nspend = \"30 min\"\n" + GOOD, ["spend beside adaptive.looks", "leave out one"]),
    "a time without a unit": ('spend = "30"\n' + GOOD, ["spend = '30'", "a time such as '30 min', in s, min or h"]),
    "a time that is a number": ("spend = 30\n" + GOOD, ["spend = 30", "a time such as '30 min'"]),
    "no time": ('spend = "0 s"\n' + GOOD, ["spend = '0 s'", "a time above 0"]),
    "time for what is tuned": (
        'spend = "30 min"\nnuisance = { batch_size = [16, 32] }\n' + GOOD, ["spend beside nuisance", "adaptive = { looks"]),
    "time for several datasets": (
        'spend = "30 min"\ndatasets = ["digits", "tfds:mnist"]\n' + GOOD, ["spend beside datasets", "adaptive = { looks"]),
    "looks at nothing": (
        'margin = 0.01\nadaptive = { looks = [2, 4] }\n[[arms]]\ntechnique = "transfer"\nmode = "scratch"',
        ["adaptive: no arm is compared with another"]),
    "no seeds": ("seeds = 0\n" + GOOD, ["seeds = 0", "accepted: "]),
    "a seed twice": ("seeds = [1, 1]\n" + GOOD, ["seeds = [1, 1]", "a list of different seeds"]),
    "no margin": ('[[arms]]\ntechnique = "flip"', ["key 'margin' is missing", "the smallest difference that matters"]),
    "share above 1": ("validation = 1.5\n" + GOOD, ["validation = 1.5", "accepted: a share in [0, 1)"]),
    "empty study": ("margin = 0.01", ["arms", "the study is empty", "[[arms]]"]),
    "empty arm": ("margin = 0.01\n[[arms]]", ["arms[0]", "key 'technique' is missing"]),
    "empty sweep": ('margin = 0.01\n[[arms]]\ntechnique = "dropout"\nrate = []', ["arms[0]", "rate = []", "at least one value"]),
    "empty file": ("", ["key 'margin' is missing"]),
    "arms of one name": (
        'margin = 0.01\narms = [{ name = "a", technique = "flip" }, { name = "a", technique = "l2", strength = 0.1 }]',
        ["two arms are named 'a'"]),
    "arms of one content": (
        'margin = 0.01\narms = [{ name = "a", technique = "flip" }, { name = "b", technique = "flip" }]',
        ["'a' and 'b' are duplicates"]),
    "an arm that changes nothing": (
        'margin = 0.01\n[[arms]]\ntechnique = "learning_rate"\nvalue = 1e-3',
        ["'learning_rate value=0.001' changes nothing", "equals that of 'baseline'"]),
    "techniques that do not commute": (
        'margin = 0.01\n[[arms]]\nname = "x"\ntechniques = [{ technique = "batch_size", size = 128, lr_rule = "linear" }, '
        '{ technique = "learning_rate", value = 0.01 }]',
        ["arm 'x'", "batch_size and learning_rate both decide training.learning_rate", "order matters"]),
    "a technique without its layer": (
        'model = "mlp"\nmargin = 0.01\n[[arms]]\ntechnique = "separable_conv"', ["separable_conv needs a convolution", "'mlp' has none"]),
    "colour on grey images": ('margin = 0.01\n[[arms]]\ntechnique = "hue"', ["hue needs images of 3 channels", "'digits' has 1"]),
    "nothing to stop by": (
        'validation = 0.0\nmargin = 0.01\n[[arms]]\ntechnique = "early_stopping"',
        ["early_stopping needs a validation split", "set validation"]),
    "one arm left out of one": ('design = "leave_one_out"\n' + GOOD, ["design = 'leave_one_out'", "at least two arms"]),
    "a reference in a factorial": ('design = "factorial"\n' + GOOD + 'reference = "baseline"', ["reference is for", "one_at_a_time"]),
    "not TOML": ("[[arms]\n", ["not valid TOML", "line 1"]),
    "not text": (b"\xff\xfe\x00", ["cannot be read"]),
}
CALLS = {
    "study": (["quickstrat"], ["quickstrat: no such file", "mean 'quickstart'?", "Accepted: "]),
    "file": (["missing.toml"], ["missing.toml: no such file"]),
    "arm": (["study.toml", "--arm", "dropout rate=0.6"], ["--arm", "arm 'dropout rate=0.6'", "mean 'dropout rate=0.5'?"]),
    "--set without a value": (["study.toml", "--set", "seeds"], ["--set seeds", "KEY=VALUE"]),
    "--set of an unknown key": (["study.toml", "--set", "seedz=3"], ["study.toml", "key 'seedz'", "mean 'seeds'?"]),
    "--set of a wrong word": (["study.toml", "--set", "baseline.optimizer=adm"], ["baseline.optimizer 'adm'", "mean 'adam'?"]),
    "--set inside a number": (["study.toml", "--set", "seeds=3", "--set", "seeds.x=1"], ["--set seeds.x=1", "'seeds' is not a table"]),
    "missing data": (["study.toml", "--data-dir", "nowhere"], ["--data-dir nowhere", "No such file", "a readable folder"]),
    "data in a file": (["study.toml", "--data-dir", "study.toml"], ["--data-dir study.toml", "Not a directory", "a readable folder"]),
    "no study": ([], ["Missing argument 'STUDY'", "--help"]),
    "option": (["study.toml", "--sed", "3"], ["--sed", "--seeds", "--help"]),
    "number of seeds": (["study.toml", "--seeds", "0"], ["--seeds", "x>=1", "--help"]),
    "folder of results": (["study.toml", "--out", "study.toml"], ["--out", "study.toml", "is a file"]),
}


def refused(ended, parts):
    assert ended.code == 2, ended
    assert ended.out == "" and ended.err.startswith("dlbench: ") and ended.err.count("\n") == 1, ended.err
    assert not [part for part in parts if part not in ended.err], ended.err


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize("text, parts", FILES.values(), ids=FILES)
def test_a_wrong_study_file_is_refused(command, text, parts, call, tmp_path):
    (tmp_path / "wrong.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    refused(call(command, "wrong.toml", "--out", "out"), ["wrong.toml", *parts])
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.toml"]


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize("arguments, parts", CALLS.values(), ids=CALLS)
def test_a_wrong_call_is_refused(command, arguments, parts, call, study, tmp_path):
    study.write_text(GOOD, encoding="utf-8")
    refused(call(command, *arguments), parts)
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


def test_a_device_is_no_dataset(call, tmp_path):
    (tmp_path / "s.toml").write_text('dataset = "csv:/dev/zero"\n' + GOOD)
    refused(call("plan", "s.toml"), ["dataset 'csv:/dev/zero'", "/dev/zero is a device", "accepted: a file or a folder"])


@pytest.mark.parametrize("command", ["status", "report"])
def test_a_folder_without_results_is_refused(command, call, tmp_path):
    refused(call(command, "nowhere"), ["nowhere: no results here", "dlbench run STUDY --out nowhere"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["status", "report", "plan", "run"])
def test_a_file_that_is_no_store_is_refused_and_left_alone(command, call, study, tmp_path):
    store = tmp_path / "out" / "results.sqlite"
    store.parent.mkdir()
    store.write_text("something else", encoding="utf-8")
    refused(call(command, *(["out"] if command in ("status", "report") else ["study.toml", "--out", "out"])), ["results.sqlite"])
    assert store.read_text(encoding="utf-8") == "something else"


def test_an_unknown_command_is_refused(call):
    refused(call("pln"), ["command 'pln'", "mean 'plan'?", "Accepted: list, plan, run"])


def test_an_unreadable_data_directory_is_refused(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(65534)  # root may read everything
    try:
        with pytest.raises(InputError, match="closed: Permission denied; accepted: a readable folder"):
            checked_data_dir(str(closed))
    finally:
        os.seteuid(mine)


WORDS = [(technique, item) for technique in CATALOGUE for item in technique.parameters if item.choices and item.kind is str]


@pytest.mark.parametrize("technique, item", WORDS, ids=[f"{technique.name}.{item.name}" for technique, item in WORDS])
def test_every_misspelt_word_of_a_technique_is_told_its_nearest(technique, item):
    word = max(item.choices, key=len)
    needed = {other.name: (other.choices or [other.low or 1])[0] for other in technique.parameters if other.required}
    told = f"^x: unknown {item.name} '{word[:-1]}_'; did you mean '.+'\\? Accepted: {', '.join(item.choices)}$"
    with pytest.raises(InputError, match=told):
        check(parameters_model(technique), needed | {item.name: word[:-1] + "_"}, "x")
