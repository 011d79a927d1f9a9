"""Named random streams: every draw of a run has its own seed, and no global generator is ever used."""

from __future__ import annotations

import hashlib

STREAMS = ("init", "order", "augment", "dropout")


def derive(seed: int, *scope: str | int) -> int:
    """Derive the 63-bit seed of the stream that ``scope`` names.

    The seed and each part of the scope are hashed with SHA-256, so streams do not depend on one another: adding a
    layer or a technique leaves every other stream as it was.

    Args:
        seed: the run's seed.
        *scope: names from the outside in, such as ``"init", "conv2d_1"``.

    Returns:
        An integer in [0, 2**63).

    Example:
        >>> derive(0, "init", "dense_1") == derive(0, "init", "dense_1")
        True
        >>> derive(0, "init", "dense_1") == derive(1, "init", "dense_1")
        False

    Source: the scheme follows JAX's named key folding; J. K. Salmon et al., "Parallel random numbers: as easy as
    1, 2, 3", SC 2011, https://doi.org/10.1145/2063384.2063405.
    """
    text = "\x1f".join([str(int(seed)), *(f"{type(part).__name__}:{part}" for part in scope)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def member_seed(seed: int, member: int) -> int:
    """Derive the seed of a member of an ensemble; the first, 0, has the run's own, and so is trained as the run without the others.

    Example:
        >>> member_seed(7, 0), member_seed(7, 1) == derive(7, "member", 1)
        (7, True)
    """
    return derive(seed, "member", member) if member else seed
