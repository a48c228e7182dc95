"""Personas as one definition: their order decides, so that they change together.

Belongs here: the family ``persona``. Does not belong here: who has which persona (dbt).
"""

from __future__ import annotations

from pm_pipeline.product.definitions.table import Table
from pm_pipeline.product.expressions import compile_expression
from pm_pipeline.product.models import Product

SET_NAME = "personas"


def persona_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return the table ``personas``: a row per persona, the first that matches wins."""
    return {
        "personas": Table(
            (
                ("set_name", "VARCHAR"), ("position", "BIGINT"), ("persona_name", "VARCHAR"),
                ("condition", "VARCHAR"),
            ),
            tuple(
                (SET_NAME, position, name, compile_expression(
                    persona.where, kind="boolean", dialect=dialect, scope="user"
                ).sql)
                for position, (name, persona) in enumerate(product.personas.items(), start=1)
            ),
        ),
    }  # fmt: skip
