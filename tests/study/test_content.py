"""What lies behind the names of data is known, and the code that runs depend on is part of what they are."""

import pytest

from dlbench.datasets import Places
from dlbench.study import load, plan
from dlbench.study.content import datasets_by_name, file_hashes_of, with_file_hashes
from dlbench.values.errors import InputError

ARM = '[[arms]]\ntechnique = "transfer"\nmode = "frozen"\ndataset = "{}"\n'


@pytest.fixture
def files(tmp_path):
    """``files(arm, dataset)``: the hashes of the files behind the data of a study, and its plan."""
    def found(arm, dataset="digits"):
        (tmp_path / "study.toml").write_text(f'margin = 0.01\nseeds = 2\ndataset = "{dataset}"\n{arm}')
        whole = with_file_hashes(plan(load(str(tmp_path / "study.toml"))), Places(str(tmp_path), str(tmp_path)), str(tmp_path / "cache"))
        return whole.study.files, whole

    return found


def write(folder, name, content):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def test_prepared_data_of_tensorflow_datasets_is_known_by_its_content(files, tmp_path):
    dropout = '[[arms]]\ntechnique = "dropout"\n'
    assert files(dropout, "tfds:mnist")[0] == {}, "it is not there, so nothing is known"
    write(tmp_path, "tfds/mnist/1.0.0/shard", b"one")
    first, whole = files(dropout, "tfds:mnist")
    assert set(first) == {"tfds:mnist"} and files(dropout, "tfds:mnist")[0] == first
    write(tmp_path, "tfds/mnist/1.0.0/shard", b"two")
    assert files(dropout, "tfds:mnist")[0] != first
    assert {run.run_id for run in files(dropout, "tfds:mnist")[1].runs} == {run.run_id for run in whole.runs}, "runs keep their identity"
    assert all(file_hashes_of(run.recipe, first) == first for run in whole.runs)


def test_what_a_transfer_pretrains_on_is_known_to_the_pretraining_and_to_what_starts_from_it(files, tmp_path):
    write(tmp_path, "other.csv", b"label,a\n0,1\n1,2\n")
    first, whole = files(ARM.format("csv:other.csv"))
    assert set(first) == {"csv:other.csv"}
    knowing = {run.recipe.transfer.mode for run in whole.runs if file_hashes_of(run.recipe, first)}
    assert knowing == {"pretrain", "frozen"} and {run.recipe.transfer.mode for run in whole.runs} == {"pretrain", "frozen", "none"}
    write(tmp_path, "other.csv", b"label,a\n0,1\n1,3\n")
    assert files(ARM.format("csv:other.csv"))[0] != first
    with pytest.raises(InputError, match=r"there is no 'othr\.csv'.*did you mean 'csv:other\.csv'"):
        files(ARM.format("csv:othr.csv"))


@pytest.mark.parametrize("arm", [ARM.format("own_data:make"), '[[arms]]\ntechnique = "distillation"\nteacher = "own_data:make"\n'])
def test_code_that_gives_a_transfers_data_or_a_teacher_is_part_of_the_run(arm, files, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    write(tmp_path, "own_data.py", b"def make(): return 1\n")
    first = {run.run_id: run.recipe for run in files(arm)[1].runs}
    assert {run.run_id for run in files(arm)[1].runs} == set(first) and files(arm)[0] == {}
    write(tmp_path, "own_data.py", b"def make(): return 22\n")
    again = {run.run_id for run in files(arm)[1].runs}
    kept = [first[run_id] for run_id in again & set(first)]
    assert len(again) == 6 and len(kept) == 2 and not any(recipe.code for recipe in kept), "the baseline's two are what they were"


def test_data_whose_content_is_part_of_the_run_needs_no_more():
    recipe = plan(load("quickstart")).arms[0].recipe
    assert datasets_by_name(recipe) == ["digits"] and file_hashes_of(recipe, {}) == {}
