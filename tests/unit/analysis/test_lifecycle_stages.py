"""Rules of the stages: what holds first, when a stage changes, what a season and a slowdown do."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from lifecycle_series import MONDAY, SETTINGS, noisy_weeks, stages, subject
from scipy.stats import theilslopes

from pm_pipeline.analysis.lifecycle.season import is_below_a_year_before, without_season
from pm_pipeline.analysis.lifecycle.slopes import neighbour_correlation, robust_slope
from pm_pipeline.analysis.lifecycle.stages import is_left_censored, penetration_rate, week_stages

FLAT = [1000, 1001] * 60


def rate(percent: float, weeks: int, start: float = 1000.0) -> list[int]:
    """Users that change by so many percent a week."""
    return [round(start * (1 + percent / 100) ** week) for week in range(weeks)]


# The slope


def test_the_interval_is_scipys_widened_by_the_correlation_of_neighbours() -> None:
    values = np.cumsum(np.cumsum(np.random.default_rng(1).standard_normal(13)))
    slope, intercept, low, high = theilslopes(values, np.arange(13), 0.95)
    residuals = values - intercept - slope * np.arange(13)
    centred = residuals - residuals.mean()
    alike = float((centred[1:] * centred[:-1]).sum() / (centred**2).sum())
    assert alike > 0, "else the correction below is another one"
    corrected = min(alike + (1 + 3 * alike) / 13, 0.8)
    wider = math.sqrt((1 + corrected) / (1 - corrected))
    found = robust_slope(values, SETTINGS.slope)
    assert found.value == pytest.approx(slope)
    assert found.low == pytest.approx(slope - (slope - low) * wider)
    assert found.high == pytest.approx(slope + (high - slope) * wider)


def test_residuals_that_alternate_do_not_narrow_the_interval() -> None:
    values = [0.0, 1.0] * 6 + [0.0]
    slope, _, low, high = theilslopes(values, range(13), 0.95)
    found = robust_slope(values, SETTINGS.slope)
    assert neighbour_correlation(np.array(values) - slope * np.arange(13)) < -0.5
    assert (found.low, found.high) == pytest.approx((low, high))


def test_a_straight_line_has_an_interval_of_no_width() -> None:
    found = robust_slope([2.0 * week for week in range(13)], SETTINGS.slope)
    assert (found.low, found.value, found.high) == pytest.approx((2.0, 2.0, 2.0))


# The raw stage


def test_flat_users_from_the_first_day_are_mature_and_never_introduced() -> None:
    weeks = stages([1000] * 104)
    assert [week.stage for week in weeks[:12]] == ["insufficient_data"] * 12
    assert {week.stage for week in weeks[12:]} == {"maturity"}
    assert {week.raw_stage for week in weeks[12:]} == {"maturity"}
    assert weeks[12].previous_stage == "insufficient_data"
    assert weeks[-1].stage_since == MONDAY + timedelta(weeks=12)
    assert all(week.is_left_censored for week in weeks)


@pytest.mark.parametrize(
    ("percent", "stage"),
    [(2.0, "growth"), (0.6, "growth"), (0.4, "maturity"), (-0.4, "maturity"), (-0.6, "decline")],
)
def test_the_rate_decides(percent: float, stage: str) -> None:
    assert stages(rate(percent, 40, 1e6))[-1].stage == stage


def test_thirteen_weeks_are_needed_and_a_first_week_cut_short_is_none() -> None:
    assert stages([1000] * 13)[-1].stage == "maturity"
    assert stages([1000] * 12)[-1].reason == "fewer_than_13_weeks"
    late = stages([1000] * 13, first_date=MONDAY + timedelta(days=1))[-1]
    assert (late.stage, late.reason) == ("insufficient_data", "fewer_than_13_weeks")


def test_too_few_users_and_empty_weeks_are_not_judged() -> None:
    assert stages([49] * 13)[-1].reason == "too_few_users"
    assert stages([50] * 13)[-1].stage == "maturity"
    gap = stages([1000] * 20 + [0] + [1000] * 20)
    reasons = [week.raw_stage for week in gap[20:34]]
    assert reasons == ["insufficient_data"] * 13 + ["maturity"]
    assert gap[20].reason == "awaits_confirmation", "one odd week changes nothing"
    assert gap[-1].stage == "maturity"


def test_a_wide_interval_leaves_the_stage_as_it_was() -> None:
    calm = [1000] * 26
    wild = [round(1000 * math.exp(x)) for x in np.random.default_rng(1).standard_normal(20)]
    weeks = stages(calm + wild)
    last = weeks[-1]
    assert (last.stage, last.raw_stage) == ("maturity", "maturity")
    assert (last.confidence, last.reason) == ("low", "interval_too_wide")
    alone = stages(wild)[-1]
    assert (alone.stage, alone.reason) == ("insufficient_data", "interval_too_wide")


# Introduction


def young(users: int, weeks: int, **changes: object) -> str:
    """The stage of a feature first used 10 weeks after the data begin."""
    first = MONDAY + timedelta(weeks=10)
    values: dict[str, object] = {
        "kind": "feature", "name": "lyrics", "first_week": first, "first_date": first,
        "product_users": (10_000,) * weeks,
    }  # fmt: skip
    return stages([users] * weeks, **values | changes)[-1].stage


def test_introduction_is_young_known_to_be_and_little_used() -> None:
    assert young(400, 13) == "introduction"
    assert young(400, 26) == "introduction"
    assert young(400, 26 + 4) == "maturity", "too old, confirmed after four weeks"
    assert young(500, 13) == "maturity", "five percent of the product's users are not under five"
    assert young(400, 13, target_users=8001) == "introduction"
    assert young(400, 13, target_users=8000) == "maturity"


def test_a_launch_date_makes_the_age_known() -> None:
    start = {"first_week": MONDAY, "first_date": MONDAY}
    assert young(400, 13, **start) == "maturity", "nobody knows when it began"
    assert young(400, 13, **start, launched_on=MONDAY - timedelta(days=30)) == "introduction"
    later = MONDAY + timedelta(weeks=8)
    assert young(400, 34, **start, launched_on=later) == "introduction", "the later of the two"


def test_censored_is_who_was_active_in_the_first_four_weeks() -> None:
    for days, expected in ((27, True), (28, False)):
        first = MONDAY + timedelta(days=days)
        assert is_left_censored(subject(FLAT, first_date=first), SETTINGS) is expected
    assert not is_left_censored(subject(FLAT, launched_on=MONDAY), SETTINGS)


def test_penetration_is_of_the_target_else_of_the_product() -> None:
    assert penetration_rate(subject([50, 60]), 1) is None
    assert penetration_rate(subject([50, 60], target_users=600), 1) == pytest.approx(0.1)
    feature = subject([50, 60], kind="feature", product_users=(100, 240))
    assert penetration_rate(feature, 1) == pytest.approx(0.25)
    assert penetration_rate(subject([0], kind="feature", product_users=(0,)), 0) is None


# Confirmation


def test_a_stage_changes_after_four_weeks_of_the_same_verdict() -> None:
    weeks = stages([1000] * 26 + rate(-6, 20))
    raw = next(i for i, week in enumerate(weeks) if week.raw_stage == "decline")
    assert [week.stage for week in weeks[raw : raw + 4]] == ["maturity"] * 3 + ["decline"]
    assert {week.reason for week in weeks[raw : raw + 3]} == {"awaits_confirmation"}
    changed = weeks[raw + 3]
    assert changed.stage_since == changed.period_start, "not back-dated"
    assert changed.previous_stage == "maturity"


def test_later_weeks_never_change_an_earlier_row() -> None:
    users = noisy_weeks(5, phi=0.8, sd=0.1, weeks=110)
    whole = stages(users)
    for length in (13, 40, 53, 104, 107):
        assert stages(users[:length]) == whole[:length]


# The season


def seasonal(weeks: int, drift: float = 0.0) -> list[int]:
    return [
        round(5000 * math.exp(0.4 * math.cos(2 * math.pi * week / 52) + drift * week))
        for week in range(weeks)
    ]


def test_a_season_of_two_years_is_taken_out() -> None:
    weeks = stages(seasonal(156))
    assert all(week.is_seasonally_adjusted for week in weeks[103:])
    assert not any(week.is_seasonally_adjusted for week in weeks[:103])
    assert {week.raw_stage for week in weeks[110:]} <= {"maturity"}
    unadjusted = robust_slope(np.log(seasonal(120)[-13:]), SETTINGS.slope)
    assert unadjusted.high < -0.005, "without it, the autumn would be a decline"
    assert weeks[-1].confidence == "high"


def test_a_true_decline_is_seen_through_the_season() -> None:
    assert stages(seasonal(140, -0.02))[-1].stage == "decline"


def test_between_one_and_two_years_the_year_before_decides() -> None:
    weeks = stages(seasonal(78))
    autumn = [week for week in weeks[56:] if week.reason == "seasonal_or_recent"]
    assert autumn
    assert all(week.confidence == "low" for week in autumn)
    assert not any(week.raw_stage == "decline" for week in weeks[56:])
    falling = stages(seasonal(78, -0.02))
    assert falling[-1].raw_stage == "decline"
    assert falling[-1].confidence == "medium"


def test_the_year_before_has_at_least_one_week_to_compare() -> None:
    values = np.array([10.0, *[20.0] * 51, 15.0])
    assert not is_below_a_year_before(values, SETTINGS.season)
    assert is_below_a_year_before(np.array([16.0, *[20.0] * 51, 15.0]), SETTINGS.season)
    longer = np.array([1.0, 1.0, 30.0, 30.0, 30.0, 30.0, *[20.0] * 48, 29.0, 29.0, 29.0, 29.0])
    assert is_below_a_year_before(longer, SETTINGS.season)


def test_in_the_first_year_a_feature_must_lose_against_its_product() -> None:
    falling = rate(-3, 40, 5000)
    alike = stages(falling, kind="feature", product_users=tuple(10 * users for users in falling))
    assert alike[-1].stage == "insufficient_data"
    assert alike[-1].reason == "declines_with_product"
    alone = stages(falling, kind="feature", product_users=(50_000,) * 40)
    assert (alone[-1].stage, alone[-1].confidence) == ("decline", "low")
    assert stages(falling)[-1].stage == "decline", "the product has nothing to lose against"


def test_jumps_of_the_smoother_change_the_season_little() -> None:
    logarithms = np.log(noisy_weeks(3, phi=0.5, sd=0.1, weeks=130)) + np.log(seasonal(130)) / 10
    exact = replace(SETTINGS.season, trend_jump=1, low_pass_jump=1)
    difference = without_season(logarithms, SETTINGS.season) - without_season(logarithms, exact)
    assert np.abs(difference).max() < 0.01


# Slowdown


def test_a_slowdown_is_a_decline_near_the_peak_of_a_growth() -> None:
    users = [*rate(3, 30), *[round(2356 * 0.988**week) for week in range(1, 50)]]
    weeks = stages(users)
    slow = [week.is_slowdown for week in weeks]
    assert any(slow)
    peak = users.index(max(users))
    for index, week in enumerate(weeks):
        expected = (
            week.stage == "decline"
            and week.previous_stage == "growth"
            and index - peak <= 26
            and users[index] >= 0.7 * max(users)
        )
        assert week.is_slowdown is expected
    assert not slow[-1], "half a year after the peak it is a decline"


def test_settings_change_what_is_judged() -> None:
    lower = replace(SETTINGS, stage=replace(SETTINGS.stage, minimum_weekly_users=0))
    assert week_stages(subject([3] * 13), lower)[-1].stage == "maturity"
    assert week_stages(subject([3] * 13), SETTINGS)[-1].stage == "insufficient_data"
