"""The checks of gate B on what people do: funnels, retention, paths, cohorts, attribution.

Belongs here: their declarations. Does not belong here: the rules (``sql/gate_b``), the checks of
the other families (``registry.py``).
"""

from __future__ import annotations

from pm_pipeline.checks.check import Check
from pm_pipeline.checks.registry_gate_c import REBUILD

BEHAVIOUR = (
    Check(
        "funnel_attempts_hold_together", "B", "funnels.attempts",
        "An attempt has a step before its begin or after its window, or counts as failed while "
        f"time remains, or the other way round: {REBUILD}.",
    ),
    Check(
        "funnel_conversion_counts_attempts", "B", "funnels.conversion",
        "Conversion has more or fewer units at a step than funnels.attempts, or a unit has no best "
        f"attempt or two: {REBUILD}.",
    ),
    Check(
        "funnel_steps_never_grow", "B", "funnels.conversion",
        "A step has more units than the step before it, a rate that is not the share of its counts "
        f"or a time outside of the window: {REBUILD}.",
    ),
    Check(
        "funnel_series_cover_entry_days", "B", "funnels.conversion",
        f"A funnel lacks the row of a step on a day or in a week, or has it twice: {REBUILD}.",
    ),
    Check(
        "segments_add_up_in_funnels", "B", "funnels.conversion",
        f"The values of a segment do not add up to the total of a funnel's step: {REBUILD}.",
    ),
    Check(
        "cohort_intervals_apart", "B", "core.cohort_memberships",
        "A membership ends before it begins, or two of a user in one cohort overlap or touch: "
        f"{REBUILD}.",
    ),
    Check(
        "cohort_members_known", "B", "core.cohort_memberships",
        "A member is no user, or entered before being seen first or not before as-of: "
        f"{REBUILD}.",
    ),
    Check(
        "path_steps_add_up", "B", "engagement.path_edges",
        "More or fewer paths arrive at an event in one step than leave it in the next: "
        f"{REBUILD}.",
    ),
    Check(
        "path_users_within_bounds", "B", "engagement.path_edges",
        "A step has no users, more users than transitions or more than there are users with a "
        f"path: {REBUILD}.",
    ),
    Check(
        "paths_begin_at_every_event", "B", "engagement.path_edges",
        "A path's events, or the sessions, are not as many as its paths: "
        f"{REBUILD}.",
    ),
    Check(
        "attribution_shares_whole_conversions", "B", "engagement.attribution",
        "The credits of a day are not a whole number of conversions, or not the same under every "
        f"model: a conversion was lost or shared twice: {REBUILD}.",
    ),
    Check(
        "attribution_within_bounds", "B", "engagement.attribution",
        "A channel is credited with less than nothing or with more than the conversions that it "
        f"is part of: {REBUILD}.",
    ),
    Check(
        "attribution_matches_event_usage", "B", "engagement.attribution",
        "A day has more conversions than events of that name, or fewer where every such event is "
        f"a conversion: {REBUILD}.",
    ),
    Check(
        "retention_within_bounds", "B", "retention.cohorts",
        "A cohort has more people back on a period than on or after it, more than started, or more "
        f"after a later period: {REBUILD}.",
    ),
    Check(
        "retention_has_every_period", "B", "retention.cohorts",
        f"A cohort lacks a period or has one twice, or a cohort is missing: {REBUILD}.",
    ),
    Check(
        "retention_rates_are_mature", "B", "retention.cohorts",
        "A period that is not over has a retention rate, one that is over has none, or a rate is "
        f"not the share of its counts: {REBUILD}.",
    ),
    Check(
        "retention_curve_pools_cohorts", "B", "retention.curve",
        f"The pooled curve does not count the people of the complete cells: {REBUILD}.",
    ),
    Check(
        "segments_add_up_in_retention", "B", "retention.cohorts",
        f"The values of a segment do not add up to the total of a cohort's period: {REBUILD}.",
    ),
    Check(
        "retention_brackets_hold_their_periods", "B", "retention.brackets",
        "A bracket has fewer people back than one of its periods, or more than started: "
        f"{REBUILD}.",
    ),
    Check(
        "value_by_age_adds_up", "B", "retention.value_by_age",
        "A cohort's value at an age is not the sum of its periods, or is of other people than its "
        f"retention: {REBUILD}.",
    ),
    Check(
        "survey_scores_add_up", "B", "goals.survey_scores",
        "Personas or stages of a survey do not add up to everybody, or a score is not that of its "
        f"counts: {REBUILD}.",
    ),
    Check(
        "usage_intervals_add_up", "B", "retention.usage_intervals",
        f"The shares of the usage intervals do not add up to 1: {REBUILD}.",
    ),
)  # fmt: skip
