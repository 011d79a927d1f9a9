"""A study of a program's own objects: arms, technique constructors, what is refused, and the files that run it again."""

from __future__ import annotations

import inspect
import threading
import tomllib

import numpy as np
import pandas as pd
import pytest

import dlbench
from dlbench.app.objects import objects_study
from dlbench.techniques import CATALOGUE

XY = (np.zeros((10, 3)), np.arange(10) % 2)
ASKED = {"arms": [dlbench.arm("l2", strength=0.1)], "margin": 0.1}
UNITS = [4, 8]
LOCK = threading.Lock()


def net(input_shape, classes):
    return input_shape, classes, UNITS


def locked(input_shape, classes):
    return LOCK


def test_every_technique_is_a_function_with_its_declarations_signature_and_documentation():
    for technique in CATALOGUE:
        function = getattr(dlbench.techniques, technique.name)
        signature = inspect.signature(function)
        defaults = {name: parameter.default for name, parameter in signature.parameters.items() if parameter.default is not parameter.empty}
        assert list(signature.parameters) == [item.name for item in technique.parameters] and defaults == technique.defaults()
        assert technique.summary in function.__doc__ and all(item.doc in function.__doc__ for item in technique.parameters)
        values = {item.name: item.example if item.required else item.default for item in technique.parameters}
        assert function(**values) == {"technique": technique.name, **values}
        assert technique.name in dir(dlbench.techniques)


def test_arms_are_the_tables_of_a_study_file():
    pair = dlbench.arm(dlbench.techniques.rotate(degrees=10), dlbench.techniques.flip(), name="both", reference="baseline")
    assert pair == {"techniques": [{"technique": "rotate", "degrees": 10}, {"technique": "flip"}], "name": "both", "reference": "baseline"}
    table = dlbench.plan({"margin": 0.1, "arms": [dlbench.techniques.dropout(rate=[0.2, 0.5]), pair]})
    assert table.arm.tolist() == ["baseline", "dropout rate=0.2", "dropout rate=0.5", "both"]


def test_source_and_data_are_written_as_a_study_that_can_be_planned(tmp_path):
    file = objects_study(net, (np.zeros((10, 8, 8)), np.arange(10) % 2, np.ones((4, 8, 8)), np.arange(4) % 2), ASKED, tmp_path / "out")
    assert "UNITS = [4, 8]\n\n\ndef net(" in (tmp_path / "out" / "study_model.py").read_text()
    with np.load(tmp_path / "out" / "study_data.npz") as arrays:
        assert {name: arrays[name].shape for name in arrays} == {
            "x_train": (10, 8, 8, 1), "y_train": (10,), "x_test": (4, 8, 8, 1), "y_test": (4,)}
    table = tomllib.loads(file.read_text())
    assert (table["model"], table["dataset"]) == ("study_model:net", "npz:study_data.npz")
    again = (file.read_bytes(), (tmp_path / "out" / "study_data.npz").read_bytes())
    objects_study(net, (np.zeros((10, 8, 8)), np.arange(10) % 2, np.ones((4, 8, 8)), np.arange(4) % 2), ASKED, tmp_path / "out")
    assert again == (file.read_bytes(), (tmp_path / "out" / "study_data.npz").read_bytes())


@pytest.mark.parametrize("made, dataset", [("photos/cat/1.png", "folder:../photos"), ("a.npz", "npz:../a.npz"), ("a.csv", "csv:../a.csv"),
                                           ("photos/train.csv", "csv:../photos")])
def test_a_path_is_read_by_the_family_of_its_kind(made, dataset, tmp_path):
    (tmp_path / made).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / made).touch()
    given = tmp_path / made.split("/")[0]
    table = tomllib.loads(objects_study("mlp", given, ASKED, tmp_path / "out").read_text())
    assert (table["dataset"], table["model"]) == (dataset, "mlp")


def test_a_frame_becomes_a_table(tmp_path):
    objects_study("mlp", pd.DataFrame({"a": [1.5, 2.0], "label": ["x", "y"]}), ASKED, tmp_path / "out")
    assert (tmp_path / "out" / "study_data.csv").read_text() == "a,label\n1.5,x\n2.0,y\n"


def test_two_frames_are_train_and_test(tmp_path):
    train, test = pd.DataFrame({"a": [1.5, 2.0], "label": ["x", "y"]}), pd.DataFrame({"a": [3.0], "label": ["y"]})
    study = objects_study("mlp", (train, test), ASKED, tmp_path / "out")
    assert tomllib.loads(study.read_text())["dataset"] == "csv:study_data"
    assert (tmp_path / "out" / "study_data" / "train.csv").read_text() == "a,label\n1.5,x\n2.0,y\n"
    assert (tmp_path / "out" / "study_data" / "test.csv").read_text() == "a,label\n3.0,y\n"
    for other, words in ((test.rename(columns={"a": "b"}), "differ in 'a'"), (test[["label", "a"]], "differ in 'their order'")):
        with pytest.raises(dlbench.InputError, match=words):
            objects_study("mlp", (train, other), ASKED, tmp_path / "no")


@pytest.mark.parametrize("call, words", [
    (dlbench.run, "accepted: a study; or model and data"),
    (lambda: dlbench.run("quickstart", model=net), "model and data beside a study"),
    (lambda: dlbench.run(model=net, data=XY, arms=ASKED["arms"]), "key 'margin' is missing"),
    (lambda: dlbench.run(model=net, data=XY, budgett=3, **ASKED), "unknown key 'budgett'; did you mean 'budget'?"),
    (lambda: dlbench.run(model=net, data=3, **ASKED), "data: int was given; accepted: (x_train, y_train"),
    (lambda: dlbench.run(model=net, data=(XY[0], XY[1][:9]), **ASKED), "got x [10, 3] float64 and y [9] in the train part"),
    (lambda: dlbench.run(model=net, data=(), **ASKED), "tuple was given; accepted: (x, y)"),
    (lambda: dlbench.run(model=net, data="nowhere.csv", **ASKED), "data: nowhere.csv: no such file"),
    (lambda: dlbench.run(model=net, data=__file__, **ASKED), "accepted: a folder of images or texts, or a file .npz, .csv, .tsv"),
    (lambda: dlbench.run(model=locked, data=XY, **ASKED), "cannot be handed to another process: cannot pickle '_thread.lock'"),
    (lambda: dlbench.run(model="mpl", data=XY, **ASKED), "unknown model 'mpl'; did you mean 'mlp'?"),
    (dlbench.arm, "arm: accepted: one technique"),
    (lambda: dlbench.arm({"technique": "flip"}, {"technique": "l2"}, strength=1), "arm: accepted: one technique"),
])
def test_what_cannot_be_used_is_refused_and_nothing_is_written(call, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(dlbench.InputError) as raised:
        call()
    assert words in str(raised.value) and list(tmp_path.iterdir()) == []


def test_a_folder_of_somebody_elses_is_not_written_to(tmp_path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(dlbench.InputError, match="dlbench has not made this folder"):
        dlbench.run(model=net, data=XY, out=tmp_path, **ASKED)


def test_an_unknown_technique_or_parameter_is_named():
    with pytest.raises(AttributeError, match="unknown technique 'dropuot'; did you mean 'dropout'"):
        dlbench.techniques.dropuot  # noqa: B018
    with pytest.raises(TypeError, match=r"dropout\(\): got an unexpected keyword argument 'rat'; it takes: rate, place"):
        dlbench.techniques.dropout(rat=0.5)
