"""The week as a message: what changed, why, and what to decide, in Markdown.

Belongs here: which published results make the message, and their order. Does not belong here: the
report's page, or a figure that no published table holds.
"""

from __future__ import annotations

from pathlib import Path

from pm_pipeline.publish.report_page import words
from pm_pipeline.publish.report_page.experiment_sections import ACTIONS
from pm_pipeline.publish.report_page.figures import Figures, Row, read_figures
from pm_pipeline.publish.report_page.goal_sections import figure
from pm_pipeline.publish.report_page.last_week import last_week
from pm_pipeline.publish.report_page.story import Story
from pm_pipeline.publish.report_page.story_words import (
    advice_name,
    plain,
    stage_name,
    status_name,
)
from pm_pipeline.publish.report_page.survey_section import survey_answers
from pm_pipeline.publish.report_page.tree_section import tree_change

MARKS = {"met": "🟢", "on_track": "🟢", "at_risk": "🟠", "missed": "🔴", "not_started": "⚪"}


def week_in_words(database: Path, product_name: str) -> str:
    """Return the last complete week of a published database as Markdown."""
    figures = read_figures(database)
    if figures.is_empty:
        return f"# {product_name}\n\nNo events yet.\n"
    week = last_week(figures)
    parts = [
        f"# {product_name}: {week.title[0].lower()}{week.title[1:]}",
        *_block(
            "What changed",
            [
                *_cards(figures),
                *_goals(figures.story),
                *survey_answers(figures.story.survey_scores),
            ],
        ),
        *_block("Why", _reasons(figures.story)),
        *_block("To decide", _decisions(figures.story)),
    ]
    return "\n".join(parts) + "\n"


def _block(title: str, lines: list[str]) -> list[str]:
    return ["", f"**{title}**", *[f"- {line}" for line in lines or ["Nothing."]]]


def _cards(figures: Figures) -> list[str]:
    wanted = ("Active people", "New people", "Churned", "Stickiness")
    cards = {card.label: card for card in last_week(figures).cards}
    return [
        f"{label}: {cards[label].value}, {cards[label].change}"
        for label in wanted
        if label in cards
    ]


def _goals(story: Story) -> list[str]:
    lines = []
    for goal in story.goals:
        line = (
            f"{MARKS.get(goal['status'], '')} {plain(goal['goal_name'])}: {_of(goal, 'value')} "
            f"of {_of(goal, 'target')} by {words.day(goal['due_date'])}, "
            f"{status_name(goal['status'])}"
        )
        if goal["projected_value"] is not None:
            line += (
                f" (projected {_of(goal, 'projected_value')}, "
                f"{_of(goal, 'projected_low')} to {_of(goal, 'projected_high')})"
            )
        lines.append(line)
    return lines


def _of(goal: Row, name: str) -> str:
    return figure(goal[name], is_share=goal["is_share"])


def _reasons(story: Story) -> list[str]:
    lines = [
        f"{words.weekday(row['activity_date'])}, {plain(row['metric_name'])} "
        f"{figure(row['value'])} instead of {figure(row['expected'])}: {row['cause']}"
        for row in story.anomalies
        if row["is_last_week"]
    ]
    lines += [change] if (change := tree_change(story.metric_tree)) else []
    lines += [
        f"{row['subject_name']} went from {stage_name(row['previous_stage'])} to "
        f"{stage_name(row['stage'])}"
        for row in story.last_stages
        if row["stage_since"] == row["period_start"] and row["previous_stage"]
    ]
    return lines or ["No day was unlike the others, and no stage changed."]


def _decisions(story: Story) -> list[str]:
    lines = [
        f"{row['subject_name']} declines: "
        f"{advice_name(row['recommendation']).lower() or 'no advice'} "
        f"({row['recommendation_reason']})"
        for row in story.last_stages
        if row["stage"] == "decline"
    ]
    lines += [
        f"{plain(row['experiment_name']).capitalize()}: {ACTIONS[row['action']]}. {row['reason']}"
        for row in story.experiments
        if row["action"] != "keep_running" and row["human_action"] is None
    ]
    named = [
        *((row["item_name"], row["attention"]) for row in story.roadmap),
        *((row["statement"], row["attention"]) for row in story.hypotheses),
        *((row["statement"], row["attention"]) for row in story.problems),
    ]
    return lines + [f"{name.rstrip('.')}: {attention}" for name, attention in named if attention]
