"""What changes behind a finished study is noticed by the command that finished it, also where nothing is left to run."""

import pytest

from dlbench.execution import driver
from tests.execution.fakes import FakePool, accuracy

STUDY = """
margin = 0.01
seeds = 2
model = "{model}"
[[arms]]
technique = "transfer"
mode = "frozen"
{where}
"""


@pytest.fixture
def run(call, tmp_path, monkeypatch):
    """``run(...)``: what `dlbench run` of the study in `study.toml` says, with a pool that trains nothing."""
    monkeypatch.setattr(driver, "Pool", FakePool(accuracy({})))
    monkeypatch.setenv("DLBENCH_CACHE_DIR", str(tmp_path / "cache"))

    def ran(*arguments, command=("run", "--no-timing", "--no-report")):
        ended = call(*command, "study.toml", "--out", "out", *arguments)
        assert ended.code == 0, ended.err
        return ended.err

    return ran


def test_data_that_a_study_knows_by_name_alone(run, tmp_path):
    (tmp_path / "study.toml").write_text(STUDY.format(model="mlp", where='dataset = "csv:other.csv"'))
    (tmp_path / "other.csv").write_text("label,a\n0,1\n1,2\n")
    assert "6 runs done, 0 were there already" in run()
    (tmp_path / "other.csv").write_text("label,a\n0,1\n1,3\n")
    told, said = "4 finished runs were made with other data of 'csv:other.csv' than is there now", run()
    assert "0 runs done, 6 were there already" in said and told in said and told in run(command=("plan",))
    said = run("--renew")
    assert "4 runs done, 2 were there already" in said and "other data" not in said
    assert "other data" not in run()


def test_a_file_that_stands_for_imagenet_weights(run, tmp_path):
    (tmp_path / "study.toml").write_text(STUDY.format(model="vgg16_transfer", where='weights = "imagenet"'))
    (tmp_path / "vgg16.h5").write_bytes(b"one")
    assert "4 runs done, 0 were there already" in run("--weights", "vgg16.h5")
    assert "0 runs done, 4 were there already" in run("--weights", "vgg16.h5")
    (tmp_path / "vgg16.h5").write_bytes(b"two")
    assert "2 runs done, 2 were there already" in run("--weights", "vgg16.h5"), "the arm's runs are new ones"
