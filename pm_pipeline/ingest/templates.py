"""SQL of this room: templates in ``sql/``, and the one place where values become SQL text.

Belongs here: rendering and quoting. Does not belong here: any statement.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import jinja2

SQL_FOLDER = Path(__file__).with_name("sql")


def identifier(name: object) -> str:
    """Return ``name`` as a quoted SQL identifier."""
    return '"' + str(name).replace('"', '""') + '"'


def literal(value: object) -> str:
    """Return ``value`` (text, number, boolean, time or ``None``) as a SQL literal."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return f"timestamp '{utc(value).isoformat(sep=' ')}'"
    return "'" + str(value).replace("'", "''") + "'"


def literal_list(values: Iterable[object]) -> str:
    """Return ``values`` as comma-separated SQL literals."""
    return ", ".join(literal(value) for value in values)


def utc(moment: datetime) -> datetime:
    """Return an aware moment as a naive one in UTC, as the databases keep it."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    # Auto-escaping is for HTML; here every value passes through the filters below.
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(SQL_FOLDER),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["ident"] = identifier
    environment.filters["lit"] = literal
    environment.filters["lits"] = literal_list
    return environment


def render(name: str, **values: Any) -> str:
    """Return the SQL of template ``sql/<name>.sql`` with ``values`` filled in."""
    return _environment().get_template(f"{name}.sql").render(**values)


def statements(sql: str) -> list[str]:
    """Split a rendered file into its statements, as the engine does."""
    return [statement.query for statement in duckdb.extract_statements(sql)]
