"""What the report shows, read from the published tables.

Belongs here: running the statements of ``sql/report`` and holding their rows. Does not belong here:
arithmetic beyond comparing two published figures, wording, or anything about the page's looks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pm_pipeline.publish.report_page.story import Row, Story, read_story

__all__ = ["Figures", "Row", "read_figures"]

QUERIES = Path(__file__).parent.parent / "sql" / "report"

SHOWN_EVENTS = 15
FEATURE_PAGES = 48
SHOWN_SEGMENT_VALUES = 6
SHOWN_FILES = 10
SHOWN_REASONS = 20
SHOWN_PUBLICATIONS = 10
DAYS_A_WEEK = 7


@dataclass(frozen=True)
class EventSpan:
    """The days that event usage is shown for: the last complete week, else all days so far."""

    first_date: date
    days: int
    is_week: bool

    @property
    def last_date(self) -> date:
        """The last day of the span, inclusive."""
        return self.first_date + timedelta(days=self.days - 1)


@dataclass(frozen=True)
class Figures:
    """Rows of the published tables, as the statements in ``sql/report`` return them."""

    publication: Row | None
    days: list[Row]
    weeks: list[Row]
    months: list[Row]
    week_days: list[Row]
    features: list[Row]
    events: list[Row]
    event_span: EventSpan | None
    segments: list[Row]
    sources: list[Row]
    files: list[Row]
    reasons: list[Row]
    checks: list[Row]
    publications: list[Row]
    comments: dict[tuple[str, str | None], str]
    story: Story = field(default_factory=Story)

    @property
    def is_empty(self) -> bool:
        """Whether there is no event at all to show."""
        return not self.days

    @property
    def complete_weeks(self) -> list[Row]:
        """The weeks that had ended at as-of, oldest first."""
        return [week for week in self.weeks if week["is_complete"]]

    @property
    def complete_days(self) -> list[Row]:
        """The days that had ended at as-of, oldest first."""
        return [day for day in self.days if day["is_complete"]]


def read_figures(database: Path) -> Figures:
    """Read everything the page shows from a published (or about to be published) database."""
    with duckdb.connect(str(database), read_only=True) as connection:
        days = _rows(connection, "days")
        weeks = _rows(connection, "periods", interval="week")
        span = _event_span(days, weeks)
        publication = _rows(connection, "publication")
        comments = {
            (row["table_name"], row["column_name"]): row["comment"]
            for row in _rows(connection, "comments")
        }
        return Figures(
            publication=publication[0] if publication else None,
            days=days,
            weeks=weeks,
            months=_rows(connection, "periods", interval="month"),
            week_days=_rows(connection, "week_days"),
            features=_rows(connection, "features", shown=FEATURE_PAGES),
            events=_event_rows(connection, span),
            event_span=span,
            segments=_rows(connection, "segments", shown=SHOWN_SEGMENT_VALUES),
            sources=_rows(connection, "sources"),
            files=_rows(connection, "files", shown=SHOWN_FILES),
            reasons=_rows(connection, "reasons", shown=SHOWN_REASONS),
            checks=_rows(connection, "checks"),
            publications=_rows(connection, "publications", shown=SHOWN_PUBLICATIONS),
            comments=comments,
            story=read_story(lambda name: _rows(connection, name)),
        )


def _event_rows(connection: duckdb.DuckDBPyConnection, span: EventSpan | None) -> list[Row]:
    if span is None:
        return []
    return _rows(
        connection, "events", first_date=span.first_date, days=span.days, shown=SHOWN_EVENTS
    )


def _event_span(days: list[Row], weeks: list[Row]) -> EventSpan | None:
    complete = [week["period_start"] for week in weeks if week["is_complete"]]
    if complete:
        return EventSpan(first_date=complete[-1], days=DAYS_A_WEEK, is_week=True)
    if days:
        return EventSpan(first_date=days[0]["activity_date"], days=len(days), is_week=False)
    return None


def _rows(connection: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> list[Row]:
    statement = (QUERIES / f"{name}.sql").read_text(encoding="utf-8")
    cursor = connection.execute(statement, parameters or None)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
