"""Properties that the lake also holds as columns: definitions read these instead of the JSON.

Belongs here: which there are, and the definitions' SQL over them. Does not belong here: which
properties get a column (``product``), writing it (``ingest``), files that lack one (dbt's
``lake.sql``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pm_pipeline.home import Home
from pm_pipeline.product import Table, Value
from pm_pipeline.state import open_state

QUERY_FILE = Path(__file__).with_name("sql") / "property_columns.sql"


def property_columns(home: Home) -> dict[str, str]:
    """Return the columns of the lake's valid files, quoted, by the SQL that each answers."""
    with open_state(home) as state:
        return dict(state.execute(QUERY_FILE.read_text(encoding="utf-8")).fetchall())


def over_columns(table: Table, row: Sequence[Value], columns: Mapping[str, str]) -> list[Value]:
    """Return a row of a definitions table whose SQL reads columns where there are any."""
    cells = list(row)
    for place, text in table.texts(row):
        cells[place] = _over_columns(text, columns)
    return cells


def _over_columns(sql: str, columns: Mapping[str, str]) -> str:
    for expression, column in columns.items():
        sql = sql.replace(expression, column)
    return sql
