"""Which published tables hold dated numbers, and how far a row of them sees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pm_pipeline.home import Home
from pm_pipeline.transform.dated_tables import DatedTable, dated_tables
from pm_pipeline.transform.project import MANIFEST, parsed_project


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return parsed_project(Home(tmp_path_factory.mktemp("parsed"))) / MANIFEST


@pytest.fixture(scope="module")
def tables(manifest: Path) -> dict[str, DatedTable]:
    return {table.name: table for table in dated_tables(manifest)}


def test_aggregates_with_days_are_dated_tables(tables: dict[str, DatedTable]) -> None:
    assert {
        "engagement.active_users", "engagement.attribution", "engagement.calendar_active_users",
        "engagement.event_matrix", "engagement.event_usage", "engagement.feature_adoption",
        "engagement.path_edges", "engagement.power_user_curve", "engagement.session_lengths",
        "growth.accounting", "funnels.conversion", "retention.cohorts", "retention.brackets",
        "retention.curve", "retention.usage_intervals", "retention.value_by_age",
    } <= tables.keys()  # fmt: skip


def test_people_events_and_histories_are_none(tables: dict[str, DatedTable]) -> None:
    assert not {name for name in tables if name.startswith(("core.", "quality."))}


def test_a_row_sees_the_last_day_of_its_period(tables: dict[str, DatedTable]) -> None:
    row = (
        "(select date '2026-02-02' as period_start, date '2026-02-03' as activity_date,"
        " 'month' as \"interval\")"
    )
    expected = {
        "engagement.event_usage": "2026-02-03",
        "engagement.event_matrix": "2026-02-08",
        "growth.accounting": "2026-02-28",
        "engagement.attribution": "2026-02-02",
        "engagement.session_lengths": "2026-02-05",
    }
    for name, day in expected.items():
        rule = tables[name].last_day
        assert str(duckdb.execute(f"select {rule} from {row}").fetchall()[0][0]) == day, name


def test_every_rule_is_sql_over_the_columns_of_its_table(
    manifest: Path, tables: dict[str, DatedTable]
) -> None:
    nodes: dict[str, Any] = json.loads(manifest.read_text())["nodes"]
    models = {
        f"{node['schema']}.{node['alias']}": node
        for node in nodes.values()
        if node["resource_type"] == "model"
    }
    connection = duckdb.connect()
    for name, table in tables.items():
        columns = ", ".join(
            f'"{column}" {entry["data_type"]}' for column, entry in models[name]["columns"].items()
        )
        connection.execute(f"create or replace table dated ({columns})")
        connection.execute(f"select {table.last_day}, {table.is_complete} from dated")
        rows = connection.execute(f"describe select {table.last_day} from dated").fetchall()
        assert rows[0][1] == "DATE", name
        assert set(table.key) <= models[name]["columns"].keys(), name


def test_what_only_says_what_is_complete_has_a_day_all_the_same(
    tables: dict[str, DatedTable],
) -> None:
    edges = tables["engagement.path_edges"]
    assert (edges.last_day, edges.sees_itself, edges.is_complete) == (
        "period_start", False, "is_complete",
    )  # fmt: skip


def test_what_sums_everything_up_to_as_of_has_no_last_day(tables: dict[str, DatedTable]) -> None:
    names = ("retention.curve", "retention.usage_intervals")
    for name, row in {
        **dict.fromkeys(names, "select 1"),
        "funnels.conversion": "select 'all' as period, cast(null as date) as period_start",
    }.items():
        found = duckdb.execute(f"select {tables[name].last_day} from ({row})").fetchall()
        assert found == [(None,)], name


def test_what_counts_up_to_as_of_is_no_number_that_stands(tables: dict[str, DatedTable]) -> None:
    moving = tables["retention.cohorts"].moving
    assert {"retained_on_or_after_users", "retained_on_or_after_rate"} <= set(moving)
    assert "retained_users" not in moving
