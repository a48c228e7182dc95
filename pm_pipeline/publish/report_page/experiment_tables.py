"""The tables of an experiment's page: what was checked, what changed, and where.

Belongs here: which published figures stand in which column. Does not belong here: charts, verdicts.
"""

from __future__ import annotations

from collections.abc import Sequence

from pm_pipeline.publish.report_page import words
from pm_pipeline.publish.report_page.figures import Figures
from pm_pipeline.publish.report_page.parts import Column, Table, numbers
from pm_pipeline.publish.report_page.story import Row
from pm_pipeline.publish.report_page.story_words import plain

STATES = {"pass": "", "warn": "look", "fail": "fail", "not_applicable": ""}


def health_tables(figures: Figures, name: str) -> list[Table]:
    """Return what was checked of an experiment, what failed first."""
    rows = [row for row in figures.story.experiment_health if row["experiment_name"] == name]
    if not rows:
        return []
    return [
        Table(
            "Can it be trusted, and is it time to read it?",
            [Column("Check"), Column("Result"), Column("What was found")],
            [
                [
                    plain(row["check_name"])
                    + ("" if row["segment_name"] == "all" else f" ({row['segment_value']})"),
                    plain(row["status"]),
                    row["detail"],
                ]
                for row in rows
            ],
            [STATES[row["status"]] for row in rows],
        )
    ]


def results_table(rows: Sequence[Row], caption: str) -> Table:
    """Return every metric and arm with its interval."""
    return Table(
        caption,
        [
            Column("Metric"), Column("Variant"),
            *numbers("Units", "Control", "Variant", "Difference", "Low", "High", "Lift", "p"),
            Column("State"),
        ],
        [
            [
                row["metric_name"],
                row["variant"],
                words.count(row["users_count"]),
                *[_number(row[name]) for name in ("control_mean", "variant_mean", "difference",
                                                  "deciding_low", "deciding_high")],
                words.rate(row["lift"]),
                words.decimal(row["adjusted_p_value"], 4),
                plain(row["guardrail_state"] or row["status"]),
            ]
            for row in rows
        ],
    )  # fmt: skip


def rollout_tables(rows: Sequence[Row]) -> list[Table]:
    """Return what each change would be for everybody who can get it, where that adds up."""
    known = [row for row in rows if row["rollout_impact"] is not None]
    if not known:
        return []
    return [
        Table(
            "What would it be in 28 days, were it rolled out to all people of the experiment?",
            [
                Column("Metric"), Column("Variant"),
                *numbers("Lift", "Their share", "Of the product's", "Change", "Low", "High"),
            ],
            [
                [
                    row["metric_name"],
                    row["variant"],
                    words.rate(row["lift"]),
                    words.rate(row["eligible_rate"]),
                    *[_number(row[name]) for name in ("rollout_volume", "rollout_impact",
                                                      "rollout_impact_low", "rollout_impact_high")],
                ]
                for row in known
            ],
        )
    ]  # fmt: skip


def slices_table(rows: Sequence[Row]) -> Table:
    """Return the metrics by value of each break-down."""
    return Table(
        "The primary metrics by value of each break-down, as of first exposure",
        [
            Column("Segment"), Column("Metric"), Column("Variant"),
            *numbers("Units", "Control's units", "Difference", "Low", "High", "p"),
            Column("State"),
        ],
        [
            [
                f"{row['segment_name']}: {row['segment_value']}",
                row["metric_name"],
                row["variant"],
                words.count(row["users_count"]),
                words.count(row["control_users_count"]),
                *[_number(row[name]) for name in ("difference", "deciding_low", "deciding_high")],
                words.decimal(row["deciding_p_value"], 4),
                plain(row["status"]),
            ]
            for row in rows
        ],
    )  # fmt: skip


def _number(value: float | None) -> str:
    return words.ABSENT if value is None else f"{value:,.4g}"
