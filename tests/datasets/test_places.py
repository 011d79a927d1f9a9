import pytest

from dlbench.datasets import Places
from dlbench.values.errors import InputError


def test_beside_the_study_comes_before_the_data_directory(tmp_path):
    study, data = tmp_path / "study", tmp_path / "data"
    for folder in (study / "photos", data / "photos", data / "drawings"):
        folder.mkdir(parents=True)
    places = Places(str(study), str(data))
    assert places.find("folder:photos") == study / "photos"
    assert places.find("folder:drawings") == data / "drawings"
    assert places.find(f"folder:{tmp_path}/data") == data


def test_what_is_not_there_is_said_with_the_nearest_name(tmp_path):
    (tmp_path / "photos").mkdir()
    with pytest.raises(InputError, match=r"folder:fotos': there is no 'fotos' in .*did you mean 'folder:photos'"):
        Places(str(tmp_path)).find("folder:fotos")


def test_prepared_data_of_tensorflow_datasets_lies_in_the_data_directory_or_its_tfds_folder(tmp_path):
    (tmp_path / "mnist").mkdir()
    assert Places(None, str(tmp_path)).tfds == str(tmp_path) and Places(None, str(tmp_path)).prepared("tfds:mnist") == tmp_path / "mnist"
    (tmp_path / "tfds" / "emnist" / "digits").mkdir(parents=True)
    places = Places(None, str(tmp_path))
    assert places.prepared("tfds:emnist/digits") == tmp_path / "tfds" / "emnist" / "digits" and places.prepared("tfds:mnist") is None
    assert places.prepared("digits") is None and Places(str(tmp_path)).prepared("tfds:mnist") is None is Places(str(tmp_path)).tfds
