"""What the life-cycle stages are judged by.

Belongs here: the plans of features, and settings of the stages. Does not belong here: which events
are a use of a feature (``features.py``): these tables change no count.
"""

from __future__ import annotations

from pm_pipeline.product.definitions.table import Table
from pm_pipeline.product.models import Product


def lifecycle_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return what features are planned for, what people decided, and which experiments are theirs.

    ``feature_plans`` has a row per feature, ``lifecycle`` one row, ``stage_decisions`` one per
    decision, ``feature_experiments`` one per experiment on a feature: ``known_on`` is the first
    day on which the windows of all its units are over, NULL while it has no end.
    """
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
        "stage_decisions": Table(
            (
                ("subject_kind", "VARCHAR"), ("subject_name", "VARCHAR"), ("action", "VARCHAR"),
                ("decided_on", "VARCHAR"), ("decided_by", "VARCHAR"), ("why", "VARCHAR"),
            ),
            tuple(
                (
                    kind, name, decision.action, decision.on.isoformat(), decision.by,
                    decision.why,
                )
                for kind, name, decision in [
                    *(
                        ("feature", name, feature.decision)
                        for name, feature in sorted(product.features.items())
                    ),
                    ("product", "product", product.lifecycle.decision),
                ]
                if decision is not None
            ),
        ),
        "feature_experiments": Table(
            (
                ("feature_name", "VARCHAR"), ("experiment_name", "VARCHAR"),
                ("known_on", "VARCHAR"),
            ),
            tuple(
                (
                    experiment.feature, name,
                    (experiment.end + experiment.metric_window).isoformat()
                    if experiment.end else None,
                )
                for name, experiment in sorted(product.experiments.items())
                if experiment.feature is not None
            ),
        ),
    }  # fmt: skip
