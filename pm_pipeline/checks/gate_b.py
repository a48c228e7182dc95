"""Gate B, after the marts: conservation and the algebra of the metrics.

Belongs here: judging the rules of ``sql/gate_b`` over the contract's tables. Does not belong here:
the rules themselves, keys and relationships of one model (dbt tests).

A rule's parameters are ``$as_of``, ``$now`` (naive UTC), ``$timezone``, ``$lake_events_count`` and
``$restate_from``, the first product day whose events changed since the last publication. No rule
reads all events: their number comes from the manifest. Rules about single attempts read those that
can see that day, since the others were judged by the run that wrote them: the cost of a daily run
does not grow with history, but for sums over the marts.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import Any, cast

import duckdb

from pm_pipeline.checks.results import CheckResult, utc_now
from pm_pipeline.checks.settings import CheckSettings
from pm_pipeline.checks.sql_rules import judge_rules, naive_utc
from pm_pipeline.home import Home
from pm_pipeline.state import open_state


def run_gate_b(
    connection: duckdb.DuckDBPyConnection,
    settings: CheckSettings,
    *,
    as_of: datetime,
    lake_events_count: int,
    restate_from: date = date.min,
    timezone: str | None = None,
    now: datetime | None = None,
) -> list[CheckResult]:
    """Judge the marts that ``connection`` shows; one result a check of gate B.

    ``as_of`` and ``now`` (default: the clock) are UTC when naive, ``timezone`` is the product's
    IANA name (default: that of the definitions the marts were built from), ``lake_events_count``
    the number of lake events before ``as_of`` (``count_lake_events_before``), ``restate_from`` the
    first changed product day (``first_changed_day``; default: all are). Only committed rows are
    seen. Never raises for what it finds: a rule that breaks is a result of status ``error``.
    """
    parameters: dict[str, Any] = {
        "as_of": naive_utc(as_of),
        "lake_events_count": lake_events_count,
        "restate_from": restate_from,
        "now": naive_utc(now) if now else utc_now(),
    }
    with connection.cursor() as cursor:
        # Without a time zone only the rules that ask for one break.
        with suppress(duckdb.Error, IndexError):
            parameters["timezone"] = timezone or _defined_timezone(cursor)
        return judge_rules(cursor, "B", settings, parameters)


def first_changed_day(connection: duckdb.DuckDBPyConnection) -> date:
    """Return the first product day of which a run's database may hold other rows than published.

    That is the run window's; with a changed definition, whose rows are all new, ``date.min``.
    Raises ``duckdb.Error`` or ``LookupError`` on a database that no run has built.
    """
    (day,) = connection.execute(
        """
        select
            case
                when (select bool_or(is_changed) from definitions.windows) then date '0001-01-01'
                else restate_from
            end
        from intermediate.int_run_window
        """
    ).fetchall()[0]
    return cast(date, day)


def count_lake_events_before(home: Home, as_of: datetime) -> int:
    """Return how many events of the listed lake files happened before ``as_of`` (UTC when naive).

    Whole files are counted from the manifest; only files that ``as_of`` cuts are read. Raises
    ``duckdb.Error`` when the state or such a file cannot be read.
    """
    instant = naive_utc(as_of)
    with open_state(home, read_only=True) as state:
        row = state.execute(
            """
            select
                coalesce(sum(rows_count) filter (where last_event_at < $as_of), 0),
                list(lake_path order by lake_path)
                    filter (where first_event_at < $as_of and last_event_at >= $as_of)
            from lake_files
            where kind = 'events' and unlisted_at is null
            """,
            {"as_of": instant},
        ).fetchone()
    whole, cut = row or (0, None)
    if not cut:
        return int(whole)
    with duckdb.connect() as connection:
        counted = connection.execute(
            "select count(*) from read_parquet($paths, hive_partitioning = false) "
            "where event_at < $as_of",
            {"paths": [str(home.lake / lake_path) for lake_path in cut], "as_of": instant},
        ).fetchone()
    return int(whole) + int(counted[0] if counted else 0)


def _defined_timezone(cursor: duckdb.DuckDBPyConnection) -> str:
    (name,) = cursor.execute("select timezone from definitions.product").fetchall()[0]
    return str(name)
