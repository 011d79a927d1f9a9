"""The articles' forms, by name. What each gets wrong stands in :mod:`dlbench.kernels.article`."""

from __future__ import annotations

from collections.abc import Iterator

from dlbench.cases.augmentation import label, work
from dlbench.cases.layers import MAPS, moved
from dlbench.values.case import Case, Work

IMAGES = ((100, 100, 3), 8)
PREPARE = "dlbench.kernels.prepare"


def _cases() -> Iterator[Case]:
    shape, batch = IMAGES
    for name in ("article_rotate", "article_crop", "article_augment"):
        options = {"kernel": name, "shape": shape, "batch": batch}
        count = Work(batch, batch * shape[0] * shape[1])
        yield Case(f"{name}[{label(shape, batch)}]", "articles", f"{PREPARE}:article_image", options, count)
    for name in ("article_separable", "article_layer_norm"):
        shape, batch = MAPS
        options = {"kernel": name, "shape": shape, "batch": batch}
        yield Case(f"{name}[{label(shape, batch, 'float32')}]", "articles", f"{PREPARE}:article_layer", options, moved(shape, batch))
    shape, batch = (32, 32, 3), 256
    yield Case(f"article_min_max[{label(shape, batch, 'float32')}]", "articles", f"{PREPARE}:article_min_max",
               {"shape": shape, "batch": batch}, work(shape, batch, "float32"))
    yield Case("article_clean_text[100]", "articles", f"{PREPARE}:article_clean_text", {"sentences": 100}, Work())


CASES = tuple(_cases())
