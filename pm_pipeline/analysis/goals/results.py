"""The rows of ``goals.progress`` and ``goals.trajectory``.

Belongs here: their order and columns. Does not belong here: how a goal is judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pm_pipeline.analysis.goals.progress import Progress


def progress_rows(judged: Sequence[Progress]) -> list[tuple[Any, ...]]:
    """Return a row a goal in the order of the table's columns, the north star first."""
    ordered = sorted(judged, key=lambda one: (not one.goal.is_north_star, one.goal.name))
    return [
        (
            each.goal.name,
            each.goal.metric_name,
            each.goal.is_north_star,
            each.as_of_date,
            each.value,
            each.baseline,
            each.goal.target,
            each.goal.due_date,
            each.direction,
            each.expected_value,
            each.projection.value if each.projection else None,
            each.projection.low if each.projection else None,
            each.projection.high if each.projection else None,
            each.status,
            each.is_share,
        )
        for each in ordered
    ]


def trajectory_rows(judged: Sequence[Progress]) -> list[tuple[Any, ...]]:
    """Return the weeks behind and ahead of each goal, by goal and day."""
    rows: list[tuple[Any, ...]] = []
    for each in sorted(judged, key=lambda one: one.goal.name):
        name = each.goal.name
        rows += [(name, day, value, None, None, None) for day, value in each.weeks]
        rows += [(name, day, None, one.value, one.low, one.high) for day, one in each.path]
    return rows
