"""Funnels as definitions: steps, exclusions, held properties, break-downs.

Belongs here: the family ``funnel``, and which steps one event can match. Does not belong here: how
attempts are found and counted (dbt).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from pm_pipeline.product.definitions.experiment_funnels import all_funnels
from pm_pipeline.product.definitions.table import Table, Value, seconds
from pm_pipeline.product.expression_scope import property_pointer
from pm_pipeline.product.expressions import compile_expression, segment_of
from pm_pipeline.product.models import Product
from pm_pipeline.product.models.funnel import ANY_EVENT, Funnel, overlapping_steps

TEXT, NUMBER, TRUTH = "VARCHAR", "BIGINT", "BOOLEAN"
DAY_SECONDS = 24 * 60 * 60
Rows = Iterator[tuple[Value, ...]]


def funnel_tables(product: Product, dialect: str) -> dict[str, Table]:
    """Return the tables ``funnels`` and ``funnel_*``.

    Where a number of a step stands beside a mask or an exclusion, only required steps are counted.
    ``reach_days``: how many product days after its entry day an attempt can see; one more than the
    window has, rounded up, since it begins within a day. A funnel with an ``experiment_name`` is
    another one over the events of that experiment's units within their windows, without
    break-downs: ``seen`` is what limits them.
    """
    named = all_funnels(product)
    funnels = [(one.name, one.funnel) for one in named]
    segments = product.product.segments

    def table(columns: tuple[tuple[str, str], ...], rows: list[tuple[Value, ...]]) -> Table:
        return Table((("funnel_name", TEXT), *columns), tuple(rows))

    return {
        "funnels": table(
            (
                ("event_order", TEXT), ("window_seconds", NUMBER), ("reach_days", NUMBER),
                ("steps_count", NUMBER),
                ("required_count", NUMBER), ("segment_step", NUMBER), ("is_open", TRUTH),
                ("requires_first_step", TRUTH), ("experiment_name", TEXT), ("seen", TEXT),
            ),
            [(one.name, *_funnel(one.funnel), one.experiment_name, one.seen) for one in named],
        ),
        "funnel_steps": table(
            (
                ("step_index", NUMBER), ("step_name", TEXT), ("required_index", NUMBER),
                ("previous_step_index", NUMBER), ("event_name", TEXT), ("condition", TEXT),
            ),
            [(name, *row) for name, funnel in funnels for row in _steps(funnel, dialect)],
        ),
        "funnel_exclusions": table(
            (
                ("position", NUMBER), ("event_name", TEXT), ("condition", TEXT),
                ("after_step", NUMBER), ("before_step", NUMBER),
            ),
            [(name, *row) for name, funnel in funnels for row in _exclusions(funnel, dialect)],
        ),
        "funnel_holds": table(
            (("position", NUMBER), ("expression", TEXT), ("pointer", TEXT)),
            [(name, *row) for name, funnel in funnels for row in _holds(funnel, dialect)],
        ),
        "funnel_segments": table(
            (("position", NUMBER), ("segment_name", TEXT), ("expression", TEXT)),
            [
                (one.name, *row)
                for one in named
                if one.experiment is None
                for row in _segments((*segments, *one.funnel.segments), dialect)
            ],
        ),
        "funnel_step_sets": table(
            (
                ("steps_mask", NUMBER), ("size", NUMBER), ("component", NUMBER),
                ("component_size", NUMBER),
            ),
            [(name, *row) for name, funnel in funnels for row in _step_sets(funnel)],
        ),
    }  # fmt: skip


def _funnel(funnel: Funnel) -> tuple[Value, ...]:
    attributed = funnel.segment_attribution
    return (
        funnel.order,
        seconds(funnel.window),
        -(-seconds(funnel.window) // DAY_SECONDS) + 1,
        len(funnel.steps),
        len(funnel.required_steps),
        attributed.step if attributed else None,
        funnel.enter_at == "any",
        funnel.require_first_step,
    )


def _steps(funnel: Funnel, dialect: str) -> Rows:
    required, previous = 0, None
    for index, step in enumerate(funnel.steps, start=1):
        required += not step.optional
        yield (
            index,
            step.name,
            None if step.optional else required,
            previous,
            *_matcher(step.event, step.where, dialect),
        )
        previous = previous if step.optional else index


def _exclusions(funnel: Funnel, dialect: str) -> Rows:
    required = [index for index, step in enumerate(funnel.steps, start=1) if not step.optional]
    for position, excluded in enumerate(funnel.exclude, start=1):
        after = required.index(excluded.after_step or 1) + 1
        before = required.index(excluded.before_step or len(funnel.steps)) + 1
        yield position, *_matcher(excluded.event, excluded.where, dialect), after, before


def _holds(funnel: Funnel, dialect: str) -> Rows:
    """Yield each held value; neither expression nor pointer is the pipeline's own session."""
    for position, text in enumerate(funnel.hold_constant, start=1):
        compiled = compile_expression(text, kind="text", dialect=dialect)
        if text.strip().lower() == "session_id":
            yield position, None, None
        else:
            bare = compiled.sql.startswith("JSON_EXTRACT_STRING(")
            yield position, compiled.sql, property_pointer(compiled.properties[0]) if bare else None


def _segments(texts: tuple[str, ...], dialect: str) -> Rows:
    named = dict(segment_of(text, dialect) for text in reversed(texts))
    for position, name in enumerate(sorted(named), start=1):
        yield position, name, named[name]


def _step_sets(funnel: Funnel) -> Rows:
    """Yield the sets of steps by which events of one instant can be dealt out to steps.

    Steps that no event can match together form components. Within one, whether events suffice for
    steps is decided by the unions of its groups of equal steps (Hall's theorem): no other set of
    steps can be short of events when none of these is.
    """
    for component, groups in enumerate(overlapping_steps(funnel), start=1):
        size = sum(len(group) for group in groups)
        for count in range(1, len(groups) + 1):
            for chosen in combinations(groups, count):
                numbers = [number for group in chosen for number in group]
                yield sum(1 << number for number in numbers), len(numbers), component, size


def _matcher(event: str, where: str | None, dialect: str) -> tuple[Value, Value]:
    condition = compile_expression(where, kind="boolean", dialect=dialect).sql if where else None
    return None if event == ANY_EVENT else event, condition
