"""The page's section about where people are in their life with the product, and where they move.

Belongs here: question, answer, chart and table of it. Does not belong here: looks, or a figure that
no published table holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

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
from pm_pipeline.publish.report_page.story_words import USER_STAGES

NOBODY_YET = "(none)"
AWAY = "dormant"
SHOWN_WEEKS = 13
ACTIVE = tuple(stage for stage in USER_STAGES if stage != AWAY)
Moves = Mapping[tuple[str, str], int]


def user_stages_section(figures: Figures) -> Section | None:
    """Return who is new, stays or slips away; None before a week is over."""
    flows = figures.story.flows
    if not flows:
        return None
    weeks: dict[date, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in flows:
        weeks[row["week_start"]][row["from_stage"], row["to_stage"]] = row["users_count"]
    last = max(weeks)
    answer = _answer(last, weeks[last])
    picture = Picture(
        key="people-stages",
        title="Do people stay, or do they slip away?",
        answer=answer,
        chart=story_charts.user_stages(
            {week: stage_counts(moves) for week, moves in weeks.items()},
            ACTIVE,
            f"Lines of people by stage at the end of each week. {answer}",
        ),
        table=_history(weeks),
        notes=["At the end of each complete week, by activity in the 28 days before it. People "
               "who are away (dormant) stand in the tables."],
    )  # fmt: skip
    return Section(
        "user-stages",
        "People by stage",
        lead="Who is new, who stays, who slips away?",
        pictures=[picture],
        shown_table=_moves_table(last, weeks[last]),
        notes=[
            "To write to those who slip away: pm-pipeline export-audience --stage at_risk --to out/"
        ],
        definitions=[
            *definitions(figures, "lifecycle.user_stages", ["stage", "since_date"]),
            *definitions(
                figures, "lifecycle.user_stage_flows", ["from_stage", "to_stage", "users_count"]
            ),
        ],
    )


def stage_counts(moves: Moves) -> dict[str, int]:
    """Return how many people are in each stage at the end of a week."""
    return {
        stage: sum(count for (_, to_stage), count in moves.items() if to_stage == stage)
        for stage in USER_STAGES
    }


def _answer(week: date, moves: Moves) -> str:
    counts = stage_counts(moves)
    told = ", ".join(f"{words.count(counts[stage])} {USER_STAGES[stage]}" for stage in ACTIVE)
    left = sum(
        count
        for (was, now), count in moves.items()
        if now == AWAY and was not in (AWAY, NOBODY_YET)
    )
    back = sum(count for (was, now), count in moves.items() if was == AWAY and now != AWAY)
    return (
        f"At the end of the week of {words.week(week)}: {told}. In that week "
        f"{words.count(left)} became dormant and {words.count(back)} came back from it; "
        f"{words.count(counts[AWAY])} are dormant in all."
    )


def _moves_table(week: date, moves: Moves) -> Table:
    sources = [
        stage for stage in (NOBODY_YET, *USER_STAGES) if any(was == stage for was, _ in moves)
    ]
    return Table(
        caption=f"Who moved where in the week of {words.week(week)}",
        columns=[
            Column("A week before"),
            *numbers(*(f"Now {name}" for name in USER_STAGES.values())),
            *numbers("All"),
        ],
        rows=[
            [
                "not here yet" if was == NOBODY_YET else USER_STAGES[was],
                *[words.count(moves.get((was, now), 0)) for now in USER_STAGES],
                words.count(sum(count for (source, _), count in moves.items() if source == was)),
            ]
            for was in sources
        ],
    )


def _history(weeks: Mapping[date, Moves]) -> Table:
    shown = sorted(weeks, reverse=True)[:SHOWN_WEEKS]
    return Table(
        caption=f"People by stage at the end of the last {len(shown)} weeks",
        columns=[Column("Week"), *numbers(*(name.capitalize() for name in USER_STAGES.values()))],
        rows=[
            [
                words.week(week),
                *[words.count(count) for count in stage_counts(weeks[week]).values()],
            ]
            for week in shown
        ],
    )
