"""Study files: those that come with the package, and those of a user."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from dlbench.values.errors import InputError, unknown


def shipped() -> dict[str, Path]:
    """Name -> path of the studies that come with the package; one in a folder is named with it, such as ``claims/01_augmentation``."""
    folder = Path(str(resources.files("dlbench").joinpath("ablations")))
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in sorted(folder.rglob("*.toml"))}


def find(study: str) -> Path:
    """The path of a study named by path or by shipped name.

    Raises:
        InputError: there is neither such a file nor such a name.

    Example:
        >>> find("quickstart").name
        'quickstart.toml'
    """
    path = Path(study)
    if path.is_file():
        return path
    if study in shipped():
        return shipped()[study]
    raise InputError(f"{study}: no such file, and {unknown('study', study, shipped())}")


def study_name(path: Path) -> str:
    """Return the name of a study and of its results folder: that of ``dlbench list studies``, or that of its file.

    Example:
        >>> study_name(Path("elsewhere/my_study.toml")), study_name(find("quickstart"))
        ('my_study', 'quickstart')
    """
    same = (name for name, known in shipped().items() if known.name == path.name and known.resolve() == path.resolve())
    return next(same, path.stem)


def studies_in(study: str) -> list[str]:
    """The studies that a path or name stands for: all of a folder, by name; of anything else, itself.

    A folder is a path, or one that comes with the package, such as ``claims``.

    Raises:
        InputError: the folder has no study file.

    Example:
        >>> studies_in("quickstart")
        ['quickstart']
    """
    folder = Path(study)
    if folder.is_file() or study in shipped():
        return [study]
    files = sorted(map(str, folder.glob("*.toml"))) if folder.is_dir() else []
    found = files or [name for name in shipped() if name.startswith(f"{study.rstrip('/')}/")]
    if folder.is_dir() and not found:
        raise InputError(f"{study}: a folder without study files; accepted: a study, or a folder of studies (*.toml)")
    return found or [study]
