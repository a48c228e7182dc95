"""The table ``goals.anomalies``.

Belongs here: its columns and what they mean. Does not belong here: its rows.
"""

from __future__ import annotations

from pm_pipeline.analysis.tables import Column, ResultTable

ANOMALIES = ResultTable(
    "goals",
    "anomalies",
    "Did anything happen that we should look at? One row a metric and day that has 12 weeks of "
    "history, judged by the same weekdays before it; and the last day of every metric.",
    (
        Column("metric_name", "VARCHAR", "Name of the metric.", required=True),
        Column("activity_date", "DATE", "Complete product day.", required=True),
        Column("value", "DOUBLE", "The metric on that day."),
        Column(
            "expected", "DOUBLE",
            "The median of the last 8 same weekdays, each as a share of the median of the 28 days "
            "before it, times the median of the 28 days before this day; NULL with less history.",
        ),
        Column("expected_low", "DOUBLE", "Below it the day is unlike the others."),
        Column("expected_high", "DOUBLE", "Above it the day is unlike the others."),
        Column(
            "z", "DOUBLE",
            "How many times the usual spread (median absolute deviation of those weekdays, at "
            "least that of a count and 2 %) the value is away from what was expected.",
        ),
        Column(
            "is_alert", "BOOLEAN",
            "z beyond 5, at least a tenth away, at least 50 expected, and no metric that it is "
            "made of is the root of it.",
            required=True,
        ),
        Column(
            "root_metric", "VARCHAR",
            "Of a day unlike the others: the metric that it starts from, itself with an alert.",
        ),
        Column(
            "cause", "VARCHAR",
            "Why: a fault of instrumentation first, else the metric that it follows, the segment "
            "value that makes most of it, or the split of a rate into rate and mix; why a day "
            "could not be judged; NULL on an ordinary day.",
        ),
    ),
)  # fmt: skip
