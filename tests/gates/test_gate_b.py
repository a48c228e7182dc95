"""Gate B: each rule fails on its poison and passes on the clean twin; one that breaks blocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from gate_homes import LAST_DAY, add_lake_file, change
from gate_poisons import GATE_B

from pm_pipeline.checks import sql_rules
from pm_pipeline.checks.gate_b import count_lake_events_before, first_changed_day, run_gate_b
from pm_pipeline.checks.registry import CHECKS, checks_of
from pm_pipeline.checks.results import CheckResult
from pm_pipeline.checks.settings import CheckSettings
from pm_pipeline.home import Home
from pm_pipeline.state import open_state

AS_OF = datetime(2026, 2, 15, 23)
NOW = datetime(2026, 2, 17)
LAKE_EVENTS = 274


def judged(
    connection: duckdb.DuckDBPyConnection,
    settings: CheckSettings | None = None,
    *,
    lake_events_count: int = LAKE_EVENTS,
    restate_from: date = date.min,
    now: datetime = NOW,
) -> dict[str, CheckResult]:
    results = run_gate_b(
        connection,
        settings or CheckSettings(),
        as_of=AS_OF,
        lake_events_count=lake_events_count,
        restate_from=restate_from,
        now=now,
    )
    return {result.check_name: result for result in results}


def test_clean_marts_pass_every_check(marts: duckdb.DuckDBPyConnection) -> None:
    results = judged(marts)
    assert {name: result.status for name, result in results.items()} == {
        check.name: "pass" for check in checks_of("B")
    }
    assert all(result.observed and result.expected for result in results.values())
    assert not any(result.blocks for result in results.values())


@pytest.mark.parametrize("name", GATE_B)
def test_poisoned_marts_fail_the_check(marts: duckdb.DuckDBPyConnection, name: str) -> None:
    statements, observed = GATE_B[name]
    marts.execute(statements)
    result = judged(marts)[name]
    assert (result.status, result.observed) == (
        "fail" if CHECKS[name].severity == "error" else "warn",
        observed,
    )
    assert result.table_name == CHECKS[name].table


def test_more_events_in_the_lake_than_anywhere_else(marts: duckdb.DuckDBPyConnection) -> None:
    results = judged(marts, lake_events_count=LAKE_EVENTS + 1)
    failed = {name for name, result in results.items() if result.blocks}
    assert failed == {
        "event_usage_conserves_events",
        "active_users_conserves_events",
        "users_conserve_events",
        "sessions_conserve_events",
    }


def test_empty_marts_pass(marts: duckdb.DuckDBPyConnection) -> None:
    tables = marts.execute(
        "select schema_name || '.' || table_name from duckdb_tables()"
        " where schema_name not in ('main', 'definitions')"
    ).fetchall()
    assert len(tables) > 10
    for (table,) in tables:
        marts.execute(f"delete from {table}")
    assert {result.status for result in judged(marts, lake_events_count=0).values()} == {"pass"}


def test_before_the_first_event_funnels_have_no_days(marts: duckdb.DuckDBPyConnection) -> None:
    """What counts over all time has its rows of 0 all the same."""
    marts.execute("delete from engagement.active_users")
    marts.execute("delete from funnels.conversion where period <> 'all' or segment_name <> 'all'")
    assert judged(marts)["funnel_series_cover_entry_days"].status == "pass"
    marts.execute("delete from funnels.conversion where step_index = 2")
    assert judged(marts)["funnel_series_cover_entry_days"].status == "fail"


def test_attempts_that_no_change_can_reach_were_judged_before(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """Of a funnel with a window of two days: those from three days before the change on."""
    for name in ("funnel_attempts_hold_together", "funnel_conversion_counts_attempts"):
        assert judged(marts, restate_from=date(2026, 1, 20))[name].status == "pass"
    marts.execute(
        "update funnels.attempts set first_touch_at = entered_at + interval 1 hour"
        " where funnel_name = 'again' and entry_date = date '2026-01-04'"
    )
    name = "funnel_attempts_hold_together"
    assert judged(marts, restate_from=date(2026, 1, 5))[name].status == "fail"
    assert judged(marts, restate_from=date(2026, 1, 20))[name].status == "pass"
    marts.execute("delete from funnels.attempts where entry_date = date '2026-01-04'")
    name = "funnel_conversion_counts_attempts"
    assert judged(marts, restate_from=date(2026, 1, 5))[name].status == "fail"
    over_all_days = judged(marts, restate_from=date(2026, 1, 20))[name]
    assert over_all_days.observed == "5 steps of periods counted otherwise, first of again by all"


def test_a_changed_definition_is_judged_from_the_beginning(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    marts.execute("create schema if not exists intermediate")
    marts.execute(
        "create table intermediate.int_run_window as select date '2026-02-14' as restate_from"
    )
    marts.execute(
        "create or replace table definitions.windows as"
        " select 'funnel' as kind, 'again' as name, false as is_changed"
    )
    assert first_changed_day(marts) == date(2026, 2, 14)
    marts.execute("update definitions.windows set is_changed = true")
    assert first_changed_day(marts) == date.min


def test_an_unfinished_period_may_leave_churn_open(marts: duckdb.DuckDBPyConnection) -> None:
    open_churn = "update growth.accounting set churned_users = null, churned_new_users = null where"
    marts.execute(f"{open_churn} not is_complete")
    results = judged(marts)
    assert results["growth_balances"].status == results["growth_parts_add_up"].status == "pass"
    marts.execute(f"{open_churn} period_start = date '2026-02-02' and \"interval\" = 'week'")
    results = judged(marts)
    assert results["growth_balances"].status == results["growth_parts_add_up"].status == "fail"


def test_dates_are_those_of_the_products_time_zone(marts: duckdb.DuckDBPyConnection) -> None:
    """As-of is 23:00 UTC: in UTC the last date would be the same, in Auckland the next."""
    marts.execute("update definitions.product set timezone = 'Pacific/Auckland'")
    result = judged(marts)["every_date_has_a_row"]
    assert (result.status, result.expected) == (
        "fail",
        "one row a date from 2026-01-01 to 2026-02-16",
    )


def test_aware_times_are_taken_as_the_instants_they_are(marts: duckdb.DuckDBPyConnection) -> None:
    berlin = datetime.fromisoformat("2026-02-16T00:00:00+01:00")
    results = run_gate_b(
        marts, CheckSettings(), as_of=berlin, lake_events_count=LAKE_EVENTS,
        timezone="Europe/Berlin", now=NOW.replace(tzinfo=UTC),
    )  # fmt: skip
    assert {result.status for result in results} == {"pass"}


def test_a_rule_that_breaks_blocks_whatever_its_severity_and_alone(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    marts.execute("alter table core.users drop column last_seen_at")
    results = judged(marts)
    broken = results.pop("last_event_is_fresh")
    assert (broken.severity, broken.status, broken.blocks) == ("warn", "error", True)
    assert "last_seen_at" in (broken.observed or "")
    assert {result.status for result in results.values()} == {"pass"}


def test_without_a_time_zone_only_rules_that_need_one_break(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    marts.execute("drop table definitions.product")
    broken = {name: result for name, result in judged(marts).items() if result.status == "error"}
    assert set(broken) == {"every_date_has_a_row", "events_view_matches_usage"}
    assert all("timezone" in (result.observed or "") for result in broken.values())


@pytest.mark.parametrize(
    "sql",
    ["select 1 as value, 'a' as observed, 'b' as expected where false",
     "select null, 'a', 'b'", "select 'nan'::double, 'a', 'b'", "select 0, 'a', null",
     "select 0, 'a', 'b' from range(2)"],
)  # fmt: skip
def test_a_rule_that_returns_anything_but_its_row_is_broken(
    marts: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    monkeypatch.setattr(sql_rules, "rule_sql", lambda gate, name: sql)
    assert {result.status for result in judged(marts).values()} == {"error"}


def test_overrides_change_limit_and_severity(marts: duckdb.DuckDBPyConnection) -> None:
    late = NOW + timedelta(days=5)
    assert judged(marts, now=late)["last_event_is_fresh"].status == "warn"
    strict = CheckSettings.from_product({"last_event_is_fresh": {"severity": "error"}})
    result = judged(marts, strict, now=late)["last_event_is_fresh"]
    assert (result.status, result.blocks) == ("fail", True)
    patient = CheckSettings.from_product({"last_event_is_fresh": {"limit": "2 weeks"}})
    assert judged(marts, patient, now=late)["last_event_is_fresh"].status == "pass"


def test_events_before_an_instant_are_counted_without_reading_whole_files(home: Home) -> None:
    whole = count_lake_events_before(home, datetime(2026, 3, 10))
    assert whole == 7 * 20
    start = datetime.combine(LAST_DAY, datetime.min.time())
    # Files hold an event a minute from midnight; only the last day's is cut, and must be read.
    for lake_file in home.lake.glob("events/*/*.parquet"):
        if f"utc_date={LAST_DAY}" not in str(lake_file):
            lake_file.unlink()
    assert count_lake_events_before(home, start) == 6 * 20
    assert count_lake_events_before(home, start + timedelta(minutes=5)) == 6 * 20 + 5
    aware = datetime.fromisoformat("2026-03-09T01:05:00+01:00")
    assert count_lake_events_before(home, aware) == 6 * 20 + 5
    assert count_lake_events_before(home, start + timedelta(minutes=19, seconds=1)) == 7 * 20
    assert count_lake_events_before(home, datetime(2020, 1, 1)) == 0


def test_only_listed_event_files_are_counted(home: Home) -> None:
    add_lake_file(home, LAST_DAY, 4, name="copies")
    change(home, "update lake_files set kind = 'duplicates' where lake_path like '%copies%'")
    add_lake_file(home, LAST_DAY, 4, name="old")
    change(
        home, "update lake_files set unlisted_at = now()::timestamp where lake_path like '%old%'"
    )
    assert count_lake_events_before(home, datetime(2026, 3, 10)) == 140


def test_a_home_without_events_has_none(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with open_state(home):
        pass
    assert count_lake_events_before(home, AS_OF) == 0
