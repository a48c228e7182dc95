"""From a parsed expression to SQL of our own making: the allow-list.

Belongs here: each construct that an expression may use, rebuilt from checked parts; whatever has no
handler here is refused. Nothing of what the parser read reaches the SQL except names of known
columns, property names and literals. Does not belong here: parsing (``expressions.py``), columns
and casts (``expression_scope.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from pm_pipeline.product.expression_parts import (
    joined,
    listed_literal,
    number_literal,
    only,
    refusal,
    whole_literal,
    wrapped,
)
from pm_pipeline.product.expression_scope import (
    Dialect,
    ExpressionError,
    Scope,
    column_node,
    property_node,
)
from pm_pipeline.product.expression_terms import (
    Term,
    alike,
    as_boolean,
    as_double,
    as_text,
    time_value,
    try_cast,
    unified,
    written_as_text,
)
from pm_pipeline.product.faults import did_you_mean, one_of, shown

DEEPEST = 60
MOST_DECIMALS = 15
FURTHEST_CHARACTER = 1_000_000

COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul)
DATE_PARTS = ("year", "quarter", "month", "day", "hour", "minute")
DATE_PART_CALLS = (exp.Year, exp.Quarter, exp.Month, exp.Day, exp.Hour, exp.Minute)
TIME_TYPES = {"DATE": "date", "TIMESTAMP": "timestamp", "TIMESTAMPNTZ": "timestamp"}
NUMBER_TYPES = {"DOUBLE", "FLOAT", "DECIMAL"}
WHOLE_TYPES = {"INT", "BIGINT", "SMALLINT", "TINYINT"}
TEXT_TYPES = {"TEXT", "VARCHAR"}


class Builder:
    """Rebuilds one expression and notes the columns and properties that it reads."""

    def __init__(self, scope: Scope, dialect: Dialect) -> None:
        """Make a builder for one expression."""
        self.scope = scope
        self.dialect: Dialect = dialect
        self.columns: dict[str, None] = {}
        self.properties: dict[str, None] = {}
        self._depth = 0
        self._handlers: dict[type[exp.Expr], Callable[[Any], Term]] = {
            exp.Column: self._column, exp.Literal: self._literal, exp.Boolean: self._truth,
            exp.Null: lambda node: Term(exp.Null(), "null"),
            exp.Paren: lambda node: self.build(only(node, "this").this),
            exp.And: self._connector, exp.Or: self._connector, exp.Not: self._not,
            **dict.fromkeys(COMPARISONS, self._comparison),
            exp.NullSafeEQ: self._comparison, exp.NullSafeNEQ: self._comparison,
            **dict.fromkeys(ARITHMETIC, self._arithmetic),
            exp.Div: self._division, exp.Mod: self._division, exp.Neg: self._negation,
            exp.In: self._in, exp.Between: self._between, exp.Is: self._is,
            exp.Like: self._text_test, exp.ILike: self._text_test,
            exp.StartsWith: self._text_test, exp.EndsWith: self._text_test,
            exp.Contains: self._text_test,
            exp.Lower: self._text_function, exp.Upper: self._text_function,
            exp.Trim: self._text_function, exp.Length: self._length,
            exp.Substring: self._substring, exp.Concat: self._concat, exp.DPipe: self._pipe,
            exp.Abs: self._abs, exp.Round: self._round, exp.Coalesce: self._coalesce,
            exp.Nullif: self._nullif, exp.Case: self._case,
            exp.Cast: self._cast, exp.TryCast: self._cast, exp.Extract: self._extract,
            **dict.fromkeys(DATE_PART_CALLS, self._date_part),
        }  # fmt: skip

    def build(self, node: exp.Expr) -> Term:
        """Return the checked SQL of ``node``; raises ``ExpressionError`` for what is refused."""
        handler = self._handlers.get(type(node))
        if handler is None:
            raise ExpressionError(refusal(node))
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError(f"nested more than {DEEPEST} deep; write it more simply")
        term = handler(node)
        self._depth -= 1
        return term

    # -- names and literals ------------------------------------------------------------------

    def _column(self, node: exp.Column) -> Term:
        parts = list(node.parts)
        if not all(isinstance(part, exp.Identifier) for part in parts):
            raise ExpressionError("* is not allowed; name one column or property")
        names = [part.name for part in parts]
        head = names[0] if parts[0].args.get("quoted") else names[0].lower()
        if head == "properties" and self.scope.has_properties and len(parts) > 1:
            return self._property(names[1:])
        if len(parts) > 1:
            raise ExpressionError(f"{'.'.join(names)}: expected a column or properties.<name>")
        column = self.scope.columns.get(head)
        if column is None:
            raise ExpressionError(self._unknown(parts[0]))
        self.columns[column.name] = None
        return Term(column_node(column.name), column.type)

    def _property(self, names: list[str]) -> Term:
        if len(names) > 1:
            whole = ".".join(names)
            raise ExpressionError(
                f"properties.{whole}: a property inside a property cannot be reached; "
                f'a name that has a dot is written properties."{whole}"'
            )
        if not names[0]:
            raise ExpressionError("expected properties.<name>, got an empty name")
        self.properties[names[0]] = None
        return Term(property_node(names[0], self.dialect), "property")

    def _unknown(self, identifier: exp.Expr) -> str:
        name = identifier.name
        message = f"unknown column {shown(name)}{did_you_mean(name, self.scope.columns)}"
        if identifier.args.get("quoted"):
            return f"{message} (text is written in single quotes: {shown(name)})"
        known = f"columns: {', '.join(self.scope.columns)}"
        return f"{message} ({known}{'; properties.<name>' if self.scope.has_properties else ''})"

    def _literal(self, node: exp.Literal) -> Term:
        text = str(node.this)
        if node.is_string:
            return Term(exp.Literal.string(text), "text", text)
        return Term(number_literal(text), "number")

    def _truth(self, node: exp.Boolean) -> Term:
        return Term(exp.Boolean(this=bool(node.this)), "boolean")

    # -- logic and comparisons ---------------------------------------------------------------

    def _connector(self, node: exp.And | exp.Or) -> Term:
        kind = type(node)
        operands: list[exp.Expr] = []
        waiting: list[exp.Expr] = [only(node, "this", "expression")]
        while waiting:  # not by recursion: a long chain of the same connector is not deep
            current = waiting.pop()
            if type(current) is kind:
                waiting += [current.expression, current.this]
            else:
                operands.append(as_boolean(self.build(current)))
        result = wrapped(operands[0])
        for operand in operands[1:]:
            result = kind(this=result, expression=wrapped(operand))
        return Term(result, "boolean")

    def _not(self, node: exp.Not) -> Term:
        inner = as_boolean(self.build(only(node, "this").this))
        return Term(exp.Not(this=wrapped(inner)), "boolean")

    def _comparison(self, node: exp.Binary) -> Term:
        only(node, "this", "expression")
        left, right = self.build(node.this), self.build(node.expression)
        return Term(self._compare(type(node), left, right), "boolean")

    def _compare(self, kind: type[exp.Expr], left: Term, right: Term) -> exp.Expr:
        first, second = alike([left, right])
        if "boolean" in (left.type, right.type) and kind in (exp.GT, exp.GTE, exp.LT, exp.LTE):
            raise ExpressionError("true and false are compared with = or <> only")
        return kind(this=wrapped(first), expression=wrapped(second))

    def _in(self, node: exp.In) -> Term:
        if not node.args.get("expressions"):
            raise ExpressionError("in needs a list of literals, such as in ('a', 'b')")
        only(node, "this", "expressions")
        values = [self.build(listed_literal(value)) for value in node.expressions]
        subject, *listed = alike([self.build(node.this), *values])
        return Term(exp.In(this=wrapped(subject), expressions=listed), "boolean")

    def _between(self, node: exp.Between) -> Term:
        only(node, "this", "low", "high")
        terms = [self.build(node.args[part]) for part in ("this", "low", "high")]
        if any(term.type == "boolean" for term in terms):
            raise ExpressionError("between is for numbers, text and times")
        this, low, high = (wrapped(value) for value in alike(terms))
        return Term(exp.Between(this=this, low=low, high=high), "boolean")

    def _is(self, node: exp.Is) -> Term:
        only(node, "this", "expression")
        subject = self.build(node.this)
        if isinstance(node.expression, exp.Boolean):
            truth = exp.Boolean(this=bool(node.expression.this))
            return Term(exp.Is(this=wrapped(as_boolean(subject)), expression=truth), "boolean")
        if not isinstance(node.expression, exp.Null):
            raise ExpressionError("is needs null, true or false; values are compared with =")
        return Term(exp.Is(this=wrapped(subject.node), expression=exp.Null()), "boolean")

    def _text_test(self, node: exp.Binary) -> Term:
        only(node, "this", "expression", "negate")
        this, other = (as_text(self.build(part)) for part in (node.this, node.expression))
        test = type(node)(this=wrapped(this), expression=wrapped(other))
        negated = bool(node.args.get("negate"))
        return Term(exp.Not(this=wrapped(test)) if negated else test, "boolean")

    # -- numbers -----------------------------------------------------------------------------

    def _arithmetic(self, node: exp.Binary) -> Term:
        only(node, "this", "expression")
        left, right = (as_double(self.build(part)) for part in (node.this, node.expression))
        return Term(type(node)(this=wrapped(left), expression=wrapped(right)), "number")

    def _division(self, node: exp.Binary) -> Term:
        only(node, "this", "expression", "typed", "safe")
        left, right = (as_double(self.build(part)) for part in (node.this, node.expression))
        # By zero: NULL on every engine, not infinity on one and an error on another.
        divisor = exp.Nullif(this=right, expression=exp.Literal.number("0"))
        return Term(type(node)(this=wrapped(left), expression=divisor), "number")

    def _negation(self, node: exp.Neg) -> Term:
        only(node, "this")
        if isinstance(node.this, exp.Literal) and not node.this.is_string:
            return Term(exp.Neg(this=number_literal(str(node.this.this))), "number")
        return Term(exp.Neg(this=wrapped(as_double(self.build(node.this)))), "number")

    def _abs(self, node: exp.Abs) -> Term:
        return Term(exp.Abs(this=as_double(self.build(only(node, "this").this))), "number")

    def _round(self, node: exp.Round) -> Term:
        only(node, "this", "decimals")
        decimals = node.args.get("decimals")
        places = whole_literal(decimals, 0, MOST_DECIMALS) if decimals else 0
        value = as_double(self.build(node.this))
        return Term(exp.Round(this=value, decimals=exp.Literal.number(places)), "number")

    # -- text --------------------------------------------------------------------------------

    def _text_function(self, node: exp.Func) -> Term:
        return Term(type(node)(this=as_text(self.build(only(node, "this").this))), "text")

    def _length(self, node: exp.Length) -> Term:
        return Term(exp.Length(this=as_text(self.build(only(node, "this").this))), "number")

    def _substring(self, node: exp.Substring) -> Term:
        only(node, "this", "start", "length")
        arguments = {"this": as_text(self.build(node.this))}
        for name, least in (("start", 1), ("length", 0)):
            if node.args.get(name) is not None:
                place = whole_literal(node.args[name], least, FURTHEST_CHARACTER)
                arguments[name] = exp.Literal.number(place)
        if "start" not in arguments:
            raise ExpressionError("substring needs a start, counted from 1")
        return Term(exp.Substring(**arguments), "text")

    def _concat(self, node: exp.Concat) -> Term:
        only(node, "expressions", "safe", "coalesce")
        empty = exp.Literal.string("")
        texts = [
            exp.Coalesce(this=as_text(self.build(part)), expressions=[empty.copy()])
            for part in node.expressions
        ]
        if not texts:
            raise ExpressionError("concat needs something to join")
        return Term(joined(texts), "text")

    def _pipe(self, node: exp.DPipe) -> Term:
        only(node, "this", "expression", "safe")
        texts = [as_text(self.build(part)) for part in (node.this, node.expression)]
        return Term(joined([wrapped(text) for text in texts]), "text")

    # -- choices, casts, times ---------------------------------------------------------------

    def _coalesce(self, node: exp.Coalesce) -> Term:
        only(node, "this", "expressions")
        type_, values = unified([self.build(part) for part in (node.this, *node.expressions)])
        return Term(exp.Coalesce(this=values[0], expressions=values[1:]), type_)

    def _nullif(self, node: exp.Nullif) -> Term:
        only(node, "this", "expression")
        left, right = self.build(node.this), self.build(node.expression)
        this, other = alike([left, right])
        type_ = left.type if right.type in ("text", "property") else right.type
        return Term(exp.Nullif(this=this, expression=other), type_)

    def _case(self, node: exp.Case) -> Term:
        only(node, "this", "ifs", "default")
        branches = [only(branch, "this", "true") for branch in node.args["ifs"]]
        tested = [self.build(branch.this) for branch in branches]
        if node.this:
            subject, *conditions = alike([self.build(node.this), *tested])
        else:
            subject, conditions = None, [as_boolean(term) for term in tested]
        results = [self.build(branch.args["true"]) for branch in branches]
        default = node.args.get("default")
        type_, values = unified([*results, *([self.build(default)] if default else [])])
        ifs = [exp.If(this=left, true=right) for left, right in zip(conditions, values)]  # noqa: B905
        result = exp.Case(this=subject, ifs=ifs, default=values[-1] if default else None)
        return Term(result, type_)

    def _cast(self, node: exp.Cast) -> Term:
        only(node, "this", "to", "safe")
        target = node.to
        name = str(getattr(target.this, "value", target.this)).upper()
        term = self.build(node.this)
        if name in NUMBER_TYPES:
            return Term(as_double(term), "number")
        if name in WHOLE_TYPES:
            return Term(try_cast(exp.Round(this=as_double(term)), "bigint"), "number")
        if name in TEXT_TYPES:
            return Term(written_as_text(term), "text")
        if name == "BOOLEAN":
            return Term(try_cast(as_text(term), "boolean"), "boolean")
        if name in TIME_TYPES:
            moment = time_value(term)
            return Term(exp.Cast(this=moment, to=exp.DataType.build(TIME_TYPES[name])), "time")
        raise ExpressionError(
            f"a cast to {target.sql('duckdb').lower()} is not allowed; expected "
            f"{one_of(['text', 'double', 'integer', 'boolean', 'date', 'timestamp'])}"
        )

    def _extract(self, node: exp.Extract) -> Term:
        only(node, "this", "expression")
        return self._part(node.this.name.lower(), node.expression)

    def _date_part(self, node: exp.Func) -> Term:
        return self._part(type(node).__name__.lower(), only(node, "this").this)

    def _part(self, part: str, of: exp.Expr) -> Term:
        if part not in DATE_PARTS:
            raise ExpressionError(
                f"expected one of the date parts {one_of(DATE_PARTS)}, got {shown(part)}"
            )
        moment = time_value(self.build(of))
        return Term(exp.Extract(this=exp.var(part.upper()), expression=moment), "number")
