"""The figures of the story's charts as columns and rows.

Belongs here: which published figure goes into which field. Does not belong here: how a chart looks
(``story_specs.py``), wording of answers, HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pm_pipeline.publish.report_page import words
from pm_pipeline.publish.report_page.charts import DAY, Chart, LegendEntry, milliseconds
from pm_pipeline.publish.report_page.intervals import wilson
from pm_pipeline.publish.report_page.story import Row
from pm_pipeline.publish.report_page.story_words import USER_STAGES, stage_name

ROW_HEIGHT = 34
STAGE_COLOURS = {
    "growth": "var(--new)",
    "introduction": "var(--resurrected)",
    "maturity": "var(--retained)",
    "decline": "var(--churned)",
    "insufficient_data": "var(--ink-soft)",
}


def _span(rows: list[list[Any]]) -> dict[str, int]:
    first, end = min(row[0] for row in rows), max(row[0] for row in rows)
    return {"first": first, "end": end if end > first else first + DAY, "lone": 0}


def goal(
    trajectory: list[Row], target: float, description: str, *, is_share: bool | None = False
) -> Chart:
    """Return a goal's weeks behind and ahead; the line ahead begins at the last value."""
    behind = [row for row in trajectory if row["value"] is not None]
    ahead = [row for row in trajectory if row["projected_value"] is not None]
    rows = [
        [milliseconds(row["activity_date"]), words.weekday(row["activity_date"]), row["value"],
         None, None, None, 0, target]
        for row in behind
    ]  # fmt: skip
    if behind and ahead:
        last = behind[-1]["value"]
        rows[-1][3:6] = [last, last, last]
    rows += [
        [milliseconds(row["activity_date"]), words.weekday(row["activity_date"]), None,
         row["projected_value"], row["projected_low"], row["projected_high"],
         int(len(ahead) == 1), target]
        for row in ahead
    ]  # fmt: skip
    legend = [LegendEntry("Each week so far", "var(--series-1)", "line")]
    if ahead:
        legend.append(LegendEntry("Projected, with its 80 % interval", "var(--series-1)"))
    legend.append(LegendEntry("Target", "var(--ink)", "line"))
    fields = ["at", "label", "Value", "Projected", "Low", "High", "alone", "Target"]
    kind = "goal-share" if is_share else "goal"
    return Chart(kind, description, fields, rows, _span(rows), legend)


def expected(days: list[Row], metric: str, description: str) -> Chart:
    """Return a metric day by day inside of what was expected of each day."""
    rows = [
        [milliseconds(day["activity_date"]), words.weekday(day["activity_date"]), day["value"],
         day["expected"], day["expected_low"], day["expected_high"], day["is_unlike"]]
        for day in days
    ]  # fmt: skip
    legend = [
        LegendEntry(f"{metric.capitalize()} of a day", "var(--series-1)", "line"),
        LegendEntry("Expected of such a day", "var(--series-1)"),
        LegendEntry("Unlike the others", "var(--churned)"),
    ]
    fields = ["at", "label", "Value", "Expected", "Low", "High", "unlike"]
    return Chart("expected", description, fields, rows, _span(rows), legend)


def funnel(steps: list[Row], description: str) -> Chart:
    """Return the share of those old enough that reached each step, with its interval."""
    total = steps[0]["mature_entrants_count"]
    rows = []
    for place, step in enumerate(steps):
        low, high = wilson(step["mature_users_count"], total)
        rows.append(
            [place, step["step_name"], step["mature_rate_from_start"], low, high,
             step["users_count"], step["mature_users_count"]]
        )  # fmt: skip
    parameters = _named([step["step_name"] for step in steps])
    fields = ["place", "step", "Share", "Low", "High", "Reached it", "Old enough"]
    return Chart("funnel", description, fields, rows, parameters)


def _named(names: list[str]) -> dict[str, Any]:
    return {
        "height": 36 + ROW_HEIGHT * len(names),
        "names": [words.shortened(name) for name in names],
    }


def heat(cells: list[Row], description: str) -> Chart:
    """Return the newest cohorts by period; outlined where the period is not over."""
    starts = sorted({cell["cohort_start"] for cell in cells})
    places = {start: place for place, start in enumerate(starts)}
    people = {cell["cohort_start"]: cell["cohort_users"] for cell in cells}
    rows = [
        [
            places[cell["cohort_start"]],
            words.day(cell["cohort_start"]),
            cell["period_index"],
            cell["retained_rate"] if cell["is_complete"] else None,
            cell["cohort_users"],
            "over" if cell["is_complete"] else "not over yet",
            f"{100 * cell['retained_rate']:.0f}"
            if cell["is_complete"] and cell["retained_rate"] is not None
            else "",
        ]
        for cell in cells
    ]
    names = [f"{words.day(start)} ({words.count(people[start])})" for start in starts]
    fields = ["place", "cohort", "Period", "Came back", "People", "over", "words"]
    legend = [
        LegendEntry("Percent of the cohort that came back", "var(--series-1)"),
        LegendEntry("Outlined: not over yet", "var(--line)"),
    ]
    parameters = _named(names) | {"height": 40 + 26 * len(names)}
    return Chart("heat", description, fields, rows, parameters, legend)


def curve(periods: list[Row], description: str) -> Chart:
    """Return the pooled share that came back by period, with its interval."""
    rows = []
    for row in periods:
        low, high = wilson(row["retained_users"], row["eligible_users"])
        rows.append([row["period_index"], row["retained_rate"], low, high, row["eligible_users"]])
    return Chart("curve", description, ["Period", "Came back", "Low", "High", "People"], rows, {})


def stages(subjects: list[Row], description: str) -> Chart:
    """Return the growth of each subject in its last week, with its interval."""
    shown = [row for row in subjects if row["weekly_growth_rate"] is not None]
    rows = [
        [place, row["subject_name"], row["stage"], row["weekly_growth_rate"], row["growth_low"],
         row["growth_high"], row["active_users"]]
        for place, row in enumerate(shown)
    ]  # fmt: skip
    there = {row["stage"] for row in shown}
    legend = [
        LegendEntry(stage_name(stage), colour)
        for stage, colour in STAGE_COLOURS.items()
        if stage in there
    ]
    fields = ["place", "name", "stage", "Growth a week", "Low", "High", "People"]
    names = [row["subject_name"] for row in shown]
    return Chart("stages", description, fields, rows, _named(names), legend)


def user_stages(
    weeks: Mapping[date, Mapping[str, int]], stages: Sequence[str], description: str
) -> Chart:
    """Return people by stage at the end of each week, one line a stage."""
    rows: list[list[Any]] = []
    for start, counts in sorted(weeks.items()):
        # One text a week is enough: the first stage's row carries it.
        everybody: str | None = "\n".join(
            f"{USER_STAGES[stage]}: {words.count(counts[stage])}" for stage in stages
        )
        for place, stage in enumerate(stages):
            rows.append(
                [milliseconds(start), f"Week of {words.week(start)}", str(place), counts[stage],
                 everybody]
            )  # fmt: skip
            everybody = None
    legend = [
        LegendEntry(USER_STAGES[stage], f"var(--series-{place + 1})", "line")
        for place, stage in enumerate(stages)
    ]
    parameters = _span(rows) | {"lone": int(len(weeks) == 1)}
    fields = ["at", "label", "place", "People", "everybody"]
    return Chart("segment", description, fields, rows, parameters, legend)


def growth_rate(weeks: list[Row], description: str) -> Chart:
    """Return a subject's weekly growth over time, with its interval."""
    rows = [
        [milliseconds(row["period_start"]), f"Week of {words.week(row['period_start'])}",
         row["weekly_growth_rate"], row["growth_low"], row["growth_high"], row["active_users"]]
        for row in weeks
        if row["weekly_growth_rate"] is not None
    ]  # fmt: skip
    fields = ["at", "label", "Growth a week", "Low", "High", "People"]
    return Chart("growth-rate", description, fields, rows, _span(rows))


def score(periods: list[Row], description: str) -> Chart:
    """Return a survey's score over its periods, with its interval."""
    rows = [
        [milliseconds(row["period_start"]), f"From {words.day(row['period_start'])}", row["score"],
         row["score_low"], row["score_high"], row["answers_count"]]
        for row in periods
    ]  # fmt: skip
    fields = ["at", "label", "Score", "Low", "High", "Answers"]
    return Chart("score", description, fields, rows, _span(rows))


def adoption(weeks: list[Row], description: str) -> Chart:
    """Return the share of a week's people that used a feature, with its interval."""
    rows = []
    for row in weeks:
        low, high = wilson(row["adopters"], row["eligible_users"])
        start = row["period_start"]
        rows.append(
            [milliseconds(start), f"Week of {words.week(start)}", row["adoption_rate"], low, high,
             row["eligible_users"]]
        )  # fmt: skip
    fields = ["at", "label", "Adoption", "Low", "High", "People"]
    return Chart("adoption", description, fields, rows, _span(rows))
