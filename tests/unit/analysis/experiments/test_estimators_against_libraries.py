"""Each estimator against scipy, statsmodels or tea-tasting on random inputs, to 1e-9."""

from __future__ import annotations

import gc
import math
from itertools import chain

import numpy as np
import pytest
import tea_tasting as tt
from scipy import integrate, optimize, special, stats
from statsmodels.stats import proportion, weightstats
from statsmodels.stats.multitest import multipletests
from tea_tasting.aggr import Aggregates

from pm_pipeline.analysis.experiments import Moments, Reading, adjusted
from pm_pipeline.analysis.experiments.boundaries import Looks, critical, repeated_p, spent
from pm_pipeline.analysis.experiments.plans import Effect
from pm_pipeline.analysis.experiments.sequences import (
    mixture_half_width,
    mixture_p,
    sequence_critical,
    sequence_p,
)
from tests.unit.analysis.experiments.experiment_inputs import (
    CONFIGURATIONS,
    EXACT,
    Array,
    compared,
    random_arms,
)

NAMES = ("num", "den", "num_pre", "den_pre")


def close(value: float) -> object:
    return pytest.approx(value, rel=EXACT, abs=1e-300)


def aggregates(arm: Array) -> Aggregates:
    covariances = np.cov(arm)
    return Aggregates(
        count_=arm.shape[1],
        mean_=dict(zip(NAMES, arm.mean(axis=1).tolist(), strict=True)),
        var_={name: float(covariances[row, row]) for row, name in enumerate(NAMES)},
        cov_={
            tuple(sorted((left, right))): float(covariances[row, column])
            for row, left in enumerate(NAMES)
            for column, right in enumerate(NAMES)
            if row < column
        },
    )


def test_welch() -> None:
    for _, control, variant in random_arms(11):
        result = compared(Moments.of_values(control[0]), Moments.of_values(variant[0]))
        oracle = stats.ttest_ind(variant[0], control[0], equal_var=False)
        assert result.p_value() == close(oracle.pvalue)
        expected = oracle.confidence_interval(0.95)
        width = expected.high - expected.low
        for mine, theirs in zip(result.interval(0.05), expected, strict=True):
            assert mine == pytest.approx(theirs, rel=EXACT, abs=EXACT * width)


def test_one_sided_bounds_and_p() -> None:
    for number, control, variant in random_arms(12):
        sign = -1 if number % 2 else 1
        margin = 0.3 * control[0].std() / math.sqrt(len(control[0]))
        result = compared(Moments.of_values(control[0]), Moments.of_values(variant[0]))
        oracle = weightstats.CompareMeans.from_data(variant[0], control[0])
        _, expected, _ = oracle.ttest_ind(
            "larger" if sign > 0 else "smaller", "unequal", -sign * margin
        )
        bound = Effect(-sign * margin, is_relative=False)
        assert result.one_sided_p(bound, sign) == close(expected)
        assert result.beyond(bound, 0.05, sign) == (expected < 0.05)


@pytest.mark.parametrize("is_relative", [False, True])
def test_a_bound_is_passed_where_its_interval_says_so(is_relative: bool) -> None:
    """A relative bound by the t test of variant - (1 + size) x control, on the values."""
    passed = set()
    for number, control, variant in random_arms(13):
        sign = -1 if number % 2 else 1
        size = (
            (number % 7 - 3) * 0.01 if is_relative else (number % 7 - 3) * 0.02 * control[0].std()
        )
        result = compared(Moments.of_values(control[0]), Moments.of_values(variant[0]))
        if is_relative:
            shifted, null = control[0] * (1 + size), 0.0
        else:
            shifted, null = control[0], size
        oracle = weightstats.CompareMeans.from_data(variant[0], shifted)
        _, p, _ = oracle.ttest_ind("larger" if sign > 0 else "smaller", "unequal", null)
        answer = result.beyond(Effect(size, is_relative), 0.05, sign)
        assert answer == (p < 0.05)
        passed.add(answer)
    assert passed == {True, False}


def test_ratio_by_delta() -> None:
    metric = tt.RatioOfMeans("num", "den")
    for _, control, variant in random_arms(14):
        result = compared(Moments.of_values(*control), Moments.of_values(*variant), "ratio")
        oracle = metric.analyze_aggregates(aggregates(control), aggregates(variant))
        assert result.method == "delta"
        scale = EXACT * result.difference.standard_error
        assert result.difference.estimate == pytest.approx(oracle.effect_size, rel=EXACT, abs=scale)
        assert result.p_value() == close(oracle.pvalue)
        low, high = result.interval(0.05)
        assert low == pytest.approx(oracle.effect_size_ci_lower, rel=EXACT, abs=scale)
        assert high == pytest.approx(oracle.effect_size_ci_upper, rel=EXACT, abs=scale)


@pytest.mark.parametrize("kind", ["mean", "ratio"])
def test_cuped(kind: str) -> None:
    used = 0
    for _, control, variant in chain(random_arms(15), random_arms(24)):
        if kind == "mean":
            metric = tt.Mean("num", "num_pre")
            arms = [
                np.vstack([arm[0], 0 * arm[0], arm[2], 0 * arm[0]]) for arm in (control, variant)
            ]
        else:
            metric = tt.RatioOfMeans("num", "den", "num_pre", "den_pre")
            arms = [control, variant]
        result = compared(
            Moments.of_values(*arms[0]), Moments.of_values(*arms[1]), kind, use_covariate=True
        )
        if result.variance_reduction is None:  # it would have added variance
            continue
        used += 1
        oracle = metric.analyze_aggregates(aggregates(control), aggregates(variant))
        scale = EXACT * result.difference.standard_error
        assert result.method == ("cuped" if kind == "mean" else "delta_cuped")
        assert result.difference.estimate == pytest.approx(oracle.effect_size, rel=EXACT, abs=scale)
        assert result.p_value() == close(oracle.pvalue)
        low, high = result.interval(0.05)
        assert low == pytest.approx(oracle.effect_size_ci_lower, rel=EXACT, abs=scale)
        assert high == pytest.approx(oracle.effect_size_ci_upper, rel=EXACT, abs=scale)
    assert used >= CONFIGURATIONS


def test_lift_by_fieller_inverts_the_test_of_each_lift() -> None:
    for number, control, variant in random_arms(16):
        use_covariate = number % 2 == 0
        whole = [np.vstack([arm[0], 0 * arm[0], arm[2]]) for arm in (control, variant)]
        moments = [Moments.of_values(*arm) for arm in whole]
        result = compared(*moments, use_covariate=use_covariate)
        lift = result.lift(0.05)
        assert lift is not None and lift.low is not None and lift.high is not None
        theta = 0.0
        if result.variance_reduction is not None:
            both = np.cov(np.hstack(whole))
            theta = both[0, 2] / both[2, 2]
        quantile = stats.t.ppf(0.975, result.difference.degrees)

        def outside(
            r: float, theta: float = theta, whole: list[Array] = whole, quantile: float = quantile
        ) -> float:
            control, variant = whole
            level = control[2].mean()
            left = variant[0] - theta * (variant[2] - level)
            right = control[0] - theta * (control[2] - level) + r * control[0]
            variance = np.var(left, ddof=1) / len(left) + np.var(right, ddof=1) / len(right)
            return float((left.mean() - right.mean()) ** 2 - quantile**2 * variance)

        step = 4 * (lift.high - lift.low)
        low = optimize.brentq(outside, lift.value - step, lift.value, xtol=1e-15, rtol=1e-14)
        high = optimize.brentq(outside, lift.value, lift.value + step, xtol=1e-15, rtol=1e-14)
        width = high - low
        assert lift.low == pytest.approx(low, abs=EXACT * width)
        assert lift.high == pytest.approx(high, abs=EXACT * width)


def random_counts(seed: int, most: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    generator = np.random.default_rng(seed)
    found = []
    while len(found) < CONFIGURATIONS:
        units = tuple(int(count) for count in generator.integers(20, most, size=2))
        share = generator.choice([0.02, 0.1, 0.5, 0.97])
        successes = tuple(int(generator.binomial(count, share)) for count in units)
        if sum(successes) and sum(successes) < sum(units):
            found.append((successes, units))
    return found


def of_counts(successes: tuple[int, int], units: tuple[int, int]) -> tuple[Moments, Moments]:
    control, variant = (
        Moments.of_successes(count, done) for done, count in zip(successes, units, strict=True)
    )
    return control, variant


def test_proportions_pooled_z_and_newcombe() -> None:
    methods = set()
    for successes, units in random_counts(17, 5_000):
        result = compared(*of_counts(successes, units), "proportion")
        methods.add(result.method)
        low, high = result.interval(0.05)
        expected = proportion.confint_proportions_2indep(
            successes[1], units[1], successes[0], units[0], method="newcomb", compare="diff"
        )
        assert (low, high) == (
            pytest.approx(expected[0], rel=EXACT, abs=1e-14),
            pytest.approx(expected[1], rel=EXACT, abs=1e-14),
        )
        if result.method == "pooled_z":
            _, p = proportion.proportions_ztest(list(successes), list(units))
            assert result.p_value() == close(p)
        else:
            assert min(*successes, *(n - x for x, n in zip(successes, units, strict=True))) < 10
    assert methods == {"pooled_z", "fisher"}


def test_few_successes_are_tested_exactly() -> None:
    tested = 0
    for successes, units in [*random_counts(18, 200), *random_counts(23, 100)]:
        result = compared(*of_counts(successes, units), "proportion")
        if result.method != "fisher":
            continue
        tested += 1
        table = stats.hypergeom(sum(units), sum(successes), units[0])
        chances = table.pmf(np.arange(sum(successes) + 1))
        seen = table.pmf(successes[0])
        expected = chances[chances <= seen * (1 + 1e-7)].sum()
        assert result.p_value() == pytest.approx(expected, rel=1e-9)
    assert tested >= CONFIGURATIONS


def test_the_sequence_is_the_mixture_that_it_claims_to_be() -> None:
    generator = np.random.default_rng(19)
    for _ in range(CONFIGURATIONS):
        variance = 10.0 ** generator.uniform(-6, 2)
        estimate = generator.normal() * 3 * math.sqrt(variance)
        units = int(10 ** generator.uniform(2, 6))
        rho = 10.0 / 10 ** generator.uniform(3, 6)
        mixing = variance * units * rho
        scale, spread = math.sqrt(variance), math.sqrt(mixing / variance)

        def likelihood(z: float, seen: float = estimate / scale, spread: float = spread) -> float:
            return math.exp(seen * z - z * z / 2) * math.exp(-((z / spread) ** 2) / 2)

        peak = (estimate / scale) * mixing / (variance + mixing)
        wide = 12 * math.sqrt(mixing / (variance + mixing))
        area, _ = integrate.quad(
            likelihood, peak - wide, peak + wide, epsabs=0, epsrel=1e-11, limit=200
        )
        ratio = area / (spread * math.sqrt(2 * math.pi))
        p = sequence_p(estimate, variance, units, rho)
        assert p == pytest.approx(min(1.0, 1 / ratio), rel=1e-9)
        assert p == mixture_p(estimate, variance, mixing)
        for alpha in (0.05, 0.003):
            edge = sequence_critical(units, rho, alpha) * scale
            assert edge == pytest.approx(mixture_half_width(variance, mixing, alpha), rel=1e-12)
            assert sequence_p(edge, variance, units, rho) == pytest.approx(alpha, rel=1e-9)


def test_p_and_intervals_of_the_sequence_agree_at_every_level() -> None:
    reading = Reading(0.05, "sequential", 20_000)
    for number, control, variant in random_arms(20):
        if min(control.shape[1], variant.shape[1]) < 100:
            continue
        moments = Moments.of_values(control[0]), Moments.of_values(variant[0])
        result = compared(*moments, reading=reading)
        p, level = result.deciding_p(), 0.05 / (1 + number % 5)
        interval = result.deciding_interval(level)
        assert p is not None and interval is not None
        assert (interval[0] > 0 or interval[1] < 0) == (p < level)


def test_two_looks_spend_exactly_what_they_may() -> None:
    generator = np.random.default_rng(21)
    for number in range(CONFIGURATIONS):
        first = float(generator.uniform(0.2, 0.85))
        last = float(generator.uniform(first + 0.1, 1.1))
        alpha = float(10 ** generator.uniform(-4, -0.5))
        looks = Looks((first, last), is_last=number % 2 == 0)
        start, end = critical(Looks((first,)), alpha), critical(looks, alpha)
        at_first = float(spent(np.array([alpha]), first)[0])
        at_last = alpha if looks.ends else float(spent(np.array([alpha]), last)[0])
        assert 2 * special.ndtr(-start) == pytest.approx(at_first, rel=1e-9)
        step = math.sqrt(1 - first / last)

        def passes(z: float, end: float = end, tie: float = math.sqrt(first / last),
                   step: float = step) -> float:  # fmt: skip
            tails = special.ndtr((tie * z - end) / step) + special.ndtr((-tie * z - end) / step)
            return float(tails) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

        area, _ = integrate.quad(passes, -start, start, epsabs=0, epsrel=1e-11, limit=200)
        assert area == pytest.approx(at_last - at_first, rel=EXACT)
        if number % 10 == 0:
            for wanted in 10 ** generator.uniform(-9, -0.5, size=10):
                reached = critical(looks, float(wanted))
                assert repeated_p(looks, reached) == pytest.approx(wanted, rel=EXACT)


def test_looks_that_lie_close_together_are_as_exact() -> None:
    """Hardly any unit later a look finds hardly anything: its bound is that of the plain test."""
    for fractions in ((0.27, 0.28), (0.27, 0.271)):
        looks = Looks(fractions, is_last=True)
        for alpha in (0.05, 1e-6):
            start, end = critical(Looks(fractions[:1]), alpha), critical(looks, alpha)
            step = math.sqrt(1 - fractions[0] / fractions[1])

            def passes(z: float, end: float = end, step: float = step) -> float:
                tie = math.sqrt(1 - step**2)
                tails = special.ndtr((tie * z - end) / step) + special.ndtr((-tie * z - end) / step)
                return float(tails) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

            edges = [edge for edge in (-end, end) if abs(edge) < start]
            area, _ = integrate.quad(
                passes, -start, start, points=edges, epsabs=0, epsrel=1e-11, limit=500
            )
            first = float(spent(np.array([alpha]), fractions[0])[0])
            assert area == pytest.approx(alpha - first, rel=1e-6)
            assert repeated_p(looks, end) == pytest.approx(alpha, rel=1e-7)


def test_a_look_that_may_spend_nothing_finds_nothing() -> None:
    """Of a hundredth of the units no alpha of use is spent; nothing is made up, nothing breaks."""
    for fractions in ((0.01,), (0.01, 0.02)):
        looks = Looks(fractions)
        assert critical(looks, 0.05) > 10
        assert repeated_p(looks, 5.0) > 0.05
        whole = Looks((*fractions, 1.0))
        assert critical(whole, 0.05) == pytest.approx(1.959964, abs=1e-4)
        assert repeated_p(whole, 1.959964) == pytest.approx(0.05, rel=1e-3)


def test_adjusted_p() -> None:
    generator = np.random.default_rng(22)
    gc.freeze()  # multipletests collects garbage at every call: there is none to look through
    for number in range(CONFIGURATIONS):
        values = (generator.uniform(size=1 + number % 12) ** 3).tolist()
        for name, method in (("benjamini_hochberg", "bh"), ("benjamini_yekutieli", "by")):
            expected = stats.false_discovery_control(values, method=method)
            assert adjusted(values, name) == pytest.approx(expected.tolist(), rel=EXACT)
        expected = multipletests(values, method="holm")[1]
        assert adjusted(values, "holm") == pytest.approx(expected.tolist(), rel=EXACT)
    gc.unfreeze()


def test_a_comparison_without_p_counts_in_its_family_and_keeps_none() -> None:
    assert adjusted([0.01, None, 0.02], "holm") == [pytest.approx(0.03), None, pytest.approx(0.04)]
    assert adjusted([None], "holm") == [None]
    assert adjusted([], "benjamini_hochberg") == []
