"""What planning asks of the user's own data and model is asked once, and again when they change."""

from typing import ClassVar

import pytest

from dlbench.datasets import Places
from dlbench.execution import environment, inspection
from dlbench.execution.backends.protocol import TaskResult
from dlbench.execution.inspection import inspected
from dlbench.execution.rehearsal import _files
from dlbench.study import load, plan
from dlbench.values.errors import InputError
from dlbench.values.inspection import Build, Inspection

STUDY = 'dataset = "{dataset}"\nmodel = "{model}"\nmargin = 0.01\n[[arms]]\n{arm}\n'
CNN = Build("functional", convs=2, dense=1, pool=True, maps=True, parameters=1000)


class FakePool:
    """Answers as a worker does, without TensorFlow."""

    asked: ClassVar[list] = []
    answer: TaskResult | None = None
    build, kind, shape = CNN, "image", (8, 8, 3)

    def __init__(self, jobs, settings, engine):
        self.settings = settings

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def call(self, method, arguments):
        FakePool.asked.append(arguments["recipes"])
        facts = Inspection(self.kind, self.shape, 3, (20, 0), (1, 5), "0123", self.build)
        return FakePool.answer or TaskResult(method, "done", [facts for _ in arguments["recipes"]])


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Makes a study with data and a model of its own, and looks at it."""
    monkeypatch.setattr(inspection, "Pool", FakePool)
    monkeypatch.syspath_prepend(tmp_path)
    for name, value in (("asked", []), ("answer", None), ("build", CNN), ("kind", "image"), ("shape", (8, 8, 3))):
        monkeypatch.setattr(FakePool, name, value)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").write_text("1")
    (tmp_path / "own_net_xy.py").write_text("def net(): pass")

    def look(dataset="folder:photos", model="own_net_xy:net", arm='technique = "flip"', anew=False):
        (tmp_path / "study.toml").write_text(STUDY.format(dataset=dataset, model=model, arm=arm))
        return inspected(load(str(tmp_path / "study.toml")), Places(str(tmp_path)), str(tmp_path / "cache"), lambda text: None, anew)

    return tmp_path, look


def test_a_study_of_shipped_data_and_model_is_not_looked_at(project):
    assert project[1]("digits", "small_cnn").inspections == {} and FakePool.asked == []


def test_it_is_looked_at_once_and_again_after_a_change(project):
    folder, look = project
    first = look()
    assert look() == first and len(FakePool.asked) == 1
    (folder / "photos" / "two.jpg").write_text("2")
    other = look()
    assert len(FakePool.asked) == 2 and other.inspections["folder:photos"].content != first.inspections["folder:photos"].content
    (folder / "own_net_xy.py").write_text("def net(): return 1")
    look()
    assert len(FakePool.asked) == 3
    look(model="small_cnn")
    assert len(FakePool.asked) == 4


def test_runs_are_known_by_the_content_of_their_data(project):
    folder, look = project
    before = {run.run_id for run in plan(look()).runs}
    assert {run.run_id for run in plan(look()).runs} == before
    (folder / "photos" / "one.jpg").write_text("another")
    assert not before & {run.run_id for run in plan(look()).runs}


def test_a_function_that_returns_data_is_called_again_where_that_is_asked_for(project):
    _, look = project
    look("own_net_xy:data")
    look("own_net_xy:data")
    assert len(FakePool.asked) == 1
    assert look("own_net_xy:data", anew=True).inspections["own_net_xy:data"].content == "0123"
    assert len(FakePool.asked) == 2


def test_what_the_worker_refuses_is_refused(project, monkeypatch):
    monkeypatch.setattr(FakePool, "answer", TaskResult("inspect", "input", "cat/1.jpg is broken"))
    with pytest.raises(InputError, match=r"study\.toml: cat/1\.jpg is broken"):
        project[1]()
    monkeypatch.setattr(FakePool, "answer", None)
    assert project[1]().inspections


@pytest.mark.parametrize("build, kind, shape, arm, words", [
    (Build("subclassed", parameters=5), "image", (8, 8, 3), 'technique = "dropout"',
     r"arm 'dropout': it changes layers \(dropout\).*subclass of keras\.Model\. Techniques that can be applied here: crop, .*flip.*l2"),
    (Build("functional", dense=1), "image", (8, 8, 3), 'technique = "separable_conv"', "needs a convolution.*applied here: .*dropout"),
    (CNN, "image", (8, 8, 1), 'technique = "hue"', "needs images of 3 channels, and 'folder:photos' has 1.*brightness, contrast, "),
    (CNN, "row", (4,), 'technique = "flip"', "needs images, and 'folder:photos' has rows of numbers"),
    (Build("functional", convs=1, pool=True, maps=True), "image", (8, 8, 3), 'technique = "separable_conv"', "a second convolution"),
])
def test_a_technique_that_cannot_be_applied_is_refused_with_the_reason(project, monkeypatch, build, kind, shape, arm, words):
    for name, value in (("build", build), ("kind", kind), ("shape", shape)):
        monkeypatch.setattr(FakePool, name, value)
    with pytest.raises(InputError, match=words) as raised:
        plan(project[1](arm=arm))
    named = str(raised.value).partition("applied here: ")[2].split(", ")
    assert arm.split('"')[1] not in named or "second" in words


def test_what_is_said_to_be_applicable_is(project, monkeypatch):
    monkeypatch.setattr(FakePool, "build", Build("subclassed"))
    with pytest.raises(InputError) as raised:
        plan(project[1](arm='technique = "dropout"'))
    named = str(raised.value).partition("applied here: ")[2].split(", ")
    assert "flip" in named and not {"dropout", "init", "activation", "separable_conv", "normalization", "width"} & set(named)
    assert plan(project[1](arm='technique = "rotate"')).arms[1].name == "rotate"


def test_the_version_of_a_package_is_looked_up_once_for_all_arms_of_a_plan(monkeypatch):
    asked = []
    monkeypatch.setattr(environment.metadata, "version", lambda name: asked.append(name) or "1.0")
    environment.version.cache_clear()
    try:
        strengths = [number / 1000 for number in range(1, 30)]
        whole = plan(load({"margin": 0.01, "seeds": 1, "model": "mlp", "arms": [{"technique": "l2", "strength": strengths}]}))
        assert len(list(_files(whole, Places(), "cache", None))) == 30
    finally:
        environment.version.cache_clear()
    assert "numpy" in asked and len(asked) == len(set(asked)) > 4
