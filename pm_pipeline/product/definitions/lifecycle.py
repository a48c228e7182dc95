"""What the life-cycle stages are judged by.

Belongs here: the plans of features, and settings of the stages. Does not belong here: which events
are a use of a feature (``features.py``): these tables change no count.
"""

from __future__ import annotations

from pm_pipeline.product.definitions.table import Table
from pm_pipeline.product.models import Product


def lifecycle_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return the tables ``feature_plans``, a row per feature, and ``lifecycle``, of one row."""
    del dialect  # numbers are no expressions
    return {
        "feature_plans": Table(
            (
                ("feature_name", "VARCHAR"), ("launched_on", "VARCHAR"), ("target_users", "BIGINT"),
                ("monthly_value", "DOUBLE"), ("monthly_cost", "DOUBLE"),
            ),
            tuple(
                (
                    name, feature.launched_on.isoformat() if feature.launched_on else None,
                    feature.target_users, feature.monthly_value, feature.monthly_cost,
                )
                for name, feature in sorted(product.features.items())
            ),
        ),
        "lifecycle": Table(
            (("minimum_weekly_users", "BIGINT"),), ((product.lifecycle.minimum_weekly_users,),)
        ),
    }  # fmt: skip
