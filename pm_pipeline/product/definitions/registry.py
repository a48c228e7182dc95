"""Which tables there are, and which of them hold definitions with names of their own.

Belongs here: the list of the families, and of the tables that no incremental model reads. Does not
belong here: the rows (a module a family).
"""

from __future__ import annotations

from collections.abc import Callable

from pm_pipeline.product.definitions.attribution import attribution_tables
from pm_pipeline.product.definitions.base import base_tables
from pm_pipeline.product.definitions.cohorts import cohort_tables
from pm_pipeline.product.definitions.direction import direction_tables
from pm_pipeline.product.definitions.experiments import (
    experiment_plan_tables,
    experiment_tables,
)
from pm_pipeline.product.definitions.features import feature_tables
from pm_pipeline.product.definitions.funnels import funnel_tables
from pm_pipeline.product.definitions.goals import goal_tables, tree_tables
from pm_pipeline.product.definitions.lifecycle import lifecycle_tables
from pm_pipeline.product.definitions.metrics import (
    metric_kind_tables,
    metric_tables,
    rate_metric_tables,
)
from pm_pipeline.product.definitions.paths import path_tables
from pm_pipeline.product.definitions.personas import persona_tables
from pm_pipeline.product.definitions.retentions import followed_metric_tables, retention_tables
from pm_pipeline.product.definitions.surveys import survey_tables
from pm_pipeline.product.definitions.table import Table
from pm_pipeline.product.expression_scope import properties_read, property_node
from pm_pipeline.product.models import Product

Tables = Callable[[Product, str], dict[str, Table]]

FAMILIES: dict[str, Tables] = {
    "attribution": attribution_tables,
    "feature": feature_tables,
    "persona": persona_tables,
    "path": path_tables,
    "funnel": funnel_tables,
    "metric": metric_tables,
    "retention": retention_tables,
    "followed_metric": followed_metric_tables,
    "cohort": cohort_tables,
    "experiment": experiment_tables,
    "survey": survey_tables,
}
"""By kind, the tables of named definitions. The first column of each is the definition's name: a
definition is what its rows in all tables of its family say, and a changed one is built anew alone.
"""

PLAIN: tuple[Tables, ...] = (
    lifecycle_tables,
    goal_tables,
    tree_tables,
    metric_kind_tables,
    rate_metric_tables,
    direction_tables,
    experiment_plan_tables,
)
"""Tables that only models read which are built as a whole in every run: a change of them asks for a
new run and for nothing to be rebuilt."""


def definition_tables(product: Product, dialect: str = "duckdb") -> dict[str, Table]:
    """Return the tables of the schema ``definitions`` by name."""
    tables = base_tables(product, dialect)
    for more in (*FAMILIES.values(), *PLAIN):
        tables |= more(product, dialect)
    return tables


def property_columns(product: Product) -> dict[str, str]:
    """Return by name the columns that hold the properties which definitions read, and their SQL.

    Names that differ in case alone cannot be columns of one table: the first of them is.
    """
    cells = (
        cell
        for table in definition_tables(product).values()
        for row in table.rows
        for _, cell in table.texts(row)
    )
    names = sorted({name for cell in cells for name in properties_read(cell)}, reverse=True)
    by_case = {name.casefold(): name for name in names}
    return {
        f"properties.{name}": property_node(name, "duckdb").sql(dialect="duckdb")
        for name in sorted(by_case.values())
    }
