"""Small pictures kept beside the runs: what augmentation makes of training images, and test images that a change turns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from dlbench.store.database import Store
from dlbench.values.recipe import Augmentation, Data, within
from dlbench.values.record import Status

ROWS, IMAGES = "image_rows", "images"
"""Arrays of an evaluation set: rows of its test examples, and their images, uint8 [n, h, w, c]."""
BEFORE, AFTER = "before", "after"
"""Arrays of a preview: training images, uint8 [n, h, w, c], and the same after each draw, uint8 [draws, n, h, w, c]."""


def preview_key(recipe: Mapping[str, Any]) -> str:
    """Return the key of a recipe's preview; two recipes that augment the same data alike share one.

    Args:
        recipe: its canonical form.
    """
    seen = {path: value for path, value in recipe.items() if within(path, Augmentation, Data)}
    return "preview/" + hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:16]


def evaluation_key(digest: str) -> str:
    """Return the key of the pictures of an evaluation set.

    Args:
        digest: its hash, from a record's controls.
    """
    return f"pictures/{digest}"


def evaluations(store: Store) -> dict[str, str]:
    """Run id -> hash of the evaluation set that it was scored on, for runs that are done."""
    rows = store.latest("status", "json_extract(controls, '$.evaluation')")
    return {run_id: digest for run_id, status, digest in rows if status == Status.DONE and digest}


def evaluation_of(store: Store, run_id: str) -> str:
    """Hash of the evaluation set that the latest attempt at a run was scored on; empty where there is none."""
    query = "SELECT json_extract(controls, '$.evaluation') FROM records WHERE run_id = ? ORDER BY attempt DESC LIMIT 1"
    row = store.connection.execute(query, (run_id,)).fetchone()
    return (row[0] or "") if row else ""
