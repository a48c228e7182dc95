"""Goals: values over periods, statuses, projections and how good they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from goal_series import simulated_weeks

from pm_pipeline.analysis.goals.forecast import Forecast
from pm_pipeline.analysis.goals.progress import Goal, judge
from pm_pipeline.analysis.goals.results import progress_rows, trajectory_rows
from pm_pipeline.analysis.goals.series import Kind, Series
from pm_pipeline.analysis.goals.settings import GoalSettings
from pm_pipeline.analysis.goals.table import PROGRESS

SETTINGS = GoalSettings()
MONDAY = date(2026, 1, 5)
HORIZON = 8


def series(kind: Kind, values: Iterable[float], first: date = MONDAY, **more: Any) -> Series:
    days = {first + timedelta(days=index): value for index, value in enumerate(values)}
    return Series("metric", kind, days, more.pop("last_date", max(days)), **more)


def goal(**changes: Any) -> Goal:
    values: dict[str, Any] = {
        "name": "g", "metric_name": "metric", "target": 200.0, "baseline": 100.0,
        "from_date": MONDAY, "due_date": MONDAY + timedelta(days=100), "period": "week",
        "is_north_star": False,
    }  # fmt: skip
    return Goal(**values | changes)


# Values


def test_a_week_is_the_last_complete_one() -> None:
    """Sixteen days from Monday on: the week of January 12th is complete, two days of the next."""
    days = range(16)
    assert judge(goal(), series("sum", days), SETTINGS).value == sum(range(7, 14))
    assert judge(goal(), series("window", days), SETTINGS).value == 13
    assert judge(goal(), series("daily", days), SETTINGS).value == 12, "of the last seven days"
    sundays = series("sum", days, week_starts_on_sunday=True)
    assert judge(goal(), sundays, SETTINGS).value == sum(range(6, 13))
    assert judge(goal(), series("sum", range(6)), SETTINGS).value is None


def test_a_month_is_the_last_complete_one() -> None:
    first = date(2026, 1, 1)
    days = [float(day) for day in range(40)]
    assert judge(goal(period="month"), series("sum", days, first), SETTINGS).value == sum(range(31))
    assert judge(goal(period="month"), series("window", days, first), SETTINGS).value == 30
    late = series("sum", days, first + timedelta(days=1))
    assert judge(goal(period="month"), late, SETTINGS).value is None, "a day of January is missing"


def test_cumulative_counts_from_the_first_day_on() -> None:
    some = goal(period="cumulative", from_date=MONDAY + timedelta(days=3), baseline=None)
    found = judge(some, series("sum", [1.0] * 10), SETTINGS)
    assert (found.value, found.baseline) == (7.0, 0.0)
    early = goal(period="cumulative", from_date=MONDAY - timedelta(days=3))
    assert judge(early, series("sum", [1.0] * 10), SETTINGS).value == 10.0


def test_a_missing_baseline_is_the_last_complete_period_before() -> None:
    some = goal(baseline=None, from_date=MONDAY + timedelta(days=16))
    assert judge(some, series("sum", [2.0] * 30), SETTINGS).baseline == 14.0
    none = judge(goal(baseline=None), series("sum", [2.0] * 30), SETTINGS)
    assert (none.baseline, none.direction, none.expected_value) == (None, None, None)


def test_days_without_a_value_are_not_taken_for_zero() -> None:
    undefined = Series("stickiness_rate", "window", {}, MONDAY)
    assert judge(goal(), undefined, SETTINGS).value is None
    assert undefined.complete_weeks() == []


def rate(parts: dict[int, tuple[float, float]], days: int = 21, **more: Any) -> Series:
    """Return a rate whose parts are known on these days from Monday on."""
    known = {MONDAY + timedelta(days=day): each for day, each in parts.items()}
    values = {day: above / below for day, (above, below) in known.items() if below}
    last = MONDAY + timedelta(days=days - 1)
    return Series("metric", "rate", values, last, parts=known, **more)


def test_a_rate_is_of_the_whole_week_never_a_mean_of_days() -> None:
    """9 of 10 on one day and 1 of 90 on another are 10 of 100."""
    found = rate({0: (0, 5), 7: (9, 10), 8: (1, 90), 9: (0, 0)}, days=14)
    assert judge(goal(), found, SETTINGS).value == pytest.approx(0.1)
    assert judge(goal(), rate({0: (0, 5), 8: (0, 0)}, days=14), SETTINGS).value is None
    before = goal(baseline=None, from_date=MONDAY + timedelta(days=7))
    assert judge(before, found, SETTINGS).baseline == 0.0


def test_a_rate_known_once_a_month_holds_until_the_next() -> None:
    """Known on the 1st and the 29th day: the week that ends on the 42nd day has the second."""
    found = rate({0: (1, 10), 28: (3, 10)}, days=42, step_days=31)
    assert judge(goal(), found, SETTINGS).value == pytest.approx(0.3)
    assert judge(goal(), rate({0: (1, 10)}, days=42, step_days=31), SETTINGS).value is None


def test_a_share_is_never_projected_above_one() -> None:
    rising = {day: (60.0 + day // 7 * 2, 100.0) for day in range(20 * 7)}
    due = MONDAY + timedelta(days=400)
    share = judge(goal(target=0.99, due_date=due), rate(rising, 140, upper=1.0), SETTINGS)
    free = judge(goal(target=0.99, due_date=due), rate(rising, 140), SETTINGS)
    assert share.projection is not None and free.projection is not None
    assert free.projection.high > 1.0 == share.projection.high


# Status


@pytest.mark.parametrize(
    ("value", "changes", "status"),
    [
        (130.0, {}, "on_track"),
        (120.0, {}, "at_risk"),
        (200.0, {}, "met"),
        (80.0, {"target": 50.0}, "on_track"),
        (95.0, {"target": 50.0}, "at_risk"),
        (50.0, {"target": 50.0}, "met"),
        (199.0, {"due_date": MONDAY + timedelta(days=24)}, "missed"),
        (200.0, {"due_date": MONDAY + timedelta(days=24)}, "met"),
        (300.0, {"from_date": MONDAY + timedelta(days=26)}, "not_started"),
    ],
)
def test_status_without_a_projection(value: float, changes: dict[str, Any], status: str) -> None:
    """The 26 days are too few weeks for a projection; a quarter of the way is over."""
    found = judge(goal(**changes), series("window", [value] * 26), SETTINGS)
    assert found.projection is None
    assert found.status == status
    if not changes:
        assert found.expected_value == 125.0
        assert found.direction == 1


def test_the_projection_decides_where_there_is_one() -> None:
    rising = [100.0 + 0.5 * day for day in range(140)]
    near = judge(goal(target=172.0, due_date=MONDAY + timedelta(days=160)),
                 series("window", rising), SETTINGS)  # fmt: skip
    assert near.projection is not None
    assert near.projection.low <= near.projection.value <= near.projection.high
    assert near.projection.value > (near.value or 0)
    assert near.status == "on_track"
    far = judge(
        goal(target=900.0), series("window", [100.0 + day % 3 for day in range(98)]), SETTINGS
    )
    assert far.status == "at_risk"


def test_a_sum_is_projected_over_what_is_left() -> None:
    steady = series("sum", [10.0 + (day % 7) / 10 for day in range(140)])
    until = MONDAY + timedelta(days=139 + 21)
    some = goal(period="cumulative", baseline=None, target=1e6, due_date=until)
    first = judge(some, steady, SETTINGS)
    assert first.projection is not None
    assert first.projection.value == pytest.approx(161 * 10.3, rel=0.01)
    assert first == judge(some, steady, SETTINGS), "the same row, the same random numbers"
    month = judge(goal(period="month", due_date=date(2026, 6, 30)), steady, SETTINGS)
    assert month.projection is not None
    assert month.projection.value == pytest.approx(30 * 10.3, rel=0.01)


def test_the_north_star_comes_first() -> None:
    steady = series("window", [100.0] * 30)
    judged = [
        judge(goal(name=name, is_north_star=name == "star"), steady, SETTINGS)
        for name in ("a", "star", "z")
    ]
    rows = progress_rows(judged)
    assert [row[0] for row in rows] == ["star", "a", "z"]
    assert {len(row) for row in rows} == {len(PROGRESS.columns)}


# The forecast


def test_thirteen_weeks_are_needed() -> None:
    with pytest.raises(ValueError, match="fewer than 13 weeks"):
        Forecast([100.0] * 12, SETTINGS)
    assert Forecast([100.0, 101.0] * 6 + [100.0], SETTINGS).week(1).value == pytest.approx(
        100, 0.02
    )


def test_weeks_of_nobody_are_projected_too() -> None:
    found = Forecast([0.0, 5.0, 3.0, 0.0] * 5, SETTINGS).weeks(3)
    assert all(each.low <= each.value <= each.high for each in found)


def backtest(series: Iterable[Sequence[float]], step: int) -> tuple[float, float]:
    """Coverage of the interval, and mean absolute error against that of the last value."""
    inside = total = 0
    error = naive = 0.0
    for weeks in series:
        for origin in range(SETTINGS.least_weeks, len(weeks) - HORIZON + 1, step):
            projected = Forecast(weeks[:origin], SETTINGS).weeks(HORIZON)
            for ahead, projection in enumerate(projected):
                actual, last = weeks[origin + ahead], weeks[origin - 1]
                inside += projection.low <= actual <= projection.high
                total += 1
                error += abs(actual - projection.value) / last
                naive += abs(actual - last) / last
    return inside / total, error / naive


def test_some_projections_are_worth_their_interval() -> None:
    coverage, error = backtest(map(simulated_weeks, range(1, 7)), step=24)
    assert 0.6 <= coverage <= 0.97, "24 of the thousands of origins below"
    assert error <= 1.1


@pytest.mark.long
def test_projections_are_worth_their_interval() -> None:
    coverage, error = backtest(map(simulated_weeks, range(1, 51)), step=1)
    print(f"50 series: the 80 % interval covers {coverage:.1%}, error {error:.2f} of last value's")
    assert 0.70 <= coverage <= 0.93
    assert error <= 1.1


def real_weeks(shared_data: Path) -> list[float]:
    """Weekly people of isadev, complete weeks from Monday on."""
    events = shared_data / "events" / "isadev_register" / "events.parquet"
    with duckdb.connect() as connection:
        found = connection.execute(
            "select count(distinct author_id) from read_parquet($1)"
            " where author_time is not null"
            " group by date_trunc('week', cast(author_time as timestamp))"
            " order by date_trunc('week', cast(author_time as timestamp))",
            [str(events)],
        ).fetchall()
    # The first week holds one Sunday, the last one is not over.
    return [float(users) for (users,) in found[1:-1]]


@pytest.mark.shared
def test_some_projections_of_real_weeks_are_worth_their_interval(shared_data: Path) -> None:
    coverage, error = backtest([real_weeks(shared_data)], step=24)
    print(f"isadev, every 24th origin: covers {coverage:.1%}, error {error:.2f} of last value's")
    assert 0.70 <= coverage <= 0.93
    assert error <= 1.1


@pytest.mark.long
@pytest.mark.shared
def test_projections_of_real_weeks_are_worth_their_interval(shared_data: Path) -> None:
    coverage, error = backtest([real_weeks(shared_data)], step=1)
    print(f"isadev: the 80 % interval covers {coverage:.1%}, error {error:.2f} of last value's")
    assert 0.70 <= coverage <= 0.93
    assert error <= 1.1


def test_the_trajectory_joins_the_weeks_behind_to_those_ahead() -> None:
    """20 weeks of 7 to 26 people a day: the values are the weeks' sums, then comes the path."""
    days = [float(7 + day // 7) for day in range(140)]
    one = judge(goal(due_date=MONDAY + timedelta(days=160)), series("sum", days), SETTINGS)
    rows = trajectory_rows([one])
    behind = [row for row in rows if row[2] is not None]
    ahead = [row for row in rows if row[2] is None]
    assert [row[2] for row in behind] == [7.0 * (7 + week) for week in range(20)]
    assert [(row[1] - behind[-1][1]).days for row in ahead] == [7, 14, 21]
    assert ahead[-1][3] == one.projection.value  # type: ignore[union-attr]
    assert all(low <= middle <= high for *_, middle, low, high in ahead)


def test_a_cumulative_goal_s_trajectory_starts_with_it_and_ends_on_its_day() -> None:
    due = MONDAY + timedelta(days=160)
    one = goal(period="cumulative", from_date=MONDAY + timedelta(days=70), due_date=due)
    rows = trajectory_rows([judge(one, series("sum", [10.0] * 140), SETTINGS)])
    assert rows[0][:3] == ("g", MONDAY + timedelta(days=76), 70.0)
    assert (rows[-1][1], round(rows[-1][3])) == (due, 910)
