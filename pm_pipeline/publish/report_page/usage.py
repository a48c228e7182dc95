"""The page's sections about what people do and who they are: features, events, segments.

Belongs here: question, answer, chart and table of each. Does not belong here: how many people there
are (``sections.py``), trust in the data (``trust.py``), looks, or a figure that no published table
holds.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby, islice

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

TABLE_WEEKS = 13
SHOWN_FEATURES = 12
ACCOUNTING = "growth.accounting"


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
    shown = dict(islice(by_name.items(), SHOWN_FEATURES))
    for position, (name, weeks) in enumerate(shown.items()):
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
                title=f"How many use {name}?",
                answer=answer,
                chart=charts.feature(weeks, first, end, f"Weekly people of {name}. {answer}"),
                page=f"feature-page-{position}",
                page_name=name,
            )
        )
    total = figures.features[0]["features_count"]
    notes = ["Each picture has its own scale, from zero."]
    if any(not row["is_complete"] for row in figures.features):
        notes.append("A hollow point is a week that is not over.")
    if total > len(tiles):
        notes.append(f"The {len(tiles)} features with most people of {total} are shown here.")
    return Section(
        "features",
        "Features",
        lead="Which features do people use each week?",
        tiles=tiles,
        table=_feature_table(shown),
        notes=notes,
        pages=[
            (name, f"feature-page-{position}")
            for position, name in enumerate(by_name)
            if name not in shown
        ],
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
                key="top-events",
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
    if any(row["segment_value"] == "(none)" for row in figures.segments):
        notes.append("(none): their events did not say.")
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
