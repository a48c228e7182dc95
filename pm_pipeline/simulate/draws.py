"""Random numbers that depend on the seed and on what they are for, and on nothing else.

Belongs here: the one way to get a generator, and sampling helpers that need no knowledge of the
product. Does not belong here: any number of the scenario.
"""

from __future__ import annotations

import hashlib

import numpy as np


def draws(seed: int, purpose: str) -> np.random.Generator:
    """Return the generator of one purpose, so that one feature's draws never shift another's."""
    digest = hashlib.sha256(purpose.encode()).digest()
    words = [int.from_bytes(digest[at : at + 4], "little") for at in range(0, 16, 4)]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))


def pick_codes(generator: np.random.Generator, probabilities: np.ndarray, size: int) -> np.ndarray:
    """Draw ``size`` indexes into ``probabilities`` (any positive weights)."""
    edges = np.cumsum(probabilities / probabilities.sum())
    return np.searchsorted(edges[:-1], generator.random(size), side="right")


def ranks_within(groups: np.ndarray) -> np.ndarray:
    """Return 0, 1, 2 … within each run of equal values of sorted ``groups``."""
    positions = np.arange(len(groups))
    if len(groups) == 0:
        return positions
    starts = np.concatenate([[True], groups[1:] != groups[:-1]])
    return positions - np.maximum.accumulate(np.where(starts, positions, 0))
