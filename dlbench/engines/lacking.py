"""What a study does without where its engine lacks a capability."""

from __future__ import annotations

from dlbench.engines.protocol import Capability, Description

LACKING = {
    Capability.PREPARE: "data and models are not checked before the runs", Capability.TIME: "no arm is timed alone on the machine",
    Capability.PREVIEW: "no pictures of what augmentation does", Capability.EXAMPLES: "no pictures of test examples",
}
"""Capability -> what is said where an engine lacks it."""


def lacking_words(engine: Description) -> list[str]:
    """Say what a study does without; a program of the user's own has neither pictures nor steps that could be timed.

    Example:
        >>> from dlbench.engines.protocol import engine_named
        >>> lacking_words(engine_named("command")), lacking_words(Description("mine", "mine:start"))[1]
        ([], 'no arm is timed alone on the machine')
    """
    own = bool(engine.describe)
    return [] if own else [words for capability, words in LACKING.items() if capability not in engine.capabilities]
