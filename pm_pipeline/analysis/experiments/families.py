"""Many comparisons at once: adjusted p over a declared family.

Belongs here: Holm, Benjamini-Hochberg, Benjamini-Yekutieli, with hypotheses that have no p yet.
Does not belong here: which comparisons form a family.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Literal

Adjustment = Literal["holm", "benjamini_hochberg", "benjamini_yekutieli"]


def adjusted(values: Sequence[float | None], adjustment: Adjustment) -> list[float | None]:
    """Return adjusted p values.

    A comparison without a p keeps none, but counts in the size of its family: otherwise the others
    would get worse on the day it becomes defined.
    """
    known = [1.0 if value is None else value for value in values]
    order = sorted(range(len(known)), key=known.__getitem__)
    ranked = [known[position] for position in order]
    corrected = _holm(ranked) if adjustment == "holm" else _step_up(ranked, adjustment)
    results: list[float | None] = [None] * len(known)
    for position, value in zip(order, corrected, strict=True):
        if values[position] is not None:
            results[position] = value
    return results


def _holm(ranked: Sequence[float]) -> list[float]:
    size = len(ranked)
    steps = (min(1.0, (size - rank) * value) for rank, value in enumerate(ranked))
    return list(accumulate(steps, max))


def _step_up(ranked: Sequence[float], adjustment: Adjustment) -> list[float]:
    size = len(ranked)
    penalty = 1.0
    if adjustment == "benjamini_yekutieli":  # holds under any dependence
        penalty = sum(1 / rank for rank in range(1, size + 1))
    steps = [min(1.0, penalty * size * value / rank) for rank, value in enumerate(ranked, 1)]
    return list(accumulate(reversed(steps), min))[::-1]
