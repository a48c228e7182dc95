"""The tables ``goals.progress``, ``goals.trajectory`` and ``goals.metric_tree``.

Belongs here: their columns and what they mean. Does not belong here: their rows.
"""

from __future__ import annotations

from pm_pipeline.analysis.tables import Column, ResultTable

PROGRESS = ResultTable(
    "goals",
    "progress",
    "Are we getting there? One row a goal of product.yml at as-of, the north star first.",
    (
        Column("goal_name", "VARCHAR", "Name of the goal.", required=True),
        Column("metric_name", "VARCHAR", "The metric that it is about.", required=True),
        Column("is_north_star", "BOOLEAN", "Whether it is the goal above all.", required=True),
        Column("as_of_date", "DATE", "The last product day that counts.", required=True),
        Column(
            "value", "DOUBLE",
            "The metric over the last complete week or month, or from the first day on "
            "(cumulative); daily metrics over the last 7 days; NULL without such a period.",
        ),
        Column(
            "baseline", "DOUBLE",
            "The value at the start: that of product.yml, else of the last complete period before "
            "the first day; 0 of a cumulative goal.",
        ),
        Column("target", "DOUBLE", "The value to reach.", required=True),
        Column("due_date", "DATE", "The day by which it shall be reached.", required=True),
        Column(
            "direction", "BIGINT",
            "1: the target lies above the baseline, -1: below, 0: equal; NULL without a baseline.",
        ),
        Column(
            "expected_value", "DOUBLE",
            "Where the straight line from the baseline on the first day to the target on the due "
            "day is at as-of.",
        ),
        Column(
            "projected_value", "DOUBLE",
            "The value projected for the due day by exponential smoothing with a damped trend on "
            "13 to 104 complete weeks; NULL with fewer, and once it is due.",
        ),
        Column("projected_low", "DOUBLE", "Lower end of the 80 % interval of the projection."),
        Column("projected_high", "DOUBLE", "Upper end of it."),
        Column(
            "status", "VARCHAR",
            "not_started (before the first day), met, missed (past due), on_track (projected at or "
            "beyond the target; without projection the value at or beyond the straight line), else "
            "at_risk.",
            required=True,
        ),
        Column(
            "is_share", "BOOLEAN", "Whether its values are shares between 0 and 1.", required=True
        ),
    ),
)  # fmt: skip

TRAJECTORY = ResultTable(
    "goals",
    "trajectory",
    "Which way does each goal go? Its value at the end of each of the last 52 complete weeks, and "
    "the projection to its due day; of months and cumulative goals on the due day only.",
    (
        Column("goal_name", "VARCHAR", "Name of the goal.", required=True),
        Column("activity_date", "DATE", "Last day of a week, or the due day.", required=True),
        Column("value", "DOUBLE", "The goal's value as of that day; NULL ahead of as-of."),
        Column("projected_value", "DOUBLE", "The value projected; NULL up to as-of."),
        Column("projected_low", "DOUBLE", "Lower end of the 80 % interval of the projection."),
        Column("projected_high", "DOUBLE", "Upper end of it."),
    ),
)  # fmt: skip

METRIC_TREE = ResultTable(
    "goals",
    "metric_tree",
    "Why did a metric change? One row a node of metric_tree of product.yml and day: its value, and "
    "how much of its parent's change since the same day a week before is its doing. What is a sum, "
    "product or ratio of its inputs is so on every day: a check.",
    (
        Column("node_name", "VARCHAR", "A metric, or a name of the tree's own.", required=True),
        Column("activity_date", "DATE", "Product day.", required=True),
        Column(
            "kind", "VARCHAR",
            "sum, product or ratio of its inputs; influence: only said to be moved by something; "
            "metric: not taken apart further.",
            required=True,
        ),
        Column(
            "value", "DOUBLE",
            "The metric on that day, as in goals.metric_values; of a name of the tree's own what "
            "its inputs give.",
            required=True,
        ),
        Column("previous_value", "DOUBLE", "The value 7 days before; NULL if there is none."),
        Column(
            "contribution", "DOUBLE",
            "What this input adds to its parent's change since 7 days before: of a sum its own "
            "change, of a product or ratio its share of the change of the logarithm (LMDI), so "
            "that all inputs add up to the change. Of a node without parent its own change. NULL "
            "when a factor is not above 0, or unknown.",
        ),
        Column("parent_name", "VARCHAR", "The node that it is an input of; NULL at the top."),
        Column("input_position", "BIGINT", "Its place among the inputs of the parent, from 1."),
        Column("position", "BIGINT", "The node's place in the tree, parents first.", required=True),
        Column("depth", "BIGINT", "How many nodes lie above it.", required=True),
        Column(
            "influenced_by", "VARCHAR",
            "What is believed to move it, the evidence and why; NULL when nothing is said.",
        ),
    ),
)  # fmt: skip
