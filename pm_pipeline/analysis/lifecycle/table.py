"""The table ``lifecycle.product_stages``.

Belongs here: its columns and what they mean. Does not belong here: its rows.
"""

from __future__ import annotations

from pm_pipeline.analysis.tables import Column, ResultTable

PRODUCT_STAGES = ResultTable(
    "lifecycle",
    "product_stages",
    "Is the product, and each of its features, being introduced, growing, mature or declining? One "
    "row a subject and complete week since its first use; a row uses only weeks up to its own.",
    (
        Column("subject_kind", "VARCHAR", "product or feature.", required=True),
        Column(
            "subject_name", "VARCHAR", "Name of the feature; 'product' for the product.",
            required=True,
        ),
        Column("period_start", "DATE", "First product day of the week.", required=True),
        Column("active_users", "BIGINT", "People active in the week.", required=True),
        Column(
            "weekly_growth_rate", "DOUBLE",
            "Growth of weekly active users a week: the Theil-Sen slope of their logarithms over "
            "the last 13 complete weeks; NULL without a slope.",
        ),
        Column(
            "growth_low", "DOUBLE",
            "Lower end of its 95 % interval, widened by the likeness of neighbouring weeks.",
        ),
        Column("growth_high", "DOUBLE", "Upper end of that interval."),
        Column(
            "quick_ratio", "DOUBLE",
            "(new + resurrected) / churned of the week; NULL without churned people. Evidence: no "
            "stage turns on it.",
        ),
        Column(
            "penetration_rate", "DOUBLE",
            "Active users of the week by target_users; of a feature without a target by the "
            "product's active users; NULL for a product.",
        ),
        Column(
            "raw_stage", "VARCHAR", "The stage that this week alone speaks for.", required=True
        ),
        Column(
            "stage", "VARCHAR",
            "introduction, growth, maturity, decline or insufficient_data. Changes only after 4 "
            "weeks of the same raw stage; the first known one counts at once.",
            required=True,
        ),
        Column("previous_stage", "VARCHAR", "The stage before this one; NULL for the first."),
        Column(
            "stage_since", "DATE", "Week in which the stage changed, not back-dated.", required=True
        ),
        Column(
            "confidence", "VARCHAR",
            "high: the season is taken out (104 weeks). medium: compared with the year before (53 "
            "weeks). low: neither, or the interval was too wide. NULL for insufficient_data.",
        ),
        Column("reason", "VARCHAR", "Why this stage, in one word.", required=True),
        Column(
            "is_left_censored", "BOOLEAN",
            "Whether it was in use in the first 4 weeks of data without launched_on, so that "
            "nobody knows when it began.",
            required=True,
        ),
        Column(
            "is_slowdown", "BOOLEAN",
            "Whether a decline after growth still holds 70 % of a peak of the last 26 weeks: "
            "perhaps a saddle; no kill is advised meanwhile.",
            required=True,
        ),
        Column(
            "is_seasonally_adjusted", "BOOLEAN",
            "Whether a yearly season was taken out before the slope (104 weeks or more).",
            required=True,
        ),
        Column(
            "recommendation", "VARCHAR",
            "keep, kill or reboot; only in a decline that is no slowdown. Advice, never an act.",
        ),
        Column(
            "recommendation_reason", "VARCHAR",
            "Why this advice, or why there is none; NULL outside of decline.",
        ),
        Column(
            "evidence", "JSON",
            "What the advice rests on: old users leave (O), new ones lack (N), value (V), an "
            "experiment (X), users of nothing else (D), each with value, interval and n; what "
            "would flip the advice. In every stage, deciding nothing: the share of new people of "
            "the week, week-4 retention of the last 6 mature cohorts, the scale of Polli and Cook.",
            required=True,
        ),
        Column(
            "human_action", "VARCHAR",
            "keep, kill or reboot: what people had decided when the week ended; NULL before.",
        ),
        Column("human_by", "VARCHAR", "Who decided it."),
        Column("human_reason", "VARCHAR", "Why they did."),
        Column(
            "is_contradicted", "BOOLEAN",
            "Whether people decided otherwise than advised; NULL without decision or advice.",
        ),
    ),
)  # fmt: skip
