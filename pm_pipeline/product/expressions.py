"""Expressions of ``product.yml``: one value over event columns and ``properties.<name>``.

Belongs here: reading an expression with sqlglot and returning checked SQL for one engine. Does not
belong here: the list of what is allowed (``expression_builder.py``), the columns
(``expression_scope.py``). The text of the user is never part of the SQL: it is parsed, and the SQL
is built anew from the parts that are known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from sqlglot import Dialect as SqlDialect
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.tokens import Token, TokenType  # type: ignore[attr-defined]

from pm_pipeline.product.expression_builder import Builder
from pm_pipeline.product.expression_scope import (
    DIALECTS,
    SCOPES,
    Dialect,
    ExpressionError,
    ValueType,
)
from pm_pipeline.product.expression_terms import (
    Term,
    as_boolean,
    as_double,
    finite,
    written_as_text,
)

__all__ = [
    "CompiledExpression",
    "ExpressionError",
    "cohort_of_segment",
    "compile_expression",
    "segment_of",
]

Kind = Literal["boolean", "scalar", "number", "text"]
LONGEST = 10_000
READ_AS = "duckdb"
RESERVED_SEGMENT = "all"

_COHORT = re.compile(r" *cohorts\.([a-z][a-z0-9_]*) *")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class CompiledExpression:
    """Checked SQL: ``columns`` are the table's own names, ``type`` is that of the value.

    A scalar of type ``property`` is JSON text as it was sent.
    """

    sql: str
    columns: tuple[str, ...]
    properties: tuple[str, ...]
    type: ValueType


@lru_cache(maxsize=4096)
def compile_expression(
    text: str, *, kind: str = "scalar", dialect: str = "duckdb", scope: str = "event"
) -> CompiledExpression:
    """Return the SQL of one expression.

    ``kind``: ``boolean`` for a condition, ``scalar`` for a value as it is, ``number`` for a double
    that is NULL where the value is no finite number, ``text`` for any value written as text.
    ``scope``: ``event`` for the lake's columns, ``user`` for those of ``core.users``.
    Raises ``ExpressionError`` with what was expected.
    """
    if dialect not in DIALECTS:
        raise ValueError(f"unknown dialect {dialect}")
    builder = Builder(SCOPES[scope], cast(Dialect, dialect))
    try:
        term = _of_kind(builder.build(_parse(text)), kind)
        sql = term.node.sql(dialect=dialect, comments=False)
    except RecursionError:
        raise ExpressionError("nested too deeply; write it more simply") from None
    return CompiledExpression(sql, tuple(builder.columns), tuple(builder.properties), term.type)


def segment_of(text: str, dialect: str = "duckdb") -> tuple[str, str]:
    """Return (segment_name, SQL as text) of a text column, a property or ``cohorts.<name>``.

    Whether an event happened in a cohort is a column of the segmented events, 'in' or 'out'.
    """
    cohort = cohort_of_segment(text)
    if cohort is not None:
        return _named(cohort), f"cohort_{cohort}"
    compiled = compile_expression(text, kind="text", dialect=dialect)
    parsed = _parse(text)
    if not isinstance(parsed, exp.Column) or compiled.type not in ("text", "property"):
        raise ExpressionError("expected a text column, properties.<name> or cohorts.<name>")
    return _named(compiled.properties[0] if compiled.properties else parsed.name.lower()), (
        compiled.sql
    )


def cohort_of_segment(text: str) -> str | None:
    """Return the cohort that a segment is made of, or None when it is of another kind."""
    match = _COHORT.fullmatch(text)
    return match[1] if match else None


def _named(segment: str) -> str:
    if segment == RESERVED_SEGMENT:
        raise ExpressionError(f"a segment cannot be named '{segment}': that is the total")
    return segment


def _of_kind(term: Term, kind: str) -> Term:
    if kind == "boolean":
        return Term(as_boolean(term), "boolean")
    if kind == "number":
        return Term(finite(as_double(term)), "number")
    if term.type == "null":
        raise ExpressionError("expected a value, got null")
    return Term(written_as_text(term), term.type) if kind == "text" else term


def _parse(text: str) -> exp.Expr:
    if len(text) > LONGEST:
        raise ExpressionError(f"expected at most {LONGEST} characters, got {len(text)}")
    found = _UNPRINTABLE.search(text)
    if found:
        raise ExpressionError(f"the character U+{ord(found[0]):04X} is not allowed")
    reader = SqlDialect.get_or_raise(READ_AS)
    try:
        tokens = reader.tokenize(text)
        _check_tokens(tokens)
        # Into a condition, not a statement: the parser's statements are never reached.
        parsed = reader.parser().parse_into(exp.Condition, tokens, text)
    except ParseError as error:
        raise ExpressionError(_plain(error)) from None
    except SqlglotError:
        raise ExpressionError("cannot be read: a quote or bracket may not be closed") from None
    if len(parsed) != 1 or parsed[0] is None:
        raise ExpressionError("expected exactly one expression")
    return parsed[0]


def _check_tokens(tokens: list[Token]) -> None:
    if not tokens:
        raise ExpressionError("expected an expression, got nothing")
    for token in tokens:
        if token.comments or token.token_type == TokenType.HINT:
            raise ExpressionError("comments are not allowed in an expression")
        if token.token_type == TokenType.SEMICOLON:
            raise ExpressionError("; is not allowed: expected exactly one expression")


def _plain(error: ParseError) -> str:
    """Return where reading stopped, without the parser's own words."""
    details = [detail for detail in _all_errors(error) if detail.get("highlight")]
    near = f" near '{details[-1]['highlight']}'" if details else ""
    return f"cannot be read as one expression{near}"


def _all_errors(error: ParseError) -> list[dict[str, object]]:
    return [dict(detail) for detail in error.errors or []]
