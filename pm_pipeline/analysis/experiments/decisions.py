"""From the states of metrics and checks to a verdict and an action.

Belongs here: the order of the rules, for one arm and for all. Does not belong here: how a state
comes about, and how a reason is worded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pm_pipeline.analysis.experiments.plans import Success
from pm_pipeline.analysis.experiments.states import GuardrailState, PrimaryState

Verdict = Literal["validated", "refuted", "no_meaningful_effect", "inconclusive", "invalid"]
Action = Literal["ship", "roll_back", "keep_running", "review"]
RuleId = Literal[
    "1_no_data",
    "2_invalid",
    "3_guardrail_failed",
    "4_not_ready",
    "5_primary_lost",
    "6_success",
    "6_guardrail_open",
    "7_no_meaningful_effect",
    "8_ended",
    "9_running",
    "switchers_disagree",
    "all_invalid",
    "all_best_arm",
    "all_arms_alike",
    "all_most_severe",
]
METHOD_VERSION = "1"
"""Changes with every change of a rule, so that stored decisions tell what they followed."""
SEVERITY: dict[Action, int] = {"roll_back": 3, "review": 2, "keep_running": 1, "ship": 0}


@dataclass(frozen=True)
class ArmInputs:
    """All that a decision on one arm rests on."""

    primaries: tuple[PrimaryState, ...]
    guardrails: tuple[GuardrailState, ...] = ()
    has_data: bool = True
    """At least one exposed unit in this arm and in the control."""
    is_valid: bool = True
    is_ready: bool = True
    has_ended: bool = False
    """Enrolment is over and the last window has closed."""
    success: Success = "any"
    switchers_disagree: bool = False
    """The analysis by first variant has another sign, or only one of both is significant."""


@dataclass(frozen=True)
class Outcome:
    """Verdict and action, and the rule that led to them."""

    verdict: Verdict
    action: Action
    rule_id: RuleId


def _succeeds(inputs: ArmInputs) -> bool:
    won = [state == "W" for state in inputs.primaries]
    return bool(won) and all(won) if inputs.success == "all" else any(won)


def _verdict_of_primaries(inputs: ArmInputs) -> Verdict:
    if "L" in inputs.primaries:
        return "refuted"
    if _succeeds(inputs):
        return "validated"
    return "no_meaningful_effect" if set(inputs.primaries) == {"F"} else "inconclusive"


def decide(inputs: ArmInputs) -> Outcome:
    """Return the outcome of the first rule that holds."""
    if not inputs.has_data:
        return Outcome("inconclusive", "keep_running", "1_no_data")
    if not inputs.is_valid:
        return Outcome("invalid", "review", "2_invalid")
    verdict = _verdict_of_primaries(inputs)
    if "FAIL" in inputs.guardrails:
        return Outcome(verdict, "roll_back", "3_guardrail_failed")
    if not inputs.is_ready:
        return Outcome("inconclusive", "keep_running", "4_not_ready")
    outcome = _of_primaries(inputs, verdict)
    if inputs.switchers_disagree:
        return Outcome(outcome.verdict, "review", "switchers_disagree")
    return outcome


def _of_primaries(inputs: ArmInputs, verdict: Verdict) -> Outcome:
    if verdict == "refuted":
        return Outcome(verdict, "roll_back", "5_primary_lost")
    if verdict == "validated":
        if "OPEN" not in inputs.guardrails:
            return Outcome(verdict, "ship", "6_success")
        action: Action = "review" if inputs.has_ended else "keep_running"
        return Outcome(verdict, action, "6_guardrail_open")
    if verdict == "no_meaningful_effect":
        return Outcome(verdict, "review", "7_no_meaningful_effect")
    if inputs.has_ended:
        return Outcome("inconclusive", "review", "8_ended")
    return Outcome("inconclusive", "keep_running", "9_running")


@dataclass(frozen=True)
class Overall:
    """The outcome of the whole experiment, and the arm that it follows, if it follows one."""

    outcome: Outcome
    variant: str | None = None


def decide_all(
    outcomes: Mapping[str, Outcome],
    gains: Mapping[str, float | None],
    differ: Mapping[frozenset[str], bool],
) -> Overall:
    """Return the outcome over all arms.

    Args:
        outcomes: By treatment arm.
        gains: By arm, how far its first primary moved in the good direction.
        differ: By pair of arms, whether they differ significantly in the first primary.
    """
    if not outcomes:
        return Overall(Outcome("inconclusive", "keep_running", "1_no_data"))
    for variant, outcome in outcomes.items():
        if outcome.verdict == "invalid":
            return Overall(Outcome("invalid", "review", "all_invalid"), variant)
    shipped = [variant for variant, outcome in outcomes.items() if outcome.action == "ship"]
    if shipped:
        return _best_of(shipped, gains, differ)
    variant = max(outcomes, key=lambda name: SEVERITY[outcomes[name].action])
    followed = outcomes[variant]
    return Overall(Outcome(followed.verdict, followed.action, "all_most_severe"), variant)


def _best_of(
    shipped: Sequence[str],
    gains: Mapping[str, float | None],
    differ: Mapping[frozenset[str], bool],
) -> Overall:
    def gain(variant: str) -> float:
        value = gains.get(variant)
        return float("-inf") if value is None else value

    best, *others = sorted(shipped, key=gain, reverse=True)
    if any(not differ.get(frozenset({best, other}), False) for other in others):
        return Overall(Outcome("validated", "review", "all_arms_alike"), best)
    return Overall(Outcome("validated", "ship", "all_best_arm"), best)
