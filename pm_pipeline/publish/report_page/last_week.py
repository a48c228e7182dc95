"""The last complete week beside the week before it.

Belongs here: the cards at the top of the page. Does not belong here: weeks that are not over; a
week that still runs would always look like a loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pm_pipeline.publish.report_page import words
from pm_pipeline.publish.report_page.figures import DAYS_A_WEEK, Figures, Row
from pm_pipeline.publish.report_page.parts import Card, spark

SPARK_WEEKS = 13


@dataclass(frozen=True)
class LastWeek:
    """The cards, or why there are none."""

    title: str
    note: str
    cards: list[Card]


def last_week(figures: Figures) -> LastWeek:
    """Return the figures of the last complete week, each beside the week before."""
    weeks = figures.complete_weeks
    if not weeks:
        first = figures.days[0]["activity_date"]
        return LastWeek(
            title="The last week",
            note=f"No week is complete yet: the first event is of {words.weekday(first)}. "
            "Figures appear here when the first week has ended.",
            cards=[],
        )
    activity = {row["period_start"]: row for row in figures.week_days}
    last = weeks[-1]
    before = weeks[-2] if len(weeks) > 1 else None
    return LastWeek(
        title=f"The week of {words.week(last['period_start'])}",
        note=_note(figures, last, before),
        cards=[
            *_people_cards(figures, weeks),
            *_activity_cards(figures, [activity.get(week["period_start"], {}) for week in weeks]),
        ],
    )


def _note(figures: Figures, last: Row, before: Row | None) -> str:
    parts = []
    if before is None:
        parts.append("It is the first complete week: there is none before to compare with.")
    else:
        parts.append(f"Beside it the week of {words.week(before['period_start'])}.")
        first = figures.days[0]["activity_date"]
        if before["period_start"] < first:
            missing = (first - before["period_start"]).days
            parts.append(
                f"That week holds only {DAYS_A_WEEK - missing} days of data, so changes look larger"
                " than they are."
            )
    running = figures.weeks[-1]
    if not running["is_complete"] and running["period_start"] > last["period_start"]:
        ends = running["period_start"] + timedelta(days=DAYS_A_WEEK - 1)
        parts.append(
            f"The week that ends on {words.weekday(ends)} is not over and is left out here."
        )
    return " ".join(parts)


def _people_cards(figures: Figures, weeks: list[Row]) -> list[Card]:
    named = {
        "active_users": "Active people",
        "new_users": "New people",
        "retained_users": "Retained",
        "resurrected_users": "Resurrected",
        "churned_users": "Churned",
    }
    return [
        _count_card(figures, "growth.accounting", column, label, weeks)
        for column, label in named.items()
    ]


def _activity_cards(figures: Figures, weeks: list[Row]) -> list[Card]:
    table = "engagement.active_users"
    stickiness = [week.get("stickiness_rate") for week in weeks[-SPARK_WEEKS:]]
    now, before = _now_and_before(stickiness)
    return [
        _count_card(figures, table, "sessions_count", "Sessions", weeks),
        _count_card(figures, table, "events_count", "Events", weeks),
        Card(
            label="Stickiness",
            value=words.rate(now),
            change=words.points(now, before),
            direction=words.direction(now, before),
            spark=spark(stickiness),
            meaning=figures.comments.get((table, "stickiness_rate"), ""),
        ),
    ]


def _count_card(figures: Figures, table: str, column: str, label: str, weeks: list[Row]) -> Card:
    values = [week.get(column) for week in weeks[-SPARK_WEEKS:]]
    now, before = _now_and_before(values)
    return Card(
        label=label,
        value=words.count(now),
        change=words.difference(now, before),
        direction=words.direction(now, before),
        spark=spark(values),
        meaning=figures.comments.get((table, column), ""),
    )


def _now_and_before(values: list[float | None]) -> tuple[float | None, float | None]:
    return values[-1], values[-2] if len(values) > 1 else None
