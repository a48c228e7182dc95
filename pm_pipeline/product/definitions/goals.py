"""Goals as a table: which metric shall be where by when.

Belongs here: what ``goals:`` of a product file says. Does not belong here: how far they are.
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
