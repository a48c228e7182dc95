"""Great Expectations on DuckDB: rules in, outcomes out.

Belongs here: everything that knows Great Expectations, pushed down to DuckDB's SQL. Does not belong
here: which rules hold for which table (``gate_a.py``). The package is imported inside functions
only: importing it costs seconds, which nothing but a run of gate A should pay.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from pm_pipeline.checks.results import first_line
from pm_pipeline.checks.rules import AtMost, Between, NoRows, NotNull, Outcome, Rule

META_KEY = "check_name"
_PERSISTED = "_PERSISTED_CONNECTION_DIALECTS"
_ENGINE_MODULE = "great_expectations.execution_engine.sqlalchemy_execution_engine"


class _DuckDBDialect(str):
    """The name of a dialect as the engine module compares and reads it: text with ``value``."""

    __slots__ = ()

    @property
    def value(self) -> str:
        return str(self)


def load_great_expectations() -> Any:
    """Import Great Expectations, silent and without a connection to anywhere, and make it work.

    Raises ``RuntimeError`` when the version at hand lacks the private name that DuckDB needs.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read at import
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    package = importlib.import_module("great_expectations")
    keep_duckdb_connections()
    return package


def keep_duckdb_connections() -> None:
    """Have the SQL engine read DuckDB's rows before it closes their connection.

    Out of the box it closes first and nearly every expectation breaks ("list index out of range").
    Dialects in a private list keep theirs; DuckDB is put on it.
    """
    module: Any = importlib.import_module(_ENGINE_MODULE)
    persisted = getattr(module, _PERSISTED, None)
    if persisted is None:
        raise RuntimeError(
            f"great_expectations has no {_PERSISTED} any more: it cannot judge on DuckDB"
        )
    if "duckdb" not in persisted:
        setattr(module, _PERSISTED, (*persisted, _DuckDBDialect("duckdb")))


def judge(database: Path, rules: Sequence[Rule], settings: Mapping[str, str]) -> dict[str, Outcome]:
    """Judge ``rules`` on the tables of a DuckDB file, read only; one outcome a check name.

    A rule that breaks has an outcome with ``problem``; it does not keep the others from being
    judged. ``settings`` are DuckDB's. Raises what opening Great Expectations or the file raises.
    """
    outcomes: dict[str, Outcome] = {}
    with _opened(load_great_expectations(), database, settings) as (package, source):
        for (table, is_query), group in groupby(sorted(rules, key=_batch_of), key=_batch_of):
            batch_rules = list(group)
            try:
                outcomes |= _judge_batch(package, source, table, is_query, batch_rules)
            except Exception as problem:  # whatever it is, these rules were not judged
                failed = Outcome(success=None, problem=first_line(problem))
                outcomes |= {rule.check_name: failed for rule in batch_rules}
    missing = Outcome(success=None, problem="Great Expectations returned no result")
    return {rule.check_name: outcomes.get(rule.check_name, missing) for rule in rules}


@contextmanager
def _opened(package: Any, database: Path, settings: Mapping[str, str]) -> Iterator[tuple[Any, Any]]:
    context = package.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_sql(
        "gate",
        connection_string=f"duckdb:///{database}",
        kwargs={"connect_args": {"read_only": True}},
    )
    execution_engine = source.get_execution_engine()
    try:
        with execution_engine.get_connection() as connection:
            for name, value in settings.items():
                connection.exec_driver_sql(f"set {name} = '{value}'")
        yield package, source
    finally:
        with execution_engine.get_connection() as connection:
            connection.close()  # the kept one, which close() of the engine overlooks
        execution_engine.engine.dispose()
        source.get_engine().dispose()  # the one that only tried the connection


def _batch_of(rule: Rule) -> tuple[str, bool]:
    """Return what is judged together: only the single row of a query is ever brought in whole."""
    return rule.table, isinstance(rule, NoRows)


def _judge_batch(
    package: Any, source: Any, table: str, is_query: bool, rules: Sequence[Rule]
) -> dict[str, Outcome]:
    name = f"{table}_{'queries' if is_query else 'columns'}"
    asset = source.add_table_asset(name, table_name=table)
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    suite = package.ExpectationSuite(
        name, expectations=[_expectation(package.expectations, rule) for rule in rules]
    )
    result_format: dict[str, Any] = (
        {"result_format": "COMPLETE"}
        if is_query
        else {"result_format": "BASIC", "partial_unexpected_count": 0}
    )
    validated = batch.validate(suite, result_format=result_format)
    return {
        result.expectation_config.meta[META_KEY]: _outcome(result) for result in validated.results
    }


def _expectation(expectations: Any, rule: Rule) -> Any:
    meta = {META_KEY: rule.check_name}
    match rule:
        case NotNull():
            return expectations.ExpectColumnValuesToNotBeNull(
                column=rule.column, mostly=1 - rule.allowed_share, meta=meta
            )
        case Between():
            return expectations.ExpectColumnValuesToBeBetween(
                column=rule.column,
                min_value=rule.minimum,
                max_value=rule.maximum,
                mostly=1 - rule.allowed_share,
                meta=meta,
            )
        case NoRows():
            return expectations.UnexpectedRowsExpectation(
                unexpected_rows_query=rule.query, meta=meta
            )
        case AtMost():
            return expectations.ExpectColumnMaxToBeBetween(
                column=rule.column, max_value=rule.limit, meta=meta
            )


def _outcome(result: Any) -> Outcome:
    problem = _problem(result.exception_info or {})
    if problem is not None:
        return Outcome(success=None, problem=problem)
    found: dict[str, Any] = result.result or {}
    rows = (found.get("details") or {}).get("unexpected_rows") or []
    return Outcome(
        success=bool(result.success),
        violations=found.get("unexpected_count"),
        rows=found.get("element_count"),
        row=dict(rows[0]) if rows else None,
    )


def _problem(info: dict[str, Any]) -> str | None:
    """Return the first exception of a result; it stands there alone or once for every metric."""
    entries = [info] if "raised_exception" in info else list(info.values())
    for entry in entries:
        if entry.get("raised_exception"):
            return first_line(str(entry.get("exception_message") or "unknown exception"))
    return None
