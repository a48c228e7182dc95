"""The whole of an experiment: results and health in, decision records out.

Belongs here: putting the parts together, one record an arm and one for all. Does not belong here:
any rule or number of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pm_pipeline.analysis.experiments.arms import MetricKind
from pm_pipeline.analysis.experiments.boundaries import Looks
from pm_pipeline.analysis.experiments.comparisons import Comparison, compare
from pm_pipeline.analysis.experiments.decisions import (
    METHOD_VERSION,
    Action,
    ArmInputs,
    Outcome,
    RuleId,
    Verdict,
    decide,
    decide_all,
)
from pm_pipeline.analysis.experiments.health import Health, is_ready, is_valid
from pm_pipeline.analysis.experiments.plans import Plan, Reading
from pm_pipeline.analysis.experiments.readout import Readout, switchers_disagree
from pm_pipeline.analysis.experiments.reasons import reason, reason_of_all
from pm_pipeline.analysis.experiments.results import ALL, Result, Slice, SliceKey
from pm_pipeline.analysis.experiments.settings import DEFAULTS, Settings
from pm_pipeline.analysis.experiments.sizing import Baseline, Demand, days_left, size_experiment


@dataclass(frozen=True)
class Facts:
    """What is known of an experiment beside its metrics."""

    exposed_units: Mapping[str, int]
    """By variant, open and closed."""
    closed_units: Mapping[str, int]
    has_ended: bool
    """Enrolment is over and the last window has closed."""
    units_per_day: float | None = None
    """How many units are exposed a day."""
    looks: Looks | None = None
    """Of group_sequential, those reached so far."""


@dataclass(frozen=True)
class Decision:
    """A row of ``experiments.decisions``, without the instant it was made at."""

    experiment_name: str
    variant: str
    method_version: str
    verdict: Verdict
    action: Action
    rule_id: RuleId
    reason: str
    days_left: int | None
    inputs: dict[str, Any] = field(hash=False)
    """All that it rests on, ready for JSON."""


def decide_experiment(
    plan: Plan,
    readout: Readout,
    health: Sequence[Health],
    slices: Mapping[SliceKey, Slice],
    facts: Facts,
    settings: Settings = DEFAULTS,
) -> list[Decision]:
    """Return one decision a treatment arm, then the one for all."""
    decisions = []
    outcomes: dict[str, Outcome] = {}
    for variant in plan.treatments:
        primaries = _rows(plan, readout, variant, "primary")
        guardrails = _rows(plan, readout, variant, "guardrail")
        inputs = ArmInputs(
            primaries=tuple(row.primary_state or "U" for row in primaries),
            guardrails=tuple(row.guardrail_state or "OPEN" for row in guardrails),
            has_data=min(facts.exposed_units.get(arm, 0) for arm in (variant, plan.control)) > 0,
            is_valid=is_valid(health),
            is_ready=is_ready(health),
            has_ended=facts.has_ended,
            success=plan.success,
            switchers_disagree=switchers_disagree(plan, readout, variant),
        )
        outcome = outcomes[variant] = decide(inputs)
        left = _days_left(plan, primaries, facts, settings) if _waits(outcome) else None
        sentence = reason(plan, outcome, variant, primaries, guardrails, health, left)
        reading = plan.reading(variant, facts.looks)
        recorded = {
            **asdict(inputs),
            **_recorded(plan, primaries, guardrails, health),
            **_read_as(reading, settings),
        }
        decisions.append(_decision(plan, variant, outcome, sentence, left, recorded))
    decisions.append(_decide_all(plan, readout, slices, facts, outcomes, decisions, settings))
    return decisions


def _waits(outcome: Outcome) -> bool:
    return outcome.action == "keep_running"


def _decision(
    plan: Plan,
    variant: str,
    outcome: Outcome,
    sentence: str,
    left: int | None,
    inputs: dict[str, Any],
) -> Decision:
    return Decision(
        plan.name, variant, METHOD_VERSION, outcome.verdict, outcome.action, outcome.rule_id,
        sentence, left, inputs,
    )  # fmt: skip


def _rows(plan: Plan, readout: Readout, variant: str, role: str) -> list[Result]:
    found = (readout.total(metric.name, variant) for metric in plan.metrics if metric.role == role)
    return [row for row in found if row is not None]


def _recorded(
    plan: Plan,
    primaries: Sequence[Result],
    guardrails: Sequence[Result],
    health: Sequence[Health],
) -> dict[str, Any]:
    effect = plan.minimum_effect
    return {
        "alpha": plan.alpha,
        "inference": plan.inference,
        "planned_users": plan.planned_users,
        "minimum_effect": asdict(effect) if effect else None,
        "metrics": {
            row.metric_name: {
                "role": row.role,
                "state": row.primary_state or row.guardrail_state,
                "difference": row.difference,
                "adjusted_p_value": row.adjusted_p_value,
                "deciding_low": row.deciding_low,
                "deciding_high": row.deciding_high,
                "family_size": row.family_size,
                "margin": row.margin,
                "status": row.status,
            }
            for row in (*primaries, *guardrails)
        },
        "failed_checks": [row.check_name for row in health if row.status == "fail"],
    }


def _read_as(reading: Reading, settings: Settings) -> dict[str, Any]:
    """Return what fixes the reading beside alpha, so that it can be repeated."""
    if reading.inference == "sequential":
        return {"tightest_at_units": reading.planned_units or settings.tuning_units}
    if reading.looks is not None:
        return {"looks": list(reading.looks.fractions), "is_last_look": reading.looks.ends}
    return {}


def _days_left(
    plan: Plan, primaries: Sequence[Result], facts: Facts, settings: Settings
) -> int | None:
    needed = plan.planned_users or _units_for_minimum_effect(plan, primaries, facts, settings)
    if needed is None:
        return None
    closed = sum(facts.closed_units.values())
    return days_left(needed, closed, facts.units_per_day, settings)


def _units_for_minimum_effect(
    plan: Plan, primaries: Sequence[Result], facts: Facts, settings: Settings
) -> float | None:
    """Return the units that finding the minimum effect takes, at the noise seen so far."""
    demands = []
    kinds = {metric.name: metric.kind for metric in plan.metrics}
    for row in primaries:
        if plan.minimum_effect is None or row.standard_error is None or row.control_mean is None:
            continue
        effect = plan.minimum_effect.size
        effect *= row.control_mean if plan.minimum_effect.is_relative else 1.0
        # The variance a unit that makes the standard error seen, CUPED's gain included.
        variance = row.standard_error**2 / (1 / row.users_count + 1 / row.control_users_count)
        if effect > 0 and variance > 0:
            kind: MetricKind = "ratio" if kinds[row.metric_name] == "ratio" else "mean"
            baseline = Baseline(kind, row.control_mean, variance)
            demands.append(Demand(row.metric_name, baseline, effect))
    if not demands:
        return None
    # No more than the looks so far are known of a design without planned users.
    return size_experiment(
        demands,
        plan.shares,
        plan.control,
        alpha=plan.alpha,
        inference="sequential" if plan.inference == "sequential" else "fixed",
        settings=settings,
    ).total


def _decide_all(
    plan: Plan,
    readout: Readout,
    slices: Mapping[SliceKey, Slice],
    facts: Facts,
    outcomes: Mapping[str, Outcome],
    decisions: Sequence[Decision],
    settings: Settings,
) -> Decision:
    first = next(metric for metric in plan.metrics if metric.role == "primary")
    rows = {variant: readout.total(first.name, variant) for variant in plan.treatments}
    gains = {
        variant: None if row is None or row.difference is None else first.sign * row.difference
        for variant, row in rows.items()
    }
    shipped = [variant for variant, outcome in outcomes.items() if outcome.action == "ship"]
    differ = {
        frozenset((one, other)): _differ(plan, slices, one, other, facts.looks, settings)
        for number, one in enumerate(shipped)
        for other in shipped[number + 1 :]
    }
    overall = decide_all(outcomes, gains, differ)
    by_variant = {decision.variant: decision for decision in decisions}
    followed = by_variant.get(overall.variant) if overall.variant else None
    sentence = reason_of_all(
        overall.outcome, overall.variant, followed.reason if followed else "", len(shipped)
    )
    left = followed.days_left if followed and _waits(overall.outcome) else None
    recorded = {
        "arms": {
            variant: {**asdict(outcome), "gain": gains[variant]}
            for variant, outcome in outcomes.items()
        },
        "follows": overall.variant,
        "differ": {" ".join(sorted(pair)): value for pair, value in differ.items()},
    }
    return _decision(plan, ALL, overall.outcome, sentence, left, recorded)


def _differ(
    plan: Plan,
    slices: Mapping[SliceKey, Slice],
    one: str,
    other: str,
    looks: Looks | None,
    settings: Settings,
) -> bool:
    """Whether two arms differ from each other in the first primary."""
    first = next(metric for metric in plan.metrics if metric.role == "primary")
    part = slices[SliceKey(first.name)]
    found = compare(
        part.arms[one],
        part.arms[other],
        part.all_arms,
        first.kind,
        plan.reading_of(one, other, looks),
        use_covariate=first.has_covariate,
        settings=settings,
    )
    p = found.deciding_p() if isinstance(found, Comparison) else None
    return p is not None and p <= plan.alpha
