"""What anomalies are found in, read from the marts.

Belongs here: queries over aggregates, and their rows as typed values. Does not belong here: what
is concluded of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

import duckdb

from pm_pipeline.analysis.goals.anomaly_causes import Signal
from pm_pipeline.analysis.goals.anomaly_results import Observed, Rate, Slice
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
    denominators: dict[str, dict[date, float]] = defaultdict(dict)
    for name, day, value, _, below in query_rows(connection, "metric_values"):
        if below is not None:
            denominators[name][day] = below
        if value is not None or name not in metrics:
            metrics[name] |= {} if value is None else {day: value}
    slices: dict[str, dict[Slice, dict[date, float]]] = {name: defaultdict(dict) for name in SLICED}
    for segment, segment_value, day, *values in query_rows(connection, "slices"):
        for name, value in zip(SLICED, values, strict=True):
            if value is not None:
                slices[name][segment, segment_value][day] = value
    signals = [Signal(*row) for row in query_rows(connection, "signals")]
    marks: dict[date, list[str]] = defaultdict(list)
    for day, what in query_rows(connection, "marks"):
        marks[day].append(what)
    rates = _rates(connection, denominators)
    return Observed(metrics, last_date, slices, signals, rates, marks)


def _rates(
    connection: duckdb.DuckDBPyConnection, denominators: Mapping[str, Mapping[date, float]]
) -> dict[str, Rate]:
    rates: dict[str, dict[Slice, dict[date, float]]] = defaultdict(lambda: defaultdict(dict))
    bases: dict[str, dict[Slice, dict[date, float]]] = defaultdict(lambda: defaultdict(dict))
    for name, day, segment, value, above, below in query_rows(connection, "rate_slices"):
        if below:
            rates[name][segment, value][day] = above / below
            bases[name][segment, value][day] = below
    return {
        name: Rate(
            denominators.get(name, {}),
            ((numerator, 1), (denominator, -1)) if numerator else (),
            known_after_days or 0,
            (rates[name], bases[name]),
        )
        for name, numerator, denominator, known_after_days in query_rows(connection, "rate_metrics")
    }
