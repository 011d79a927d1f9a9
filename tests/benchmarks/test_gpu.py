"""The benchmark of runs on a GPU: its study and its page, with a tool that names one GPU in the place of NVIDIA's."""

from __future__ import annotations

import sys

from benchmarks.gpu.__main__ import page, study
from dlbench.execution.environment import gpu_count
from dlbench.study import load, plan


def test_runs_ask_for_a_share_of_the_gpus_that_the_tool_names(tmp_path, monkeypatch):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 0\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert gpu_count() == 1
    whole = plan(load(study(0.5, 6, sys.executable)))
    assert whole.study.resources.gpus == 0.5 and len(whole.runs) == 13 and whole.study.resources.fit(8, gpu_count()) == 2
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert gpu_count() == 0


def test_the_page_has_a_column_for_each_number_of_runs():
    text = page([{"runs a GPU": name, "runs": 12, "same seed, same loss": True} for name in ("1", "2")], 6)
    assert "| | 1 run(s) at a time | 2 run(s) at a time |" in text and "| runs | 12 | 12 |" in text
