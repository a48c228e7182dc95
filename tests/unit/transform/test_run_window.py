"""Which database a run builds and from which day on: from the lake and what was built before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from pm_pipeline.home import Home
from pm_pipeline.product import Product, definitions_sha256, load_product
from pm_pipeline.state import open_state
from pm_pipeline.transform.project import code_sha256
from pm_pipeline.transform.run_window import (
    BEGINNING,
    RunOptions,
    RunWindow,
    default_as_of,
    find_window,
    is_up_to_date,
    plan_run,
    prepare_database,
    remember_built,
)

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
PRODUCT = """\
product: {name: Tiny, timezone: ZONE}
sources:
  - {name: app, path: "*.jsonl", format: jsonl, columns: {user_id: u, event_name: n, event_time: t}}
"""


def make_product(home: Home, zone: str = "UTC", more: str = "") -> Product:
    home.product_file.write_text(PRODUCT.replace("ZONE", zone) + more, encoding="utf-8")
    return load_product(home.product_file)


@pytest.fixture
def product(home: Home) -> Product:
    return make_product(home)


def add_day(home: Home, day: date, *, digest: int = 1, hour: int = 10, name: str = "a") -> None:
    """List a lake file of one event."""
    at = datetime(day.year, day.month, day.day, hour)
    with open_state(home) as state:
        state.execute(
            "insert into lake_files values ($1, 'events', $2, 1, $3, $4, $4, $4, $4, null, null)",
            [f"events/utc_date={day}/{name}.parquet", day, digest, at],
        )
        state.execute("update ledger_version set ledger_version = ledger_version + 1")


def plan(home: Home, product: Product, run_id: str = "next", **options: object) -> RunWindow:
    return plan_run(home, product, RunOptions(**options), run_id=run_id, now=NOW)  # type: ignore[arg-type]


def build(home: Home, product: Product, run_id: str, **options: object) -> RunWindow:
    """A run that succeeds, as far as the window goes."""
    window = plan(home, product, run_id, **options)
    prepare_database(home, product, window)
    remember_built(home, product, window)
    return window


def instant(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, tzinfo=UTC)


def test_default_as_of_is_the_earlier_of_two_midnights(home: Home) -> None:
    assert default_as_of(home, "UTC", NOW) == instant(20), "no events: yesterday has ended"
    add_day(home, date(2026, 5, 10))
    assert default_as_of(home, "UTC", NOW) == instant(11)
    assert default_as_of(home, "Asia/Tokyo", NOW) == instant(10, 15)
    add_day(home, date(2026, 5, 10), hour=23, name="b")
    assert default_as_of(home, "Asia/Tokyo", NOW) == instant(11, 15), "it is the 11th there"
    add_day(home, date(2026, 6, 10))
    assert default_as_of(home, "UTC", NOW) == instant(20), "an event in the future"
    assert default_as_of(home, "America/Los_Angeles", instant(20, 5)) == instant(19, 7)


def test_the_first_run_and_a_full_refresh_build_everything(home: Home, product: Product) -> None:
    add_day(home, date(2026, 5, 10))
    first = build(home, product, "r1")
    assert (first.lake_restate_from, first.is_rebuild, first.is_scratch) == (BEGINNING, True, False)
    assert first.database == home.working_database
    assert plan(home, product, full_refresh=True).is_rebuild
    assert not plan(home, product).is_rebuild


def test_a_day_that_changed_is_where_the_next_run_begins(home: Home, product: Product) -> None:
    for day in (8, 9, 10):
        add_day(home, date(2026, 5, day))
    build(home, product, "r1")
    assert plan(home, product).lake_restate_from == date(2026, 5, 11), "nothing: from as-of on"
    add_day(home, date(2026, 5, 9), name="late", digest=5)
    assert plan(home, product).lake_restate_from == date(2026, 5, 9)
    with open_state(home) as state:
        state.execute("update lake_files set unlisted_at = now() where utc_date = '2026-05-08'")
    assert plan(home, product).lake_restate_from == date(2026, 5, 8), "a day may go away"


def test_files_may_be_compacted_without_a_day_changing(home: Home, product: Product) -> None:
    add_day(home, date(2026, 5, 9), digest=6, name="a")
    add_day(home, date(2026, 5, 9), digest=5, name="b")
    add_day(home, date(2026, 5, 10))
    build(home, product, "r1")
    with open_state(home) as state:
        state.execute("update lake_files set unlisted_at = now() where utc_date = '2026-05-09'")
    add_day(home, date(2026, 5, 9), digest=6 ^ 5, name="both")
    assert plan(home, product).lake_restate_from == date(2026, 5, 11)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("America/Los_Angeles", date(2026, 5, 7)), ("Asia/Tokyo", date(2026, 5, 8))],
)
def test_a_utc_day_begins_in_the_earlier_product_day(home: Home, zone: str, expected: date) -> None:
    product = make_product(home, zone)
    add_day(home, date(2026, 5, 10))
    build(home, product, "r1")
    add_day(home, date(2026, 5, 8))
    assert plan(home, product).lake_restate_from == expected


def test_a_later_as_of_begins_where_the_last_one_cut(home: Home, product: Product) -> None:
    for day in (8, 9, 10):
        add_day(home, date(2026, 5, day))
    build(home, product, "r1", as_of=instant(9, 12))
    window = plan(home, product)
    assert (window.as_of, window.lake_restate_from) == (instant(11), date(2026, 5, 9))


def test_an_earlier_as_of_is_built_apart(home: Home, product: Product) -> None:
    add_day(home, date(2026, 5, 10))
    build(home, product, "r1")
    window = plan(home, product, "r2", as_of=instant(5))
    assert (window.database, window.is_scratch) == (home.scratch_database, True)
    assert window.lake_restate_from == BEGINNING
    prepare_database(home, product, window)
    assert find_window(home, "r2") == window
    assert not plan(home, product).is_scratch, "the next default run goes on"


def test_rebuild_from_reaches_back(home: Home, product: Product) -> None:
    add_day(home, date(2026, 5, 10))
    build(home, product, "r1")
    assert plan(home, product, rebuild_from=date(2026, 4, 1)).lake_restate_from == date(2026, 4, 1)
    assert plan(home, product, rebuild_from=date(2027, 1, 1)).lake_restate_from == (
        date(2026, 5, 11)
    )


def test_other_definitions_or_code_build_everything(home: Home, product: Product) -> None:
    add_day(home, date(2026, 5, 10))
    build(home, product, "r1")
    changed = make_product(home, more="identity: {max_links: 3}\n")
    assert plan(home, changed).is_rebuild
    with duckdb.connect(str(home.working_database)) as connection:
        connection.execute("update definitions.built set code_sha256 = 'older'")
    assert plan(home, product).is_rebuild


def changed_definitions(home: Home) -> dict[str, bool]:
    with duckdb.connect(str(home.working_database)) as connection:
        return dict(
            connection.execute("select name, is_changed from definitions.windows").fetchall()
        )


def test_a_changed_definition_is_built_anew_alone(home: Home) -> None:
    """Also when the run that built it ended early, and the old text came back meanwhile."""
    add_day(home, date(2026, 5, 10))
    first = make_product(home, more="features: {f: {events: [x]}, g: {events: [y]}}\n")
    build(home, first, "r1")
    assert changed_definitions(home) == {"f": True, "g": True}
    prepare_database(home, first, plan(home, first, "r2"))
    assert changed_definitions(home) == {"f": False, "g": False}
    second = make_product(home, more="features: {f: {events: [x]}, g: {events: [z]}}\n")
    window = plan(home, second, "r3")
    assert (window.is_rebuild, window.lake_restate_from) == (False, date(2026, 5, 11))
    prepare_database(home, second, window)
    assert changed_definitions(home) == {"f": False, "g": True}
    prepare_database(home, first, plan(home, first, "r4"))
    assert changed_definitions(home) == {"f": False, "g": True}, "its rows may be those of r3"
    build(home, first, "r5")
    third = make_product(home, more="features: {g: {events: [y]}}\n")
    build(home, third, "r6")
    prepare_database(home, first, plan(home, first, "r7"))
    assert changed_definitions(home) == {"f": True, "g": False}, "f was gone meanwhile"


def test_what_an_unfinished_run_was_to_replace_is_carried_on(home: Home, product: Product) -> None:
    """Two runs in a row end early; the third still knows of the first one's day."""
    for day in (3, 8, 10):
        add_day(home, date(2026, 5, day))
    build(home, product, "r1")
    prepare_database(home, product, plan(home, product, "r2", rebuild_from=date(2026, 5, 5)))
    with duckdb.connect(str(home.working_database)) as connection:
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_run_window as"
            " select 'r2' as run_id, date '2026-05-02' as restate_from"
        )
    third = plan(home, product, "r3")
    assert third.lake_restate_from == date(2026, 5, 5)
    assert third.carried_restate_from == date(2026, 5, 2)
    prepare_database(home, product, third)
    fourth = plan(home, product, "r4")
    assert (fourth.lake_restate_from, fourth.carried_restate_from) == (
        date(2026, 5, 5),
        date(2026, 5, 2),
    )
    prepare_database(home, product, fourth)
    with duckdb.connect(str(home.working_database)) as connection:
        connection.execute("update intermediate.int_run_window set run_id = 'r4'")
    remember_built(home, product, fourth)
    fifth = plan(home, product, "r5")
    assert (fifth.lake_restate_from, fifth.carried_restate_from) == (date(2026, 5, 11), None)


def test_a_window_is_found_by_its_run_alone(home: Home, product: Product) -> None:
    add_day(home, date(2026, 5, 10))
    window = build(home, product, "r1")
    assert find_window(home, "r1") == window
    with pytest.raises(LookupError, match="r2"):
        find_window(home, "r2")


def test_up_to_date_is_the_same_lake_instant_definitions_and_code(
    home: Home, product: Product
) -> None:
    add_day(home, date(2026, 5, 10))

    def check(**options: object) -> bool:
        return is_up_to_date(home, product, RunOptions(**options), now=NOW)  # type: ignore[arg-type]

    assert not check(), "nothing was published"
    home.warehouse.mkdir()
    home.published_database.touch()
    with open_state(home) as state:
        state.execute(
            "insert into publications values ('r1', $1, $2, 1, $3, $4, '0', 1, null, null)",
            [NOW.replace(tzinfo=None), datetime(2026, 5, 11), definitions_sha256(product),
             code_sha256()],
        )  # fmt: skip
    assert check()
    assert check(as_of=instant(11))
    assert not check(as_of=instant(10))
    assert not check(full_refresh=True)
    assert not check(rebuild_from=date(2026, 5, 10))
    changed = make_product(home, more="features: {f: {events: [x]}}\n")
    assert not is_up_to_date(home, changed, RunOptions(), now=NOW)
    before = NOW - timedelta(days=12)
    assert not is_up_to_date(home, product, RunOptions(), now=before), "another default as-of"
    add_day(home, date(2026, 5, 3))
    assert not check(), "the lake changed"
