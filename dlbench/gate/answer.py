"""What one gate found, of speed, of training, or of both: its exit code and its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dlbench.gate.measure import SCHEMA, Result
from dlbench.gate.quality import Quality
from dlbench.gate.quality_show import quality_headline, quality_json, quality_markdown, quality_table
from dlbench.gate.show import BYTES, MARK, markdown, table

SEVERITY = (1, 4, 3, 0)
"""Exit codes, the one that hides the others first."""


@dataclass(frozen=True)
class Found:
    """The answers of a gate, one of them at least.

    Attributes:
        speed: of cases; None where none were asked for.
        quality: of training; None where none was asked for.
    """

    speed: Result | None = None
    quality: Quality | None = None

    @property
    def code(self) -> int:
        """The exit code: the gravest of both answers.

        Example:
            >>> from dlbench.gate.terms import Judged, Terms
            >>> Found(quality=Quality("base", "head", "python train.py", Terms((Judged("loss", 0.1),)), "undecided", "")).code
            3
        """
        codes = [one.code for one in (self.speed, self.quality) if one is not None]
        return min(codes, key=SEVERITY.index)

    def table(self) -> str:
        """The answers for a terminal."""
        return "\n\n".join([*([table(self.speed)] if self.speed else []), *([quality_table(self.quality)] if self.quality else [])])

    def markdown(self) -> str:
        """The pull request's comment, never too long: what training takes of it, cases leave."""
        of_training = "\n".join(quality_markdown(self.quality)) + "\n" if self.quality else ""
        of_speed = markdown(self.speed, BYTES - len(of_training.encode())) if self.speed else f"{MARK}\n"
        return f"{of_speed}{chr(10) * bool(self.speed and self.quality)}{of_training}"

    def as_json(self) -> dict[str, Any]:
        """The content of ``gate.json``."""
        if self.quality is None:
            return self.speed.as_json() if self.speed else {}
        shared = {"schema": SCHEMA, "base": self.quality.base, "head": self.quality.head}
        headlines = [*([self.speed.headline] if self.speed else []), quality_headline(self.quality)]
        return {**shared, **(self.speed.as_json() if self.speed else {}), "result": "; ".join(headlines), "exit_code": self.code,
                "training": quality_json(self.quality)}
