"""Experiments as definitions: who is exposed to what, what is counted of them, what was planned.

Belongs here: the family ``experiment`` (all that SQL counts by), and the table of plans that the
analysis reads. Does not belong here: how results are judged.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from pm_pipeline.product.definitions.experiment_funnels import name_in
from pm_pipeline.product.definitions.metrics import step_index
from pm_pipeline.product.definitions.table import (
    DOCUMENT,
    Table,
    Value,
    condition_sql,
    event_or_any,
)
from pm_pipeline.product.expressions import compile_expression
from pm_pipeline.product.models import Product
from pm_pipeline.product.models.behaviour import Metric
from pm_pipeline.product.models.experiment import Experiment
from pm_pipeline.product.values import Quantity

TEXT, NUMBER, REAL, TRUTH = "VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN"
UNIT_COLUMNS = {"user": "user_id", "device": "device_id"}
MEAN, PROPORTION = "mean", "proportion"
ACTIVATION = "(activation)"
"""How the value is named, after its experiment, that asks what a unit must have done to be
analysed; no metric has such a name."""


def experiment_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return the tables ``experiments`` and ``experiment_*`` that SQL counts by.

    A condition that is NULL holds for every event, an event that is NULL stands for any, a day
    that is NULL never comes. ``experiment_values`` are the numbers of a unit, by name; a metric
    is one of them, or a ratio of two. Periods are 24 hours long and begin at the first exposure.
    ``is_triggered``: only units with an event of the value ``ACTIVATION`` are analysed.
    """
    named = sorted(product.experiments.items())

    metrics = product.metrics

    def table(columns: tuple[tuple[str, str], ...], rows: list[tuple[Value, ...]]) -> Table:
        return Table((("experiment_name", TEXT), *columns), tuple(rows))

    return {
        "experiments": table(
            (
                ("unit_kind", TEXT), ("unit_expression", TEXT), ("exposure_event", TEXT),
                ("exposure_condition", TEXT), ("variant_expression", TEXT),
                ("starts_on", "DATE"), ("ends_on", "DATE"), ("window_days", NUMBER),
                ("pre_exposure_days", NUMBER), ("is_triggered", TRUTH),
            ),
            [(name, *_experiment(entry, dialect)) for name, entry in named],
        ),
        "experiment_variants": table(
            (("variant", TEXT), ("position", NUMBER)),
            [
                (name, variant, position)
                for name, entry in named
                for position, variant in enumerate(entry.planned_variants, start=1)
            ],
        ),
        "experiment_metrics": table(
            (("metric_name", TEXT), ("value_name", TEXT), ("denominator_name", TEXT)),
            [
                (name, metric, *_parts(metrics[metric], metric))
                for name, entry in named
                for metric in entry.metrics.names
            ],
        ),
        "experiment_values": table(
            (
                ("value_name", TEXT), ("event", TEXT), ("condition", TEXT), ("value", TEXT),
                ("aggregate", TEXT), ("at_least", NUMBER), ("first_period", NUMBER),
                ("last_period", NUMBER), ("cap", REAL), ("cap_share", REAL),
                ("has_covariate", TRUTH), ("funnel_name", TEXT), ("step_index", NUMBER),
            ),
            [
                (name, *row)
                for name in sorted(product.experiments)
                for row in _all_values(product, name, dialect)
            ],
        ),
    }  # fmt: skip


def experiment_plan_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return ``experiment_plans``: how each is judged, and what people decided, as JSON.

    ``experiment_primaries`` are the metrics that decide. A change of either asks for no counting
    anew.
    """
    del dialect  # no expressions
    return {
        "experiment_primaries": Table(
            (("experiment_name", TEXT), ("metric_name", TEXT)),
            tuple(
                (name, metric)
                for name, entry in sorted(product.experiments.items())
                for metric in entry.metrics.primary
            ),
        ),
        "experiment_plans": Table(
            (("experiment_name", TEXT), ("plan", DOCUMENT)),
            tuple(
                (name, json.dumps(_plan(product, entry), sort_keys=True))
                for name, entry in sorted(product.experiments.items())
            ),
        ),
    }


def _experiment(entry: Experiment, dialect: str) -> tuple[Value, ...]:
    def as_text(text: str) -> str:
        return compile_expression(text, kind="text", dialect=dialect).sql

    return (
        entry.unit,
        UNIT_COLUMNS.get(entry.unit) or as_text(entry.unit),
        event_or_any(entry.exposure.event),
        condition_sql(entry.exposure.where, dialect),
        as_text(entry.exposure.variant),
        entry.start.isoformat(),
        entry.end.isoformat() if entry.end else None,
        entry.metric_window.days,
        entry.pre_exposure_window.days,
        entry.activation is not None,
    )


def _parts(metric: Metric, name: str) -> tuple[str, str | None]:
    """Return the value that a metric is, and the one that it is divided by."""
    if metric.kind == "ratio":
        return str(metric.numerator), metric.denominator
    return name, None


def _values(product: Product, entry: Experiment) -> list[str]:
    parts = (_parts(product.metrics[name], name) for name in entry.metrics.names)
    return sorted({part for pair in parts for part in pair if part})


def _all_values(product: Product, name: str, dialect: str) -> list[tuple[Value, ...]]:
    """Return the rows of an experiment: one a value, and what activates a unit."""
    entry = product.experiments[name]
    rows: list[tuple[Value, ...]] = [
        (
            value,
            *_value(product, product.metrics[value], entry, dialect),
            *_step(product, name, value),
        )
        for value in _values(product, entry)
    ]
    if entry.activation is not None:
        rows.append(
            (
                f"{ACTIVATION} {name}", event_or_any(entry.activation.event),
                condition_sql(entry.activation.where, dialect),
                None, "activation", 1, 0, entry.metric_window.days - 1, None, None, False,
                None, None,
            )
        )  # fmt: skip
    return rows


def _step(product: Product, experiment: str, value: str) -> tuple[Value, Value]:
    """Return the followed funnel and its step that a value is about."""
    metric = product.metrics[value]
    if metric.funnel is None:
        return None, None
    return name_in(experiment, metric.funnel), step_index(product, metric)


def _value(product: Product, metric: Metric, entry: Experiment, dialect: str) -> tuple[Value, ...]:
    """Return what counts, how it adds up, in which periods, and its cap.

    Coming back is asked of one period only, so it has nothing to compare with before exposure; nor
    has reaching a step, which the models of funnels tell.
    """
    cap = metric.cap
    caps = (
        cap.value if cap and not cap.is_percent else None,
        cap.value if cap and cap.is_percent else None,
    )
    if metric.retention is not None:
        retention = product.retention[metric.retention]
        days, period = retention.rolling_days, int(metric.period or 0)
        return (
            event_or_any(retention.return_.event),
            condition_sql(retention.return_.where, dialect),
            None, "returned", retention.return_.at_least,
            period * days, (period + 1) * days - 1, *caps, False,
        )  # fmt: skip
    if metric.funnel is not None:
        last = entry.metric_window.days - 1
        return None, None, None, "reached", 1, 0, last, *caps, False
    return (
        event_or_any(metric.event or "any"), condition_sql(metric.where, dialect),
        _number(metric, dialect), metric.aggregate, 1, 0, entry.metric_window.days - 1, *caps,
        entry.pre_exposure_window > timedelta(0),
    )  # fmt: skip


def counted_parts(product: Product, name: str) -> list[dict[str, Any]] | None:
    """Return what a metric is made of, as SQL over events; None when it is not counted so."""
    found = []
    for part in _parts(product.metrics[name], name):
        if part is None:
            continue
        metric = product.metrics[part]
        if metric.kind != "events":
            return None
        found.append(
            {
                "event": event_or_any(metric.event or "any"),
                "condition": condition_sql(metric.where, "duckdb"),
                "value": _number(metric, "duckdb"),
                "aggregate": metric.aggregate,
                "cap": metric.cap.value if metric.cap and not metric.cap.is_percent else None,
            }
        )
    return found


def _number(metric: Metric, dialect: str) -> str | None:
    return metric.value and compile_expression(metric.value, kind="number", dialect=dialect).sql


def kind_of(metric: Metric) -> str:
    """Return how a metric is compared: as a mean, a proportion or a ratio of totals."""
    if metric.kind == "ratio":
        return "ratio"
    is_share = metric.kind != "events" or metric.aggregate == PROPORTION
    return PROPORTION if is_share else MEAN


def _plan(product: Product, entry: Experiment) -> dict[str, Any]:
    metrics = entry.metrics
    roles = [("primary", name, None) for name in metrics.primary]
    roles += [("secondary", name, None) for name in metrics.secondary]
    guardrails = [("guardrail", rail.metric, rail.margin) for rail in metrics.guardrails]
    decision = entry.decision
    return {
        "hypothesis": entry.hypothesis,
        "feature": entry.feature,
        "unit": entry.unit,
        "arms": [{"name": name, "share": share} for name, share in entry.planned_variants.items()],
        "phases": [
            {"from": day.isoformat(), "arms": [{"name": n, "share": s} for n, s in shares.items()]}
            for day, shares in entry.allocations
        ],
        "control": entry.control_variant,
        "start": entry.start.isoformat(),
        "end": entry.end.isoformat() if entry.end else None,
        "window_days": entry.metric_window.days,
        "pre_exposure_days": entry.pre_exposure_window.days,
        "alpha": entry.alpha,
        "inference": entry.inference,
        "minimum_effect": _effect(entry.minimum_effect),
        "has_activation": entry.activation is not None,
        "planned_users": entry.planned_users,
        "minimum_days": entry.minimum_runtime / timedelta(days=1),
        "minimum_users": entry.minimum_users,
        "success": entry.success,
        "looks": list(entry.looks or ()),
        "metrics": [
            {
                "name": name,
                "role": role,
                "kind": kind_of(product.metrics[name]),
                "direction": product.metrics[name].direction,
                "margin": _effect(margin),
                "has_covariate": entry.pre_exposure_window > timedelta(0)
                and product.metrics[name].kind in ("events", "ratio"),
            }
            for role, name, margin in [*roles, *guardrails]
        ],
        "decision": decision and {
            "action": decision.action,
            "on": decision.on.isoformat(),
            "by": decision.by,
            "why": decision.why,
        },
    }  # fmt: skip


def _effect(amount: Quantity | None) -> dict[str, Any] | None:
    return amount and {"size": amount.value, "is_relative": amount.is_percent}
