"""Anomalies: the expectation of a day, what an alarm needs, its root and its cause."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from pm_pipeline.analysis.goals.anomalies import Judged, judge_days
from pm_pipeline.analysis.goals.anomaly_causes import Part, Signal, split_change
from pm_pipeline.analysis.goals.anomaly_results import Observed, Rate, anomaly_rows
from pm_pipeline.analysis.goals.anomaly_table import ANOMALIES
from pm_pipeline.analysis.goals.settings import AnomalySettings

SETTINGS = AnomalySettings()
MONDAY = date(2026, 1, 5)
DAY = timedelta(days=1)
WEEK = [1.0, 1.02, 1.05, 1.0, 1.1, 0.7, 0.6]
Days = dict[date, float]
COLUMNS = [column.name for column in ANOMALIES.columns]


def simulated(
    seed: int,
    *,
    level: float = 1000.0,
    noise: float = 0.05,
    growth: float = 0.002,
    days: int = 200,
) -> Days:
    """Return a metric with weekdays, growth and noise of its own."""
    rng = random.Random(seed)
    return {
        MONDAY + day * DAY: round(
            level * WEEK[day % 7] * math.exp(growth * day) * math.exp(rng.gauss(0, noise))
        )
        for day in range(days)
    }  # fmt: skip


def rows(observed: Observed) -> list[dict[str, object]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in anomaly_rows(observed, SETTINGS)]


def last(values: Days) -> Judged:
    return judge_days(values, SETTINGS)[-1]


# The expectation


def test_the_expectation_is_that_of_the_issue_s_formula() -> None:
    """Written out by hand for one day: level times the median of the same weekdays' shares."""
    values = simulated(7)
    day = max(values)

    def level(at: date) -> float:
        return statistics.median(values[at - back * DAY] for back in range(1, 29))

    shares = [values[day - 7 * back * DAY] / level(day - 7 * back * DAY) for back in range(1, 9)]
    middle = statistics.median(shares)
    spread = 1.4826 * statistics.median(abs(share - middle) for share in shares)
    expected = level(day) * middle
    scale = max(level(day) * spread, math.sqrt(expected), 0.02 * expected)
    judged = last(values)
    assert judged.expected == pytest.approx(expected)
    assert judged.z == pytest.approx((values[day] - expected) / scale)


def test_a_day_needs_twelve_weeks_before_it_and_sees_none_after() -> None:
    values = simulated(3)
    judged = judge_days(values, SETTINGS)
    assert judged[0].activity_date == MONDAY + 84 * DAY
    cut = {day: value for day, value in values.items() if day <= MONDAY + 120 * DAY}
    assert judge_days(cut, SETTINGS) == judged[: len(judge_days(cut, SETTINGS))]
    assert judge_days({MONDAY + day * DAY: 10.0 for day in range(84)}, SETTINGS) == []
    assert judge_days({}, SETTINGS) == []


def test_a_day_without_a_value_is_not_judged() -> None:
    values = simulated(3)
    gap = MONDAY + 150 * DAY
    del values[gap]
    days = {each.activity_date for each in judge_days(values, SETTINGS)}
    assert gap not in days
    assert gap + 7 * DAY not in days, "one of its eight weekdays is missing"


@pytest.mark.parametrize(
    ("level", "last_share", "is_unlike"),
    [
        (1000, 0.6, True),
        (1000, 1.5, True),
        (1000, 0.92, False),  # less than a tenth
        (40, 0.0, False),  # fewer than 50 expected
        (60, 0.6, False),  # within chance of a small count: z is 3
    ],
)  # fmt: skip
def test_an_alarm_needs_distance_size_and_count(
    level: float, last_share: float, is_unlike: bool
) -> None:
    values = {MONDAY + day * DAY: float(level) for day in range(100)}
    values[max(values)] = last_share * level
    assert last(values).is_unlike is is_unlike


def test_a_rate_is_judged_by_the_count_above_its_line() -> None:
    rates = {MONDAY + day * DAY: 0.2 + 0.001 * (day % 3) for day in range(100)}
    rates[max(rates)] = 0.12
    many = dict.fromkeys(rates, 5000.0)
    few = dict.fromkeys(rates, 100.0)
    assert judge_days(rates, SETTINGS, denominators=many)[-1].is_unlike
    assert not judge_days(rates, SETTINGS, denominators=few)[-1].is_unlike


# How often it is right


def test_planted_drops_are_found_and_little_else() -> None:
    """20 drops of 40 % at m of at least 400 and noise of 5 %: 18 found, 1 false alarm in 100."""
    found, alarms, metric_days = 0, 0, 0
    for seed in range(20):
        values = simulated(seed, level=900.0, growth=seed % 3 * 0.001)
        planted = MONDAY + (130 + 3 * seed) * DAY
        values[planted] = round(0.6 * values[planted])
        for judged in judge_days(values, SETTINGS):
            if judged.activity_date == planted:
                assert judged.expected >= 400
                found += judged.is_unlike
            else:
                metric_days += 1
                alarms += judged.is_unlike
    print(f"found {found} of 20, {alarms} false alarms on {metric_days} metric-days")
    assert found >= 18, found
    assert alarms / metric_days <= 0.01, (alarms, metric_days)


# Its root


def test_one_alarm_for_all_metrics_that_follow_one() -> None:
    people = simulated(1)
    people[max(people)] *= 0.5
    metrics = {
        "daily_active_users": people,
        "sessions": {day: 2 * count for day, count in people.items()},
        "songs": {day: 9 * count for day, count in people.items()},
    }
    found = {
        row["metric_name"]: row
        for row in rows(Observed(metrics, max(people)))
        if row["activity_date"] == max(people)
    }
    assert [name for name, row in found.items() if row["is_alert"]] == ["daily_active_users"]
    assert {row["root_metric"] for row in found.values()} == {"daily_active_users"}
    assert found["songs"]["cause"] == "follows daily_active_users"


@pytest.mark.parametrize(
    ("newcomers", "root"), [(1500.0, "new_users"), (900.0, "daily_active_users")]
)
def test_new_people_are_the_root_if_they_make_the_change(newcomers: float, root: str) -> None:
    """Of 2,000 more people on a day, 1,400 or 800 are new: half of it is the border."""
    days = [MONDAY + day * DAY for day in range(100)]
    metrics = {
        "new_users": dict.fromkeys(days, 100.0) | {days[-1]: newcomers},
        "daily_active_users": dict.fromkeys(days, 1000.0) | {days[-1]: 3000.0},
    }
    alarms = [row["metric_name"] for row in rows(Observed(metrics, days[-1])) if row["is_alert"]]
    assert alarms == [root]


# Its cause


def flat(count: float, last_count: float) -> Days:
    days = [MONDAY + day * DAY for day in range(100)]
    return dict.fromkeys(days, count) | {days[-1]: last_count}


def signals(name: str, events: Days, users: Days) -> list[Signal]:
    return [Signal(name, day, events[day], users[day]) for day in events if events[day]]


def cause(observed: Observed) -> object:
    (alarm,) = [row for row in rows(observed) if row["is_alert"]]
    return alarm["cause"]


def test_an_event_that_stopped_is_looked_for_first() -> None:
    metrics = {"daily_active_users": flat(1000, 550)}
    arrived = [
        *signals("event song_played", flat(600, 0), flat(500, 0)),
        *signals("event opened", flat(400, 400), flat(400, 400)),
    ]
    day = max(metrics["daily_active_users"])
    assert cause(Observed(metrics, day, signals=arrived)) == (
        "instrumentation: event song_played stopped: 0 events of 600 expected"
    )


def test_an_event_too_small_for_the_change_is_no_cause() -> None:
    metrics = {"daily_active_users": flat(1000, 550)}
    arrived = [
        *signals("event rare", flat(60, 0), flat(60, 0)),
        *signals("event opened", flat(900, 500), flat(900, 500)),
    ]
    observed = Observed(metrics, max(metrics["daily_active_users"]), signals=arrived)
    assert str(cause(observed)).startswith("everywhere")


def test_events_sent_twice_are_found() -> None:
    metrics = {"songs": flat(800, 1700)}
    arrived = signals("event song_played", flat(800, 1700), flat(400, 400))
    found = cause(Observed(metrics, max(metrics["songs"]), signals=arrived))
    assert str(found).startswith("instrumentation: event song_played is sent repeatedly")


def test_a_property_that_is_no_longer_sent_is_looked_for_first() -> None:
    """The web plays of a day fall by half: their events came, but half of them without platform."""
    metrics = {"web_songs": flat(1000, 500)}
    arrived = [
        *signals("event song_played", flat(1000, 1000), flat(500, 500)),
        *signals("platform (none)", flat(10, 510), flat(5, 250)),
    ]
    day = max(metrics["web_songs"])
    assert cause(Observed(metrics, day, signals=arrived)) == (
        "instrumentation: no platform on 510 of 1,000 events, 1 % as usual"
    )
    few = [arrived[0], *arrived[1:100], *signals("platform (none)", flat(10, 150), flat(5, 5))]
    assert str(cause(Observed(metrics, day, signals=few))).startswith("everywhere")


def test_what_was_released_then_is_marked_and_is_no_cause() -> None:
    metrics = {"daily_active_users": flat(1000, 550)}
    day = max(metrics["daily_active_users"])
    marks = {
        day: ["radio was launched"],
        day - DAY: ["Short onboarding was released"],
        day - 2 * DAY: ["too long ago"],
    }
    assert cause(Observed(metrics, day, marks=marks)) == (
        "everywhere: no event is missing and no segment stands out; radio was launched that day, "
        "Short onboarding was released the day before"
    )


def test_the_segment_that_stands_out_is_named() -> None:
    metrics = {"daily_active_users": flat(1000, 650)}
    slices = {
        "daily_active_users": {
            ("platform", "ios"): flat(400, 60),
            ("platform", "web"): flat(600, 590),
        }
    }
    observed = Observed(metrics, max(metrics["daily_active_users"]), slices)
    assert cause(observed) == "platform ios: -340 of -350"


def test_a_segment_that_moves_like_all_others_is_no_cause() -> None:
    metrics = {"daily_active_users": flat(1000, 650)}
    slices = {"daily_active_users": {("platform", "ios"): flat(900, 585)}}
    observed = Observed(metrics, max(metrics["daily_active_users"]), slices)
    assert str(cause(observed)).startswith("everywhere")


def test_a_rate_s_change_is_split_into_rate_and_mix() -> None:
    """Section 15: mobile 50 to 70 %, rates 5 and 15 % unchanged: 10 to 8 %, all of it mix."""
    split = split_change(
        {"mobile": Part(50, 0.05), "web": Part(50, 0.15)},
        {"mobile": Part(70, 0.05), "web": Part(30, 0.15)},
    )
    assert split.rate_effect == pytest.approx(0)
    assert split.mix_effect == pytest.approx(-0.02)


@pytest.mark.parametrize("change", [lambda old: old * 1.3, lambda old: old - 0.04])
def test_rate_and_mix_add_up(change: Callable[[float], float]) -> None:
    before = {"a": Part(3, 0.2), "b": Part(5, 0.4), "gone": Part(2, 0.1)}
    after = {"a": Part(4, change(0.2)), "b": Part(2, change(0.4)), "come": Part(4, 0.3)}

    def rate(parts: dict[str, Part]) -> float:
        return sum(part.weight * part.rate for part in parts.values()) / sum(
            part.weight for part in parts.values()
        )

    split = split_change(before, after)
    assert split.rate_effect + split.mix_effect == pytest.approx(rate(after) - rate(before))


def test_an_alarm_of_a_rate_says_how_much_is_mix() -> None:
    many = flat(5000, 5000)
    app, web = ("platform", "app"), ("platform", "web")
    slices = {
        "stickiness_rate": {app: flat(0.3, 0.3), web: flat(0.1, 0.1)},
        "monthly_active_users": {app: flat(2500, 500), web: flat(2500, 4500)},
    }
    metrics = {"stickiness_rate": flat(0.2, 0.12), "monthly_active_users": many}
    found = cause(Observed(metrics, max(many), slices))
    assert found == "by platform since a week before: +0.0 points by the rates, -8.0 by the mix"


def ratio_of(above: Days, below: Days) -> Observed:
    metrics = {
        "seconds": above,
        "songs": below,
        "each": {day: above[day] / below[day] for day in above},
    }
    rates = {"each": Rate(below, (("seconds", 1), ("songs", -1)))}
    return Observed(metrics, max(above), rates=rates)


def alarms(observed: Observed) -> dict[object, object]:
    return {
        row["metric_name"]: row["root_metric"]
        for row in rows(observed)
        if row["activity_date"] == observed.last_date and row["root_metric"]
    }


@pytest.mark.parametrize(
    ("seconds", "songs", "root"),
    [(3000.0, 1000.0, "seconds"), (6000.0, 2000.0, "songs"), (3000.0, 500.0, None)],
)
def test_a_ratio_follows_the_part_that_moved_it(
    seconds: float, songs: float, root: str | None
) -> None:
    """6 a song before: the upper part falls, the lower one rises, or both fall alike."""
    observed = ratio_of(flat(6000, seconds), flat(1000, songs))
    assert alarms(observed).get("each") == root


def test_a_ratio_that_moves_by_little_of_both_parts_says_so() -> None:
    """Neither part is unlike itself, but they part ways."""
    noisy = {MONDAY + k * DAY: 6000.0 * (1 + 0.12 * (-1) ** (k // 7)) for k in range(100)}
    above = noisy | {max(noisy): 4600.0}
    below = {day: value / 6 for day, value in noisy.items()} | {max(noisy): 1250.0}
    observed = ratio_of(above, below)
    assert alarms(observed) == {"each": "each"}
    (alarm,) = [row for row in rows(observed) if row["is_alert"]]
    assert str(alarm["cause"]).startswith("since a week before: seconds ")
    assert "songs +" in str(alarm["cause"])


def test_a_step_of_a_funnel_says_how_much_is_mix_or_what_was_not_sent() -> None:
    """As section 15, with counts: 50 to 70 % of those who enter come by mobile, 10 to 8 %."""
    app, web = ("platform", "mobile"), ("platform", "web")
    slices = (
        {app: flat(0.05, 0.05), web: flat(0.15, 0.15)},
        {app: flat(5000, 8000), web: flat(5000, 2000)},
    )
    metrics = {"done": flat(0.1, 0.07)}
    day = max(metrics["done"])
    rates = {"done": Rate(flat(10_000, 10_000), (), 8, slices)}
    assert cause(Observed(metrics, day, rates=rates)) == (
        "by platform since a week before: +0.0 points by the rates, -3.0 by the mix"
    )
    silent = flat(600, 600) | {day - 3 * DAY: 0.0}
    arrived = signals("event song_played", silent, flat(500, 500))
    stopped = Observed(metrics, day, signals=arrived, rates=rates)
    assert str(cause(stopped)).startswith("instrumentation: event song_played stopped")


# The table


def test_the_last_day_of_every_metric_has_a_row() -> None:
    young = {MONDAY + day * DAY: 5.0 for day in range(20)}
    (row,) = rows(Observed({"songs": young}, max(young)))
    assert row["expected"] is None
    assert row["cause"] == "too little history to judge this day"
    (row,) = rows(Observed({"songs": young}, max(young) + DAY))
    assert row["cause"] == "no value on this day"
