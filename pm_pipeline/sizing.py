"""How large an experiment must be, from the product's own past.

Belongs here: putting the product's metrics, the published events and the formulas together, and the
lines that a person reads. Does not belong here: formulas (``analysis``), flags (``cli``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb

from pm_pipeline.analysis.experiments.history import (
    Answer,
    Past,
    Trial,
    read_past,
    size_from_past,
)
from pm_pipeline.analysis.experiments.plans import Effect
from pm_pipeline.analysis.experiments.sizing import MOST_UNITS
from pm_pipeline.home import Home
from pm_pipeline.product import Product
from pm_pipeline.product.definitions.experiments import counted_parts, kind_of
from pm_pipeline.product.models.experiment import Experiment
from pm_pipeline.product.values import parse_quantity


class CannotSize(Exception):
    """Why there is no size, in the user's words."""


def effects_of(written: Sequence[str]) -> dict[str, Effect]:
    """Return metrics with their amounts, written as ``songs=5%``; raises ``CannotSize``."""
    found = {}
    for text in written:
        name, _, amount = text.partition("=")
        try:
            quantity = parse_quantity(amount if "%" in amount else float(amount))
        except ValueError:
            raise CannotSize(
                f"expected a metric and an amount such as songs=5%, got {text!r}"
            ) from None
        if name in found:
            raise CannotSize(f"{name} is there twice; a metric plays one role")
        if quantity.value <= 0:
            raise CannotSize(f"expected an amount above 0, got {text!r}")
        found[name] = Effect(quantity.value, quantity.is_percent)
    return found


def size_lines(
    home: Home,
    product: Product,
    effects: Mapping[str, Effect],
    guardrails: Mapping[str, Effect],
    trial: Trial,
) -> Iterator[str]:
    """Yield what an experiment on these metrics needs; raises ``CannotSize``."""
    twice = sorted(effects.keys() & guardrails.keys())
    if twice:
        raise CannotSize(f"{twice[0]} is there twice; a metric plays one role")
    pasts = _pasts(home, product, [*effects, *guardrails], trial)
    _check_effects(pasts, effects)
    answer = size_from_past(pasts, effects, guardrails, trial)
    for past in pasts.values():
        yield _past_line(past, trial)
    yield from _answer_lines(answer, effects, trial)


def _pasts(home: Home, product: Product, names: list[str], trial: Trial) -> dict[str, Past]:
    if not home.published_database.exists():
        raise CannotSize("nothing is published yet; run the pipeline first")
    found = {}
    with duckdb.connect(str(home.published_database), read_only=True) as connection:
        as_of = _as_of(connection)
        for name in names:
            if name not in product.metrics:
                known = ", ".join(sorted(product.metrics)) or "none"
                raise CannotSize(f"{name} is not one of metrics: {known}")
            parts = counted_parts(product, name)
            if parts is None:
                raise CannotSize(f"{name} is neither counted over events nor a ratio of such")
            kind: Any = kind_of(product.metrics[name])
            past = read_past(connection, name, kind, parts, as_of, trial)
            if past is None:
                raise CannotSize(
                    f"{name} has no past of {trial.window_days} days to tell from, never varies, "
                    "or has values too large to be squared"
                )
            found[name] = past
    return found


def _check_effects(pasts: Mapping[str, Past], effects: Mapping[str, Effect]) -> None:
    for name, effect in effects.items():
        known = pasts[name].baseline
        amount = effect.size * (known.mean if effect.is_relative else 1.0)
        if known.kind == "proportion" and amount > max(known.mean, 1 - known.mean):
            raise CannotSize(f"{name} is a share of {known.mean:.4g}: it cannot change so much")


def _as_of(connection: duckdb.DuckDBPyConnection) -> Any:
    row = connection.execute("select max(as_of) from quality.publications").fetchone()
    if row is None or row[0] is None:
        raise CannotSize("nothing is published yet; run the pipeline first")
    return row[0]


def _past_line(past: Past, trial: Trial) -> str:
    known = past.baseline
    gain = 1 - known.remaining
    return (
        f"{past.name}: {past.units:,} people of a week had {known.mean:.4g} "
        f"(standard deviation {known.variance**0.5:.4g}) in {trial.window_days} days; the "
        f"{trial.pre_exposure_days} days before explain {gain:.0%} of the variance"
    )


def _answer_lines(answer: Answer, effects: Mapping[str, Effect], trial: Trial) -> Iterator[str]:
    size, plain = answer.size, answer.plain_size
    if size.total >= MOST_UNITS:
        raise CannotSize(f"{size.limiting}: no number of users finds a change that small")
    yield (
        f"needed: {size.total:,} users in {len(size.units)} equal arms ({plain.total:,} without "
        f"the days before), {_days(size.days)} at the pace of that week, "
        f"{trial.window_days} days of follow-up included"
    )
    least = Experiment.model_fields["minimum_users"].default
    if min(size.units.values()) < least:
        yield f"an experiment is not decided before {least} users an arm, however few it needs"
    if len(size.by_metric) > 1:
        most = ", ".join(f"{name} {users:,}" for name, users in size.by_metric.items())
        yield f"most is needed by {size.limiting}: {most}"
    for name in effects:
        detectable = answer.detectable[name]
        if detectable is not None:
            yield f"{name}: so many users find a change of {detectable:.2%} in 4 of 5 experiments"


def _days(days: int | None) -> str:
    return "unknown days" if days is None else f"{days} days"


__all__ = ["CannotSize", "Trial", "effects_of", "size_lines"]
