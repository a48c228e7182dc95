"""Which columns an expression may name, and how a column or a property is written in SQL.

Belongs here: the one mapping from the names of ``product.yml`` to columns of the lake, and the
rendering of ``properties.<name>`` for each engine. Does not belong here: operators and functions
(``expression_builder.py``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

ValueType = Literal["text", "number", "boolean", "time", "property", "null"]
Dialect = Literal["duckdb", "spark"]
DIALECTS = ("duckdb", "spark")


class ExpressionError(ValueError):
    """An expression that is not allowed; the message says what was expected."""


@dataclass(frozen=True)
class Column:
    """A column: its name in the table that is read, and its type."""

    name: str
    type: ValueType


def _same(type_: ValueType, *names: str) -> dict[str, Column]:
    return {name: Column(name, type_) for name in names}


# user_id and session_id are what the source sent: the person and the session of core.events are
# decided later, by rules that themselves wait for `exclude`.
EVENT_COLUMNS: dict[str, Column] = {
    **_same("text", "event_name", "platform", "country", "app_version", "device_id", "source_name"),
    "user_id": Column("source_user_id", "text"),
    "session_id": Column("source_session_id", "text"),
    **_same("time", "event_at", "received_at"),
}
USER_COLUMNS: dict[str, Column] = {
    **_same("text", "user_id"),
    **_same("time", "first_seen_at", "last_seen_at"),
    **_same("boolean", "is_identified"),
    **_same("number", "events_count", "sessions_count", "active_days_count", "active_days_last_28"),
}


@dataclass(frozen=True)
class Scope:
    """The columns of one table, and whether it has ``properties``."""

    columns: dict[str, Column]
    has_properties: bool


SCOPES = {"event": Scope(EVENT_COLUMNS, True), "user": Scope(USER_COLUMNS, False)}


def column_node(name: str) -> exp.Expr:
    """Return a column of ours; never made from text of the user."""
    return exp.Column(this=exp.Identifier(this=name, quoted=False))


def property_node(name: str, dialect: Dialect) -> exp.Expr:
    """Return the property as text, NULL when it is missing or a JSON null.

    The name is data inside a string literal: a JSON pointer for DuckDB (it has an escape for
    everything), a bracketed path for Spark (it has none, so that some names cannot be asked for).
    """
    if dialect == "duckdb":
        return _call("json_extract_string", property_pointer(name))
    if "'" in name or "?" in name or name == "*":
        raise ExpressionError(f"Spark cannot read the property {name!r}: it has ' or ?")
    return _call("get_json_object", f"$['{name}']")


def properties_read(sql: str) -> set[str]:
    """Return the names of the properties that an expression in DuckDB's SQL reads."""
    return {
        _name_of(pointer.replace("''", "'"))
        for pointer in re.findall(r"json_extract_string\(properties, '((?:[^']|'')*)'\)", sql, re.I)
    }


def _name_of(pointer: str) -> str:
    return pointer.removeprefix("/").replace("~1", "/").replace("~0", "~")


def property_pointer(name: str) -> str:
    """Return where a property lies in an event's properties, as a JSON pointer."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _call(function: str, path: str) -> exp.Expr:
    arguments = [column_node("properties"), exp.Literal.string(path)]
    return exp.Anonymous(this=function, expressions=arguments)
