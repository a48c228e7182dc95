"""The page's sections about people: active, growing, features, events, segments.

Belongs here: question, answer, chart and table of each. Does not belong here: trust in the data
(``trust.py``), looks, or a figure that no published table holds.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby

from pm_pipeline.publish.report_page import charts, words
from pm_pipeline.publish.report_page.figures import EventSpan, Figures, Row
from pm_pipeline.publish.report_page.parts import (
    Column,
    Picture,
    Section,
    Table,
    definitions,
    numbers,
)

TABLE_DAYS, TABLE_WEEKS, TABLE_MONTHS = 14, 13, 13
SHOWN_MONTHS = 36
ACCOUNTING = "growth.accounting"
GROWTH_COLUMNS = [
    "active_users",
    "new_users",
    "retained_users",
    "resurrected_users",
    "churned_users",
    "quick_ratio",
    "is_complete",
]


def active_section(figures: Figures) -> Section:
    """Return how many people are active and how often they come."""
    days = figures.complete_days
    if not days:
        return Section(
            "active", "Active people", notes=["No day is complete yet: figures appear tomorrow."]
        )
    last = days[-1]
    when = words.weekday(last["activity_date"])
    answer = (
        f"{words.count(last['daily_active_users'])} people were active on {when}, "
        f"{words.count(last['weekly_active_users'])} in the 7 days and "
        f"{words.count(last['monthly_active_users'])} in the 28 days that ended then."
    )
    notes = []
    if len(days) < len(figures.days):
        running = words.weekday(figures.days[-1]["activity_date"])
        notes.append(f"{running} is not over and is left out.")
    table = Table(
        caption=f"The last {len(days[-TABLE_DAYS:])} complete days",
        columns=[Column("Day"), *numbers("Active", "7 days", "28 days", "Stickiness", "Events")],
        rows=[
            [
                words.weekday(day["activity_date"]),
                words.count(day["daily_active_users"]),
                words.count(day["weekly_active_users"]),
                words.count(day["monthly_active_users"]),
                words.rate(day["stickiness_rate"]),
                words.count(day["events_count"]),
            ]
            for day in reversed(days[-TABLE_DAYS:])
        ],
    )
    columns = ["daily_active_users", "weekly_active_users", "monthly_active_users"]
    pictures = [
        Picture(
            key="active-users",
            title="How many people are active?",
            answer=answer,
            chart=charts.active_users(days, f"Lines of active people over time. {answer}"),
            table=table,
            notes=notes,
            definitions=definitions(figures, "engagement.active_users", columns),
        )
    ]
    measured = [day for day in days if day["stickiness_rate"] is not None]
    if measured:
        value = words.rate(measured[-1]["stickiness_rate"])
        answer = (
            f"Of the people active in the 28 days to {words.weekday(measured[-1]['activity_date'])}"
            f", {value} were active on an average day."
        )
        pictures.append(
            Picture(
                key="stickiness",
                title="Do people make it a habit?",
                answer=answer,
                chart=charts.stickiness(measured, f"Line of stickiness over time. {answer}"),
                definitions=definitions(figures, "engagement.active_users", ["stickiness_rate"]),
            )
        )
    return Section("active", "Active people", pictures=pictures)


def growth_section(figures: Figures) -> Section:
    """Return who came, who came back and who left, by week and by month."""
    return Section(
        "growth",
        "Growth",
        pictures=[
            _growth_picture(
                figures,
                figures.weeks,
                "week",
                "Do more people come than leave, week by week?",
                TABLE_WEEKS,
            ),
            _growth_picture(
                figures,
                figures.months[-SHOWN_MONTHS:],
                "month",
                "And over the months?",
                TABLE_MONTHS,
            ),
        ],
    )


def _growth_picture(
    figures: Figures, periods: list[Row], interval: str, title: str, shown: int
) -> Picture:
    complete = [period for period in periods if period["is_complete"]]
    if complete:
        last = complete[-1]
        came = last["new_users"] + last["resurrected_users"]
        answer = (
            f"In {_period_name(last, interval, in_sentence=True)}, {words.count(came)} people came "
            f"({words.count(last['new_users'])} new, {words.count(last['resurrected_users'])} "
            f"resurrected) and {words.count(last['churned_users'])} left; "
            f"{words.count(last['retained_users'])} stayed."
        )
    else:
        answer = f"No {interval} is complete yet."
    notes = []
    if not periods[-1]["is_complete"]:
        notes.append(
            f"Paler: {_period_name(periods[-1], interval, in_sentence=True)} is not over. Nobody "
            "counts as churned before it ends."
        )
    if interval == "month":
        notes.append(f"Always the last {len(periods)} months, whatever range is chosen above.")
    table = Table(
        caption=f"The last {len(periods[-shown:])} {interval}s",
        columns=[
            Column(interval.capitalize()),
            *numbers("Active", "New", "Retained", "Resurrected", "Churned", "Quick ratio"),
        ],
        rows=[_growth_cells(period, interval) for period in reversed(periods[-shown:])],
        states=["" if row["is_complete"] else "running" for row in reversed(periods[-shown:])],
    )
    return Picture(
        key=f"growth-{interval}",
        title=title,
        answer=answer,
        chart=charts.growth(
            periods, interval, f"Bars of people by {interval}: who came, who left. {answer}"
        ),
        table=table,
        notes=notes,
        definitions=definitions(figures, ACCOUNTING, GROWTH_COLUMNS),
    )


def _growth_cells(period: Row, interval: str) -> list[str]:
    over = period["is_complete"]
    name = _period_name(period, interval, in_sentence=False)
    return [
        name if over else f"{name} (not over)",
        words.count(period["active_users"]),
        words.count(period["new_users"]),
        words.count(period["retained_users"]),
        words.count(period["resurrected_users"]),
        words.count(period["churned_users"] if over else None),
        words.decimal(period["quick_ratio"] if over else None, 2),
    ]


def _period_name(period: Row, interval: str, *, in_sentence: bool) -> str:
    start = period["period_start"]
    if interval == "month":
        return words.month(start)
    return f"the week of {words.week(start)}" if in_sentence else words.week(start)


def feature_section(figures: Figures) -> Section | None:
    """Return the weekly people of each feature; None when the product names no feature."""
    if not figures.features:
        return None
    by_name = {
        name: list(weeks)
        for name, weeks in groupby(figures.features, lambda row: row["feature_name"])
    }
    first = min(row["period_start"] for row in figures.features)
    end = max(row["period_start"] for row in figures.features)
    tiles = []
    for position, (name, weeks) in enumerate(by_name.items()):
        complete = [week for week in weeks if week["is_complete"]]
        answer = "No week is complete yet."
        if complete:
            before = complete[-2]["active_users"] if len(complete) > 1 else None
            answer = (
                f"{words.count(complete[-1]['active_users'])} people in the week of "
                f"{words.week(complete[-1]['period_start'])}"
                f"{words.more_or_fewer(complete[-1]['active_users'], before)}."
            )
        tiles.append(
            Picture(
                key=f"feature-{position}",
                title=name,
                answer=answer,
                chart=charts.feature(weeks, first, end, f"Weekly people of {name}. {answer}"),
            )
        )
    total = figures.features[0]["features_count"]
    notes = ["Each picture has its own scale, from zero."]
    if any(not row["is_complete"] for row in figures.features):
        notes.append("A hollow point is a week that is not over.")
    if total > len(tiles):
        notes.append(f"The {len(tiles)} features with most people of {total} are shown.")
    return Section(
        "features",
        "Features",
        lead="Which features do people use each week?",
        tiles=tiles,
        table=_feature_table(by_name),
        notes=notes,
        definitions=definitions(figures, ACCOUNTING, ["subject_name", "active_users"]),
    )


def _feature_table(by_name: dict[str, list[Row]]) -> Table:
    weeks = {week["period_start"]: week for rows in by_name.values() for week in rows}
    people = {
        (name, week["period_start"]): week["active_users"]
        for name, rows in by_name.items()
        for week in rows
    }
    starts = sorted(weeks, reverse=True)[:TABLE_WEEKS]
    over = [weeks[start]["is_complete"] for start in starts]
    return Table(
        caption=f"People of each feature, the last {len(starts)} weeks",
        columns=[Column("Week"), *numbers(*by_name)],
        rows=[
            [
                words.week(start) if is_over else f"{words.week(start)} (not over)",
                *[words.count(people.get((name, start))) for name in by_name],
            ]
            for start, is_over in zip(starts, over, strict=True)
        ],
        states=["" if is_over else "running" for is_over in over],
    )


def event_section(figures: Figures) -> Section | None:
    """Return what people do most; None without usage in the span."""
    span = figures.event_span
    if span is None or not figures.events:
        return None
    rows = figures.events
    when = words.span(span.first_date, span.last_date)
    top = rows[0]
    answer = (
        f"{top['event_name']} happened {words.count(top['events_count'])} times from {when}, "
        f"done by {words.decimal(top['users_per_day'])} people on an average day."
    )
    notes = [f"{words.span(span.first_date, span.last_date)}: {_span_note(span)}"]
    names = rows[0]["names_count"]
    if names > len(rows):
        notes.append(f"The {len(rows)} most frequent of {words.count(names)} events are shown.")
    has_before = span.is_week and any(row["events_count_before"] for row in rows)
    return Section(
        "events",
        "Events",
        pictures=[
            Picture(
                key="events",
                title="What do people do most?",
                answer=answer,
                chart=charts.events(
                    rows,
                    compared=has_before,
                    description=f"Bars of how often each event happened. {answer}",
                ),
                table=_event_table(rows, when, has_before=has_before),
                notes=notes,
                definitions=definitions(
                    figures, "engagement.event_usage", ["events_count", "users_count"]
                ),
            )
        ],
    )


def _span_note(span: EventSpan) -> str:
    if span.is_week:
        return "the last complete week."
    return "all days so far, since no week is complete yet."


def _event_table(rows: list[Row], when: str, *, has_before: bool) -> Table:
    columns = [Column("Event"), *numbers("Times")]
    if has_before:
        columns += numbers("Change")
    columns += numbers("People on an average day")
    cells = []
    for row in rows:
        line = [row["event_name"], words.count(row["events_count"])]
        if has_before:
            line.append(words.difference(row["events_count"], row["events_count_before"]))
        cells.append([*line, words.decimal(row["users_per_day"])])
    return Table(caption=f"Events from {when}", columns=columns, rows=cells)


def segment_section(figures: Figures) -> Section | None:
    """Return people by segment; None when the product names none or no week is complete."""
    if not figures.segments:
        return None
    tiles = []
    notes = ["Somebody with two values in a week counts in both, so lines need not add up."]
    groups = groupby(figures.segments, lambda row: row["segment_name"])
    for position, (name, group) in enumerate(groups):
        rows = list(group)
        newest = max(row["period_start"] for row in rows)
        top = rows[0]["segment_value"]
        people = next((r["weekly_active_users"] for r in rows if r["period_start"] == newest), 0)
        answer = (
            f"Most people: {top}, with {words.count(people)} in the seven days to "
            f"{words.day(newest + timedelta(days=6))}."
        )
        hidden = rows[0]["values_count"] - max(row["position"] for row in rows)
        tiles.append(
            Picture(
                key=f"segment-{position}",
                title=f"Who is active, by {name}?",
                answer=answer,
                chart=charts.segment(rows, f"Lines of weekly people by {name}. {answer}"),
                table=_segment_table(rows, name),
                notes=[f"{words.count(hidden)} smaller values are not shown."] if hidden else [],
            )
        )
    return Section(
        "segments",
        "Segments",
        lead="Complete weeks only.",
        tiles=tiles,
        notes=notes,
        definitions=definitions(
            figures,
            "engagement.active_users",
            ["segment_name", "segment_value", "weekly_active_users"],
        ),
    )


def _segment_table(rows: list[Row], name: str) -> Table:
    values = list(dict.fromkeys(row["segment_value"] for row in rows))
    people = {(r["period_start"], r["segment_value"]): r["weekly_active_users"] for r in rows}
    starts = sorted({row["period_start"] for row in rows}, reverse=True)[:TABLE_WEEKS]
    return Table(
        caption=f"People active in a week, by {name}",
        columns=[Column("Week"), *numbers(*values)],
        rows=[
            [words.week(start), *[words.count(people.get((start, value))) for value in values]]
            for start in starts
        ],
    )
