"""Small pictures kept beside the runs: what augmentation makes of training images, and test images that a change turns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from dlbench.store.database import Store
from dlbench.values.recipe import Augmentation, Data, within

ROWS, IMAGES = "image_rows", "images"
"""Arrays of an evaluation set: rows of its test examples, and their images, uint8 [n, h, w, c]."""
BEFORE, AFTER = "before", "after"
"""Arrays of a preview: training images, uint8 [n, h, w, c], and the same after each draw, uint8 [draws, n, h, w, c]."""


def preview_key(recipe: Mapping[str, Any]) -> str:
    """What the preview of a recipe is kept under; two recipes that augment the same data alike share one.

    Args:
        recipe: its canonical form.
    """
    seen = {path: value for path, value in recipe.items() if within(path, Augmentation, Data)}
    return "preview/" + hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:16]


def evaluation_key(digest: str) -> str:
    """What pictures of an evaluation set are kept under.

    Args:
        digest: its hash, from a record's controls.
    """
    return f"pictures/{digest}"


def keep(store: Store, key: str, pictures: Mapping[str, np.ndarray]) -> None:
    """Keep pictures under a key, in the place of earlier ones."""
    store.keep(key, pictures)


def kept(store: Store, key: str) -> dict[str, np.ndarray]:
    """The pictures of a key; nothing where there are none."""
    query = "SELECT name, dtype, shape, data FROM arrays WHERE run_id = ? AND attempt = 0"
    return {name: np.frombuffer(data, dtype).reshape(json.loads(shape))
            for name, dtype, shape, data in store.connection.execute(query, (key,))}


def evaluations(store: Store) -> dict[str, str]:
    """Run id -> hash of the evaluation set that it was scored on, for runs whose latest attempt is done."""
    query = "SELECT run_id, json_extract(controls, '$.evaluation'), status, MAX(attempt) FROM records GROUP BY run_id"
    return {run_id: digest for run_id, digest, status, _ in store.connection.execute(query) if status == "done" and digest}


def evaluation_of(store: Store, run_id: str) -> str:
    """Hash of the evaluation set that the latest attempt at a run was scored on; empty where there is none."""
    query = "SELECT json_extract(controls, '$.evaluation') FROM records WHERE run_id = ? ORDER BY attempt DESC LIMIT 1"
    row = store.connection.execute(query, (run_id,)).fetchone()
    return (row[0] or "") if row else ""
