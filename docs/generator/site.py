"""The whole site: what is written by hand, what is generated, and the navigation over both."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from docs.generator import api, commands, techniques
from docs.generator.effects import REPORTS, effects

DOCS = Path(__file__).parents[1]
GUIDES = ("study", "own-data", "transfer", "efficiency", "text", "scripts", "plugins", "python")
"""How-to pages, in the order of the navigation; one that is not there yet is left out, one that is not named comes last."""
MEASURING = ("verdicts", "margin", "seeds", "control", "mistakes", "confirm", "judge", "report", "claims", "published", "scale", "faults",
             "kernels", "gate", "quality-gate")


def write(folder: Path) -> Path:
    """Write the site's sources.

    Args:
        folder: emptied first.

    Returns:
        The settings file to build it by.
    """
    shutil.rmtree(folder, ignore_errors=True)
    pages = folder / "pages"
    shutil.copytree(DOCS, pages, ignore=shutil.ignore_patterns("generator", "mkdocs.yml", "__pycache__"))
    for page in pages.glob("*.md"):
        page.write_text(_outside(page.read_text(encoding="utf-8")), encoding="utf-8")
    generated = {**techniques.pages(effects()), **api.pages(), **commands.pages(), **_reports(pages)}
    for name, text in generated.items():
        path = pages / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    settings = folder / "mkdocs.yml"
    settings.write_text((DOCS / "mkdocs.yml").read_text(encoding="utf-8") + f"nav: {json.dumps(navigation(pages))}\n", encoding="utf-8")
    return settings


def navigation(pages: Path) -> list[dict]:
    """The navigation over the pages that are there."""
    there = {path.stem for path in pages.glob("*.md")} - {"index", "commands", "architecture"}
    measuring = [name for name in MEASURING if name in there]
    guides = [name for name in GUIDES if name in there] + sorted(there - {*GUIDES, *MEASURING})
    return [
        {"Home": "index.md"},
        {"How to": [{title(pages / f"{name}.md"): f"{name}.md"} for name in guides]},
        {"Measure and report": [{title(pages / f"{name}.md"): f"{name}.md"} for name in measuring]},
        {"Techniques": [{"All": "techniques/index.md"}, *(_families(pages / "techniques"))]},
        {"Reports": _listed(pages, "reports", "*/report.md") + _listed(pages, "reports", "*.md")},
        *_sets(pages),
        {"Reference": [{"Commands": "commands.md"}, {"Architecture": "architecture.md"}, *_listed(pages, "api", "*.md")]},
    ]


def _sets(pages: Path) -> list[dict]:
    """The reports of sets of studies, such as the claims: the page over a set, where there is one, then each of its reports."""
    names = sorted({path.parents[1].name for path in (pages / "reports").glob("*/*/report.md")})
    return [{name.capitalize(): _listed(pages, f"reports/{name}", "README.md") + _listed(pages, f"reports/{name}", "*/report.md")}
            for name in names]


def _families(folder: Path) -> list[dict]:
    return [{family.name.replace("_", " ").capitalize(): [{path.stem: f"techniques/{family.name}/{path.name}"}
             for path in sorted(family.glob("*.md"))]} for family in sorted(folder.iterdir()) if family.is_dir()]


def _listed(pages: Path, folder: str, pattern: str) -> list[dict]:
    return [{title(path): str(path.relative_to(pages))} for path in sorted((pages / folder).glob(pattern))]


def title(path: Path) -> str:
    """A page's heading; of a study's report, the folder's name."""
    if path.name == "report.md" and "reports" in path.parts:
        return path.parent.name
    found = re.search(r"^# (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return found[1].replace("`", "") if found else path.stem


def _reports(pages: Path) -> dict[str, str]:
    """The committed reports, with their figures beside them."""
    for picture in (path for kind in ("svg", "png") for path in REPORTS.rglob(f"*.{kind}")):
        place = pages / "reports" / picture.relative_to(REPORTS)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, place)
    found = [path for kind in ("*/report.md", "*.md", "*/README.md", "*/*/report.md") for path in REPORTS.glob(kind)]
    return {f"reports/{path.relative_to(REPORTS)}": _inside(path, set(found)) for path in sorted(found)}


def _outside(text: str) -> str:
    """A guide's text, where links to reports lead to those of the site, and links to other files of the repository are plain words."""
    there = {f"../reports/{path.relative_to(REPORTS)}" for kind in ("md", "svg", "png") for path in REPORTS.rglob(f"*.{kind}")}
    text = re.sub(r"\]\(([^)]+)\)", lambda found: f"]({found[1].removeprefix('../')})" if found[1] in there else found[0], text)
    return re.sub(r"(?<!!)\[([^\]]+)\]\(\.\./[^)]+\)", r"\1", text)


def _inside(path: Path, there: set[Path]) -> str:
    """A report's text, without links to files that are not part of the site."""
    def kept(found: re.Match) -> str:
        return found[0] if path.parent / found[2] in there else found[1]

    return re.sub(r"(?<!!)\[([^\]]+)\]\((?!https?:|#)([^)]+)\)", kept, path.read_text(encoding="utf-8"))
