"""Rebuild the data of the shipped studies from its public sources, and tell its hashes.

``python -m benchmarks.data DIR`` makes what is missing in DIR, the data directory (``--data-dir DIR``, ``DLBENCH_DATA_DIR``);
``--check`` makes nothing. Either ends with a line a dataset: its hash, and whether the reports of this repository name the same.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import urllib.request
from pathlib import Path

from benchmarks.data.sources import SOURCES, Source


def main(arguments: list[str] | None = None) -> int:
    """Make and check; 0 where everything is what the reports were made with, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.data", description="The data of the shipped studies, and its hashes.")
    parser.add_argument("data_dir", type=Path, metavar="DIR", help="the data directory")
    parser.add_argument("--check", action="store_true", help="make nothing, only tell the hashes of what is there")
    parser.add_argument("--archives", type=Path, metavar="FOLDER", help="take archives that lie there instead of downloading them")
    parser.add_argument("--only", action="append", choices=[source.dataset for source in SOURCES], help="this dataset; repeatable")
    chosen = parser.parse_args(arguments)
    wanted = [source for source in SOURCES if source.dataset in (chosen.only or [source.dataset])]
    for source in () if chosen.check else wanted:
        try:
            make(source, chosen.data_dir, chosen.archives)
        except Exception as error:  # whatever a server or an archive does: the others are made all the same
            print(f"{source.dataset}: cannot be made: {type(error).__name__}: {error}", file=sys.stderr)
    same = [check(source, chosen.data_dir) for source in wanted]
    return 0 if all(same) else 1


def make(source: Source, data_dir: Path, archives: Path | None = None) -> None:
    """Make a dataset's folder where it is not there; it appears only when it is whole."""
    target = data_dir / source.path
    if source.make is None or target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data_dir, prefix=".") as place:
        source.make(_archive(source, archives, Path(place)), Path(place))
        (Path(place) / source.path).rename(target)


def _archive(source: Source, archives: Path | None, place: Path) -> Path:
    """The archive's file: where the caller has it, or downloaded."""
    name = source.url.rpartition("/")[2] or "none"
    if archives is not None or not source.url:
        return (archives or place) / name
    print(f"{source.dataset}: {source.url}", file=sys.stderr)
    with urllib.request.urlopen(source.url) as answer, (place / name).open("wb") as file:
        shutil.copyfileobj(answer, file)
    return place / name


def check(source: Source, data_dir: Path) -> bool:
    """Print the hash of what lies in the data directory; whether it is the one in the reports."""
    there = not source.path or (data_dir / source.path).exists()
    found = source.told(data_dir) if there else "missing"
    same = found == source.content
    print(f"{source.dataset:22} {found:16} {'as in the reports' if same else f'NOT AS IN THE REPORTS: {source.content}'}")
    return same


if __name__ == "__main__":
    sys.exit(main())
