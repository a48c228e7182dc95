"""What anomalies are found in, read from the marts.

Belongs here: queries over aggregates, and their rows as typed values. Does not belong here: what
is concluded of them.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import duckdb

from pm_pipeline.analysis.goals.anomaly_causes import Signal
from pm_pipeline.analysis.goals.anomaly_results import Observed, Slice
from pm_pipeline.analysis.goals.reading import query_rows

SLICED = (
    "daily_active_users", "weekly_active_users", "monthly_active_users", "new_users", "sessions",
    "stickiness_rate",
)  # fmt: skip


def read_observed(connection: duckdb.DuckDBPyConnection) -> Observed | None:
    """Return what was measured; None when there is no day at all."""
    ((last_date, _),) = query_rows(connection, "calendar")
    if last_date is None:
        return None
    metrics: dict[str, dict[date, float]] = defaultdict(dict)
    for name, day, value in query_rows(connection, "metric_values"):
        metrics[name][day] = value
    slices: dict[str, dict[Slice, dict[date, float]]] = {name: defaultdict(dict) for name in SLICED}
    for segment, segment_value, day, *values in query_rows(connection, "slices"):
        for name, value in zip(SLICED, values, strict=True):
            if value is not None:
                slices[name][segment, segment_value][day] = value
    signals = [Signal(*row) for row in query_rows(connection, "signals")]
    return Observed(metrics, last_date, slices, signals)
