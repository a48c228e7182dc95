"""Won, lost, flat or unclear; passed, failed or open: metrics whose answer is known."""

from __future__ import annotations

import math

import pytest

from pm_pipeline.analysis.experiments import Comparison, Effect, Metric, Moments, Reading
from pm_pipeline.analysis.experiments.boundaries import Looks
from pm_pipeline.analysis.experiments.plans import Direction
from pm_pipeline.analysis.experiments.states import guardrail_state, primary_state
from tests.unit.analysis.experiments.experiment_inputs import compared

UNITS = 20_000
ERROR = math.sqrt(2 / UNITS)
"""Standard error of the difference of two means with standard deviation 1."""
INFERENCES = (
    Reading(0.05, "fixed"),
    Reading(0.05, "sequential", 2 * UNITS),
    Reading(0.05, "group_sequential", 2 * UNITS, Looks((0.5, 1.0), is_last=True)),
)


def moved_by(errors: float, reading: Reading = INFERENCES[0], level: float = 10.0) -> Comparison:
    """Return a comparison whose difference is that many standard errors."""
    control = Moments.of_variance(UNITS, level, 1.0)
    return compared(
        control, Moments.of_variance(UNITS, level + errors * ERROR, 1.0), reading=reading
    )


MORE = Metric("songs", "mean", "primary")
LESS = Metric("crashes", "mean", "primary", "lower_is_better")


def guarded(
    margin: float, direction: str = "higher_is_better", *, relative: bool = False
) -> Metric:
    effect = Effect(margin, relative)
    return Metric("seconds", "mean", "guardrail", direction, effect)  # type: ignore[arg-type]


@pytest.mark.parametrize("reading", INFERENCES)
def test_won_and_lost_follow_the_adjusted_p_and_the_direction(reading: Reading) -> None:
    up, down = moved_by(6, reading), moved_by(-6, reading)
    for metric, won, lost in ((MORE, up, down), (LESS, down, up)):
        assert primary_state(won, metric, 0.01, 1, None) == "W"
        assert primary_state(lost, metric, 0.05, 1, None) == "L"
        assert primary_state(won, metric, 0.051, 1, None) == "U"
        assert primary_state(won, metric, None, 1, None) == "U"
    assert primary_state(None, MORE, 0.01, 1, None) == "U"


@pytest.mark.parametrize("reading", INFERENCES)
def test_flat_is_an_interval_within_the_minimum_effect(reading: Reading) -> None:
    comparison = moved_by(0.5, reading)
    interval = comparison.deciding_interval(2 * 0.05 / 3)
    assert interval is not None
    reach = max(-interval[0], interval[1])
    for factor, state in ((1.001, "F"), (0.999, "U")):
        effect = Effect(reach * factor, is_relative=False)
        assert primary_state(comparison, MORE, 0.6, 3, effect) == state
    assert primary_state(comparison, MORE, 0.6, 1, Effect(reach * 0.99, is_relative=False)) == "F"
    assert primary_state(comparison, MORE, 0.6, 3, None) == "U"


def test_a_relative_minimum_effect_counts_the_noise_of_control() -> None:
    comparison = moved_by(0.0)
    quantile = 1.6449
    # At the bound: 10 r = q x sqrt(v / n (1 + (1 - r) ^ 2)), the lower side being the tighter.
    reach = quantile * ERROR / 10
    assert primary_state(comparison, MORE, 1.0, 1, Effect(reach * 1.01, is_relative=True)) == "F"
    assert primary_state(comparison, MORE, 1.0, 1, Effect(reach * 0.99, is_relative=True)) == "U"


@pytest.mark.parametrize("reading", INFERENCES)
@pytest.mark.parametrize("direction", ["higher_is_better", "lower_is_better"])
def test_a_guardrail_passes_when_its_bound_is_within_the_margin(
    reading: Reading, direction: Direction
) -> None:
    sign = 1 if direction == "higher_is_better" else -1
    comparison = moved_by(-0.5 * sign, reading)
    interval = comparison.deciding_interval(0.1)
    assert interval is not None
    worst = -interval[0] if sign > 0 else interval[1]
    for factor, state in ((1.01, "PASS"), (0.99, "OPEN")):
        assert guardrail_state(comparison, guarded(worst * factor, direction), 0.6, 2) == state
        margin = guarded(worst * factor / 10, direction, relative=True)
        assert guardrail_state(comparison, margin, 0.6, 2) == state


def test_a_guardrail_fails_only_when_everything_speaks_against_it() -> None:
    bad = moved_by(-6)
    beyond = 5 * ERROR
    assert guardrail_state(bad, guarded(beyond), 0.04, 2) == "FAIL"
    assert guardrail_state(bad, guarded(beyond), 0.06, 2) == "OPEN"
    assert guardrail_state(bad, guarded(beyond), None, 2) == "OPEN"
    assert guardrail_state(bad, guarded(7 * ERROR), 0.04, 2) == "OPEN"
    assert guardrail_state(bad, guarded(8 * ERROR), 0.04, 2) == "PASS"
    assert guardrail_state(bad, guarded(beyond / 10, relative=True), 0.04, 2) == "FAIL"
    assert guardrail_state(bad, guarded(7 * ERROR / 10, relative=True), 0.04, 2) == "OPEN"
    assert guardrail_state(moved_by(-2.1), guarded(ERROR), 0.04, 2) == "OPEN", "interval over 0"
    assert guardrail_state(moved_by(6), guarded(beyond), 0.04, 2) == "PASS"
    assert guardrail_state(moved_by(6), guarded(beyond, "lower_is_better"), 0.04, 2) == "FAIL"
    assert guardrail_state(None, guarded(1.0), None, 2) == "OPEN"


def test_nothing_is_said_before_there_is_enough() -> None:
    first = Reading(0.05, "group_sequential", 2 * UNITS)
    assert guardrail_state(moved_by(6, first), guarded(1.0), None, 1) == "OPEN"
    assert primary_state(moved_by(0, first), MORE, None, 1, Effect(5.0, is_relative=False)) == "U"
    without_level = moved_by(0.0, level=-1.0)
    assert guardrail_state(without_level, guarded(0.5, relative=True), None, 1) == "OPEN"
