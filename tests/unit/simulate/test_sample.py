"""The default sample: its size, its features and its experiments are as planted."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest


def complete_weeks(feature):
    return [row["users"] for row in feature["weekly"] if row["is_complete"]]


def weekly_slope(users, weeks):
    """Return the Theil-Sen slope of the logarithm over the last ``weeks``."""
    logs = np.log(users[-weeks:])
    slopes = [
        (logs[j] - logs[i]) / (j - i) for i in range(len(logs)) for j in range(i + 1, len(logs))
    ]
    return float(np.median(slopes))


def z_score(observed, metric):
    """Return how many standard errors the treated arm lies above the control arm."""
    means = list(observed["default"][metric]["means"].values())
    deviations = observed["default"][metric]["standard_deviations"].values()
    units = observed["default"]["units"].values()
    error = math.sqrt(sum(sd**2 / n for sd, n in zip(deviations, units, strict=True)))
    return (means[1] - means[0]) / error


def test_size(sample):
    home, summary, truths = sample
    assert 180_000 <= summary.events <= 220_000
    assert summary.events == truths["counts"]["events"]
    assert len(truths["daily"]) == 400
    assert truths["as_of_date"] == "2026-11-01"
    assert all(row["events"] for row in truths["daily"])
    assert sum(file.stat().st_size for file in home.landing.rglob("*.*")) < 30_000_000


def test_product_grows_by_new_people_who_churn_and_return(sample):
    _, _, truths = sample
    weeks = [row for row in truths["weekly"] if row["is_complete"]]
    assert weeks[-1]["active_users"] > 1.8 * weeks[0]["active_users"]
    for row in weeks[8:]:
        assert row["churned_users"] > 30
        assert row["resurrected_users"] > 10


def test_weekly_rhythm(sample):
    _, _, truths = sample
    by_weekday = np.zeros(7)
    for row in truths["daily"]:
        by_weekday[date.fromisoformat(row["date"]).weekday()] += row["daily_active_users"]
    assert by_weekday[5] > 1.15 * by_weekday[1]


def test_features_have_a_hundred_users_in_the_last_half_year(sample):
    _, _, truths = sample
    for name in ("playlists", "radio", "concerts", "downloads"):
        assert min(complete_weeks(truths["features"][name])[-26:]) >= 100, name


def test_shapes_of_features(sample):
    _, _, truths = sample
    users = {name: complete_weeks(feature) for name, feature in truths["features"].items()}
    assert {feature["shape"] for feature in truths["features"].values()} == {
        "growing", "flat", "seasonal", "declining", "young",
    }  # fmt: skip
    assert weekly_slope(users["playlists"], 26) > 0.01
    assert -0.026 < weekly_slope(users["downloads"], 26) < -0.014
    assert abs(weekly_slope(users["downloads"][:26], 26)) < 0.003

    radio = np.array(users["radio"])
    assert abs(weekly_slope(radio, len(radio))) < 0.002
    assert radio.std() / radio.mean() < 0.06

    concerts = np.array(users["concerts"])
    assert concerts.max() > 1.7 * concerts.min()
    # It falls at the end as it does every year, and stands no lower than a year before.
    assert weekly_slope(concerts, 10) < -0.005
    assert concerts[-4:].mean() > concerts[-56:-52].mean()


def test_young_feature_is_launched_in_the_last_20_weeks(sample):
    _, _, truths = sample
    lyrics = truths["features"]["lyrics"]
    launched = date.fromisoformat(lyrics["launched_on"])
    assert 0 < (date(2026, 10, 31) - launched).days < 20 * 7
    before = [row["users"] for row in lyrics["weekly"] if row["week_start"] < "2026-06-15"]
    assert sum(before) == 0
    # Used by few of those it is meant for, and by no more every week: it is being introduced.
    weeks = complete_weeks(lyrics)[-13:]
    assert abs(weekly_slope(weeks, 13)) < 0.005
    assert 0 < max(weeks) < 0.05 * 4600


def test_people_answer_every_month_and_are_moderately_happy(sample):
    _, _, truths = sample
    months = truths["surveys"]["recommendation"][1:]
    assert min(month["answers"] for month in months) >= 40
    assert all(-20 < month["net_promoter_score"] < 40 for month in months)


def test_short_onboarding_has_a_real_effect(sample):
    _, _, truths = sample
    truth = truths["experiments"]["short_onboarding"]
    assert truth["potential_outcomes"]["songs"]["average_effect"] > 0.5
    assert truth["potential_outcomes"]["likes"]["average_effect"] == 0
    assert z_score(truth["observed"], "songs") > 3
    assert truth["observed"]["sample_ratio_p_value"] > 0.01
    # Anonymous at first; some are people known from another device, so variants collide.
    assert truth["observed"]["anonymous_units"] > 100
    assert truth["observed"]["switchers"] > 0


def test_blue_button_has_none(sample):
    _, _, truths = sample
    truth = truths["experiments"]["blue_button"]
    for metric in ("songs", "likes"):
        assert truth["potential_outcomes"][metric]["average_effect"] == 0
        assert abs(z_score(truth["observed"], metric)) < 1.96
    assert truth["observed"]["sample_ratio_p_value"] > 0.01


def test_new_player_has_a_broken_sample_ratio(sample):
    _, _, truths = sample
    observed = truths["experiments"]["new_player"]["observed"]
    control, treated = observed["exposed_units"].values()
    assert control + treated >= 1500
    assert treated / (control + treated) == pytest.approx(0.42, abs=0.025)
    assert observed["sample_ratio_p_value"] < 1e-6


def test_autoplay_harms_its_guardrail_and_changes_a_persona(sample):
    _, _, truths = sample
    truth = truths["experiments"]["autoplay"]
    assert truth["potential_outcomes"]["songs"]["lift"] > 0.2
    assert truth["potential_outcomes"]["likes"]["lift"] < -0.3
    assert z_score(truth["observed"], "songs") > 3
    assert z_score(truth["observed"], "likes") < -3
    control, treated = truth["observed"]["power_listener_rate_28_days_later"].values()
    assert treated > control
    assert truth["observed"]["is_closed_for_all"]
