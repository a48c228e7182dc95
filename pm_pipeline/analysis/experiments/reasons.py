"""Why a decision is what it is, in one plain sentence with the numbers.

Belongs here: words. Does not belong here: any judgement.
"""

from __future__ import annotations

from collections.abc import Sequence

from pm_pipeline.analysis.experiments.comparisons import Status
from pm_pipeline.analysis.experiments.decisions import Outcome
from pm_pipeline.analysis.experiments.health import Health, shown_p
from pm_pipeline.analysis.experiments.plans import Effect, Plan
from pm_pipeline.analysis.experiments.results import Result

WHY_NOT: dict[Status, str] = {
    "no_units": "the window of nobody has closed in one of the arms",
    "too_few_units": "one unit alone tells nothing",
    "no_denominator": "there is nothing to divide by",
    "no_variance": "all units of an arm are alike",
    "too_large": "its values are too large to be squared",
    "too_few": "too few units to be read at any time",
    "before_first_look": "the first look has not come",
}
"""Why a metric has no figures, in words."""


def percent(share: float) -> str:
    """Write a share as a percentage, without trailing zeros."""
    return f"{100 * share:.4g}%"


def movement(row: Result, alpha: float) -> str:
    """Write how a metric moved, with the interval that decides."""
    if row.difference is None:
        return f"{row.metric_name} cannot be compared, {_why_not(row)}"
    parts = [f"{row.metric_name} moved by {row.difference:+.4g}"]
    if row.lift is not None:
        parts[0] += f" ({row.lift:+.2%})"
    if row.deciding_low is not None and row.deciding_high is not None:
        level = percent(1 - alpha / row.family_size)
        parts.append(f"{level} interval {row.deciding_low:+.4g} to {row.deciding_high:+.4g}")
    else:
        parts.append(f"not decided yet, {_why_not(row)}")
    if row.adjusted_p_value is not None:
        parts.append(f"adjusted {shown_p(row.adjusted_p_value)}")
    return ", ".join(parts)


def _why_not(row: Result) -> str:
    return WHY_NOT.get(row.status, row.status)


def _margin(plan: Plan, row: Result) -> str:
    margin = next(metric.margin for metric in plan.metrics if metric.name == row.metric_name)
    if margin is None:
        return "no margin"
    return percent(margin.size) if margin.is_relative else f"{margin.size:.4g}"


def _first(rows: Sequence[Result], state: str) -> Result:
    return next(row for row in rows if state in (row.primary_state, row.guardrail_state))


def _waiting(days_left: int | None) -> str:
    if days_left is None:
        return "; how long is unknown without planned_users or minimum_effect"
    return f"; about {days_left} days are left" if days_left else "; it has the size it needs"


def reason(
    plan: Plan,
    outcome: Outcome,
    variant: str,
    primaries: Sequence[Result],
    guardrails: Sequence[Result],
    health: Sequence[Health],
    days_left: int | None,
) -> str:
    """Return the sentence for one arm; the rows are those of all its units."""
    failed = [row for row in health if row.status == "fail"]
    rule = outcome.rule_id
    if rule == "1_no_data":
        return f"{plan.control} and {variant} have not both been shown to anybody yet."
    if rule == "2_invalid":
        worst = next(row for row in failed if row.blocks == "verdict")
        return f"The comparison is not valid: {worst.detail} ({worst.check_name})."
    if rule == "3_guardrail_failed":
        row = _first(guardrails, "FAIL")
        text = movement(row, plan.alpha)
        return f"Guardrail {text}, which is worse than its margin of {_margin(plan, row)} allows."
    if rule == "4_not_ready":
        details = "; ".join(row.detail for row in failed if row.blocks == "readiness")
        return f"Too early: {details}."
    telling = _telling(primaries, outcome)
    text = movement(telling, plan.alpha) if telling else "there is no primary metric"
    if rule == "switchers_disagree":
        return f"Units that saw several variants change the picture; without them {text}."
    if rule == "5_primary_lost":
        return f"{text}: worse than {plan.control}."
    if rule == "6_success":
        return f"{text}: better than {plan.control}{_held(len(guardrails))}."
    if rule == "6_guardrail_open":
        row = _first(guardrails, "OPEN")
        return (
            f"{text}: better than {plan.control}, but guardrail {movement(row, plan.alpha)}, "
            f"may still be worse than its margin of {_margin(plan, row)}."
        )
    if rule == "7_no_meaningful_effect":
        effect = plan.minimum_effect
        size = "" if effect is None else _size(effect)
        return f"{text}: surely less than the minimum effect{size}."
    if rule == "8_ended":
        return f"The experiment has ended and {text}: no answer."
    return f"So far {text}: no answer yet{_waiting(days_left)}."


def _held(guardrails: int) -> str:
    if guardrails == 1:
        return ", and the guardrail holds"
    return f", and all {guardrails} guardrails hold" if guardrails else ""


def _size(effect: Effect) -> str:
    return f" of {percent(effect.size) if effect.is_relative else f'{effect.size:.4g}'}"


def _telling(primaries: Sequence[Result], outcome: Outcome) -> Result | None:
    """Return the primary to speak of: the one that decided, else the first that is not clear."""
    states = {"validated": "W", "refuted": "L", "no_meaningful_effect": "F"}
    wanted = states.get(outcome.verdict, "U")
    decided = (row for row in primaries if row.primary_state == wanted)
    return next(decided, primaries[0] if primaries else None)


def reason_of_all(outcome: Outcome, followed: str | None, sentence: str, shipped: int) -> str:
    """Return the sentence for the whole experiment, from that of the arm it follows."""
    if followed is None:
        return "No treatment arm has any unit."
    if outcome.rule_id == "all_arms_alike":
        return f"{shipped} arms beat the control without differing; {followed} is ahead. {sentence}"
    return f"{followed}: {sentence}"
