"""What was published of an arm's change, which the report holds beside what the study finds."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from dlbench.study.schema import Name
from dlbench.study.study import Study
from dlbench.study.validation import Table, check
from dlbench.values.errors import InputError

KEY = "published"
Finite = Annotated[float, Field(allow_inf_nan=False)]


class PublishedKeys(Table):
    """``published = { difference = 0.0037, source = "Srivastava et al. 2014", place = "Table 9", link = "https://…" }``."""

    difference: Finite = Field(description="a number: the published score of the change less that of the reference, in the metric's unit")
    source: Name = Field(description="text: authors and year, or a title")
    place: str = Field("", description="text: where in the source, such as 'Table 9'")
    link: Annotated[str, Field(pattern="^(https?://[^\\s]+)?$")] = Field("", description="an address that begins with https:// or http://")


def published(where: str, arm: dict[str, Any]) -> dict[str, Any] | None:
    """Take what was published of an arm out of its table, checked; None where it says nothing of the kind.

    Raises:
        InputError: naming the file, the key and the accepted values.
    """
    stated = arm.pop(KEY, None)
    if stated is None:
        return None
    if not isinstance(stated, dict):
        raise InputError(f"{where}: {KEY} = {stated!r}; accepted: a table such as {{ difference = 0.01, source = \"Author 2014\" }}")
    return check(PublishedKeys, stated, f"{where}: {KEY}").model_dump()


def demand_one_arm(where: str, stated: dict[str, Any] | None, arms: int) -> None:
    """Refuse one published difference for the several arms that lists of values stand for.

    Raises:
        InputError: there are several.
    """
    if stated is not None and arms > 1:
        raise InputError(f"{where}: {KEY}: its lists stand for {arms} arms; accepted: one arm, with one value of each parameter")


def published_of(study: Study) -> dict[str, Any]:
    """Return what the store keeps of published differences, by arm; empty where there are none."""
    found = {entry.name: dict(entry.published) for entry in study.entries if entry.published is not None}
    return {KEY: found} if found else {}
