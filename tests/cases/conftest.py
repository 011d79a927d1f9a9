"""The command line, called from one folder for all tests of a module."""

from __future__ import annotations

from functools import partial

import pytest

from tests.calling import called
from tests.cases.planning import HEAD, HERE


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    """``call("plan", "x.toml")``: what the command line does, in one folder, whose cache all tests share."""
    folder = tmp_path_factory.mktemp("parity")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLBENCH_CACHE_DIR", str(folder / "cache"))
        made = partial(called, folder)
        made.folder = folder
        yield made


@pytest.fixture
def planned(call):
    """``planned(arm, model=..., dataset=...)``: what `dlbench plan` says of a study with one arm."""
    def plan(arm, model=f"{HERE}:smooth", dataset=f"{HERE}:images", more="", command="plan"):
        text = HEAD.format(dataset=dataset, model=model, more=more) + arm
        (call.folder / "one.toml").write_text(text, encoding="utf-8")
        out = ("--out", call.folder / f"out {abs(hash(text))}")
        return call(command, "one.toml", *out, *(("--no-timing",) if command == "run" else ()))

    return plan
