"""A table by polars: lazy frames over the events, as its users write it.

Run as ``python polars_way.py TABLE EVENTS RESULT`` by an interpreter that has polars; the table
``none`` is the start-up alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import timedelta

import polars as pl

Frame = pl.LazyFrame
SEGMENTS = ("platform", "plan")
FUNNELS = {
    "week": (("event_01", "event_02", "event_03"), timedelta(days=7)),
    "month": (("event_04", "event_01", "event_06", "event_02"), timedelta(days=30)),
    "hour": (("event_02", "event_01"), timedelta(hours=1)),
}


def by_segment(events: Frame) -> Frame:
    """Return the events once in total and once by each break-down."""
    total = events.with_columns(segment_name=pl.lit("all"), segment_value=pl.lit("all"))
    parts = [
        events.with_columns(segment_name=pl.lit(name), segment_value=pl.col(name))
        for name in SEGMENTS
    ]
    return pl.concat([total, *parts])


def event_usage(events: Frame) -> Frame:
    """People and events of each name and day."""
    keys = ["event_date", "event_name", "segment_name", "segment_value"]
    counted = by_segment(events).group_by(keys).agg(
        users_count=pl.col("user_key").n_unique(), events_count=pl.len()
    )  # fmt: skip
    return counted.rename({"event_date": "activity_date"})


def active_users(events: Frame) -> Frame:
    """People of a day, 7 days and 28 days: each day counts until the next one, or the window."""
    keys = ["segment_name", "segment_value"]
    last = events.select(pl.col("event_date").max()).collect().item()
    days = (
        by_segment(events)
        .select("user_key", "event_date", *keys)
        .unique()
        .sort([*keys, "user_key", "event_date"])
        .with_columns(next_day=pl.col("event_date").shift(-1).over([*keys, "user_key"]))
        .collect()
        .lazy()
    )
    found = []
    for name, window in (("daily", 1), ("weekly", 7), ("monthly", 28)):
        over = pl.min_horizontal(
            pl.col("event_date") + pl.duration(days=window), pl.col("next_day")
        )
        came = days.select(*keys, activity_date=pl.col("event_date"), step=pl.lit(1))
        left = days.select(*keys, activity_date=over, step=pl.lit(-1))
        steps = pl.concat([came, left]).group_by([*keys, "activity_date"]).agg(pl.col("step").sum())
        found.append(steps.with_columns(window=pl.lit(name)).collect())
    steps = pl.concat(found).pivot("window", index=[*keys, "activity_date"], values="step")
    spans = steps.group_by(keys).agg(
        activity_date=pl.date_ranges(pl.col("activity_date").min(), last).first()
    ).explode("activity_date")  # fmt: skip
    grown = spans.join(steps, on=[*keys, "activity_date"], how="left").sort(
        [*keys, "activity_date"]
    )
    sums = [
        pl.col(name).fill_null(0).cum_sum().over(keys).alias(f"{name}_active_users")
        for name in ("daily", "weekly", "monthly")
    ]
    wide = grown.with_columns(sums).filter(pl.col("monthly_active_users") > 0)
    return wide.select(
        "activity_date", *keys, "daily_active_users", "weekly_active_users",
        "monthly_active_users",
    ).lazy()  # fmt: skip


def sessions(events: Frame) -> Frame:
    """Stretches of a person's events with at most 30 minutes between two."""
    gap = pl.col("event_at").diff().over("user_key")
    walked = events.select("user_key", "event_at").sort("user_key", "event_at")
    numbered = walked.with_columns(number=(gap.is_null() | (gap > timedelta(minutes=30))).cum_sum())
    visits = numbered.group_by("number").agg(
        started_at=pl.col("event_at").min(), ended_at=pl.col("event_at").max(), size=pl.len()
    )
    lasted = (pl.col("ended_at") - pl.col("started_at")).dt.total_microseconds()
    return visits.group_by(session_date=pl.col("started_at").dt.date()).agg(
        sessions_count=pl.len(),
        events_count=pl.col("size").sum(),
        seconds=(lasted.sum() / 1e6).round(3),
    )


def funnels(events: Frame) -> Frame:
    """The latest start of a chain to each step, carried on from event to event."""
    return pl.concat(funnel(events, name) for name in FUNNELS)


def funnel(events: Frame, name: str) -> Frame:
    """Units by the deepest chain within the window from its start."""
    steps, window = FUNNELS[name]
    chained = (
        events.filter(pl.col("event_name").is_in(steps))
        .select("user_key", "event_name", at=pl.col("event_at").dt.timestamp("us"))
        .sort("user_key", "at", "event_name")
    )
    width = int(window.total_seconds() * 1e6)
    start = pl.when(pl.col("event_name") == steps[0]).then(pl.col("at"))
    chained = chained.with_columns(start_1=start)
    for number, step in enumerate(steps[1:], start=2):
        latest = pl.col(f"start_{number - 1}").forward_fill().over("user_key")
        is_next = (pl.col("event_name") == step) & (pl.col("at") - latest <= width)
        chained = chained.with_columns(pl.when(is_next).then(latest).alias(f"start_{number}"))
    counts = [
        chained.filter(pl.col(f"start_{number}").is_not_null()).select(
            funnel_name=pl.lit(name),
            step_index=pl.lit(number),
            users_count=pl.col("user_key").n_unique(),
        )
        for number in range(1, len(steps) + 1)
    ]
    return pl.concat(counts)


def retention(events: Frame) -> Frame:
    """People of each start day who are back so many days or weeks later."""
    last = events.select(pl.col("event_date").max()).collect().item()
    days = events.select("user_key", day="event_date").unique().collect().lazy()
    week = pl.col("event_date").dt.truncate("1w")
    weeks = events.select("user_key", "event_name", day=week).unique()
    first = days.group_by("user_key").agg(start=pl.col("day").min())
    begun = weeks.filter(pl.col("event_name") == "event_01").group_by("user_key")
    returns = weeks.filter(pl.col("event_name") == "event_02").select("user_key", "day")
    return pl.concat(
        [
            cells("back", first, days, 1, 30, last),
            cells("habit", days.rename({"day": "start"}), days, 1, 28, last),
            cells("weekly", begun.agg(start=pl.col("day").min()), returns, 7, 12, last),
        ]
    )


def cells(name: str, starts: Frame, days: Frame, length: int, periods: int, last: object) -> Frame:
    """Return the complete cells of one retention from period 1 on."""
    numbers = pl.LazyFrame({"period_index": range(1, periods + 1)})
    ends = pl.col("start") + pl.duration(days=pl.col("period_index") * length + length - 1)
    sizes = starts.group_by("start").agg(cohort_users=pl.len())
    grid = sizes.join(numbers, how="cross").filter(ends <= last)
    index = (pl.col("day") - pl.col("start")).dt.total_days() // length
    back = (
        starts.join(days, on="user_key")
        .with_columns(period_index=index)
        .filter(pl.col("period_index").is_between(1, periods))
        .group_by("start", "period_index")
        .agg(retained_users=pl.len())
    )
    return grid.join(back, on=["start", "period_index"], how="left").select(
        retention_name=pl.lit(name),
        cohort_start="start",
        period_index="period_index",
        cohort_users="cohort_users",
        retained_users=pl.col("retained_users").fill_null(0),
    )


def growth(events: Frame) -> Frame:
    """People of each day, week and month by whether they were there before and come after."""
    found = []
    last = events.select(pl.col("event_date").max()).collect().item()
    for name, every in (("day", "1d"), ("week", "1w"), ("month", "1mo")):
        start = pl.col("event_date").dt.truncate(every)
        walked = events.select("user_key", period_start=start).unique().sort(
            "user_key", "period_start"
        )  # fmt: skip
        walked = walked.with_columns(
            next_start=pl.col("period_start").dt.offset_by(every),
            before=pl.col("period_start").shift(1).over("user_key"),
            after=pl.col("period_start").shift(-1).over("user_key"),
        )
        is_retained = pl.col("before").dt.offset_by(every) == pl.col("period_start")
        active = walked.group_by("period_start").agg(
            active_users=pl.len(),
            new_users=pl.col("before").is_null().sum(),
            retained_users=is_retained.fill_null(False).sum(),
        )
        left = (
            walked.filter(pl.col("after").is_null() | (pl.col("after") != pl.col("next_start")))
            .group_by(period_start=pl.col("next_start"))
            .agg(churned_users=pl.len())
        )
        resurrected = pl.col("active_users") - pl.col("new_users") - pl.col("retained_users")
        found.append(
            active.join(left, on="period_start", how="left")
            .filter(pl.col("period_start").dt.offset_by(every) <= last + timedelta(days=1))
            .select(
                pl.lit(name).alias("interval"), "period_start", "active_users", "new_users",
                "retained_users", resurrected.alias("resurrected_users"),
                pl.col("churned_users").fill_null(0),
            )
        )  # fmt: skip
    return pl.concat(found)


TABLES: dict[str, Callable[[Frame], Frame]] = {
    "event_usage": event_usage,
    "active_users": active_users,
    "sessions": sessions,
    "funnels": funnels,
    "retention": retention,
    "growth": growth,
}


def main(arguments: Iterable[str]) -> None:
    """Write a table of the Parquet file of events to another Parquet file."""
    table, events, result = arguments
    if table != "none":
        TABLES[table](pl.scan_parquet(events)).collect().write_parquet(result)


if __name__ == "__main__":
    main(sys.argv[1:])
