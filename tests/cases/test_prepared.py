"""Sets of tensorflow-datasets, with whatever names they use: row I13 of the cases."""

import json

import pytest

from tests.calling import called, process

MAKE = """
import numpy as np
import tensorflow_datasets as tfds

class Trio(tfds.core.GeneratorBasedBuilder):
    VERSION = tfds.core.Version("1.0.0")
    KEYS = ("picture", "species")

    def _info(self):
        features = {"picture": tfds.features.Image(shape=(8, 8, 1)), "species": tfds.features.ClassLabel(names=["cat", "dog"])}
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features), supervised_keys=self.KEYS)

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(200), "test": self._generate_examples(40), "extra": self._generate_examples(20)}

    def _generate_examples(self, count):
        draws = np.random.default_rng(count)
        for row in range(count):
            yield row, {"picture": draws.integers(0, 256, (8, 8, 1)).astype(np.uint8), "species": row % 2}

class Bare(Trio):
    KEYS = None

for kind in (Trio, Bare):
    kind(data_dir="data/tfds").download_and_prepare()
"""
STUDY = 'dataset = "tfds:{}"\nmodel = "mlp"\nmargin = 0.05\nseeds = 1\nbudget = {{ epochs = 1 }}\n[[arms]]\ntechnique = "dropout"\n'


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A folder with two sets: one whose image and label have names of their own, and one without supervised_keys."""
    folder = tmp_path_factory.mktemp("prepared")
    (folder / "make.py").write_text(MAKE)
    ended = process(folder, "make.py")
    assert ended.code == 0, ended.err
    return folder


def planned(folder, name):
    (folder / f"{name}.toml").write_text(STUDY.format(name))
    return called(folder, "plan", f"{name}.toml", "--data-dir", "data", "--json")


@pytest.mark.slow
def test_i13_a_label_of_another_name_is_taken_and_a_split_that_is_not_used_is_said(prepared):
    ended = planned(prepared, "trio")
    assert ended.code == 0, ended.err
    assert "splits that are not used, since the validation split is drawn from train: extra" in " ".join(json.loads(ended.out)["warnings"])


@pytest.mark.slow
def test_i13_a_set_without_supervised_keys_is_refused_with_the_remedy(prepared):
    ended = planned(prepared, "bare")
    assert ended.code == 2 and "it has no supervised_keys" in ended.err and "Traceback" not in ended.err
