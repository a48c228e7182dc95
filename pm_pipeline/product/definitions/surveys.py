"""Surveys as definitions: which events are answers, and where the answer stands in them.

Belongs here: the family ``survey``. Does not belong here: how answers become scores (dbt).
"""

from __future__ import annotations

from pm_pipeline.product.definitions.table import Table, condition_sql, event_or_any
from pm_pipeline.product.expressions import compile_expression
from pm_pipeline.product.models import Product


def survey_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return the table ``surveys``, a row each; a condition that is NULL stands for none."""
    return {
        "surveys": Table(
            (
                ("survey_name", "VARCHAR"), ("kind", "VARCHAR"), ("event", "VARCHAR"),
                ("condition", "VARCHAR"), ("score", "VARCHAR"), ("period", "VARCHAR"),
            ),
            tuple(
                (
                    name, survey.kind, event_or_any(survey.event),
                    condition_sql(survey.where, dialect),
                    compile_expression(survey.score, kind="number", dialect=dialect).sql,
                    survey.period,
                )
                for name, survey in sorted(product.surveys.items())
            ),
        ),
    }  # fmt: skip
