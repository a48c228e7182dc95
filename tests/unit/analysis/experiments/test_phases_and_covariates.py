"""Phases are strata; the covariate is used only where the rules allow it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pm_pipeline.analysis.experiments import (
    Comparison,
    Moments,
    Reading,
    Settings,
    Undefined,
    compare,
    merged,
)
from tests.unit.analysis.experiments.experiment_inputs import Array, compared

RAMP = ((9_000, 1_000), (4_000, 4_000))
"""Units of control and variant in a phase of 90 to 10 and in one of 50 to 50."""


def ramped(effect: float = 0.0) -> list[list[Array]]:
    """Return values by phase and arm; later users are worth 5 more, whatever they see."""
    generator = np.random.default_rng(41)
    return [
        [
            generator.normal(10 + 5 * phase + effect * arm, 2, size=units)
            for arm, units in enumerate(arms)
        ]
        for phase, arms in enumerate(RAMP)
    ]


def test_a_ramp_does_not_pass_for_an_effect() -> None:
    values = ramped()
    moments = [[Moments.of_values(arm) for arm in phase] for phase in values]
    sides = list(zip(*moments, strict=True))
    result = compare(*sides, [merged(phase) for phase in moments], "mean", Reading())
    assert isinstance(result, Comparison)
    weights = np.array([10_000, 8_000]) / 18_000
    differences = np.array([phase[1].mean() - phase[0].mean() for phase in values])
    variances = np.array([sum(arm.var(ddof=1) / len(arm) for arm in phase) for phase in values])
    assert result.difference.estimate == pytest.approx(weights @ differences, rel=1e-9)
    assert result.difference.variance == pytest.approx(weights**2 @ variances, rel=1e-9)
    assert abs(result.difference.ratio) < 3
    both = compared(*(merged(side) for side in sides))
    assert both.difference.ratio > 20, "without phases the later, better users look like an effect"


def test_a_phase_without_the_variant_says_nothing() -> None:
    first, second = ramped(0.3)
    control = [Moments.of_values(first[0]), Moments.of_values(second[0])]
    variant = [Moments(), Moments.of_values(second[1])]
    both = [merged(pair) for pair in zip(control, variant, strict=True)]
    result = compare(control, variant, both, "mean", Reading())
    alone = compared(control[1], variant[1])
    assert isinstance(result, Comparison)
    assert result.difference == alone.difference
    assert result.units == (4_000, 4_000)


def test_phases_with_a_covariate_keep_the_effect() -> None:
    generator = np.random.default_rng(42)
    moments, values = [], []
    for phase, arms in enumerate(RAMP):
        row = []
        for arm, units in enumerate(arms):
            before = generator.normal(3 * phase, 2, size=units)
            after = 10 + before + 0.2 * arm + generator.normal(size=units)
            values.append(after)
            row.append(Moments.of_values(after, None, before))
        moments.append(row)
    sides = list(zip(*moments, strict=True))
    result = compare(*sides, [merged(phase) for phase in moments], "mean", Reading())
    assert isinstance(result, Comparison)
    assert result.method == "cuped"
    assert result.variance_reduction is not None and result.variance_reduction > 0.5
    assert result.difference.estimate == pytest.approx(0.2, abs=4 * result.difference.variance**0.5)
    lift = result.lift(0.05)
    assert lift is not None
    assert lift.value == pytest.approx(result.difference.estimate / result.pair.control.value)


def with_covariate(units: int, correlation: float, seed: int = 43) -> tuple[Moments, Moments]:
    generator = np.random.default_rng(seed)
    arms = []
    for _ in range(2):
        before = generator.normal(size=units)
        noise = generator.normal(size=units)
        after = 5 + correlation * before + np.sqrt(1 - correlation**2) * noise
        arms.append(Moments.of_values(after, None, before))
    return arms[0], arms[1]


def test_cuped_takes_the_square_of_the_correlation_off_the_variance() -> None:
    result = compared(*with_covariate(20_000, 0.6), use_covariate=True)
    assert result.variance_reduction == pytest.approx(0.36, abs=0.02)
    assert result.pair.control.value == compared(*with_covariate(20_000, 0.6)).pair.control.value


def test_where_the_covariate_is_not_used() -> None:
    few = compared(*with_covariate(49, 0.9), use_covariate=True)
    enough = compared(*with_covariate(50, 0.9), use_covariate=True)
    assert (few.method, enough.method) == ("welch", "cuped")
    without = [Moments.of_values(np.arange(200.0) % 7, None, np.full(200, 3.0)) for _ in range(2)]
    assert compared(*without, use_covariate=True).method == "welch"
    assert compared(*with_covariate(500, 0.9)).method == "welch"
    for seed in range(20):  # an unrelated covariate is dropped whenever it would cost precision
        result = compared(*with_covariate(100, 0.0, seed), use_covariate=True)
        plain = compared(*with_covariate(100, 0.0, seed))
        assert result.difference.variance <= plain.difference.variance
        assert (result.method == "cuped") == (result.variance_reduction is not None)


def undefined(control: Moments, variant: Moments, kind: str = "mean") -> object:
    both = [merged([control, variant])]
    found = compare([control], [variant], both, kind, Reading())  # type: ignore[arg-type]
    return found.status if isinstance(found, Undefined) else None


@pytest.mark.parametrize("digits", [0, 1, -1, 2, -2])
def test_what_is_left_of_a_variance_in_the_last_digit_is_none(digits: int) -> None:
    """One unit with a denominator: its ratio is the arm's, whatever the order of sums left over."""
    alone = Moments.of_values([3.0, *[0.0] * 231], [7.0, *[0.0] * 231])
    rows = [list(row) for row in alone.comoments]
    rows[1][1] += digits * math.ulp(rows[1][1])
    left = Moments(alone.count, alone.means, tuple(map(tuple, rows)))  # type: ignore[arg-type]
    some = Moments.of_values([1.0, 2.0, 3.0], [1.0, 2.0, 2.0])
    assert undefined(some, left, "ratio") == undefined(left, some, "ratio") == "no_variance"


def test_a_covariate_that_is_the_metric_leaves_no_certainty() -> None:
    """What CUPED leaves then is rounding: the metric is compared as it is."""
    rng = np.random.default_rng(1)
    control, variant = (
        Moments.of_values(values, covariate=0.1 + values / 3)
        for values in (rng.normal(5, 2, 400), rng.normal(5.5, 2, 400))
    )
    found = compare([control], [variant], [merged([control, variant])], "mean", Reading())
    assert isinstance(found, Comparison)
    assert found.method == "welch"


def test_undefined_says_why() -> None:
    some = Moments.of_values([1.0, 2.0, 3.0])
    assert undefined(Moments(), some) == "no_units"
    assert undefined(some, Moments.of_values([1.0])) == "too_few_units"
    assert undefined(some, Moments.of_values([2.0, 2.0])) == "no_variance"
    assert undefined(some, Moments.of_values([1e8 + 0.1] * 1_000)) == "no_variance"
    with np.errstate(over="ignore", invalid="ignore"):
        huge = [Moments.of_values([one, -1e80, 3.0]) for one in (1e80, 1e200, np.inf)]
    assert [undefined(some, each) for each in huge] == ["too_large"] * 3
    assert [undefined(each, some) for each in huge] == ["too_large"] * 3
    ratio = Moments.of_values([1.0, 2.0, 3.0], [1.0, 2.0, 2.0])
    assert undefined(ratio, Moments.of_values([0.0, 0.0], [0.0, 0.0]), "ratio") == "no_denominator"
    assert undefined(ratio, Moments.of_values([1.0, 2.0], [2.0, 4.0]), "ratio") == "no_variance"
    none, all_of_them = Moments.of_successes(50, 0), Moments.of_successes(50, 50)
    assert undefined(none, none, "proportion") == "no_variance"
    assert undefined(none, Moments.of_successes(50, 5), "proportion") is None
    assert undefined(all_of_them, Moments.of_successes(50, 5), "proportion") is None


def test_a_lift_needs_a_baseline() -> None:
    def of(control: float, spread: float) -> Comparison:
        return compared(
            Moments.of_variance(1_000, control, spread), Moments.of_variance(1_000, 3.0, 1.0)
        )

    assert of(0.0, 1.0).lift(0.05) is None
    assert of(-1.0, 1.0).lift(0.05) is None
    noisy = of(1.0, 300.0).lift(0.05)
    assert noisy is not None
    assert (noisy.value, noisy.low, noisy.high) == (pytest.approx(2.0), None, None)


def test_thresholds_are_settings() -> None:
    arms = with_covariate(49, 0.9)
    lenient = Settings(covariate_units=50, sequential_units=40)
    result = compare(
        arms[:1], arms[1:], [merged(arms)], "mean", Reading(0.05, "sequential"), settings=lenient
    )
    assert isinstance(result, Comparison)
    assert result.method == "cuped"
    assert result.sequential_p() is not None
    assert compared(*arms, reading=Reading(0.05, "sequential")).sequential_p() is None
