"""The run window: which database a run builds, as of when, and from which day on.

Belongs here: the comparison of what lies in the lake with what a database was last built from, and
the tables of schema ``definitions`` that hand the answer to dbt. Does not belong here: the days
that identities change (``int_run_window`` finds them) and what a model does with the window.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from pm_pipeline.home import Home
from pm_pipeline.options import midnight
from pm_pipeline.product import (
    Product,
    base_sha256,
    definition_tables,
    definitions_sha256,
    named_sha256s,
)
from pm_pipeline.state import open_state
from pm_pipeline.transform.project import code_sha256
from pm_pipeline.transform.property_columns import over_columns, property_columns

QUERIES = Path(__file__).with_name("sql")
BEGINNING = date(1, 1, 1)


@dataclass(frozen=True)
class RunOptions:
    """What a user may say of one run; the same names as the flags of ``pm-pipeline run``."""

    as_of: datetime | None = None
    full_refresh: bool = False
    rebuild_from: date | None = None
    strict: bool = False


@dataclass(frozen=True)
class RunWindow:
    """What one run builds: a database, an instant, and the first product day it replaces."""

    run_id: str
    database: Path
    as_of: datetime
    """UTC; only events before it count."""
    lake_restate_from: date
    """Product day; ``BEGINNING`` means that everything is built."""
    carried_restate_from: date | None
    """What an unfinished run before this one knew of changed identities."""
    is_scratch: bool
    is_rebuild: bool


def _query(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def product_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the product day of a UTC instant, naive or aware."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return aware.astimezone(zone).date()


def default_as_of(home: Home, timezone: str, now: datetime) -> datetime:
    """Return the earlier of the midnight that ended yesterday and that after the newest event."""
    zone = ZoneInfo(timezone)
    today = midnight(product_day(now, zone), timezone)
    with open_state(home) as state:
        row = state.execute(_query("newest_event")).fetchone()
    if row is None or row[0] is None:
        return today
    return min(today, midnight(product_day(row[0], zone) + timedelta(days=1), timezone))


def plan_run(
    home: Home, product: Product, options: RunOptions, *, run_id: str, now: datetime
) -> RunWindow:
    """Compare the lake with the working database and say what this run must build.

    An as-of earlier than that of the working database is built apart, from nothing, so that the
    next default run goes on from where the working database stands.
    """
    zone = ZoneInfo(product.product.timezone)
    as_of = options.as_of or default_as_of(home, product.product.timezone, now)
    built = _read_built(home.working_database, base_sha256(product))
    if options.full_refresh:
        built = None
    if built is not None and as_of < built.as_of:
        return RunWindow(
            run_id, home.scratch_database, as_of, BEGINNING, None, is_scratch=True, is_rebuild=True
        )
    if built is None:
        return RunWindow(
            run_id, home.working_database, as_of, BEGINNING, None, is_scratch=False, is_rebuild=True
        )
    days = [product_day(as_of, zone), *built.unfinished_restate_from]
    if as_of != built.as_of:
        days.append(product_day(built.as_of, zone))
    if options.rebuild_from:
        days.append(options.rebuild_from)
    days += [
        product_day(datetime.combine(day, time(), UTC), zone)
        for day in _changed_days(home, built.days)
    ]
    return RunWindow(
        run_id,
        home.working_database,
        as_of,
        min(days),
        built.carried_restate_from,
        is_scratch=False,
        is_rebuild=False,
    )


def is_up_to_date(home: Home, product: Product, options: RunOptions, *, now: datetime) -> bool:
    """Return whether the last publication already holds what this run would publish."""
    if options.full_refresh or options.rebuild_from or not home.published_database.exists():
        return False
    as_of = options.as_of or default_as_of(home, product.product.timezone, now)
    with open_state(home) as state:
        row = state.execute(_query("last_publication")).fetchone()
    return row is not None and row == (
        True,
        as_of.astimezone(UTC).replace(tzinfo=None),
        definitions_sha256(product),
        code_sha256(),
    )


def find_window(home: Home, run_id: str) -> RunWindow:
    """Return the window that ``prepare_database`` wrote for a run.

    Raises ``LookupError`` when neither database was prepared for it.
    """
    for database in (home.working_database, home.scratch_database):
        if not database.exists():
            continue
        with duckdb.connect(str(database), read_only=True) as connection:
            row = connection.execute(_query("run"), [run_id]).fetchone()
        if row is not None:
            return RunWindow(
                run_id=run_id,
                database=database,
                as_of=row[0].replace(tzinfo=UTC),
                lake_restate_from=row[1],
                carried_restate_from=row[2],
                is_scratch=database == home.scratch_database,
                is_rebuild=row[1] == BEGINNING,
            )
    raise LookupError(f"no database was prepared for run {run_id}")


@dataclass(frozen=True)
class _Built:
    """What the working database was last built from, and what an unfinished run left."""

    as_of: datetime
    days: dict[date, int]
    unfinished_restate_from: tuple[date, ...]
    carried_restate_from: date | None


def _read_built(database: Path, base: str) -> _Built | None:
    """Return what a database stands for; None when it must be built from nothing."""
    if not database.exists():
        return None
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = {row[0] for row in connection.execute(_query("tables")).fetchall()}
        if not {"definitions.built", "definitions.built_days", "definitions.run"} <= tables:
            return None
        row = connection.execute(_query("built")).fetchone()
        if row is None or row[2:] != (base, code_sha256()):
            return None
        unfinished = connection.execute(_query("unfinished_run"), [row[0]]).fetchone()
        carried = None
        if "intermediate.int_run_window" in tables:
            carried = connection.execute(_query("unfinished_window"), [row[0]]).fetchone()
        days = dict(connection.execute(_query("built_days")).fetchall())
    return _Built(
        as_of=row[1].replace(tzinfo=UTC),
        days=days,
        unfinished_restate_from=unfinished or (),
        carried_restate_from=carried[0] if carried else None,
    )


def _changed_days(home: Home, built: dict[date, int]) -> list[date]:
    """Return the UTC days whose events differ from those a database was built from."""
    with open_state(home) as state:
        listed = dict(state.execute(_query("lake_days")).fetchall())
    return [day for day in listed.keys() | built.keys() if listed.get(day) != built.get(day)]


def prepare_database(home: Home, product: Product, window: RunWindow) -> None:
    """Write schema ``definitions`` for dbt; a rebuild starts from an empty file."""
    window.database.parent.mkdir(parents=True, exist_ok=True)
    if window.is_rebuild:
        for leftover in (window.database, window.database.with_suffix(".duckdb.wal")):
            leftover.unlink(missing_ok=True)
    in_columns = property_columns(home)
    with duckdb.connect(str(window.database)) as connection:
        connection.execute("begin")
        connection.execute(_query("create_definitions"))
        for name, table in definition_tables(product).items():
            columns = ", ".join(f'"{column}" {kind}' for column, kind in table.columns)
            connection.execute(f'create or replace table definitions."{name}" ({columns})')
            marks = ", ".join("?" for _ in table.columns)
            for row in table.rows:
                cells = over_columns(table, row, in_columns)
                connection.execute(f'insert into definitions."{name}" values ({marks})', cells)
        for expression, column in in_columns.items():
            connection.execute(_query("insert_property_column"), [expression, column])
        _write_windows(connection, product)
        connection.execute(
            _query("insert_run"),
            [
                window.run_id,
                window.as_of.astimezone(UTC).replace(tzinfo=None),
                window.lake_restate_from,
                window.carried_restate_from,
                str(home.lake),
            ],
        )
        connection.execute("commit")


def _write_windows(connection: duckdb.DuckDBPyConnection, product: Product) -> None:
    """Say which named definitions differ from those that the database was built by.

    What the database knows of a changed or removed one is forgotten at once: should this run end
    early, its rows may already be of the new kind, and only a publication makes them known again.
    """
    now = named_sha256s(product)
    known = {row[:2]: row[2] for row in connection.execute(_query("built_definitions")).fetchall()}
    kept = {
        definition: sha256 for definition, sha256 in known.items() if now.get(definition) == sha256
    }
    _remember_definitions(connection, kept)
    for definition in now:
        connection.execute(_query("insert_window"), [*definition, definition not in kept])


def _remember_definitions(
    connection: duckdb.DuckDBPyConnection, sha256s: dict[tuple[str, str], str]
) -> None:
    connection.execute(_query("forget_definitions"))
    for (kind, name), sha256 in sha256s.items():
        connection.execute(_query("insert_definition"), [kind, name, sha256])


def remember_built(home: Home, product: Product, window: RunWindow) -> None:
    """Note in the database what it now stands for; called once its publication has succeeded."""
    with open_state(home) as state:
        days = state.execute(_query("lake_days")).fetchall()
    with duckdb.connect(str(window.database)) as connection:
        connection.execute("begin")
        connection.execute(_query("create_built"))
        as_of = window.as_of.astimezone(UTC).replace(tzinfo=None)
        connection.execute(
            _query("insert_built"),
            [window.run_id, as_of, base_sha256(product), code_sha256()],
        )
        _remember_definitions(connection, named_sha256s(product))
        if days:
            connection.executemany(_query("insert_built_day"), days)
        connection.execute("commit")
