"""The published tables on real data, against figures that others computed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pm_pipeline.home import Home
from tests.conftest import age, command, published

CASES = Path(__file__).parent

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module", params=["isadev_register", "wiki_reader_sessions"])
def case(
    request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[duckdb.DuckDBPyConnection, dict[str, Any], str]:
    name: str = request.param
    home = Home(tmp_path_factory.mktemp(name) / "home")
    home.landing.mkdir(parents=True)
    shutil.copy(CASES / name / "product.yml", home.product_file)
    age(Path(shutil.copy(shared_data / "events" / name / "events.parquet", home.landing)))
    ran = command("run", home=home)
    assert ran.code == 0, ran.output
    truths = json.loads((shared_data / "events" / name / "truths.json").read_text())
    return published(home), truths, name


def value(connection: duckdb.DuckDBPyConnection, query: str, *parameters: Any) -> Any:
    row = connection.execute(query, parameters).fetchone()
    assert row is not None
    return row[0]


def test_events_and_users(case: Any) -> None:
    connection, truths, _ = case
    assert value(connection, "select count(*) from core.events") == truths["rows"]
    assert value(connection, "select count(distinct event_id) from core.events") == truths["rows"]
    assert value(connection, "select count(*) from core.users") == truths["users"]
    assert value(connection, "select sum(events_count) from core.users") == truths["rows"]
    first, last = connection.execute(
        "select min(first_seen_at)::varchar, max(last_seen_at)::varchar from core.users"
    ).fetchone()
    assert (first, last) == (truths["min_ts_utc"], truths["max_ts_utc"])


def test_events_by_name(case: Any) -> None:
    connection, truths, name = case
    expected = truths.get("event_counts") or {"pageview": truths["rows"]}
    usage = connection.execute(
        "select event_name, sum(events_count)::bigint from engagement.event_usage"
        " where segment_name = 'all' group by event_name"
    ).fetchall()
    assert dict(usage) == expected, name


def test_daily_active_users(case: Any) -> None:
    connection, truths, _ = case
    for day, expected in truths["DAU"].items():
        row = connection.execute(
            "select daily_active_users, events_count from engagement.active_users"
            " where activity_date = ? and segment_name = 'all'",
            [day],
        ).fetchone()
        assert row == (expected["users"], expected["events"]), day
        accounting = value(
            connection,
            "select active_users from growth.accounting where subject_kind = 'product'"
            " and interval = 'day' and period_start = ?",
            day,
        )
        assert accounting == expected["users"]


def test_active_days(case: Any) -> None:
    connection, truths, _ = case
    assert (
        value(connection, "select count(distinct activity_date) from core.user_days")
        == truths["active_days"]
    )


@pytest.mark.parametrize(
    ("interval", "pick"),
    [
        ("week", lambda truths: truths["WAU_peak(ISO week, Monday)"]),
        ("month", lambda truths: truths["MAU_peak(calendar month)"]),
    ],
)
def test_peak_of_calendar_actives(
    case: Any, interval: str, pick: Callable[[dict[str, Any]], dict[str, int]]
) -> None:
    connection, truths, _ = case
    ((start, users),) = pick(truths).items()
    peak = connection.execute(
        "select period_start::varchar, active_users from growth.accounting"
        " where subject_kind = 'product' and interval = ?"
        " order by active_users desc, period_start limit 1",
        [interval],
    ).fetchone()
    assert peak == (start, users)


def test_sessions(case: Any) -> None:
    connection, truths, _ = case
    expected = truths["sessions_30min"]["new session if gap > 30m"]
    assert value(connection, "select count(*) from core.sessions") == expected
    assert value(connection, "select sum(events_count) from core.sessions") == truths["rows"]
    assert (
        value(
            connection,
            "select sum(sessions_count) from engagement.active_users where segment_name = 'all'",
        )
        == expected
    )
    assert value(connection, "select count(distinct session_id) from core.events") == expected


def test_new_users_by_first_day(case: Any) -> None:
    """The cohorts of the README are the users whose first event of any kind is on a day."""
    connection, truths, _ = case
    for cohort in truths["retention"]:
        new_users = value(
            connection,
            "select new_users from engagement.active_users"
            " where activity_date = ? and segment_name = 'all'",
            cohort["cohort_date"],
        )
        assert new_users == cohort["size"]


def test_everything_was_accepted(case: Any) -> None:
    connection, truths, _ = case
    row = connection.execute(
        "select sum(records_count), sum(accepted_count), sum(duplicate_count), sum(rejected_count)"
        " from quality.ingested_files"
    ).fetchone()
    assert row == (truths["rows"], truths["rows"], 0, 0)
