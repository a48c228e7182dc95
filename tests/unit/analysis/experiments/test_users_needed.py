"""Sizing: published vectors, statsmodels on random designs, and power by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, special, stats
from statsmodels.stats.power import TTestIndPower

from pm_pipeline.analysis.experiments import Demand, size_experiment
from pm_pipeline.analysis.experiments.boundaries import Looks, boundaries
from pm_pipeline.analysis.experiments.sequences import sequence_critical, tuning
from pm_pipeline.analysis.experiments.sizing import (
    Aim,
    Baseline,
    control_units,
    days_left,
    detectable_effect,
    guardrail_power,
    impact,
    inflation,
    whole_weeks,
)
from tests.unit.analysis.experiments.experiment_inputs import CONFIGURATIONS, vectors

UNIT = Baseline("mean", 0.0, 1.0)


@pytest.mark.shared
def test_published_sizes() -> None:
    cases = vectors()
    case = cases["n_prop_20_to_22"]["expected"]
    proportion = Baseline("proportion", 0.2, 0.2 * 0.8)
    found = control_units(proportion, 0.02, Aim())
    assert found == pytest.approx(case["n_per_arm_unpooled_var"], rel=1e-6)
    found = control_units(UNIT, 0.1, Aim())
    assert found == pytest.approx(cases["n_mean_d01"]["expected"]["n_control"], rel=1e-6)
    found = control_units(UNIT, 0.1, Aim(power=0.9), ratio=3)
    assert found == pytest.approx(cases["n_mean_d01_ratio3"]["expected"]["n_control"], rel=1e-6)
    case = cases["power_tea_tasting_rel1pct"]
    pooled, expected = case["inputs"]["pooled"], case["expected"]
    songs = Baseline("mean", pooled["mean"], pooled["var"])
    needed = 2 * control_units(songs, 0.01 * songs.mean, Aim())
    assert math.ceil(needed) == pytest.approx(expected["total_n"], rel=1e-6)
    reach = detectable_effect(songs, pooled["n"] / 2, Aim()) / songs.mean
    assert reach == pytest.approx(expected["mde_rel_at_20100"], rel=1e-6)


@pytest.mark.shared
def test_published_detectable_effect() -> None:
    """The reference's solver stops early: at its figure the power is .79997, at ours .8.

    Which of the two is right is told by an integral that shares nothing with either.
    """
    expected = vectors()["mde_mean_n5000"]["expected"]["mde_abs_t"]
    found = detectable_effect(Baseline("mean", 0.0, 16.0), 5_000, Aim())
    assert found == pytest.approx(expected, rel=5e-5)
    assert TTestIndPower().power(found / 4, 5_000, 0.05) == pytest.approx(0.8, abs=1e-9)
    assert power_by_integral(found / 4, 5_000, 0.05) == pytest.approx(0.8, abs=1e-9)
    assert power_by_integral(expected / 4, 5_000, 0.05) == pytest.approx(0.799974646, abs=1e-9)


def power_by_integral(effect: float, units: int, alpha: float) -> float:
    """Student's power, given the sample's deviation: over all that it may be."""
    degrees = 2 * units - 2
    critical, drift = stats.t.ppf(1 - alpha / 2, degrees), effect * math.sqrt(units / 2)

    def found(deviation: float) -> float:
        density = stats.chi.pdf(deviation * math.sqrt(degrees), degrees) * math.sqrt(degrees)
        above = stats.norm.sf(critical * deviation - drift)
        return float(density * (above + stats.norm.cdf(-critical * deviation - drift)))

    reach = 12 / math.sqrt(2 * degrees)
    return integrate.quad(found, 1 - reach, 1 + reach, epsabs=1e-13, epsrel=1e-12)[0]


def test_means_have_the_power_that_statsmodels_gives_them() -> None:
    generator = np.random.default_rng(61)
    oracle = TTestIndPower()
    for number in range(CONFIGURATIONS):
        effect, power = float(generator.uniform(0.02, 0.8)), float(generator.uniform(0.5, 0.99))
        ratio, alpha = float(generator.uniform(0.2, 5)), float(10 ** generator.uniform(-3, -1))
        one_sided = number % 2 == 0
        aim = Aim(alpha, power, is_one_sided=one_sided)
        units = control_units(UNIT, effect, aim, ratio)
        found = oracle.power(
            effect, units, alpha, ratio, alternative="larger" if one_sided else "two-sided"
        )
        assert found == pytest.approx(power, rel=1e-9)
        assert detectable_effect(UNIT, units, aim, ratio) == pytest.approx(effect, rel=1e-9)


def test_cuped_and_guardrails() -> None:
    plain = control_units(Baseline("ratio", 2.0, 9.0), 0.1, Aim())
    gained = control_units(Baseline("ratio", 2.0, 9.0, correlation=0.6), 0.1, Aim())
    assert gained == pytest.approx(0.64 * plain)
    assert guardrail_power(0.8, 4) == pytest.approx(0.95)
    assert guardrail_power(0.8, 1) == guardrail_power(0.8, 0) == pytest.approx(0.8)


def test_the_sequence_finds_the_effect_at_its_size_with_the_power() -> None:
    aim = Aim(inference="sequential")
    units = control_units(UNIT, 0.05, aim)
    total = round(2 * units)
    error = math.sqrt(2 / units)
    reach = sequence_critical(total, tuning(0.05, 2 * units), 0.05)
    assert special.ndtr(0.05 / error - reach) == pytest.approx(0.8, abs=1e-4)
    assert units > 1.5 * control_units(UNIT, 0.05, Aim())
    early = control_units(UNIT, 0.05, Aim(inference="sequential", planned_units=1_000))
    assert early > units


def test_looks_cost_little_and_keep_the_power() -> None:
    fractions = (0.25, 0.5, 0.75, 1.0)
    assert inflation((0.2, 0.4, 0.6, 0.8, 1.0), 0.05, 0.8) == pytest.approx(1.0247, abs=5e-5)
    assert inflation((1.0,), 0.05, 0.8) == pytest.approx(1.0, abs=1e-5)
    factor = inflation(fractions, 0.05, 0.8)
    bounds = boundaries(Looks(fractions, is_last=True), np.array([0.05]))[0]
    generator = np.random.default_rng(62)
    drift = math.sqrt(factor) * (special.ndtri(0.975) + special.ndtri(0.8))
    steps = generator.normal(0.25 * drift, 0.5, size=(200_000, 4))
    statistics = steps.cumsum(axis=1) / np.sqrt(fractions)
    assert (np.abs(statistics) >= bounds).any(axis=1).mean() == pytest.approx(0.8, abs=0.005)


def test_a_whole_experiment() -> None:
    songs = Demand("songs", Baseline("mean", 10.0, 9.0), 0.2)
    crashes = Demand("crashes", Baseline("mean", 4.0, 1.0), 0.2, is_guardrail=True)
    size = size_experiment(
        [songs, crashes], {"control": 0.5, "short": 0.5}, "control", units_per_day=300
    )
    assert size.limiting == "songs"
    assert size.units == {"control": 3_533, "short": 3_533}
    assert size.total == 7_066
    assert size.days == 28
    halves = {"control": 0.5, "short": 0.5}
    followed = size_experiment([songs], halves, "control", units_per_day=300, window_days=14)
    assert followed.days == 42, "7,066 units in 23.6 days, and 14 for the last of them"
    assert size.by_metric["crashes"] < size.by_metric["songs"] == size.total
    three = size_experiment([songs], {"control": 0.5, "a": 0.25, "b": 0.25}, "control")
    assert three.days is None
    assert three.units["control"] == pytest.approx(2 * three.units["a"], abs=2)
    assert three.total > 1.4 * size.total, "half the units an arm, and two comparisons"
    safe = [songs, *[Demand(f"g{n}", crashes.baseline, 0.05, is_guardrail=True) for n in range(3)]]
    guarded = size_experiment(safe, {"control": 0.5, "short": 0.5}, "control")
    assert guarded.limiting == "g0"
    alone = control_units(crashes.baseline, 0.05, Aim(0.05, 1 - 0.2 / 3, is_one_sided=True))
    assert guarded.units["control"] == math.ceil(alone)


def test_days_are_whole_weeks() -> None:
    assert [whole_weeks(days) for days in (0.1, 7.0, 7.2, 14.0)] == [7, 7, 14, 14]
    assert days_left(2_000, 800, 100) == 14
    assert days_left(2_000, 2_000, 100) == 0
    assert days_left(2_000, 800, None) is None
    assert days_left(2_000, 800, 0.0) is None


@pytest.mark.parametrize("inference", ["fixed", "sequential", "group_sequential"])
@pytest.mark.parametrize("kind", ["mean", "proportion", "ratio"])
def test_whatever_is_asked_has_an_answer(kind: str, inference: str) -> None:
    """Effects of nothing and of everything, a past that never varies or tells all of a unit."""
    shares = {"control": 0.9, "short": 0.1}
    for effect in (1e-200, 1e-9, 0.05, 3.0, 1e9):
        for variance, correlation in ((30.0, 0.5), (1e-12, 0.0), (0.09, 1.0), (0.09, -0.99999)):
            for alpha in (1e-9, 0.05, 0.49):
                before = Baseline(kind, 0.1, variance, correlation)  # type: ignore[arg-type]
                demands = [Demand("m", before, effect), Demand("g", before, effect, True)]
                size = size_experiment(
                    demands, shares, "control", alpha=alpha, inference=inference,  # type: ignore[arg-type]
                    looks=(0.25, 1.0), units_per_day=100,
                )  # fmt: skip
                assert 0 < min(size.units.values()) <= max(size.units.values()) < math.inf
                aim = Aim(alpha, inference=inference, looks=(0.25, 1.0))  # type: ignore[arg-type]
                assert 0 < detectable_effect(before, size.total, aim) < math.inf
                if inference == "sequential":
                    assert min(size.units.values()) >= 100, "with fewer it is not read"
    assert days_left(1e14, 5, 100) is None


def test_impact_is_lift_by_share_by_volume() -> None:
    found = impact(0.05, -0.01, 0.11, 0.4, 10_000)
    assert (found.change, found.low, found.high) == pytest.approx((200, -40, 440))
    assert impact(0.05, None, None, 0.4, 10_000).low is None
