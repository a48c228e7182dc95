"""Copy, swap, compact and export, on small databases; and what a killed publication leaves."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pm_pipeline.home import Home
from pm_pipeline.publish.warehouse import (
    PRIVATE_SCHEMAS,
    Publication,
    compact,
    export_portable,
    prepare_snapshot,
    publish_snapshot,
    replace_durably,
)
from pm_pipeline.state import open_state

WORKING = """
create schema definitions; create schema intermediate; create schema staging;
create schema core; create schema engagement; create schema quality;
create table definitions.product as select 'Tiny' as name;
create table intermediate.int_users as select 1 as user_id;
create table core.users (user_id varchar not null, events_count bigint);
insert into core.users values ('u1', 3), ('u2', 4);
comment on table core.users is 'One row a person''s life.';
comment on column core.users.user_id is 'The "person".';
create view core.events as
select * from read_parquet('{lake_file}', hive_partitioning = false);
comment on view core.events is 'Every event; isn''t it?';
comment on column core.events.event_id is 'The pipeline''s own id.';
create table quality.check_results (
    run_id varchar, gate varchar, check_name varchar, table_name varchar, severity varchar,
    status varchar, observed varchar, expected varchar, checked_at timestamp
);
create table quality.publications (
    published_at timestamp, run_id varchar, as_of timestamp, events_count bigint,
    first_event_at timestamp, last_event_at timestamp, definitions_sha256 varchar,
    package_version varchar
);
create table quality.restatements (
    published_at timestamp, table_name varchar, row_key json, metric_name varchar,
    previous_value double, new_value double, cause varchar
);
"""


def publication(run_id: str, hour: int = 1) -> Publication:
    return Publication(
        run_id=run_id,
        as_of=datetime(2026, 5, 2, tzinfo=UTC),
        published_at=datetime(2026, 5, 3, hour, tzinfo=UTC),
        definitions_sha256="d",
        code_sha256="c",
    )


@pytest.fixture
def built(home: Home) -> Home:
    """A home whose working database is built and whose lake holds two events."""
    lake_file = home.lake / "events" / "utc_date=2026-05-01" / "it's.parquet"
    lake_file.parent.mkdir(parents=True)
    home.warehouse.mkdir()
    path = str(lake_file).replace("'", "''")
    with duckdb.connect() as connection:
        connection.execute(f"copy (select 'e' || i as event_id from range(2) as r (i)) to '{path}'")
    with duckdb.connect(str(home.working_database)) as connection:
        connection.execute(WORKING.replace("{lake_file}", path))
    with open_state(home) as state:
        state.execute(
            "insert into lake_files values ('events/utc_date=2026-05-01/it''s.parquet', 'events',"
            " '2026-05-01', 2, 0, $1, $1, $1, $1, null, null)",
            [datetime(2026, 5, 1, 10)],
        )
        state.execute(
            "insert into check_results values"
            " ('r1', 'B', 'growth_balances', 'growth.accounting', 'error', 'pass', '0', '0', $1)",
            [datetime(2026, 5, 3)],
        )
    return home


def publish(home: Home, run_id: str, hour: int = 1) -> None:
    announced = publication(run_id, hour)
    publish_snapshot(home, prepare_snapshot(home, home.working_database, announced), announced)


def read(database: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_the_snapshot_is_the_working_database_without_its_workings(built: Home) -> None:
    publish(built, "r1")
    schemas = {
        row[0] for row in read(built.published_database, "select schema_name from duckdb_schemas()")
    }
    assert schemas >= {"core", "engagement", "quality"}
    assert schemas & set(PRIVATE_SCHEMAS) == set()
    assert read(built.published_database, "from core.users order by all") == [("u1", 3), ("u2", 4)]
    assert read(built.published_database, "from core.events order by all") == [("e0",), ("e1",)]
    assert len(read(built.working_database, "from intermediate.int_users")) == 1
    assert [path.name for path in built.warehouse.iterdir() if ".next" in path.name] == []


def test_the_run_itself_is_in_its_history(built: Home) -> None:
    publish(built, "r1")
    assert read(
        built.published_database,
        "select run_id, as_of::varchar, events_count, definitions_sha256 from quality.publications",
    ) == [("r1", "2026-05-02 00:00:00", 2, "d")]
    assert read(built.published_database, "select run_id, gate from quality.check_results") == [
        ("r1", "B")
    ]
    with open_state(built, read_only=True) as state:
        assert state.execute("select run_id, lake_path from publication_files").fetchall() == [
            ("r1", "events/utc_date=2026-05-01/it's.parquet")
        ]


def test_only_the_last_publications_hold_on_to_files(built: Home) -> None:
    for number in range(7):
        publish(built, f"r{number}", hour=number)
    with open_state(built, read_only=True) as state:
        kept = state.execute("select distinct run_id from publication_files order by 1").fetchall()
        all_runs = state.execute("select count(*) from publications").fetchone()
    assert kept == [("r2",), ("r3",), ("r4",), ("r5",), ("r6",)]
    assert all_runs == (7,)


def test_a_reader_keeps_what_it_opened(built: Home) -> None:
    publish(built, "r1")
    with duckdb.connect(str(built.published_database), read_only=True) as reader:
        reader.execute("select count(*) from core.users")
        with duckdb.connect(str(built.working_database)) as connection:
            connection.execute("insert into core.users values ('u3', 1)")
        publish(built, "r2", hour=2)
        assert reader.execute("select count(*) from core.users").fetchone() == (2,)
    # Another process: in this one DuckDB may still hold the old file.
    assert fresh_count(built.published_database, "core.users") == 3


def fresh_count(database: Path, table: str) -> int:
    code = (
        "import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True)"
        f".execute('select count(*) from {table}').fetchall()[0][0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(database)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


KILLED = """
import os, signal, sys
import duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("insert into core.users values ('of a killed run', 0)")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("is_changed", [False, True])
def test_the_log_of_a_killed_publication_is_not_replayed(built: Home, is_changed: bool) -> None:
    """DuckDB would apply it to the new copy, or refuse the copy for ever once it has moved on."""
    copy = prepare_snapshot(built, built.working_database, publication("killed"))
    killed = subprocess.run([sys.executable, "-c", KILLED, str(copy)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert copy.with_name(copy.name + ".wal").exists()
    if is_changed:
        with duckdb.connect(str(built.working_database)) as connection:
            connection.execute("update core.users set events_count = 9")
    publish(built, "r1")
    counts = read(built.published_database, "select events_count from core.users order by user_id")
    assert counts == ([(9,), (9,)] if is_changed else [(3,), (4,)])
    assert len(read(built.published_database, "from quality.publications")) == 1


def test_a_copy_that_is_never_published_changes_nothing(built: Home) -> None:
    publish(built, "r1")
    before = built.published_database.read_bytes()
    prepare_snapshot(built, built.working_database, publication("r2", 2))
    assert built.published_database.read_bytes() == before
    with open_state(built, read_only=True) as state:
        assert state.execute("select count(*) from publications").fetchone() == (1,)


def test_compacting_keeps_everything_but_the_free_space(built: Home) -> None:
    described = (
        "select table_name, column_name, comment, is_nullable from duckdb_columns()"
        " where schema_name = 'core' order by all"
    )
    with duckdb.connect(str(built.working_database)) as connection:
        connection.execute("create table core.ballast as select uuid() as u from range(300000)")
        connection.execute("create table core.kept as select uuid() as u from range(30000)")
        connection.execute("checkpoint")
        connection.execute("drop table core.ballast")
        connection.execute("checkpoint")
        columns = connection.execute(described).fetchall()
    large = built.working_database.stat().st_size
    leftover = built.working_database.with_suffix(".duckdb.compacted")
    leftover.write_bytes(b"half a file of a killed run")
    leftover.with_name(leftover.name + ".wal").write_bytes(b"and its log")
    compact(built.working_database)
    small = built.working_database.stat().st_size
    assert small < large / 2
    assert not leftover.exists()
    assert read(built.working_database, "from core.events order by all") == [("e0",), ("e1",)]
    assert read(built.working_database, described) == columns
    assert read(
        built.working_database,
        "select comment from duckdb_tables() where table_name = 'users'"
        " union all select comment from duckdb_views() where view_name = 'events'",
    ) == [("One row a person's life.",), ("Every event; isn't it?",)]
    compact(built.working_database)
    assert built.working_database.stat().st_size == small


def test_export_has_the_events_inside_and_every_description(built: Home, tmp_path: Path) -> None:
    publish(built, "r1")
    target = tmp_path / "portable.duckdb"
    assert export_portable(built, target) == 2
    for file in (built.lake / "events").rglob("*.parquet"):
        file.unlink()
    assert read(target, "from core.events order by all") == [("e0",), ("e1",)]
    assert read(
        target,
        "select table_name, comment from duckdb_tables() where schema_name = 'core' order by all",
    ) == [("events", "Every event; isn't it?"), ("users", "One row a person's life.")]
    assert read(target, "select comment from duckdb_columns() where table_name = 'events'") == [
        ("The pipeline's own id.",)
    ]
    assert read(target, "select count(*) from duckdb_views() where not internal") == [(0,)]


def test_a_failed_export_leaves_nothing(built: Home, tmp_path: Path) -> None:
    target = tmp_path / "portable.duckdb"
    with pytest.raises(FileNotFoundError):
        export_portable(built, target)
    publish(built, "r1")
    for file in (built.lake / "events").rglob("*.parquet"):
        file.unlink()
    with pytest.raises(duckdb.Error):
        export_portable(built, target)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []
    target.write_text("somebody's file")
    with pytest.raises(FileExistsError):
        export_portable(built, target)
    assert target.read_text() == "somebody's file"


def test_replacing_keeps_the_old_file_for_who_holds_it(tmp_path: Path) -> None:
    old, new = tmp_path / "a", tmp_path / "b"
    old.write_text("old")
    new.write_text("new")
    with old.open() as reader:
        replace_durably(new, old)
        assert reader.read() == "old"
    assert (old.read_text(), new.exists()) == ("new", False)
    assert list(tmp_path.iterdir()) == [old]
