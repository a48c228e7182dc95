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
    pasts = _pasts(home, product, [*effects, *guardrails], trial)
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
                    f"{name} has no past of {trial.window_days} days to tell from, or never varies"
                )
            found[name] = past
    return found


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
