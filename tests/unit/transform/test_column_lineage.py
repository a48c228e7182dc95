"""Lineage is read from SQL as far as SQL can be read.

Belongs here: what one SELECT tells. Does not belong here: what the catalog shows of it.
"""

from __future__ import annotations

from sqlglot.schema import MappingSchema

from pm_pipeline.transform.column_lineage import trace

TABLES = MappingSchema(
    {"db": {"made": {"few": {"a": "INT"}, "many": {"a": "INT", "b": "INT"}}}}, dialect="duckdb"
)


def test_a_column_comes_from_all_that_it_is_made_from() -> None:
    sql = "select many.a + few.a as total, many.b from db.made.many join db.made.few using (a)"
    assert trace(sql, TABLES) == {
        "total": [["made", "few", "a"], ["made", "many", "a"]],
        "b": [["made", "many", "b"]],
    }


def test_sql_that_cannot_be_followed_has_no_lineage() -> None:
    """A column that only the second of two tables has is not found, and that stops no run."""
    both = "select a from db.made.few union all by name select a, b from db.made.many"
    assert trace(f"with both_tables as ({both}) select a, b from both_tables", TABLES) == {}
