"""The tables ``goals.problems``, ``experiments.hypotheses`` and ``goals.roadmap``.

Belongs here: their columns and what they mean. Does not belong here: their rows.
"""

from __future__ import annotations

from pm_pipeline.analysis.tables import Column, ResultTable

_EVIDENCE_VALUE = (
    "That metric over the last complete week, or the share of those who entered the funnel early "
    "enough that reached the step; NULL when it is not known."
)

PROBLEMS = ResultTable(
    "goals",
    "problems",
    "What hinders whom, is it still so, and does anybody work on it? One row a problem of "
    "product.yml.",
    (
        Column("problem_name", "VARCHAR", "Name of the problem.", required=True),
        Column("statement", "VARCHAR", "The problem in one sentence.", required=True),
        Column("persona", "VARCHAR", "The persona that has it; NULL for everybody."),
        Column("evidence", "VARCHAR", "What shows it: a metric, or a funnel and its step."),
        Column("evidence_baseline", "DOUBLE", "Its value when the problem was stated."),
        Column("evidence_value", "DOUBLE", _EVIDENCE_VALUE),
        Column("is_share", "BOOLEAN", "Whether these two are shares between 0 and 1."),
        Column("hypotheses_count", "BIGINT", "Hypotheses about it.", required=True),
        Column("tested_count", "BIGINT", "Those with an experiment begun.", required=True),
        Column("validated_count", "BIGINT", "Those that are validated.", required=True),
        Column("attention", "VARCHAR", "Why it stands out; NULL when it does not."),
    ),
)  # fmt: skip

HYPOTHESES = ResultTable(
    "experiments",
    "hypotheses",
    "What do we believe, and what became of it? One row a hypothesis of product.yml, with the "
    "verdict of its experiment and what people decided.",
    (
        Column("hypothesis_name", "VARCHAR", "Name of the hypothesis.", required=True),
        Column("statement", "VARCHAR", "The belief in one sentence.", required=True),
        Column("problem_name", "VARCHAR", "The problem that it would solve."),
        Column("metric_name", "VARCHAR", "The metric that it would move."),
        Column("predicted_direction", "VARCHAR", "increase or decrease."),
        Column("predicted_effect", "DOUBLE", "How much it would move: a share, or a number."),
        Column("is_relative_effect", "BOOLEAN", "Whether predicted_effect is a share."),
        Column("experiment_name", "VARCHAR", "The experiment that tests it."),
        Column(
            "status", "VARCHAR",
            "untested, running, or the verdict: validated, refuted, no_meaningful_effect, "
            "inconclusive, invalid.",
            required=True,
        ),
        Column("advised_action", "VARCHAR", "What the decision rules advise."),
        Column("advised_reason", "VARCHAR", "Why."),
        Column("human_action", "VARCHAR", "What people decided, by product.yml."),
        Column("human_reason", "VARCHAR", "Why they did."),
        Column("stated_on", "DATE", "The day it was stated, by product.yml."),
        Column("age_days", "BIGINT", "Days from then to as-of; NULL without stated_on."),
        Column(
            "is_stale", "BOOLEAN", "Without a verdict 90 days after it was stated.", required=True
        ),
        Column("attention", "VARCHAR", "Why it stands out; NULL when it does not."),
    ),
)  # fmt: skip

ROADMAP = ResultTable(
    "goals",
    "roadmap",
    "What do we build, why, and did it help? One row an item of product.yml, in its order.",
    (
        Column("item_name", "VARCHAR", "What it is.", required=True),
        Column("position", "BIGINT", "Its place in product.yml, from 1.", required=True),
        Column("status", "VARCHAR", "discovery, building, released or dropped.", required=True),
        Column("released_on", "DATE", "The day it was released."),
        Column("days_since_release", "BIGINT", "Days from then to as-of."),
        Column("persona", "VARCHAR", "For whom."),
        Column("hypothesis_name", "VARCHAR", "The belief behind it."),
        Column("hypothesis_status", "VARCHAR", "What became of it, as in experiments.hypotheses."),
        Column("problem_name", "VARCHAR", "The problem behind the belief."),
        Column("evidence", "VARCHAR", "What shows the problem."),
        Column("evidence_baseline", "DOUBLE", "Its value when the problem was stated."),
        Column("evidence_value", "DOUBLE", _EVIDENCE_VALUE),
        Column("goal_name", "VARCHAR", "The goal that it serves."),
        Column("goal_status", "VARCHAR", "How far the goal is, as in goals.progress."),
        Column("goal_value_before", "DOUBLE", "The goal's value as of the day before release."),
        Column("goal_value", "DOUBLE", "The goal's value at as-of."),
        Column(
            "goal_moved", "DOUBLE",
            "Value at as-of less the value before release: what happened since, whatever made it.",
        ),
        Column("feature_name", "VARCHAR", "The feature that it is or changes."),
        Column("feature_stage", "VARCHAR", "The feature's stage of the last complete week."),
        Column("feature_advice", "VARCHAR", "keep, kill or reboot, in decline."),
        Column(
            "attention", "VARCHAR",
            "Why it stands out, such as released for 60 days without a measured outcome; NULL when "
            "it does not.",
        ),
    ),
)  # fmt: skip
