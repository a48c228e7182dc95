"""Goals and the metric tree as tables: which metric shall be where by when, and is made of what.

Belongs here: what ``goals:`` and ``metric_tree:`` of a product file say. Does not belong here:
how far they are.
"""

from __future__ import annotations

from pm_pipeline.product.definitions.table import Table
from pm_pipeline.product.models import Product


def goal_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return the table ``goals``, a row per goal."""
    del dialect  # numbers are no expressions
    return {
        "goals": Table(
            (
                ("goal_name", "VARCHAR"), ("metric_name", "VARCHAR"), ("target", "DOUBLE"),
                ("baseline", "DOUBLE"), ("from_date", "VARCHAR"), ("due_date", "VARCHAR"),
                ("period", "VARCHAR"), ("is_north_star", "BOOLEAN"),
            ),
            tuple(
                (
                    name, goal.metric, goal.target, goal.baseline, goal.from_.isoformat(),
                    goal.due.isoformat(), goal.period, goal.north_star,
                )
                for name, goal in sorted(product.goals.items())
            ),
        ),
    }  # fmt: skip


def tree_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return the table ``metric_tree``, a row per node and input in the order of the file."""
    del dialect  # names are no expressions
    return {
        "metric_tree": Table(
            (
                ("node_name", "VARCHAR"), ("node_position", "BIGINT"), ("kind", "VARCHAR"),
                ("input_position", "BIGINT"), ("input_name", "VARCHAR"),
                ("evidence", "VARCHAR"), ("why", "VARCHAR"),
            ),
            tuple(
                (name, place, node.kind, position, part, node.evidence, node.why)
                for place, (name, node) in enumerate(product.metric_tree.items(), start=1)
                for position, part in enumerate(node.inputs, start=1)
            ),
        ),
    }  # fmt: skip
