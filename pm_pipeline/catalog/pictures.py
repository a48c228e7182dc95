"""Which tables have pictures in the catalog, and what their queries return.

Belongs here: the list, and reading. Does not belong here: drawing (``drawing.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pm_pipeline.catalog.drawing import POINTS, large_picture, small_picture

QUERIES = Path(__file__).with_name("sql")
LINES, NUMBERED, STACKED, STEPS, INTERVALS, BANDS = (
    "lines_over_time", "lines_by_number", "stacked_bars", "steps", "intervals", "bands",
)  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """A table with a picture: the question it answers, and the shape of the large picture."""

    question: str
    shape: str
    has_trend: bool = True
    """Whether the first series of the query is a course in time, which a small chart shows."""


SUBJECTS: Mapping[str, Subject] = {
    "core.events": Subject("How many events came in on each day?", LINES),
    "core.sessions": Subject("How many sessions began on each day?", LINES),
    "core.users": Subject("How many people came for the first time?", LINES),
    "engagement.active_users": Subject("How many people are active?", LINES),
    "engagement.event_usage": Subject("How many people use the events used most?", LINES),
    "engagement.feature_adoption": Subject("Which part of the people use each feature?", LINES),
    "growth.accounting": Subject("Where do this week's people come from?", STACKED),
    "funnels.conversion": Subject("How far do people get?", STEPS, has_trend=False),
    "retention.curve": Subject("How many come back?", NUMBERED),
    "lifecycle.product_stages": Subject("How many people use what, week by week?", LINES),
    "lifecycle.user_stages": Subject("In which stage are people?", STEPS, has_trend=False),
    "lifecycle.user_stage_flows": Subject("Do people stay, or do they slip away?", LINES),
    "goals.trajectory": Subject("Where does each goal go from here?", BANDS),
    "goals.anomalies": Subject("Were the days like the same weekdays before?", BANDS),
    "goals.survey_scores": Subject("How happy are they?", BANDS),
    "experiments.results": Subject("What did each variant change?", INTERVALS, has_trend=False),
    "experiments.timeline": Subject(
        "How did the first primary's change build up, day by day?", BANDS
    ),
}
"""By table. Each has ``sql/<schema>.<table>.sql`` with the fields of its specification."""


def pictures(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Return markdown by name: ``trend``, which is shown at once, and ``chart``, in a dialog.

    Empty for a table without a picture, or with nothing to show. ``connection`` reads the
    warehouse in which the table lies.
    """
    subject = SUBJECTS.get(table)
    if subject is None:
        return {}
    query = QUERIES / f"{table}.sql"
    found = connection.execute(query.read_text(encoding="utf-8"))
    fields = [column[0] for column in found.description or ()]
    rows = [dict(zip(fields, row, strict=True)) for row in found.fetchall()]
    if not rows:
        return {}
    shown = {"chart": large_picture(subject.shape, subject.question, rows)}
    first = [row["value"] for row in rows if row["series"] == rows[0]["series"]]
    if subject.has_trend and len([value for value in first[-POINTS:] if value is not None]) > 1:
        shown = {"trend": small_picture(str(rows[0]["series"]), first)} | shown
    return shown
