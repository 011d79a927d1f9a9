"""A file of weights is known by its content."""

import pytest

from dlbench.datasets import Places
from dlbench.study import load, plan
from dlbench.study.content import with_weight_hashes
from dlbench.values.errors import InputError

STUDY = 'margin = 0.01\n[[arms]]\ntechnique = "transfer"\nmode = "frozen"\nweights = "{}"\n'


@pytest.fixture
def runs(tmp_path):
    def made(name="mine.keras", imagenet=None, head=""):
        (tmp_path / "study.toml").write_text(head + STUDY.format(name))
        study = with_weight_hashes(load(str(tmp_path / "study.toml")), Places(str(tmp_path)), str(tmp_path / "cache"), imagenet)
        return {run.run_id for run in plan(study).runs}

    return made


def test_another_content_is_another_run_and_the_same_content_the_same(runs, tmp_path):
    (tmp_path / "mine.keras").write_bytes(b"one")
    first = runs()
    assert runs() == first
    (tmp_path / "mine.keras").write_bytes(b"two!")
    assert len(runs() - first) == 8, "the arm's runs, on eight seeds"


def test_a_file_that_is_not_there_is_told_with_the_nearest(runs, tmp_path):
    (tmp_path / "mine.keras").write_bytes(b"one")
    with pytest.raises(InputError, match=r"weights = 'mime.keras': there is no .*did you mean 'mine.keras'"):
        runs("mime.keras")


def test_imagenet_is_no_file(runs):
    with pytest.raises(InputError, match="base"):
        runs("imagenet")


def test_a_file_that_stands_for_imagenet_is_known_by_its_content(runs, tmp_path):
    file, model = tmp_path / "vgg16.h5", 'model = "vgg16_transfer"\n'
    download = runs("imagenet", None, model)
    file.write_bytes(b"one")
    first = runs("imagenet", str(file), model)
    assert runs("imagenet", str(file), model) == first and len(first - download) == 8
    file.write_bytes(b"two!")
    assert len(runs("imagenet", str(file), model) - first) == 8 and runs("imagenet", None, model) == download
    file.rename(tmp_path / "renamed.h5")
    (tmp_path / "renamed.h5").write_bytes(b"one")
    assert runs("imagenet", str(tmp_path / "renamed.h5"), model) == first, "its name says nothing"
