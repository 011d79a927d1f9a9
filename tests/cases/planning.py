"""Studies of one arm, and how they are refused."""

from __future__ import annotations

import json

HERE = "tests.cases.models"
HEAD = 'margin = 0.1\nseeds = 1\nvalidation = 0.2\nbudget = {{ steps = 2 }}\ndataset = "{dataset}"\nmodel = "{model}"\n{more}\n'


def refused(ended, *words):
    assert ended.code == 2 and "Traceback" not in ended.err and all(word in ended.err for word in words), ended.err
    assert len([line for line in ended.err.splitlines() if line.startswith("dlbench: ")]) == 1, ended.err


def arm(technique, **given):
    return "[[arms]]\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in {"technique": technique, **given}.items()) + "\n"
