"""The tables of experiments that Python fills.

Belongs here: their columns and what they mean, and the order of a row. Does not belong here: how a
number comes about.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from pm_pipeline.analysis.experiments.evaluation import Evaluation, is_contradicted, known_action
from pm_pipeline.analysis.experiments.reading import Clock
from pm_pipeline.analysis.experiments.results import ALL
from pm_pipeline.analysis.tables import Column, ResultTable

NAME = Column("experiment_name", "VARCHAR", "Name of the experiment in product.yml.", required=True)
METRIC = Column("metric_name", "VARCHAR", "Name of the metric.", required=True)
VARIANT = Column(
    "variant", "VARCHAR", "The treatment that is compared with control.", required=True
)
SLICE = (
    Column(
        "segment_name", "VARCHAR", "Name of the break-down; all for the total.", required=True
    ),
    Column(
        "segment_value", "VARCHAR",
        "Value of the break-down as of first exposure; all for the total, (other) for the values "
        "beyond the 20 most frequent.",
        required=True,
    ),
)  # fmt: skip

RESULTS = ResultTable(
    "experiments",
    "results",
    "What did each variant change? One row an experiment, metric, arm, analysis set and slice, "
    "over units whose window has closed. What is undefined is NULL, and status says why.",
    (
        NAME, METRIC, VARIANT,
        Column(
            "analysis_set", "VARCHAR",
            "default: units that saw one variant only. first_variant: everybody, in the variant "
            "seen first. Both are of activated units where product.yml asks for activation; "
            "exposed and exposed_first_variant are then the same of all exposed units.",
            required=True,
        ),
        *SLICE,
        Column("role", "VARCHAR", "primary, secondary or guardrail.", required=True),
        Column("control", "VARCHAR", "The variant that it is compared with.", required=True),
        Column("users_count", "BIGINT", "Closed units of the variant.", required=True),
        Column("control_users_count", "BIGINT", "Closed units of the control.", required=True),
        Column(
            "open_users_count", "BIGINT",
            "Units of both whose window is still open, or closed after the last look: they do not "
            "count yet.",
            required=True,
        ),
        Column("control_mean", "DOUBLE", "Mean of the control, unadjusted; of a ratio, of totals."),
        Column("variant_mean", "DOUBLE", "The same of the variant."),
        Column(
            "difference", "DOUBLE",
            "Variant minus control, adjusted by what units did before exposure where method says "
            "cuped.",
        ),
        Column(
            "difference_low", "DOUBLE",
            "Lower end of its plain interval of level 1 - alpha, as if looked at once.",
        ),
        Column("difference_high", "DOUBLE", "Upper end of that interval."),
        Column("lift", "DOUBLE", "difference / control_mean; NULL unless control_mean > 0."),
        Column("lift_low", "DOUBLE", "Lower end of its interval of level 1 - alpha (Fieller)."),
        Column("lift_high", "DOUBLE", "Upper end of that interval."),
        Column("standard_error", "DOUBLE", "Standard error of the difference."),
        Column(
            "p_value", "DOUBLE",
            "Two-sided p of one look. Of a slice only when the slices of its dimension differ.",
        ),
        Column("sequential_p_value", "DOUBLE", "Always-valid p: however often one looked."),
        Column("sequential_low", "DOUBLE", "Lower end of the confidence sequence of 1 - alpha."),
        Column("sequential_high", "DOUBLE", "Upper end of it."),
        Column("deciding_p_value", "DOUBLE", "The p of the experiment's inference."),
        Column(
            "adjusted_p_value", "DOUBLE",
            "deciding_p_value corrected for its family; significant when at most alpha.",
        ),
        Column(
            "deciding_low", "DOUBLE",
            "Lower end of the interval of the experiment's inference, of level 1 - alpha / "
            "family_size: the one that charts draw.",
        ),
        Column("deciding_high", "DOUBLE", "Upper end of it."),
        Column(
            "family", "VARCHAR",
            "A: primaries (Holm). B: secondaries (Benjamini-Hochberg, Yekutieli when sequential). "
            "guardrails (Holm). C: slices, exploratory.",
            required=True,
        ),
        Column("family_size", "BIGINT", "Comparisons in the family.", required=True),
        Column("margin", "DOUBLE", "Of a guardrail: how much worse is still fine, as written."),
        Column(
            "guardrail_state", "VARCHAR",
            "PASS (surely not worse than the margin), FAIL (surely worse, and beyond it) or OPEN.",
        ),
        Column(
            "primary_state", "VARCHAR",
            "W (better), L (worse), F (surely within the minimum effect) or U (unclear).",
        ),
        Column(
            "variance_reduction_rate", "DOUBLE",
            "What adjusting by the time before exposure took off the variance of the difference; "
            "NULL without.",
        ),
        Column(
            "minimum_detectable_effect", "DOUBLE",
            "The absolute effect that so many units find with power 0.8 at the deciding level.",
        ),
        Column(
            "eligible_rate", "DOUBLE",
            "Share of the product's metric of the last 28 days that comes from people of this "
            "experiment, all being as under control. NULL for slices, for other units than users "
            "and for metrics that do not add up (ratios, retention, steps).",
        ),
        Column(
            "rollout_volume", "DOUBLE",
            "The whole product's metric in 28 days, these people being as under control.",
        ),
        Column(
            "rollout_impact", "DOUBLE",
            "Change of the product's metric in 28 days if all of them got the variant: lift x "
            "eligible_rate x rollout_volume.",
        ),
        Column("rollout_impact_low", "DOUBLE", "The same from lift_low."),
        Column("rollout_impact_high", "DOUBLE", "The same from lift_high."),
        Column(
            "inference", "VARCHAR", "fixed, sequential or group_sequential.", required=True
        ),
        Column(
            "method", "VARCHAR",
            "welch, cuped, pooled_z, fisher, delta or delta_cuped; NULL without a comparison.",
        ),
        Column("status", "VARCHAR", "ok, or why a number is missing.", required=True),
    ),
)  # fmt: skip

HEALTH = ResultTable(
    "experiments",
    "health",
    "Can the experiment be trusted, and is it time to read it? One row a check and slice.",
    (
        NAME,
        Column("check_name", "VARCHAR", "What was checked.", required=True),
        *SLICE,
        Column("status", "VARCHAR", "pass, warn, fail or not_applicable.", required=True),
        Column(
            "blocks", "VARCHAR",
            "What a failure blocks: verdict (the comparison is not valid), readiness (it is too "
            "early) or none.",
            required=True,
        ),
        Column("observed", "DOUBLE", "The number that was judged."),
        Column("expected", "DOUBLE", "What it was compared with."),
        Column("p_value", "DOUBLE", "The p that it rests on; NULL where none does."),
        Column("detail", "VARCHAR", "The same in words.", required=True),
    ),
)  # fmt: skip

TIMELINE = ResultTable(
    "experiments",
    "timeline",
    "The result as it was at the end of each product day: units count from the day by whose end "
    "all that were first exposed with them are closed; the last day shows the results at as-of.",
    (
        NAME, METRIC, VARIANT,
        Column("as_of_date", "DATE", "The product day at whose end it was so.", required=True),
        Column("difference", "DOUBLE", "Variant minus control, as in results."),
        Column("deciding_low", "DOUBLE", "Lower end of the interval that decides."),
        Column("deciding_high", "DOUBLE", "Upper end of it."),
        Column("users_count", "BIGINT", "Closed units of the variant.", required=True),
    ),
)  # fmt: skip

DECISIONS = ResultTable(
    "experiments",
    "decisions",
    "What the numbers advise, with all that it rests on: one row a treatment arm and one for all. "
    "Running an old as-of again gives the same record.",
    (
        NAME,
        Column("variant", "VARCHAR", "The treatment arm; all for the experiment.", required=True),
        Column("decided_as_of", "TIMESTAMP", "Only what was before this instant, UTC.",
               required=True),
        Column("method_version", "VARCHAR", "Version of the rules that were followed.",
               required=True),
        Column(
            "verdict", "VARCHAR",
            "validated, refuted, no_meaningful_effect, inconclusive or invalid.",
            required=True,
        ),
        Column("action", "VARCHAR", "ship, roll_back, keep_running or review.", required=True),
        Column("rule_id", "VARCHAR", "The first rule that held.", required=True),
        Column("reason", "VARCHAR", "Why, in one sentence with the numbers.", required=True),
        Column("inputs", "JSON", "Everything that the rule read.", required=True),
        Column(
            "days_left", "BIGINT",
            "Days until it has the size it needs, in whole weeks; NULL when unknown or decided.",
        ),
        Column("human_action", "VARCHAR", "What people decided by then; NULL while they have not."),
        Column("human_reason", "VARCHAR", "Why they did."),
        Column(
            "is_contradicted", "BOOLEAN",
            "Whether people did something else than advised; NULL while they have not decided.",
        ),
    ),
)  # fmt: skip

RECORDED_DIGITS = 9


def result_rows(evaluations: Sequence[Evaluation]) -> list[tuple[Any, ...]]:
    """Return the rows of ``experiments.results`` in the order of its columns."""
    values = attrgetter(*(column.name for column in RESULTS.columns))
    return [values(row) for each in evaluations for row in each.readout.results]


def health_rows(evaluations: Sequence[Evaluation]) -> list[tuple[Any, ...]]:
    """Return the rows of ``experiments.health``."""
    return [
        (each.planned.plan.name, *(getattr(row, column.name) for column in HEALTH.columns[1:]))
        for each in evaluations
        for row in each.health
    ]


def timeline_rows(evaluations: Sequence[Evaluation]) -> list[tuple[Any, ...]]:
    """Return the rows of ``experiments.timeline``."""
    values = attrgetter(*(column.name for column in TIMELINE.columns))
    return [values(row) for each in evaluations for row in each.timeline]


def as_recorded(value: Any) -> Any:
    """Return what is told of a decision with numbers of ``RECORDED_DIGITS`` digits.

    The last digits of a sum depend on the order of its parts, which is another every time.
    """
    if isinstance(value, dict):
        return {key: as_recorded(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_recorded(each) for each in value]
    return float(f"{value:.{RECORDED_DIGITS}g}") if isinstance(value, float) else value


def decision_rows(evaluations: Sequence[Evaluation], clock: Clock) -> list[tuple[Any, ...]]:
    """Return the rows of ``experiments.decisions``."""
    found = []
    for each in evaluations:
        human_action, human_reason = known_action(each.planned, clock)
        for row in each.decisions:
            found.append(
                (
                    row.experiment_name, row.variant, clock.as_of.replace(tzinfo=None),
                    row.method_version, row.verdict, row.action, row.rule_id, row.reason,
                    json.dumps(as_recorded(row.inputs), sort_keys=True), row.days_left,
                    human_action, human_reason, is_contradicted(human_action, row.action),
                )
            )  # fmt: skip
    return found


def contradictions(rows: Sequence[tuple[Any, ...]]) -> int:
    """Return in how many experiments people did something else than advised."""
    return sum(bool(row[-1]) for row in rows if row[1] == ALL)
