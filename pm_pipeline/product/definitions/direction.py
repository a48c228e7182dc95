"""Problems, hypotheses and the roadmap as tables.

Belongs here: what these sections of a product file say. Does not belong here: what became of them.
"""

from __future__ import annotations

from datetime import date

from pm_pipeline.product.definitions.table import Table
from pm_pipeline.product.models import Product


def direction_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return ``problems``, ``hypotheses`` and ``roadmap``, a row for each."""
    del dialect  # no expressions
    return {
        "problems": Table(
            (
                ("problem_name", "VARCHAR"), ("statement", "VARCHAR"), ("persona", "VARCHAR"),
                ("evidence_metric", "VARCHAR"), ("evidence_funnel", "VARCHAR"),
                ("evidence_step", "VARCHAR"), ("evidence_baseline", "DOUBLE"),
            ),
            tuple(
                (
                    name, problem.statement, problem.who,
                    *(
                        (shown.metric, shown.funnel, shown.step, shown.baseline)
                        if (shown := problem.evidence)
                        else (None, None, None, None)
                    ),
                )
                for name, problem in sorted(product.problems.items())
            ),
        ),
        "hypotheses": Table(
            (
                ("hypothesis_name", "VARCHAR"), ("statement", "VARCHAR"),
                ("problem_name", "VARCHAR"), ("metric_name", "VARCHAR"),
                ("predicted_direction", "VARCHAR"), ("predicted_effect", "DOUBLE"),
                ("is_relative_effect", "BOOLEAN"), ("experiment_name", "VARCHAR"),
                ("stated_on", "VARCHAR"),
            ),
            tuple(
                (
                    name, each.statement, each.problem, each.metric, each.predicted_direction,
                    each.predicted_effect and each.predicted_effect.value,
                    each.predicted_effect and each.predicted_effect.is_percent, each.experiment,
                    _written(each.stated_on),
                )
                for name, each in sorted(product.hypotheses.items())
            ),
        ),
        "roadmap": Table(
            (
                ("item_name", "VARCHAR"), ("position", "BIGINT"), ("status", "VARCHAR"),
                ("released_on", "VARCHAR"), ("hypothesis_name", "VARCHAR"),
                ("feature_name", "VARCHAR"), ("persona", "VARCHAR"), ("goal_name", "VARCHAR"),
            ),
            tuple(
                (
                    item.name, position, item.status,
                    _written(item.released_on), item.hypothesis,
                    item.feature, item.persona, item.goal,
                )
                for position, item in enumerate(product.roadmap, start=1)
            ),
        ),
    }  # fmt: skip


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None
