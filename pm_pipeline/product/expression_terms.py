"""Values of an expression and what they turn into: numbers, truths, text, times.

Belongs here: every conversion, stated or silent, and the common type of several values. A value
that does not fit gives NULL, never an error. Does not belong here: operators and functions
(``expression_builder.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlglot import exp

from pm_pipeline.product.expression_scope import ExpressionError, ValueType
from pm_pipeline.product.faults import shown

LARGEST_DOUBLE = "1.7976931348623157E308"
TYPES_THAT_DECIDE: tuple[ValueType, ...] = ("boolean", "number", "time")


@dataclass(frozen=True)
class Term:
    """A piece of checked SQL and the type of its value; ``literal`` for a quoted text."""

    node: exp.Expr
    type: ValueType
    literal: str | None = None


def finite(node: exp.Expr) -> exp.Expr:
    """Return a double, NULL for infinity and NaN, so that no sum is lost to one value."""
    bound = exp.LTE(this=exp.Abs(this=node), expression=exp.Literal.number(LARGEST_DOUBLE))
    return exp.Case(ifs=[exp.If(this=bound, true=node.copy())])


def number_in(text: exp.Expr) -> exp.Expr:
    """Return the number that a text holds, NULL if none; 'nan' and 'inf' are not numbers here.

    Only those two have an n, and a test of the text is cheaper than one of the number: DuckDB
    evaluates a CASE over the cast twice.
    """
    mark = {"expression": exp.Literal.string("n"), "replacement": exp.Literal.string("?")}
    return try_cast(exp.Replace(this=exp.Lower(this=text), **mark), "double")


def try_cast(node: exp.Expr, type_: str) -> exp.Expr:
    """Return a cast that gives NULL where the value does not fit."""
    return exp.TryCast(this=node, to=exp.DataType.build(type_), safe=True)


def as_number(term: Term) -> exp.Expr:
    """Return the value as a number; text that holds none gives NULL."""
    if term.type == "number":
        return term.node
    if term.type in ("property", "text") and term.literal is None:
        return number_in(term.node)
    raise wrong(term, "a number")


def as_double(term: Term) -> exp.Expr:
    """Return the value as a double, in which no arithmetic overflows with an error."""
    if term.type == "number":
        return exp.Cast(this=term.node, to=exp.DataType.build("double"))
    return as_number(term)


def as_boolean(term: Term) -> exp.Expr:
    """Return the value as true or false; a property that holds neither gives NULL."""
    if term.type == "boolean":
        return term.node
    if term.type == "property":
        return try_cast(term.node, "boolean")
    raise wrong(term, "true or false")


def as_text(term: Term) -> exp.Expr:
    """Return a value that is text already; nothing else turns into text by itself."""
    if term.type in ("text", "property"):
        return term.node
    raise wrong(term, "text")


def written_as_text(term: Term) -> exp.Expr:
    """Return any value as text, as a segment shows it."""
    if term.type in ("text", "property"):
        return term.node
    return exp.Cast(this=term.node, to=exp.DataType.build("text"))


def wrong(term: Term, expected: str) -> ExpressionError:
    """Return the error for a value of another type than expected."""
    is_what = {"boolean": "true or false", "time": "a time", "null": "null"}
    what = is_what.get(term.type, f"a {term.type}" if term.type == "number" else term.type)
    return ExpressionError(f"expected {expected}, but {term.node.sql('duckdb')} is {what}")


def alike(terms: list[Term]) -> list[exp.Expr]:
    """Return the values in one common type, as a comparison needs them."""
    if any(term.type == "null" for term in terms):
        raise ExpressionError("a comparison with null is never true; write is null or is not null")
    types = {term.type for term in terms}
    if "boolean" in types:
        return [as_boolean(term) for term in terms]
    if "number" in types:
        return [as_number(term) for term in terms]
    if "time" in types:
        return [time_value(term) for term in terms]
    return [as_text(term) for term in terms]


def unified(terms: list[Term]) -> tuple[ValueType, list[exp.Expr]]:
    """Return the common type of the results of a choice, and the results in it."""
    typed = [term for term in terms if term.type != "null"]
    if not typed:
        raise ExpressionError("expected a value besides null")
    types = {term.type for term in typed}
    if types == {"property"}:
        return "property", [term.node for term in terms]
    converted = iter(alike(typed))
    values = [term.node if term.type == "null" else next(converted) for term in terms]
    for kind in TYPES_THAT_DECIDE:
        if kind in types:
            return kind, values
    return "text", values


def time_value(term: Term) -> exp.Expr:
    """Return a time; a quoted one is read here, so that a wrong one is a fault of the file."""
    if term.type == "time":
        return term.node
    if term.literal is None:
        raise wrong(term, "a time column or a quoted time such as '2026-01-31'")
    try:
        moment = datetime.fromisoformat(term.literal.strip())
    except ValueError:
        raise ExpressionError(
            f"expected a time such as '2026-01-31 12:00:00', got {shown(term.literal)}"
        ) from None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    text = exp.Literal.string(moment.isoformat(sep=" "))
    return exp.Cast(this=text, to=exp.DataType.build("timestamp"))
