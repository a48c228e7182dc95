"""One poison for every check of gate C, and what the check must then observe.

Belongs here: the smallest harm that breaks one rule. Does not belong here: running the gate, the
clean twin of every poison (the tables before it).
"""

from __future__ import annotations

from gate_poisons_experiments import EXPERIMENT_RESULTS

ONE_WEEK = "subject_name = 'radio' and period_start = date '2025-06-02'"

GATE_C: dict[str, tuple[str, str]] = {
    "product_stages_cover_every_week": (
        f"delete from lifecycle.product_stages where {ONE_WEEK};"
        "insert into growth.accounting values"
        " ('feature', 'lyrics', 'week', date '2025-06-02', 3, 1, null, true)",
        "2 weeks without a stage or the other way round",
    ),
    "product_stages_exhaustive_and_exclusive": (
        "insert into lifecycle.product_stages select * from lifecycle.product_stages"
        f" where {ONE_WEEK};"
        "update lifecycle.product_stages set stage = 'saturated'"
        " where subject_name = 'product' and period_start = date '2025-06-02'",
        "2 weeks with another number of stages than one",
    ),
    "product_stages_follow_each_other": (
        "update lifecycle.product_stages set stage_since = stage_since - 7"
        " where stage = 'decline' and subject_name = 'radio'",
        "1 weeks that do not follow from the week before",
    ),
    "growth_interval_holds_estimate": (
        f"update lifecycle.product_stages set growth_high = growth_low - 0.01 where {ONE_WEEK};"
        "update lifecycle.product_stages set growth_low = null"
        " where subject_name = 'product' and period_start = date '2025-06-02'",
        "2 weeks with a growth rate outside of its interval",
    ),
    "every_decline_is_advised": (
        "update lifecycle.product_stages set recommendation = null, recommendation_reason = null"
        " where stage = 'decline' and period_start >= date '2025-12-01';"
        "update lifecycle.product_stages set recommendation = 'keep'"
        " where subject_name = 'product' and period_start = date '2025-06-02'",
        "6 weeks with missing or misplaced advice",
    ),
    "every_goal_has_progress": (
        "update goals.progress set status = 'well' where goal_name = 'more_people';"
        "insert into definitions.goals values ('forgotten')",
        "2 goals without one progress",
    ),
    "projection_interval_holds_estimate": (
        "update goals.progress set projected_low = projected_value + 1",
        "1 goals with a projection outside of its interval",
    ),
    "metric_tree_reconciles": (
        "update goals.metric_tree set value = value + 1 where node_name = 'seconds'"
        " and activity_date = date '2025-01-08';"
        "update goals.metric_tree set contribution = contribution + 1 where node_name = 'songs'"
        " and activity_date = date '2025-01-20'",
        "2 days on which a node is not what its inputs give: seconds",
    ),
    "alerts_have_one_root": (
        "update goals.anomalies set cause = null where is_alert;"
        "insert into goals.anomalies (metric_name, activity_date, is_alert, root_metric)"
        " values ('sessions', date '2025-01-06', false, 'new_users')",
        "2 days with an alert without root or cause, or the other way round",
    ),
}
"""By check: statements that harm the clean tables, and the words of the result."""
GATE_C |= EXPERIMENT_RESULTS
