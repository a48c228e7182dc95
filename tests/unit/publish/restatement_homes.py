"""Small warehouses that are published one after the other, and what the tables of them are."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb

from pm_pipeline.home import Home
from pm_pipeline.publish.warehouse import (
    Publication,
    prepare_snapshot,
    publish_snapshot,
)
from pm_pipeline.state import open_state

WORKING = """
create schema core; create schema engagement; create schema growth; create schema quality;
create table core.identities (
    device_id varchar, valid_from timestamp, valid_to timestamp, user_id varchar,
    is_quarantined boolean
);
insert into core.identities values ('d', '2026-05-01', null, 'Ann', false);
create view core.events as select 'e' as event_id;
create table engagement.daily (
    activity_date date, segment_name varchar, users_count bigint, users_rate double, note varchar
);
insert into engagement.daily
select cast(day as date), segment_name, dayofmonth(day), dayofmonth(day) / 7.0, 'n'
from generate_series(date '2026-05-01', date '2026-05-09', interval 1 day) as days (day),
    (values ('all'), ('platform')) as segments (segment_name);
create table growth.accounting (
    subject_kind varchar, subject_name varchar, period_start date, active_users bigint
);
insert into growth.accounting values
    ('product', 'product', '2026-04-20', 4), ('product', 'product', '2026-04-27', 5),
    ('product', 'product', '2026-05-04', 6), ('feature', 'search', '2026-04-27', 2),
    ('feature', 'buy', '2026-04-27', 3);
create schema retention;
create table retention.cohorts (
    cohort_start date, n bigint, users_count bigint, is_complete boolean, later bigint default 9
);
insert into retention.cohorts by name
select *
from (
    values ('2026-05-01', 1, 5, true), ('2026-05-02', 1, 5, true), ('2026-05-02', 2, 5, false)
) as cohorts (cohort_start, n, users_count, is_complete);
create table retention.curve (n bigint, users_count bigint);
insert into retention.curve values (1, 7), (2, 3);
create table quality.check_results (
    run_id varchar, gate varchar, check_name varchar, table_name varchar, severity varchar,
    status varchar, observed varchar, expected varchar, checked_at timestamp
);
create table quality.ingested_files (
    path varchar, sha256 varchar, source_name varchar, first_event_at timestamp,
    ingested_at timestamp
);
insert into quality.ingested_files values
    ('a.csv', 'a', 'app', '2026-05-02 10:00:00', '2026-05-09'),
    ('b.csv', 'b', 'app', '2026-05-06 10:00:00', '2026-05-09');
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


@dataclass(frozen=True)
class Dated:
    name: str
    key: tuple[str, ...]
    last_day: str
    sees_itself: bool = True
    is_complete: str = "true"
    moving: tuple[str, ...] = ()


TABLES = (
    Dated("engagement.daily", ("activity_date", "segment_name"), "activity_date"),
    Dated(
        "growth.accounting", ("subject_kind", "subject_name", "period_start"), "period_start + 6"
    ),
    Dated(
        "retention.cohorts", ("cohort_start", "n"), "cohort_start", False, "is_complete", ("later",)
    ),
    Dated("retention.curve", ("n",), "cast(null as date)"),
    Dated("engagement.of_a_later_version", ("activity_date",), "activity_date"),
)
FINGERPRINTS = {
    ("base", ""): "1", ("source", "app"): "1", ("feature", "search"): "1", ("feature", "buy"): "1",
}  # fmt: skip
FIRST = Publication(
    run_id="r1",
    as_of=datetime(2026, 5, 8, 22, tzinfo=UTC),  # midnight that begins May 9 in Berlin
    published_at=datetime(2026, 5, 9, 1, tzinfo=UTC),
    definitions_sha256="d",
    code_sha256="c",
    fingerprints=FINGERPRINTS,
    timezone="Europe/Berlin",
)
SECOND = replace(
    FIRST,
    run_id="r2",
    as_of=datetime(2026, 5, 9, 22, tzinfo=UTC),
    published_at=datetime(2026, 5, 10, 1, tzinfo=UTC),
)


def lake_file(home: Home, day: str, digest: int, name: str = "part") -> None:
    """List a lake file of ``day``; whatever was listed for it before is no longer."""
    with open_state(home) as state:
        state.execute("update lake_files set unlisted_at = now() where utc_date = $1", [day])
        state.execute(
            "insert into lake_files values ($1, 'events', $2, 1, $3, $2, $2, $2, $2, null, null)",
            [f"events/utc_date={day}/{name}-{digest}.parquet", day, digest],
        )


def publish(home: Home, publication: Publication) -> None:
    carry_history(home)
    copy = prepare_snapshot(home, home.working_database, publication, TABLES)
    publish_snapshot(home, copy, publication)


def carry_history(home: Home) -> None:
    """Do what the models do in a run: the history tables are those of the state."""
    with (
        open_state(home),
        duckdb.connect(str(home.working_database)) as connection,
    ):
        pass
    with duckdb.connect(str(home.working_database)) as connection:
        connection.execute(f"attach '{home.state_database}' as state (read_only)")
        connection.execute("delete from quality.restatements")
        connection.execute("insert into quality.restatements select * from state.restatements")
        connection.execute("delete from quality.publications")
        connection.execute(
            "insert into quality.publications by name select published_at, run_id, as_of,"
            " events_count, definitions_sha256, package_version from state.publications"
        )


def change(home: Home, *statements: str) -> None:
    with duckdb.connect(str(home.working_database)) as connection:
        for statement in statements:
            connection.execute(statement)


def restatements(home: Home) -> list[tuple[object, ...]]:
    """Table, key values, metric, previous and new value and cause, as published and as kept."""
    query = (
        "select table_name, row_key, metric_name, previous_value, new_value, cause"
        " from {}restatements order by all"
    )
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        shown = connection.execute(query.format("quality.")).fetchall()
    with open_state(home, read_only=True) as state:
        assert state.execute(query.format("")).fetchall() == shown
    return [
        (table, "/".join(map(str, json.loads(key).values())), *rest) for table, key, *rest in shown
    ]
