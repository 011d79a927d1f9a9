import os

from dlbench.datasets.fingerprint import fingerprint


def folder(path, **files):
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def test_it_is_of_names_and_content_wherever_the_folder_lies(tmp_path):
    cache = str(tmp_path / "cache")
    one = fingerprint(folder(tmp_path / "one", a="1", b="2"), cache)
    assert one == fingerprint(folder(tmp_path / "same", a="1", b="2"), cache) == fingerprint(tmp_path / "one", cache)
    others = [fingerprint(folder(tmp_path / f"other{n}", **files), cache)
              for n, files in enumerate([{"a": "1", "b": "3"}, {"a": "1", "c": "2"}, {"a": "1"}, {"a": "12", "b": ""}])]
    assert len({one, *others}) == 5


def test_hidden_files_do_not_count(tmp_path):
    path = folder(tmp_path / "one", a="1")
    before = fingerprint(path, str(tmp_path / "cache"))
    (path / ".DS_Store").write_text("x")
    assert fingerprint(path, str(tmp_path / "cache")) == before


def test_a_change_is_seen_and_an_untouched_file_is_not_read_again(tmp_path, monkeypatch):
    path, cache = folder(tmp_path / "one", a="1"), str(tmp_path / "cache")
    first = fingerprint(path, cache)
    (path / "a").write_text("2")
    os.utime(path / "a", ns=(1, 1))
    assert fingerprint(path, cache) != first
    monkeypatch.setattr("dlbench.datasets.fingerprint._digest", lambda files: "read again")
    assert fingerprint(path, cache) not in (first, "read again")
