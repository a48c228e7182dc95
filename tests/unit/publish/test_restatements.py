"""Which published past numbers changed, and why: small warehouses, published one by one."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from restatement_homes import (
    FINGERPRINTS,
    FIRST,
    SECOND,
    WORKING,
    change,
    lake_file,
    publish,
    restatements,
)

from pm_pipeline.home import Home
from pm_pipeline.publish.warehouse import (
    export_portable,
)
from pm_pipeline.state import open_state


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with the first publication."""
    home = Home(tmp_path / "home")
    home.warehouse.mkdir(parents=True)
    with duckdb.connect(str(home.working_database)) as connection:
        connection.execute(WORKING)
    for day in range(1, 9):
        lake_file(home, f"2026-05-0{day}", day)
    publish(home, FIRST)
    assert restatements(home) == []
    return home


def test_nothing_new_restates_nothing(home: Home) -> None:
    change(
        home,
        # The next day arrives, and a day that was not over changes; text is no number; and a
        # number that is another only by the order of its sum is the same.
        "insert into engagement.daily values ('2026-05-10', 'all', 1, 1, 'n')",
        "update engagement.daily set users_count = 90 where activity_date = '2026-05-09'",
        "update growth.accounting set active_users = 7 where period_start = '2026-05-04'",
        "update engagement.daily set note = 'another'",
        "update engagement.daily set users_rate = users_rate * (1 + 1e-11)",
    )
    lake_file(home, "2026-05-09", 9)
    publish(home, SECOND)
    assert restatements(home) == []


def test_a_late_event_restates_its_day_and_what_sees_it(home: Home) -> None:
    change(
        home,
        "update engagement.daily set users_count = 8, users_rate = 0.5"
        " where activity_date = '2026-05-03' and segment_name = 'all'",
        "delete from engagement.daily"
        " where activity_date = '2026-05-04' and segment_name = 'platform'",
        "insert into engagement.daily values ('2026-05-05', 'new', 3, null, 'n')",
        "update growth.accounting set active_users = 9 where period_start = '2026-04-27'"
        " and subject_kind = 'product'",
        # Before anything that was published: a longer history is no restatement.
        "insert into growth.accounting values ('product', 'product', '2026-04-13', 1)",
    )
    lake_file(home, "2026-05-03", 33)
    publish(home, SECOND)
    daily = "engagement.daily"
    assert restatements(home) == [
        (daily, "2026-05-03/all", "users_count", 3, 8, "late_events"),
        (daily, "2026-05-03/all", "users_rate", 3 / 7, 0.5, "late_events"),
        (daily, "2026-05-04/platform", "users_count", 4, None, "late_events"),
        (daily, "2026-05-04/platform", "users_rate", 4 / 7, None, "late_events"),
        (daily, "2026-05-05/new", "users_count", None, 3, "late_events"),
        ("growth.accounting", "product/product/2026-04-27", "active_users", 5, 9, "late_events"),
    ]


CHANGE_DAY_3_AND_7 = (
    "update engagement.daily set users_count = 0"
    " where activity_date in ('2026-05-03', '2026-05-07') and segment_name = 'all'"
)


def causes(home: Home) -> dict[str, str]:
    return {str(key): str(cause) for _, key, _, _, _, cause in restatements(home)}


def touch_file(path: str, sha256: str) -> Callable[[Home], None]:
    return lambda home: change(
        home,
        f"update quality.ingested_files set sha256 = '{sha256}', ingested_at = '2026-05-10'"
        f" where path = '{path}'",
    )


def move_a_device(home: Home) -> None:
    change(home, "insert into core.identities values ('x', '2026-05-05 10:00', null, 'Bob', false)")


CAUSES: dict[str, tuple[Callable[[Home], object], dict[str, object], tuple[str, str]]] = {
    "late from day 5 on, before it identity": (
        lambda home: (lake_file(home, "2026-05-05", 55), move_a_device(home),
                      change(home, "update core.identities set user_id = 'Cat'")),
        {}, ("identity", "late_events"),
    ),
    "identity from day 5 on": (move_a_device, {}, ("as_of_moved", "identity")),
    "a file changed whose events begin on day 6": (
        lambda home: (touch_file("b.csv", "b2")(home), lake_file(home, "2026-05-02", 22)),
        {}, ("late_events", "changed_files"),
    ),
    "a file read again by the same rules": (touch_file("b.csv", "b"), {}, ("as_of_moved",) * 2),
    "a file read by other rules": (
        touch_file("b.csv", "b"),
        {"fingerprints": FINGERPRINTS | {("source", "app"): "2"}},
        ("as_of_moved", "definition_changed"),
    ),
    "another version": (lambda home: None, {"code_sha256": "c2"}, ("code_changed",) * 2),
    "other settings": (
        lambda home: lake_file(home, "2026-05-05", 55),
        {"fingerprints": FINGERPRINTS | {("base", ""): "2"}},
        ("definition_changed",) * 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CAUSES)
def test_causes(home: Home, name: str) -> None:
    do, changed, (of_day_3, of_day_7) = CAUSES[name]
    change(home, CHANGE_DAY_3_AND_7)
    do(home)
    publish(home, replace(SECOND, **changed))  # type: ignore[arg-type]
    assert causes(home) == {"2026-05-03/all": of_day_3, "2026-05-07/all": of_day_7}


def test_a_changed_definition_names_its_own_rows_and_no_others(home: Home) -> None:
    change(home, "update growth.accounting set active_users = active_users + 1")
    lake_file(home, "2026-04-21", 1)
    publish(home, replace(SECOND, fingerprints=FINGERPRINTS | {("feature", "search"): "2"}))
    assert causes(home) == {
        "feature/buy/2026-04-27": "late_events",
        "feature/search/2026-04-27": "definition_changed",
        "product/product/2026-04-20": "late_events",
        "product/product/2026-04-27": "late_events",
    }


def test_definitions_that_come_and_go_restate_nothing(home: Home) -> None:
    change(
        home,
        "delete from growth.accounting where subject_name = 'search'",
        "insert into growth.accounting values ('feature', 'new', '2026-04-27', 9)",
    )
    fingerprints = FINGERPRINTS | {("feature", "new"): "1"}
    del fingerprints["feature", "search"]
    publish(home, replace(SECOND, fingerprints=fingerprints))
    assert restatements(home) == []


def test_break_downs_that_come_and_go_restate_nothing(home: Home) -> None:
    change(home, "update engagement.daily set segment_name = 'plan' where segment_name <> 'all'")
    publish(home, replace(SECOND, fingerprints=FINGERPRINTS | {("base", ""): "2"}))
    assert restatements(home) == []


def test_an_earlier_as_of_is_compared_as_far_as_it_goes(home: Home) -> None:
    change(
        home,
        "delete from engagement.daily where activity_date >= '2026-05-05'",
        "update engagement.daily set users_count = 0"
        " where activity_date = '2026-05-04' and segment_name = 'all'",
        "update growth.accounting set active_users = 0",
    )
    publish(home, replace(SECOND, as_of=datetime(2026, 5, 4, 22, tzinfo=UTC)))
    assert {(key, cause) for key, cause in causes(home).items() if key.startswith("2026")} == {
        ("2026-05-04/all", "as_of_moved")
    }
    assert "product/product/2026-05-04" not in causes(home)


def test_a_table_that_only_says_what_is_complete(home: Home) -> None:
    change(
        home,
        "update retention.cohorts set users_count = 6, is_complete = true, later = 99",
        "insert into retention.cohorts values ('2026-05-03', 1, 5, true, 9)",
        "delete from retention.cohorts where cohort_start = '2026-05-01'",
    )
    lake_file(home, "2026-05-08", 88)
    publish(home, SECOND)
    assert restatements(home) == [
        ("retention.cohorts", "2026-05-01/1", "users_count", 5, None, "late_events"),
        ("retention.cohorts", "2026-05-02/1", "users_count", 5, 6, "late_events"),
    ]
    change(home, "delete from retention.cohorts where cohort_start = '2026-05-02' and n = 1",
           "update retention.cohorts set is_complete = false, users_count = 7")  # fmt: skip
    earlier = replace(SECOND, run_id="r3", as_of=datetime(2026, 5, 5, 22, tzinfo=UTC),
                      published_at=datetime(2026, 5, 10, 2, tzinfo=UTC))  # fmt: skip
    publish(home, earlier)
    assert len(restatements(home)) == 2


def test_what_sums_everything_stands_as_long_as_as_of(home: Home) -> None:
    change(home, "update retention.curve set users_count = 8 where n = 1")
    publish(home, SECOND)
    assert restatements(home) == [], "a day more is another number, not another value of it"
    change(
        home,
        "update retention.curve set users_count = 9 where n = 1",
        "delete from retention.curve where n = 2",
        "insert into retention.curve values (3, 1)",
    )
    lake_file(home, "2026-05-03", 33)
    publish(home, replace(SECOND, run_id="r3", published_at=datetime(2026, 5, 10, 2, tzinfo=UTC)))
    curve = "retention.curve"
    assert restatements(home) == [
        (curve, "1", "users_count", 8, 9, "late_events"),
        (curve, "2", "users_count", 3, None, "late_events"),
        (curve, "3", "users_count", None, 1, "late_events"),
    ]


def test_history_adds_up_and_an_export_adds_nothing(home: Home, tmp_path: Path) -> None:
    change(home, CHANGE_DAY_3_AND_7)
    publish(home, SECOND)
    once = restatements(home)
    assert len(once) == 2
    publish(home, replace(SECOND, run_id="r3", published_at=datetime(2026, 5, 10, 2, tzinfo=UTC)))
    assert restatements(home) == once
    change(home, "update engagement.daily set users_count = 1 where activity_date = '2026-05-03'")
    publish(home, replace(SECOND, run_id="r4", published_at=datetime(2026, 5, 10, 3, tzinfo=UTC)))
    assert len(restatements(home)) == 4
    target = tmp_path / "portable.duckdb"
    export_portable(home, target)
    with duckdb.connect(str(target), read_only=True) as connection:
        (count,) = connection.execute("select count(*) from quality.restatements").fetchall()[0]
    assert count == 4
    assert len(restatements(home)) == 4


KILL = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import restatement_homes
from pm_pipeline.home import Home
from pm_pipeline.publish import warehouse
home = Home(Path(sys.argv[1]))
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[3] == "before":
    warehouse.replace_durably = die
else:
    warehouse.open_state = die
copy = warehouse.prepare_snapshot(
    home, home.working_database, restatement_homes.SECOND, restatement_homes.TABLES
)
warehouse.publish_snapshot(home, copy, restatement_homes.SECOND)
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_publication_doubles_and_loses_nothing(home: Home, when: str) -> None:
    change(home, CHANGE_DAY_3_AND_7)
    killed = subprocess.run(
        [sys.executable, "-c", KILL, str(home.root), str(Path(__file__).parent), when], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    publish(home, replace(SECOND, run_id="r3", published_at=datetime(2026, 5, 10, 2, tzinfo=UTC)))
    assert causes(home) == {"2026-05-03/all": "as_of_moved", "2026-05-07/all": "as_of_moved"}
    assert len(restatements(home)) == 2


HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def test_a_warehouse_that_somebody_holds_open_for_writing_is_compared_all_the_same(
    home: Home,
) -> None:
    change(home, CHANGE_DAY_3_AND_7)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home.published_database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None and holder.stdin is not None
    assert holder.stdout.readline() == b"open\n"
    publish(home, SECOND)
    holder.stdin.close()
    holder.wait()
    assert len(restatements(home)) == 2
    assert [path.name for path in home.warehouse.iterdir() if "previous" in path.name] == []


def test_a_publication_of_an_older_version_is_no_obstacle(home: Home) -> None:
    """It has neither restatements nor fingerprints; what both hold is compared."""
    with duckdb.connect(str(home.published_database)) as connection:
        connection.execute("drop table quality.restatements")
        connection.execute("drop table quality.ingested_files")
        connection.execute("alter table engagement.daily drop column users_rate")
    with open_state(home) as state:
        state.execute("delete from publication_definitions")
    change(home, CHANGE_DAY_3_AND_7, "update growth.accounting set active_users = 0")
    publish(home, replace(SECOND, code_sha256="c2"))
    assert set(causes(home).values()) == {"code_changed"}
    assert {metric for _, _, metric, *_ in restatements(home)} == {"users_count", "active_users"}
