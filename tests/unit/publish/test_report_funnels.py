"""A funnel that may be entered at any step, in the report: shares are of those who entered."""

from __future__ import annotations

from pathlib import Path

import duckdb

import pm_pipeline.publish
from pm_pipeline.publish.report_page.story_charts import funnel

QUERY = Path(pm_pipeline.publish.__path__[0]) / "sql" / "report" / "funnels.sql"


def test_more_may_do_a_later_step_than_the_first() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema funnels;
            create table funnels.conversion as
            select 'all' as period, 'all' as segment_name, 1.5 as median_seconds,
                cast(null as double) as rate_from_previous, *
            from (values
                ('open', 1, 'one', 2, 0.2, 1, 0.125), ('open', 2, 'two', 9, 0.9, 7, 0.875),
                ('none', 1, 'one', 0, null, 0, null), ('none', 2, 'two', 0, null, 0, null)
            ) as steps (funnel_name, step_index, step_name, users_count, rate_from_start,
                mature_users_count, mature_rate_from_start)
            """
        )
        found = connection.execute(QUERY.read_text(encoding="utf-8"))
        names = [name for name, *_ in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    empty, opened = rows[:2], rows[2:]
    assert {(row["entrants_count"], row["mature_entrants_count"]) for row in opened} == {(10, 8)}
    assert {(row["entrants_count"], row["mature_entrants_count"]) for row in empty} == {(0, 0)}
    bars = funnel(opened, "a funnel").rows
    assert all(bar[3] <= bar[2] <= bar[4] <= 1 for bar in bars)
    assert [bar[3:5] for bar in funnel(empty, "nobody").rows] == [[None, None]] * 2
