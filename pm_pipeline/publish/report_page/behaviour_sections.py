"""The page's sections about what becomes of people: funnels and retention.

Belongs here: question, answer, chart and table of each. Does not belong here: looks, or a figure
that no published table holds.
"""

from __future__ import annotations

from itertools import groupby, pairwise

from pm_pipeline.publish.report_page import story_charts, words
from pm_pipeline.publish.report_page.figures import Figures
from pm_pipeline.publish.report_page.intervals import wilson
from pm_pipeline.publish.report_page.parts import (
    Column,
    Picture,
    Section,
    Table,
    definitions,
    numbers,
)
from pm_pipeline.publish.report_page.story import Row
from pm_pipeline.publish.report_page.story_words import plain

SHOWN_FUNNELS = 6
SHOWN_RETENTIONS = 3


def funnels_section(figures: Figures) -> Section | None:
    """Return how many get through each funnel; None without funnels."""
    by_name = _grouped(figures.story.funnels, "funnel_name")
    if not by_name:
        return None
    pictures = [
        _funnel(figures, place, name, steps)
        for place, (name, steps) in enumerate(list(by_name.items())[:SHOWN_FUNNELS])
    ]
    notes = ["Bars and their 95 % intervals are of those who entered early enough to finish."]
    if len(by_name) > SHOWN_FUNNELS:
        notes.append(f"{SHOWN_FUNNELS} of {len(by_name)} funnels are shown.")
    columns = ["users_count", "mature_users_count", "mature_rate_from_start", "median_seconds"]
    return Section(
        "funnels",
        "Funnels",
        pictures=pictures[:1] if len(pictures) == 1 else [],
        tiles=pictures if len(pictures) > 1 else [],
        notes=notes,
        definitions=definitions(figures, "funnels.conversion", columns),
    )


def _funnel(figures: Figures, place: int, name: str, steps: list[Row]) -> Picture:
    first, last = steps[0], steps[-1]
    low, high = wilson(last["mature_users_count"], first["mature_entrants_count"])
    answer = "Nobody entered early enough to tell."
    if low is not None:
        open_count = first["entrants_count"] - first["mature_entrants_count"]
        answer = (
            f"{words.rate(last['mature_rate_from_start'])} of "
            f"{words.count(first['mature_entrants_count'])} "
            f"({words.rate(low)} to {words.rate(high)})."
        )
        if open_count:
            answer += f" {words.count(open_count)} more may still finish and are left out."
        losses = [
            (before["mature_users_count"] - after["mature_users_count"], after["step_name"])
            for before, after in pairwise(steps)
        ]
        if len(losses) > 1:
            answer += f" Most are lost before {max(losses)[1]}."
    table = Table(
        caption=f"Steps of {plain(name)}",
        columns=[
            Column("Step"),
            *numbers("Reached it", "Old enough", "Of all", "Of the step before", "Median hours"),
        ],
        rows=[
            [
                step["step_name"],
                words.count(step["users_count"]),
                words.count(step["mature_users_count"]),
                words.rate(step["mature_rate_from_start"]),
                words.rate(step["rate_from_previous"]),
                words.decimal(
                    None if step["median_seconds"] is None else step["median_seconds"] / 3600
                ),
            ]
            for step in steps
        ],
    )
    return Picture(
        key=f"funnel-{place}",
        title=f"How many get through {plain(name)}?",
        answer=answer,
        chart=story_charts.funnel(steps, f"Bars of the share that reached each step. {answer}"),
        table=table,
    )


def retention_section(figures: Figures) -> Section | None:
    """Return whether people come back, by cohort and over all; None without retentions."""
    by_name = _grouped(figures.story.retention_cells, "retention_name")
    curves = _grouped(figures.story.retention_curves, "retention_name")
    if not by_name:
        return None
    pictures = []
    for place, (name, cells) in enumerate(list(by_name.items())[:SHOWN_RETENTIONS]):
        pooled = curves.get(name, [])
        interval = cells[0]["interval"]
        answer = _retention_answer(pooled, interval)
        pictures.append(
            Picture(
                key=f"retention-{place}",
                title=f"{plain(name).capitalize()}: do they come back, cohort by cohort?",
                answer=answer,
                chart=story_charts.heat(cells, f"Heat map of the share that came back. {answer}"),
                notes=[
                    f"Rows are cohorts with their people, columns {interval}s since they began."
                ],
            )
        )
        if len(pooled) > 1:
            pictures.append(
                Picture(
                    key=f"retention-curve-{place}",
                    title=f"{plain(name).capitalize()}: how many come back after each {interval}?",
                    answer=answer,
                    chart=story_charts.curve(pooled, f"Line of the share that came back. {answer}"),
                    table=_curve_table(name, pooled, interval),
                    notes=["Every period is of the cohorts old enough for it; 95 % intervals."],
                )
            )
    notes = []
    if len(by_name) > SHOWN_RETENTIONS:
        notes.append(f"{SHOWN_RETENTIONS} of {len(by_name)} retentions are shown.")
    return Section(
        "retention",
        "Retention",
        pictures=pictures,
        notes=notes,
        definitions=definitions(
            figures, "retention.curve", ["eligible_users", "retained_users", "retained_rate"]
        ),
    )


def _retention_answer(pooled: list[Row], interval: str) -> str:
    known = [row for row in pooled if row["period_index"] > 0 and row["eligible_users"]]
    if not known:
        return "No cohort is old enough to tell."
    middle = known[min(3, len(known) - 1)]
    low, high = wilson(middle["retained_users"], middle["eligible_users"])
    when = "On" if interval == "day" else "In"
    return (
        f"{when} {interval} {middle['period_index']}, {words.rate(middle['retained_rate'])} of "
        f"{words.count(middle['eligible_users'])} came back "
        f"({words.rate(low)} to {words.rate(high)})."
    )


def _curve_table(name: str, pooled: list[Row], interval: str) -> Table:
    rows = []
    for row in pooled:
        low, high = wilson(row["retained_users"], row["eligible_users"])
        rows.append(
            [
                words.count(row["period_index"]),
                words.count(row["eligible_users"]),
                words.count(row["retained_users"]),
                words.rate(row["retained_rate"]),
                words.rate(low),
                words.rate(high),
            ]
        )
    return Table(
        caption=f"{plain(name).capitalize()} by {interval}",
        columns=numbers(
            interval.capitalize(), "Old enough", "Came back", "Share", "At least", "At most"
        ),
        rows=rows,
    )


def _grouped(rows: list[Row], key: str) -> dict[str, list[Row]]:
    return {name: list(own) for name, own in groupby(rows, lambda row: row[key])}
