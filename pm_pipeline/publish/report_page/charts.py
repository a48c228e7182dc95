"""The figures of each chart as columns and rows, with its kind, legend and description.

Belongs here: which published figure goes into which field. Does not belong here: how a chart looks
(``specs.py``), reading figures, HTML, or any number that no published table holds.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from pm_pipeline.publish.report_page import words
from pm_pipeline.publish.report_page.figures import Row

DAY = 86_400_000
SEGMENT_COLOURS = 6
EVENT_HEIGHT = 28


@dataclass(frozen=True)
class LegendEntry:
    """A word and the CSS variable of its colour; shape is ``box``, ``line`` or ``tick``."""

    label: str
    colour: str
    shape: str = "box"


@dataclass(frozen=True)
class Chart:
    """One chart: ``kind`` names its specification, ``parameters`` fill the specification's own."""

    kind: str
    description: str
    fields: list[str]
    rows: list[list[Any]]
    parameters: dict[str, Any]
    legend: list[LegendEntry] = field(default_factory=list)


def milliseconds(day: date) -> int:
    """Return the start of a day, as if it were UTC, in milliseconds since 1970."""
    return calendar.timegm(day.timetuple()) * 1000


def active_users(days: list[Row], description: str) -> Chart:
    """Return daily, 7-day and 28-day active people."""
    rows = [
        [
            milliseconds(day["activity_date"]),
            words.weekday(day["activity_date"]),
            day["daily_active_users"],
            day["weekly_active_users"],
            day["monthly_active_users"],
        ]
        for day in days
    ]
    legend = [
        LegendEntry("28 days", "var(--series-1)", "line"),
        LegendEntry("7 days", "var(--series-2)", "line"),
        LegendEntry("One day", "var(--series-3)", "line"),
    ]
    fields = ["at", "label", "One day", "7 days", "28 days"]
    return Chart("active", description, fields, rows, _reach(rows), legend)


def stickiness(days: list[Row], description: str) -> Chart:
    """Return the share of the month's people who are active on a day."""
    rows = [
        [
            milliseconds(day["activity_date"]),
            words.weekday(day["activity_date"]),
            day["stickiness_rate"],
        ]
        for day in days
    ]
    return Chart("stickiness", description, ["at", "label", "Stickiness"], rows, _reach(rows))


def growth(periods: list[Row], interval: str, description: str) -> Chart:
    """Return growth accounting by week or month.

    A period that is not over shows nobody as churned: they may still come.
    """
    fields = ["at", "from", "label", "over", "Active", "Retained", "Resurrected", "New", "Churned"]
    rows = [_growth_row(period, interval) for period in periods]
    end = _period_end(periods[-1]["period_start"], interval)
    legend = [
        LegendEntry("Retained", "var(--retained)"),
        LegendEntry("Resurrected", "var(--resurrected)"),
        LegendEntry("New", "var(--new)"),
        LegendEntry("Churned", "var(--churned)"),
    ]
    parameters = {"first": rows[0][1], "end": milliseconds(end)}
    return Chart(f"growth-{interval}", description, fields, rows, parameters, legend)


def feature(weeks: list[Row], first: date, end: date, description: str) -> Chart:
    """Return one feature's weekly people; all features reach from ``first`` to ``end``."""
    rows = [
        [
            milliseconds(week["period_start"]),
            f"Week of {words.week(week['period_start'])}",
            "over" if week["is_complete"] else "not over yet",
            week["active_users"],
        ]
        for week in weeks
    ]
    parameters = _reach(rows) | {"first": milliseconds(first), "end": milliseconds(end)}
    return Chart("feature", description, ["at", "label", "over", "People"], rows, parameters)


def events(read: list[Row], *, compared: bool, description: str) -> Chart:
    """Return how often each event happened, compared with the week before where there is one."""
    rows = [
        [place, row["event_name"], row["events_count"], row["events_count_before"]]
        for place, row in enumerate(read)
    ]
    legend = [LegendEntry("Times it happened", "var(--series-1)")]
    if compared:
        legend.append(LegendEntry("The week before", "var(--ink)", "tick"))
    kind = "events-compared" if compared else "events"
    fields = ["place", "event", "Times", "The week before"]
    parameters = {
        "height": 30 + EVENT_HEIGHT * len(rows),
        "names": [words.shortened(row["event_name"]) for row in read],
    }
    return Chart(kind, description, fields, rows, parameters, legend)


def segment(read: list[Row], description: str) -> Chart:
    """Return people active in each complete week by segment value, at most six of them."""
    values = list(dict.fromkeys(row["segment_value"] for row in read))[:SEGMENT_COLOURS]
    places = {value: place for place, value in enumerate(values)}
    everybody: dict[date, list[str]] = {}
    for row in read:
        if row["segment_value"] in places:
            people = words.count(row["weekly_active_users"])
            line = f"{words.shortened(row['segment_value'])}: {people}"
            everybody.setdefault(row["period_start"], []).append(line)
    rows = [
        [
            milliseconds(row["period_start"]),
            f"Week of {words.week(row['period_start'])}",
            str(places[row["segment_value"]]),
            row["weekly_active_users"],
            # One text a week is enough: the first value's row carries it.
            "\n".join(everybody[row["period_start"]]) if not places[row["segment_value"]] else None,
        ]
        for row in read
        if row["segment_value"] in places
    ]
    legend = [
        LegendEntry(value, f"var(--series-{place + 1})", "line") for value, place in places.items()
    ]
    fields = ["at", "label", "place", "People", "everybody"]
    return Chart("segment", description, fields, rows, _reach(rows), legend)


def arrivals(days: list[Row], description: str) -> Chart:
    """Return published events a day."""
    rows: list[list[Any]] = []
    for day in days:
        start = milliseconds(day["activity_date"])
        label = words.weekday(day["activity_date"])
        rows.append([start + DAY // 2, start, label, day["events_count"]])
    parameters = {"first": rows[0][1], "end": rows[-1][1] + DAY}
    return Chart("arrivals", description, ["at", "from", "label", "Events"], rows, parameters)


def _reach(rows: list[list[Any]]) -> dict[str, int]:
    """Return where the data begins and ends, a lone point amid a day of its own."""
    first = min(row[0] for row in rows)
    end = max(row[0] for row in rows)
    if first == end:
        return {"first": first - DAY, "end": end + DAY, "lone": 1}
    return {"first": first, "end": end, "lone": 0}


def _growth_row(period: Row, interval: str) -> list[Any]:
    start = period["period_start"]
    end = _period_end(start, interval)
    over = period["is_complete"]
    return [
        (milliseconds(start) + milliseconds(end)) // 2,
        milliseconds(start),
        f"Week of {words.week(start)}" if interval == "week" else words.month(start),
        "over" if over else "not over yet",
        period["active_users"],
        period["retained_users"],
        period["resurrected_users"],
        period["new_users"],
        period["churned_users"] if over else None,
    ]


def _period_end(start: date, interval: str) -> date:
    if interval == "week":
        return start + timedelta(days=7)
    return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
