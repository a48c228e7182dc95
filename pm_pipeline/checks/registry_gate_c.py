"""The checks of gate C, declared once.

Belongs here: name, table, default severity and limit of what is checked after the analyses. Does
not belong here: the rules (``sql/gate_c``), the other gates (``registry.py``).
"""

from __future__ import annotations

from pm_pipeline.checks.check import Check

REBUILD = "run again with --full-refresh; if it stays, a model is wrong"

GATE_C = (
    Check(
        "product_stages_cover_every_week", "C", "lifecycle.product_stages",
        "A subject lacks the stage of a complete week, or has one of a week that growth accounting "
        f"does not know: {REBUILD}.",
    ),
    Check(
        "product_stages_exhaustive_and_exclusive", "C", "lifecycle.product_stages",
        "A subject has two stages in one week, or one that is none of introduction, growth, "
        f"maturity, decline and insufficient_data: {REBUILD}.",
    ),
    Check(
        "product_stages_follow_each_other", "C", "lifecycle.product_stages",
        "A stage is dated after its week, follows itself, or changed without a new stage_since: "
        f"{REBUILD}.",
    ),
    Check(
        "growth_interval_holds_estimate", "C", "lifecycle.product_stages",
        "A growth rate lies outside of its interval, or is known by half; report a fault of the "
        "slope: it is a mistake of this version.",
    ),
    Check(
        "every_decline_is_advised", "C", "lifecycle.product_stages",
        "A week in decline has neither a recommendation nor a reason why there is none, or another "
        "week has one; report a fault of the advice: it is a mistake of this version.",
    ),
    Check(
        "every_goal_has_progress", "C", "goals.progress",
        "A goal of product.yml has no progress or two, or a status that is none: "
        f"{REBUILD}.",
    ),
    Check(
        "projection_interval_holds_estimate", "C", "goals.progress",
        "A projection lies outside of its interval, or is known by half; report a fault of the "
        "forecast: it is a mistake of this version.",
    ),
    Check(
        "metric_tree_reconciles", "C", "goals.metric_tree",
        "A metric is not the sum, product or ratio of the inputs that metric_tree of product.yml "
        "gives it: take inputs that multiply or add up to it (people of several kinds overlap: "
        "they do not), or say kind: influence.",
    ),
    Check(
        "alerts_have_one_root", "C", "goals.anomalies",
        "An alert has no cause, or a day follows a metric that is no alert; report a fault of the "
        "anomalies: it is a mistake of this version.",
    ),
    Check(
        "every_experiment_is_decided", "C", "experiments.decisions",
        "An experiment of product.yml lacks the decision of an arm or of all, or has two: "
        f"{REBUILD}.",
    ),
    Check(
        "invalid_experiments_have_no_verdict", "C", "experiments.decisions",
        "An arm has a verdict although a check of its health failed that forbids one, or is "
        "invalid without; report a fault of the decision: it is a mistake of this version.",
    ),
    Check(
        "experiment_intervals_hold_estimates", "C", "experiments.results",
        "A difference lies outside of its interval, or is known by half; report a fault of the "
        "statistics: it is a mistake of this version.",
    ),
    Check(
        "experiment_results_count_closed_units", "C", "experiments.results",
        "A result is not of the units whose window has closed: "
        f"{REBUILD}.",
    ),
)  # fmt: skip
