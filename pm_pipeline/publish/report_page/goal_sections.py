"""The page's sections about where the product goes: goals, anomalies, the way from problem on.

Belongs here: question, answer, chart and table of each. Does not belong here: looks, or a figure
that no published table holds.
"""

from __future__ import annotations

from pm_pipeline.publish.report_page import story_charts, words
from pm_pipeline.publish.report_page.figures import Figures
from pm_pipeline.publish.report_page.parts import (
    Column,
    Picture,
    Section,
    Table,
    definitions,
    numbers,
)
from pm_pipeline.publish.report_page.story import Row, Story
from pm_pipeline.publish.report_page.story_words import STATES, plain, status_name

SHOWN_GOALS = 6
SMALL = 10


def figure(value: float | None, *, is_share: bool | None = False) -> str:
    """Return a metric's value: a percentage, a count, or with decimals where it is small."""
    if is_share:
        return words.rate(value)
    if value is None or abs(value) >= SMALL or float(value).is_integer():
        return words.count(value)
    return words.decimal(value, 3)


def goals_section(figures: Figures) -> Section | None:
    """Return whether the goals will be reached, the north star first; None without goals."""
    goals = figures.story.goals
    if not goals:
        return None
    pictures = []
    for place, goal in enumerate(goals[:SHOWN_GOALS]):
        trajectory = [
            row for row in figures.story.trajectory if row["goal_name"] == goal["goal_name"]
        ]
        if not trajectory:
            continue
        title = f"Will {plain(goal['goal_name'])} get there?"
        if goal["is_north_star"]:
            title = f"North star: {title[0].lower()}{title[1:]}"
        answer = _goal_answer(goal)
        pictures.append(
            Picture(
                key=f"goal-{place}",
                title=title,
                answer=answer,
                chart=story_charts.goal(
                    trajectory,
                    goal["target"],
                    f"A goal's weeks, projection and target. {answer}",
                    is_share=goal["is_share"],
                ),
            )
        )
    table = Table(
        caption="All goals",
        columns=[
            Column("Goal"),
            Column("Metric"),
            *numbers("Now", "On the line", "Target", "Projected"),
            Column("Due"),
            Column("Status"),
        ],
        rows=[
            [
                plain(goal["goal_name"]) + (" ★" if goal["is_north_star"] else ""),
                plain(goal["metric_name"]),
                *[_of(goal, goal[name]) for name in ("value", "expected_value", "target")],
                _projected(goal),
                words.day(goal["due_date"]),
                status_name(goal["status"]),
            ]
            for goal in goals
        ],
        states=[STATES.get(goal["status"], "") for goal in goals],
    )
    columns = ["value", "expected_value", "projected_value", "status"]
    return Section(
        "goals",
        "Goals",
        lead="Are we getting where we want to be?",
        pictures=pictures[:1],
        tiles=pictures[1:],
        shown_table=table,
        definitions=definitions(figures, "goals.progress", columns),
    )


def _projected(goal: Row) -> str:
    if goal["projected_value"] is None:
        return words.ABSENT
    middle, low, high = (_of(goal, goal[f"projected_{name}"]) for name in ("value", "low", "high"))
    return f"{middle} ({low} to {high})"


def _of(goal: Row, value: float | None) -> str:
    return figure(value, is_share=goal["is_share"])


def _goal_answer(goal: Row) -> str:
    parts = [
        f"{status_name(goal['status']).capitalize()}: {_of(goal, goal['value'])} of "
        f"{_of(goal, goal['target'])} wanted by {words.day(goal['due_date'])}."
    ]
    if goal["projected_value"] is not None:
        parts.append(f"At this pace {_projected(goal)} by then, in four cases of five.")
    elif goal["expected_value"] is not None:
        parts.append(f"On the straight line it would be {_of(goal, goal['expected_value'])} now.")
    return " ".join(parts)


def anomalies_section(figures: Figures) -> Section | None:
    """Return what was unlike itself lately; None before any day could be judged."""
    story = figures.story
    if not story.expected and not story.anomalies:
        return None
    last = [row for row in story.anomalies if row["is_last_day"]]
    if last:
        told = "; ".join(
            f"{plain(row['metric_name'])} {figure(row['value'])} instead of "
            f"{figure(row['expected'])} ({row['cause']})"
            for row in last
        )
        answer = f"Yes, on {words.weekday(last[0]['activity_date'])}: {told}."
    elif story.anomalies:
        newest = story.anomalies[0]
        answer = (
            "Not on the last day. Last on "
            f"{words.weekday(newest['activity_date'])}: {plain(newest['metric_name'])}."
        )
    else:
        answer = "No: every day of the last four weeks was like the same weekdays before it."
    pictures = []
    if story.expected:
        metric = plain(story.expected[0]["metric_name"])
        pictures.append(
            Picture(
                key="expected",
                title="Did anything happen that we should look at?",
                answer=answer,
                chart=story_charts.expected(
                    story.expected,
                    metric,
                    f"A metric day by day beside what was expected. {answer}",
                ),
                definitions=definitions(
                    figures, "goals.anomalies", ["expected", "z", "is_alert", "cause"]
                ),
            )
        )
    return Section(
        "anomalies",
        "Unusual days",
        pictures=pictures,
        shown_table=_alerts(story.anomalies) if story.anomalies else None,
    )


def _alerts(rows: list[Row]) -> Table:
    return Table(
        caption="Alerts of the last four weeks",
        columns=[Column("Day"), Column("Metric"), *numbers("Value", "Expected"), Column("Why")],
        rows=[
            [
                words.weekday(row["activity_date"]),
                plain(row["metric_name"]),
                figure(row["value"]),
                figure(row["expected"]),
                row["cause"] or "",
            ]
            for row in rows
        ],
        states=["look" if row["is_last_day"] else "" for row in rows],
    )


def direction_section(figures: Figures) -> Section | None:
    """Return problems, hypotheses and roadmap; None when the product names none."""
    story = figures.story
    tables = [table for table in (_problems(story), _hypotheses(story), _roadmap(story)) if table]
    if not tables:
        return None
    standing_out = sum(
        row["attention"] is not None for row in [*story.problems, *story.hypotheses, *story.roadmap]
    )
    lead = "What do we build, why, and did it help? "
    lead += f"{standing_out} stand out." if standing_out else "Nothing stands out."
    columns = ["status", "goal_moved", "attention"]
    return Section(
        "direction",
        "Problems and roadmap",
        lead=lead,
        shown_tables=tables,
        definitions=definitions(figures, "goals.roadmap", columns),
    )


def _states(rows: list[Row]) -> list[str]:
    return ["look" if row["attention"] else "" for row in rows]


def _problems(story: Story) -> Table | None:
    rows = story.problems
    if not rows:
        return None
    return Table(
        caption="Problems: is it still so, and does anybody work on it?",
        columns=[
            Column("Problem"), Column("Who"), Column("Evidence"),
            *numbers("Then", "Now", "Hypotheses", "Tested"), Column("Stands out"),
        ],
        rows=[
            [
                row["statement"], plain(row["persona"] or "everybody"),
                plain(row["evidence"] or words.ABSENT), *[
                    figure(row[name], is_share=row["is_share"])
                    for name in ("evidence_baseline", "evidence_value")
                ],
                words.count(row["hypotheses_count"]),
                words.count(row["tested_count"]), row["attention"] or "",
            ]
            for row in rows
        ],
        states=_states(rows),
    )  # fmt: skip


def _hypotheses(story: Story) -> Table | None:
    rows = story.hypotheses
    if not rows:
        return None
    return Table(
        caption="Hypotheses: what became of what we believe?",
        columns=[
            Column("Hypothesis"), Column("Metric"), Column("Status"), Column("Advice"),
            Column("People decided"), *numbers("Days old"), Column("Stands out"),
        ],
        rows=[
            [
                row["statement"], plain(row["metric_name"] or words.ABSENT), plain(row["status"]),
                plain(row["advised_action"] or words.ABSENT), _decided(row),
                words.count(row["age_days"]), row["attention"] or "",
            ]
            for row in rows
        ],
        states=_states(rows),
    )  # fmt: skip


def _decided(row: Row) -> str:
    if row["human_action"] is None:
        return words.ABSENT
    return f"{plain(row['human_action'])}: {row['human_reason'] or 'no reason given'}"


def _roadmap(story: Story) -> Table | None:
    rows = story.roadmap
    if not rows:
        return None
    return Table(
        caption="Roadmap: what is built on which belief, and what moved since?",
        columns=[
            Column("Item"), Column("Status"), Column("Hypothesis"), Column("Goal"),
            *numbers("Goal moved"), Column("Feature"), Column("Stands out"),
        ],
        rows=[
            [
                row["item_name"],
                f"released {words.day(row['released_on'])}"
                if row["status"] == "released" else row["status"],
                _joined(row["hypothesis_name"], row["hypothesis_status"]),
                _joined(row["goal_name"], row["goal_status"]),
                figure(row["goal_moved"]),
                _joined(row["feature_name"], row["feature_stage"]),
                row["attention"] or "",
            ]
            for row in rows
        ],
        states=_states(rows),
    )  # fmt: skip


def _joined(name: str | None, state: str | None) -> str:
    if name is None:
        return words.ABSENT
    return f"{plain(name)} ({plain(state)})" if state else plain(name)
