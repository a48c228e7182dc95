"""Gate A: each rule fails on its poison and passes on the clean twin; one that breaks blocks."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from gate_homes import LAST_DAY, NOW, add_lake_file, add_ledger_file, change, publish
from gate_poisons import GATE_A, add_events

from pm_pipeline.checks import great_expectations_adapter as adapter
from pm_pipeline.checks.gate_a import run_gate_a
from pm_pipeline.checks.gate_a_tables import TEMPORARY_PREFIX
from pm_pipeline.checks.registry import CHECKS, checks_of
from pm_pipeline.checks.results import CheckResult
from pm_pipeline.checks.rules import AtMost, NoRows, Outcome, Rule
from pm_pipeline.checks.settings import CheckSettings
from pm_pipeline.home import Home
from pm_pipeline.state import open_state

EARLIEST = date(2000, 1, 1)


def judged(
    home: Home, settings: CheckSettings | None = None, **options: Any
) -> dict[str, CheckResult]:
    results = run_gate_a(
        home, settings or CheckSettings(), **{"now": NOW, "earliest_event": EARLIEST, **options}
    )
    assert [result.gate for result in results] == ["A"] * len(results)
    return {result.check_name: result for result in results}


def judged_alone(
    home: Home, name: str, settings: CheckSettings | None = None, **options: Any
) -> CheckResult:
    """Judge one check only: each table that Great Expectations opens costs a tenth of a second."""

    def judge_one(
        database: Path, rules: Sequence[Rule], configured: Mapping[str, str]
    ) -> dict[str, Outcome]:
        unasked = {rule.check_name: Outcome(None, problem="not asked") for rule in rules}
        asked = [rule for rule in rules if rule.check_name == name]
        return unasked | adapter.judge(database, asked, configured)

    return judged(home, settings, judge_rules=judge_one, **options)[name]


def statuses(results: dict[str, CheckResult]) -> dict[str, str]:
    return {name: result.status for name, result in results.items() if result.status != "pass"}


def test_a_clean_home_passes_every_check_and_leaves_nothing_behind(home: Home) -> None:
    left_over = home.warehouse / f"{TEMPORARY_PREFIX}killed"
    left_over.mkdir(parents=True)
    results = judged(home)
    assert {name: result.status for name, result in results.items()} == {
        check.name: "pass" for check in checks_of("A")
    }
    assert all(result.observed and result.expected for result in results.values())
    assert results["event_name_known"].observed == "0 of 140 events"
    assert list(home.warehouse.iterdir()) == []
    descriptors = Path("/proc/self/fd")
    if descriptors.exists():
        held = [str(entry.readlink()) for entry in descriptors.iterdir() if entry.exists()]
        assert not [name for name in held if TEMPORARY_PREFIX in name]


@pytest.mark.parametrize("name", GATE_A)
def test_a_poisoned_home_fails_the_check(home: Home, name: str) -> None:
    GATE_A[name].harm(home)
    result = judged_alone(home, name)
    assert (result.status, result.observed) == (
        "fail" if CHECKS[name].severity == "error" else "warn",
        GATE_A[name].observed,
    )
    assert result.table_name == CHECKS[name].table


def test_an_empty_home_passes(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with open_state(home):
        pass
    results = judged(home)
    assert statuses(results) == {}
    assert results["event_name_known"].observed == "0 of 0 events"
    assert all(result.observed for result in results.values())


def test_what_is_published_is_not_judged_again_and_what_failed_is(home: Home) -> None:
    with open_state(home) as state:
        listed = [row[0] for row in state.execute("select lake_path from lake_files").fetchall()]
    publish(home, listed, published_at=NOW - timedelta(minutes=30))
    add_events(home, "* replace (cast(null as varchar) as event_name)")
    add_ledger_file(home, "bad.csv", events=0, rejected=1, ingested_at=NOW)
    first = judged(home)
    assert statuses(first) == {"event_name_known": "fail", "rejected_share": "fail"}
    # Of the published files not one counts any more, in events or in records.
    assert first["event_name_known"].observed == "4 of 4 events"
    assert first["rejected_share"].observed == "1 of 1 records of 1 files (100.00%)"
    # A second run without new files must not slip the rejected batch through.
    assert statuses(judged(home, now=NOW + timedelta(days=1))) == statuses(first)
    publish(home, [*listed, add_lake_file(home, LAST_DAY, 1, name="x")], published_at=NOW)
    assert judged_alone(home, "rejected_share").status == "pass"


def test_only_the_newest_publication_counts(home: Home) -> None:
    with open_state(home) as state:
        listed = [row[0] for row in state.execute("select lake_path from lake_files").fetchall()]
    publish(home, [], published_at=NOW)
    publish(home, listed, published_at=NOW - timedelta(days=1))
    assert judged_alone(home, "event_id_known").observed == "0 of 140 events"


def test_a_missing_lake_file_breaks_the_rules_that_read_it_and_no_other(home: Home) -> None:
    next(home.lake.glob("events/*/*.parquet")).unlink()
    results = judged(home)
    broken = {name for name, result in results.items() if result.status == "error"}
    assert broken == {name for name in CHECKS if name.startswith("event_")} & set(GATE_A)
    assert all(results[name].blocks for name in broken)
    assert {result.status for name, result in results.items() if name not in broken} == {"pass"}


@pytest.mark.parametrize("problem", [RuntimeError("no such package"), KeyError("x")])
def test_when_nothing_can_be_judged_everything_blocks(home: Home, problem: Exception) -> None:
    def broken(
        database: Path, rules: Sequence[Rule], configured: Mapping[str, str]
    ) -> dict[str, Outcome]:
        raise problem

    results = judged(home, judge_rules=broken)
    assert {result.status for result in results.values()} == {"error"}
    assert all(result.blocks for result in results.values())
    assert type(problem).__name__ in (results["unread_files"].observed or "")


def test_a_home_without_state_blocks(tmp_path: Path) -> None:
    assert {result.status for result in judged(Home(tmp_path / "nothing")).values()} == {"error"}


def test_limits_and_severities_can_be_set(home: Home) -> None:
    add_events(home, "* replace (case when record_number > 0 then event_name end as event_name)")
    GATE_A["unread_files"].harm(home)
    GATE_A["rejected_share"].harm(home)
    settings = CheckSettings.from_product(
        {
            "event_name_known": {"limit": "1%"},
            "unread_files": {"severity": "error"},
            "rejected_share": {"severity": "warn"},
        }
    )
    results = judged(home, settings)
    assert statuses(results) == {"unread_files": "fail", "rejected_share": "warn"}
    assert results["unread_files"].blocks
    assert not results["rejected_share"].blocks
    tight = CheckSettings.from_product({"event_name_known": {"limit": "0.5%"}})
    assert judged_alone(home, "event_name_known", tight).observed == "1 of 144 events"


def test_shares_of_events_counted_by_a_query_have_limits_too(home: Home) -> None:
    GATE_A["event_user_known"].harm(home)  # 4 of 144, 2.8 %
    for limit, status in (("3%", "pass"), ("2.7%", "fail")):
        settings = CheckSettings.from_product({"event_user_known": {"limit": limit}})
        assert judged_alone(home, "event_user_known", settings).status == status


def test_times_at_the_edges_are_allowed(home: Home) -> None:
    start, end = datetime(2026, 1, 26), NOW + timedelta(hours=24)
    add_events(
        home,
        f"* replace (case when record_number = 0 then timestamp '{start}' "
        f"else timestamp '{end}' end as event_at)",
    )
    zone_free = {"now": NOW.replace(tzinfo=UTC), "earliest_event": date(2026, 1, 26)}
    assert statuses(judged(home, **zone_free)) == {}
    name, late_start = "event_time_not_before_start", start + timedelta(seconds=1)
    assert judged_alone(home, name, earliest_event=late_start).observed == "2 of 144 events"


@pytest.mark.parametrize(
    ("statement", "now", "observed"),
    [
        ("delete from lake_files where utc_date < date '2026-02-10'", NOW,
         "fewer than 4 weeks to compare 2026-03-09 with"),
        # The day of the clock is not over, so the day before it is judged, which has no events.
        ("select 1", NOW - timedelta(days=1), "0 events on 2026-03-08, median of 5 weeks 0"),
        ("update lake_files set utc_date = utc_date - 1 where utc_date < date '2026-03-09'",
         NOW - timedelta(days=1), "0 events on 2026-03-08, median of 6 weeks 20"),
    ],
)  # fmt: skip
def test_which_day_the_volume_is_that_of(
    home: Home, statement: str, now: datetime, observed: str
) -> None:
    change(home, statement)
    result = judged_alone(home, "volume_drop", now=now)
    assert result.observed == observed
    assert result.status == ("warn" if observed.endswith(" 20") else "pass")


def small_database(folder: Path) -> Path:
    database = folder / "small.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table numbers as select n from range(3) as numbers (n)")
    return database


CLEAN = AtMost("clean", "numbers", "", "", "n", 2)
VIOLATED = AtMost("violated", "numbers", "", "", "n", 1)
BROKEN = NoRows("broken", "numbers", "", "", "select no_such_column from {batch}")
NO_TABLE = AtMost("no_table", "nowhere", "", "", "n", 1)


def test_a_rule_that_breaks_is_told_apart_from_one_that_fails(tmp_path: Path) -> None:
    outcomes = adapter.judge(small_database(tmp_path), [CLEAN, VIOLATED, BROKEN, NO_TABLE], {})
    assert {name: outcome.success for name, outcome in outcomes.items()} == {
        "clean": True, "violated": False, "broken": None, "no_table": None,
    }  # fmt: skip
    assert "no_such_column" in (outcomes["broken"].problem or "")


@pytest.fixture
def unpatched_dialects(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    adapter.load_great_expectations()
    module = sys.modules[adapter._ENGINE_MODULE]
    names = tuple(name for name in getattr(module, adapter._PERSISTED) if name != "duckdb")
    monkeypatch.setattr(module, adapter._PERSISTED, names)
    yield module


def test_the_dialect_patch_is_still_needed_and_works(
    tmp_path: Path, unpatched_dialects: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it every rule breaks: when this fails, the patch of the adapter can go."""
    with monkeypatch.context() as patch:
        patch.setattr(adapter, "keep_duckdb_connections", lambda: None)
        outcomes = adapter.judge(small_database(tmp_path), [CLEAN], {})
        assert outcomes["clean"].success is None
    assert adapter.judge(tmp_path / "small.duckdb", [CLEAN], {})["clean"].success is True
    names = getattr(unpatched_dialects, adapter._PERSISTED)
    adapter.keep_duckdb_connections()
    assert getattr(unpatched_dialects, adapter._PERSISTED) is names  # once is enough
    assert names[-1].value == "duckdb"


def test_a_version_without_the_private_name_is_refused(
    unpatched_dialects: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(unpatched_dialects, adapter._PERSISTED)
    with pytest.raises(RuntimeError, match="cannot judge on DuckDB"):
        adapter.keep_duckdb_connections()


CONNECTIONS: list[tuple[Any, ...]] = []
LISTENING = {"now": False}


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if LISTENING["now"] and event in ("socket.connect", "socket.getaddrinfo"):
        CONNECTIONS.append(arguments)


def test_the_gate_reaches_for_no_network_and_prints_nothing(
    home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    sys.addaudithook(_listen)  # cannot be removed again, only switched off
    LISTENING["now"] = True
    try:
        assert statuses(judged(home)) == {}
    finally:
        LISTENING["now"] = False
    assert CONNECTIONS == []
    assert capfd.readouterr() == ("", "")
