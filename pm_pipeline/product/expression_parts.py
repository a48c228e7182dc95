"""Small pieces that expressions are rebuilt from: literals, brackets, and the words of a refusal.

Belongs here: what needs no types and no columns. Does not belong here: what is allowed where
(``expression_builder.py``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from pm_pipeline.product.expression_scope import ExpressionError
from pm_pipeline.product.faults import shown

EXACT_DIGITS = 15
REASONS: tuple[tuple[tuple[type[exp.Expr], ...], str], ...] = (
    ((exp.Query, exp.Subquery, exp.Exists), "subqueries are not allowed"),
    ((exp.Star, exp.Columns), "* is not allowed; name one column or property"),
    ((exp.Window,), "window functions are not allowed"),
    (
        (exp.Placeholder, exp.Parameter, exp.PositionalColumn),
        "parameters are not allowed; write the value itself",
    ),
    ((exp.Bracket,), "[ ] is not allowed; a property is written properties.<name>"),
    (
        (exp.Lambda, exp.JSONExtract, exp.JSONExtractScalar),
        "-> is not allowed; a property is written properties.<name>",
    ),
)
FUNCTIONS = (
    "abs, cast, coalesce, concat, contains, ends_with, extract, length, lower, nullif, round, "
    "starts_with, substring, trim, try_cast, upper"
)


def only(node: Any, *arguments: str) -> Any:
    """Return the node if nothing else is set on it than these arguments."""
    for name, value in node.args.items():
        if name not in arguments and value not in (None, False, []):
            raise ExpressionError(f"{shown(node.sql('duckdb'))}: this form is not allowed")
    return node


def number_literal(text: str) -> exp.Expr:
    """Return a number that no engine reads differently."""
    if not re.fullmatch(r"\d+(\.\d*)?([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?", text):
        raise ExpressionError(f"expected a number, got {shown(text)}")
    if text.isdigit() and len(text) <= EXACT_DIGITS:
        return exp.Literal.number(text)
    value = float(text)
    if not math.isfinite(value):
        raise ExpressionError(f"the number {text[:30]} is too large")
    return exp.Literal.number(repr(value))


def whole_literal(node: exp.Expr, least: int, most: int) -> int:
    """Return a whole number that is written out and within bounds."""
    text = str(node.this) if isinstance(node, exp.Literal) and not node.is_string else ""
    if not text.isdigit() or not least <= float(text) <= most:
        raise ExpressionError(
            f"expected a whole number from {least} to {most}, got {shown(node.sql('duckdb'))}"
        )
    return int(text)


def listed_literal(node: exp.Expr) -> exp.Expr:
    """Return a literal of a list."""
    inner = node.this if isinstance(node, exp.Neg) else node
    if not isinstance(inner, exp.Literal | exp.Boolean):
        raise ExpressionError(f"in takes literals only, got {shown(node.sql('duckdb'))}")
    return node


def wrapped(node: exp.Expr) -> exp.Expr:
    """Put brackets around whatever has operators, so that no precedence is relied on."""
    compound = isinstance(node, exp.Binary | exp.Unary | exp.Between | exp.In)
    return exp.Paren(this=node) if compound and not isinstance(node, exp.Paren) else node


def joined(texts: Sequence[exp.Expr]) -> exp.Expr:
    """Return the texts (at least one) one after the other, NULL if any of them is."""
    result: exp.Expr = texts[0]
    for text in texts[1:]:
        result = exp.DPipe(this=result, expression=text)
    return result


def refusal(node: exp.Expr) -> str:
    """Return why a construct without a handler is refused."""
    for kinds, reason in REASONS:
        if isinstance(node, kinds):
            return reason
    if isinstance(node, exp.Func):
        name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
        return f"function {shown(name.lower())} is not allowed; allowed are {FUNCTIONS}"
    return f"{shown(node.sql('duckdb'))} is not allowed in an expression"
