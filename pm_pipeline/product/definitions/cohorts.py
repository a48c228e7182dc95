"""Cohorts as definitions: what makes a user a member.

Belongs here: the family ``cohort``. Does not belong here: who is a member when (dbt).
"""

from __future__ import annotations

import json
from typing import Any

from pm_pipeline.product.definitions.table import DOCUMENT, Table, Value, seconds
from pm_pipeline.product.expressions import cohort_of_segment, compile_expression
from pm_pipeline.product.models import Product
from pm_pipeline.product.models.cohorts import Cohort, CohortEvent, depth_of, rest_on_personas

COLUMNS = (
    ("cohort_name", "VARCHAR"), ("kind", "VARCHAR"), ("depth", "BIGINT"),
    ("rests_on_persona", "BOOLEAN"), ("persona", "VARCHAR"),
    ("event_name", "VARCHAR"), ("condition", "VARCHAR"),
    ("then_event_name", "VARCHAR"), ("then_condition", "VARCHAR"),
    ("at_least", "BIGINT"), ("within_seconds", "BIGINT"), ("lasts_seconds", "BIGINT"),
)  # fmt: skip


def cohort_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return ``cohorts``, a row per cohort, and ``cohort_parts``, the cohorts others are made of.

    ``event_name`` is NULL for any event, ``within_seconds`` for ever, ``lasts_seconds`` too: it
    is how long a member stays after the last event that made him one.
    """
    depths = depth_of(product.cohorts)
    on_persona = rest_on_personas(product.cohorts)
    return {
        "cohorts": Table(
            COLUMNS,
            tuple(
                (name, kind_of(cohort), depths[name], name in on_persona, cohort.persona,
                 *_row(cohort, dialect))
                for name, cohort in sorted(product.cohorts.items())
            ),
        ),
        "cohort_parts": Table(
            (("cohort_name", "VARCHAR"), ("part_name", "VARCHAR"), ("is_excepted", "BOOLEAN")),
            tuple(
                (name, part, part in (cohort.except_ or ()))
                for name, cohort in sorted(product.cohorts.items())
                for part in sorted(cohort.parts)
            ),
        ),
    }  # fmt: skip


def segment_cohort_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return ``segment_cohorts``: the cohorts that events are segmented by, and all they rest on.

    With the whole of each definition, so that whatever rests on the segments is built anew when
    one of them changes.
    """
    texts = [*product.product.segments]
    for funnel in product.funnels.values():
        texts += funnel.segments
    wanted = sorted({name for text in texts if (name := cohort_of_segment(text))})
    rows = {
        table: content.rows for table, content in cohort_tables(product, dialect).items()
    }  # fmt: skip

    def described(name: str) -> list[Any]:
        own = [[row for row in rows[table] if row[0] == name] for table in sorted(rows)]
        return [own, [described(part) for part in product.cohorts[name].parts]]

    return {
        "segment_cohorts": Table(
            (("cohort_name", "VARCHAR"), ("described", DOCUMENT)),
            tuple((name, json.dumps(described(name))) for name in wanted),
        )
    }


def kind_of(cohort: Cohort) -> str:
    """Return the key that says what kind of cohort this is."""
    kinds = ("did", "did_not", "sequence", "persona", "all_of", "any_of")
    return next(kind for kind in kinds if getattr(cohort, kind) is not None)


def _row(cohort: Cohort, dialect: str) -> tuple[Value, ...]:
    did, did_not, sequence = cohort.did, cohort.did_not, cohort.sequence
    if sequence is not None:
        return (
            *_event(sequence.first, dialect),
            *_event(sequence.then, dialect),
            1,
            seconds(sequence.within),
            seconds(sequence.lasts) if sequence.lasts else None,
        )
    chosen = did or did_not
    if chosen is None:
        return (None,) * 7
    within = seconds(chosen.within) if chosen.within else None
    return (*_event(chosen, dialect), None, None, did.at_least if did else 1, within, within)


def _event(event: CohortEvent, dialect: str) -> tuple[str | None, str | None]:
    condition = event.where and compile_expression(event.where, kind="boolean", dialect=dialect).sql
    return (None if event.event == "any" else event.event, condition)
