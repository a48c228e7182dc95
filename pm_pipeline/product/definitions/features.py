"""Features as definitions: which events are a use of which feature.

Belongs here: the family ``feature``. Does not belong here: what is counted of it (dbt).
"""

from __future__ import annotations

from pm_pipeline.product.definitions.table import Table
from pm_pipeline.product.models import Product


def feature_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return the table ``features``: a row per feature and event, with the day of its launch."""
    del dialect  # names are no expressions
    return {
        "features": Table(
            (("feature_name", "VARCHAR"), ("event_name", "VARCHAR"), ("launched_on", "VARCHAR")),
            tuple(sorted(
                (name, event, feature.launched_on.isoformat() if feature.launched_on else None)
                for name, feature in product.features.items() for event in feature.events
            )),
        ),
    }  # fmt: skip
