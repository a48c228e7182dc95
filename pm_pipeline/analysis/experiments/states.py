"""What one metric says of one arm: won, lost, flat or unclear; a guardrail passed, failed or open.

Belongs here: reading a comparison against its adjusted p and its bounds. Does not belong here:
what follows from several metrics together.
"""

from __future__ import annotations

from typing import Literal

from pm_pipeline.analysis.experiments.comparisons import Comparison
from pm_pipeline.analysis.experiments.plans import Effect, Metric

PrimaryState = Literal["W", "L", "F", "U"]
GuardrailState = Literal["PASS", "FAIL", "OPEN"]


def primary_state(
    comparison: Comparison | None,
    metric: Metric,
    adjusted_p: float | None,
    family_size: int,
    minimum_effect: Effect | None,
) -> PrimaryState:
    """Return W (better), L (worse), F (flat: certainly within the minimum effect) or U."""
    if comparison is None:
        return "U"
    alpha = comparison.reading.alpha
    if adjusted_p is not None and adjusted_p <= alpha:
        return "W" if metric.sign * comparison.difference.estimate > 0 else "L"
    if minimum_effect is not None:
        level = alpha / family_size
        size, is_relative = minimum_effect.size, minimum_effect.is_relative
        above = comparison.beyond(Effect(-size, is_relative), level, 1)
        below = comparison.beyond(Effect(size, is_relative), level, -1)
        if above and below:
            return "F"
    return "U"


def guardrail_state(
    comparison: Comparison | None, metric: Metric, adjusted_p: float | None, family_size: int
) -> GuardrailState:
    """Return PASS (not worse than the margin), FAIL (surely worse, beyond it) or OPEN."""
    if comparison is None or metric.margin is None:
        return "OPEN"
    alpha, sign = comparison.reading.alpha, metric.sign
    bound = Effect(-sign * metric.margin.size, metric.margin.is_relative)
    if _has_failed(comparison, sign, bound, adjusted_p, alpha, family_size):
        return "FAIL"
    return "PASS" if comparison.beyond(bound, alpha, sign) else "OPEN"


def _has_failed(
    comparison: Comparison,
    sign: int,
    bound: Effect,
    adjusted_p: float | None,
    alpha: float,
    family_size: int,
) -> bool:
    # The interval is the one that charts draw: nobody sees a failure with an interval over 0.
    interval = comparison.deciding_interval(alpha / family_size)
    if adjusted_p is None or adjusted_p > alpha or interval is None:
        return False
    whole_interval_worse = interval[1] < 0 if sign > 0 else interval[0] > 0
    limit = bound.size * (comparison.pair.control.value if bound.is_relative else 1.0)
    return whole_interval_worse and sign * (comparison.difference.estimate - limit) < 0
