"""What an effect would be for everybody who can get it.

Belongs here: lift x eligible share x volume for the rows of results. Does not belong here: how the
volume is counted (dbt).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pm_pipeline.analysis.experiments.results import DEFAULT_SET, Result
from pm_pipeline.analysis.experiments.sizing import impact


@dataclass(frozen=True)
class Reached:
    """What the people of an arm made of a metric in the last weeks, and the whole product."""

    users: int
    value: float
    product_value: float


Reach = Mapping[tuple[str, str], Reached]
"""By metric and variant."""


def with_rollout(results: Sequence[Result], reach: Reach) -> list[Result]:
    """Fill in the effect at full roll-out where it is defined."""
    return [_with_rollout(row, reach) for row in results]


def _with_rollout(row: Result, reach: Reach) -> Result:
    control = reach.get((row.metric_name, row.control))
    is_asked = row.key.is_total and row.analysis_set == DEFAULT_SET and row.lift is not None
    if not is_asked or control is None or not control.users:
        return row
    assert row.lift is not None
    arms = [arm for (metric, _), arm in reach.items() if metric == row.metric_name]
    # The treated have been moved already: everybody is taken as the control is.
    level = control.value / control.users * sum(arm.users for arm in arms)
    volume = control.product_value - sum(arm.value for arm in arms) + level
    if not 0 < volume < math.inf:
        return row
    share = level / volume
    found = impact(row.lift, row.lift_low, row.lift_high, share, volume)
    return replace(
        row,
        eligible_rate=share,
        rollout_volume=volume,
        rollout_impact=found.change,
        rollout_impact_low=found.low,
        rollout_impact_high=found.high,
    )
