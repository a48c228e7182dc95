"""Comparing two published warehouses, table by table."""

from __future__ import annotations

import math
from typing import Any

import duckdb

from pm_pipeline.home import Home
from tests.conftest import published

RELATIVE = 1e-9


def tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Every table and view outside ``quality``."""
    rows = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables()"
        " where schema_name != 'quality'"
        " union all select schema_name || '.' || view_name from duckdb_views() where not internal"
        " order by all"
    ).fetchall()
    return [row[0] for row in rows]


def differences(first: Home, second: Home) -> list[str]:
    """What differs between two homes' publications; empty when they hold the same rows."""
    found = []
    with published(first) as one, published(second) as other:
        if tables(one) != tables(other):
            found.append(f"tables {tables(one)} against {tables(other)}")
        for table in tables(one):
            left, right = rows(one, table), rows(other, table)
            if len(left) != len(right):
                found.append(f"{table}: {len(left)} rows against {len(right)}")
            for row, twin in zip(left, right, strict=False):
                if not all(map(is_same, row, twin)):
                    found.append(f"{table}: {row} against {twin}")
                    break
        left_totals, right_totals = totals(one), totals(other)
        if left_totals != right_totals:
            found.append(f"quality totals {left_totals} against {right_totals}")
    return found


def rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[Any, ...]]:
    """All rows of a table in an order that does not depend on how it was built."""
    return connection.execute(f"select * from {table} order by all").fetchall()


def totals(connection: duckdb.DuckDBPyConnection) -> tuple[Any, ...] | None:
    """The ledger's totals, which no order of files may change."""
    return connection.execute(
        "select sum(records_count), sum(accepted_count), sum(duplicate_count), sum(rejected_count),"
        " sum(events_count), sum(excluded_count) from quality.ingested_files"
    ).fetchone()


def is_same(value: Any, twin: Any) -> bool:
    """Equal, numbers with a point within ``RELATIVE``."""
    if isinstance(value, float) and isinstance(twin, float):
        return math.isclose(value, twin, rel_tol=RELATIVE, abs_tol=1e-12)
    return bool(value == twin)
