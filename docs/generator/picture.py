"""``python -m docs.generator.picture PAGE PNG``: the first screen of a report, as the README shows it (needs Playwright and a browser)."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

WIDTH, HEIGHT = 1000, 620


def picture(page: Path, out: Path) -> None:
    """Take a screenshot of the top of a page, in the light scheme."""
    browser = os.environ.get("DLBENCH_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        view = opened.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        view.goto(page.resolve().as_uri())
        view.screenshot(path=out)
        opened.close()


if __name__ == "__main__":
    picture(Path(sys.argv[1]), Path(sys.argv[2]))
