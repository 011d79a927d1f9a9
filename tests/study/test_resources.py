import pytest

from dlbench.study import load
from dlbench.study.resources import Resources
from dlbench.values.errors import InputError


def study(tmp_path, line):
    (tmp_path / "x.toml").write_text(f'margin = 0.01\n{line}\n[[arms]]\ntechnique = "dropout"\n')
    return load(str(tmp_path / "x.toml"))


def test_a_run_is_reserved_one_core_unless_the_study_says_otherwise(tmp_path):
    assert study(tmp_path, "").resources == Resources(1, 0)
    assert study(tmp_path, "resources = { cpus = 4, gpus = 0.5 }").resources == Resources(4, 0.5)


@pytest.mark.parametrize("line, words", [
    ("resources = { cpu = 1 }", "did you mean 'resources.cpus'"), ("resources = { cpus = 0 }", "resources.cpus = 0"),
    ("resources = { gpus = -1 }", "resources.gpus = -1"), ("resources = { cpus = 1.5 }", "up to 1, or a whole number"),
    ("resources = 2", "resources")])
def test_what_no_machine_can_give_is_refused(tmp_path, line, words):
    with pytest.raises(InputError, match=words):
        study(tmp_path, line)


def test_as_many_runs_find_room_as_the_scarcer_of_both_allows():
    assert Resources(2, 0.25).fit(16, 1) == 4 and Resources(2, 0).fit(5, 0) == 2 and Resources(0.1, 0).fit(1, 0) == 10
    assert Resources(1, 1).fit(8, 0) == 0


@pytest.mark.parametrize("line, words", [
    ("devices = 0", "devices = 0; accepted: a whole number from 1 to 64"), ("devices = 65", "accepted: a whole number from 1 to 64"),
    ("devices = 2\nresources = { gpus = 1 }", "beside devices = 2; accepted: 2, a GPU for each device, or 0"),
    ("devices = 2\nresources = { gpus = 0.5 }", "beside devices = 2"),
    ("devices = 40\nnuisance = { batch_size = [32, 64] }", r"nuisance\.batch_size = \[32, 64\]: devices = 40 .* 40 examples or more")])
def test_devices_go_with_what_they_are_given(tmp_path, line, words):
    with pytest.raises(InputError, match=words):
        study(tmp_path, line)


def test_a_study_says_how_many_devices_its_runs_are_shared_out_over(tmp_path):
    assert study(tmp_path, "").baseline.training.devices == 1
    given = study(tmp_path, "devices = 2\nresources = { cpus = 2, gpus = 2 }")
    assert given.baseline.training.devices == 2 and given.resources == Resources(2, 2)
