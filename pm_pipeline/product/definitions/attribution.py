"""Attributions as definitions: touches, channel rules, models and their weights.

Belongs here: the family ``attribution``. Does not belong here: how credit is computed (dbt).
"""

from __future__ import annotations

from pm_pipeline.product.definitions.table import Table, seconds
from pm_pipeline.product.expressions import compile_expression
from pm_pipeline.product.models import Product

ANY = "any"


def attribution_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return the tables ``attributions``, ``attribution_channels`` and ``attribution_models``.

    An event that is NULL stands for any, an expression that is NULL for every event. The weights
    of a row add up to 1.
    """

    def condition(text: str | None) -> str | None:
        return text and compile_expression(text, kind="boolean", dialect=dialect).sql

    def number(text: str | None) -> str | None:
        return text and compile_expression(text, kind="number", dialect=dialect).sql

    named = sorted(product.attribution.items())
    return {
        "attributions": Table(
            (
                ("attribution_name", "VARCHAR"),
                ("conversion_event", "VARCHAR"), ("conversion_expression", "VARCHAR"),
                ("value_expression", "VARCHAR"),
                ("touch_event", "VARCHAR"), ("touch_expression", "VARCHAR"),
                ("look_back_seconds", "BIGINT"), ("half_life_seconds", "DOUBLE"),
                ("first_weight", "DOUBLE"), ("middle_weight", "DOUBLE"), ("last_weight", "DOUBLE"),
                ("first_of_two_weight", "DOUBLE"), ("last_of_two_weight", "DOUBLE"),
            ),
            tuple(
                (
                    name,
                    _event(entry.conversion.event), condition(entry.conversion.where),
                    number(entry.conversion.value),
                    _event(entry.touches.event), condition(entry.touches.where),
                    seconds(entry.look_back), entry.half_life_seconds,
                    *_shares(entry.weights.first, entry.weights.middle, entry.weights.last),
                    *_shares(*entry.weights.of_two),
                )
                for name, entry in named
            ),
        ),
        "attribution_channels": Table(
            (
                ("attribution_name", "VARCHAR"), ("position", "BIGINT"), ("channel", "VARCHAR"),
                ("expression", "VARCHAR"), ("is_direct", "BOOLEAN"),
            ),
            tuple(
                (name, position, rule.name, condition(rule.where), rule.name in entry.direct)
                for name, entry in named
                for position, rule in enumerate(entry.channels, start=1)
            ),
        ),
        "attribution_models": Table(
            (("attribution_name", "VARCHAR"), ("model", "VARCHAR")),
            tuple((name, model) for name, entry in named for model in sorted(entry.models)),
        ),
    }  # fmt: skip


def _event(name: str) -> str | None:
    return None if name == ANY else name


def _shares(*weights: float) -> tuple[float, ...]:
    return tuple(weight / sum(weights) for weight in weights)
