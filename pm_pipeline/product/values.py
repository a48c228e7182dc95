"""The kinds of values a ``product.yml`` holds: durations, percents, zones, dates, names.

Belongs here: one parser per kind, and the annotated type that the models use for it. A parser
raises ``ValueError`` with the whole message, "expected ..., got ...". Does not belong here: rules
about one key or between keys (the models), expressions (``expressions.py``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema
from pydantic.functional_validators import BeforeValidator

from pm_pipeline.product.expressions import (
    ExpressionError,
    cohort_of_segment,
    compile_expression,
    segment_of,
)
from pm_pipeline.product.faults import NOT_SUPPORTED, did_you_mean, shown

LONGEST_DURATION = timedelta(days=36_525)
LARGEST_WHOLE_NUMBER = 10**15
UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
NOT_ZONES = {"localtime", "posixrules", "Factory"}  # files of a zone database, not names of zones

_DURATION = re.compile(r"(\d{1,12}) *(second|minute|hour|day|week)s?")
_PERCENT = re.compile(r"([-+]?\d+(?:\.\d+)?) *%")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SOURCE_NAME = re.compile(r"[a-z][a-z0-9_-]*")


class Quantity(NamedTuple):
    """A number, or a percent: ``500`` is (500.0, False), ``99%`` is (0.99, True)."""

    value: float
    is_percent: bool


def parse_duration(value: Any) -> timedelta:
    """Return the length of ``30 minutes`` or ``7 days``; ``0`` needs no unit."""
    expected = f"expected a duration such as '30 minutes' or '7 days', got {shown(value)}"
    if value in (0, "0") and not isinstance(value, bool):
        return timedelta(0)
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(expected)
    seconds = int(match[1]) * UNIT_SECONDS[match[2]]
    if seconds > LONGEST_DURATION.total_seconds():
        raise ValueError(f"{expected} (longer than 100 years)")
    return timedelta(seconds=seconds)


def parse_positive_duration(value: Any) -> timedelta:
    """Return the length of a duration that may not be zero."""
    duration = parse_duration(value)
    if not duration:
        raise ValueError(f"expected a duration longer than 0, got {shown(value)}")
    return duration


def parse_number(value: Any) -> float:
    """Return a finite number; text, true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"expected a number, got {shown(value)}")
    return float(value)


def parse_quantity(value: Any) -> Quantity:
    """Return a number or a percent, keeping which of the two it was."""
    match = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match:
        return Quantity(float(match[1]) / 100, True)
    try:
        return Quantity(parse_number(value), False)
    except ValueError:
        raise ValueError(f"expected a number or a percent such as 5%, got {shown(value)}") from None


def parse_limit(value: Any) -> float:
    """Return a limit of at least 0; ``5%`` is 0.05."""
    limit = parse_quantity(value).value
    if limit < 0:
        raise ValueError(f"expected a limit of at least 0, got {shown(value)}")
    return limit


def parse_share(value: Any) -> float:
    """Return a share above 0 and up to 1; ``5%`` is 0.05."""
    share = parse_quantity(value).value
    if not 0 < share <= 1:
        raise ValueError(f"expected a share above 0 and up to 1, got {shown(value)}")
    return share


def parse_date(value: Any) -> date:
    """Return a calendar date."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError(f"expected a date such as 2026-01-31, got {shown(value)}")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - NOT_ZONES)


def parse_zone(value: Any) -> str:
    """Return the name of an IANA time zone."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"expected an IANA time zone such as Europe/Berlin, got {shown(value)}")
    if value not in _zones():
        hint = did_you_mean(value, _zones())
        raise ValueError(
            f"expected an IANA time zone such as Europe/Berlin, got {shown(value)}{hint}"
        )
    ZoneInfo(value)
    return value


def parse_text(value: Any) -> str:
    """Return text; a number or true must be quoted, so that nobody's id 007 becomes 7."""
    if isinstance(value, int | float):
        raise ValueError(f"expected text, got {shown(value)} (write it in quotes)")
    if not isinstance(value, str):
        raise ValueError(f"expected text, got {shown(value)}")
    if not value.strip():
        raise ValueError("expected text, got an empty one")
    return value


def _name_parser(pattern: re.Pattern[str], allowed: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(f"expected a name of {allowed}, beginning with a letter, "
                             f"got {shown(value)}")  # fmt: skip
        return value

    return parse


def parse_active_events(value: Any) -> tuple[str, ...] | None:
    """Return the listed events, or None for ``any``."""
    if value == "any":
        return None
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(f"expected any or a list of event names, got {shown(value)}")
    names = tuple(parse_text(name) for name in value)
    refuse_repeats(names)
    return names


def parse_session_timeout(value: Any) -> timedelta | dict[str, timedelta]:
    """Return one time-out, or one per platform with a ``default``.

    Platforms are told apart without regard to case, as one product may send both iOS and ios.
    """
    if not isinstance(value, Mapping):
        return parse_positive_duration(value)
    if "default" not in value:
        raise ValueError("expected a duration, or a map per platform that has 'default'")
    platforms = tuple(parse_text(platform) for platform in value)
    refuse_repeats(tuple(platform.lower() for platform in platforms))
    return dict(zip(platforms, map(parse_positive_duration, value.values()), strict=True))


def parse_properties(value: Any) -> tuple[str, ...] | None:
    """Return the listed columns, or None for ``*``: every column that is not mapped."""
    if value == "*":
        return None
    if not isinstance(value, list | tuple):
        raise ValueError(f'expected "*" or a list of columns, got {shown(value)}')
    names = tuple(parse_text(name) for name in value)
    refuse_repeats(names)
    return names


def refuse_repeats(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names, or raise for the first that is listed twice."""
    for position, name in enumerate(names):
        if name in names[:position]:
            raise ValueError(f"{shown(name)} is listed twice")
    return names


def known(kind: str) -> AfterValidator:
    """Check that a name is one of those that the same file gives to things of this kind.

    The names come with the validation context, so that a reference is judged even when the thing
    it names has a fault of its own; without a context nothing is checked.
    """

    def check(name: str, info: ValidationInfo) -> str:
        names = ((info.context or {}).get("names") or {}).get(kind)
        if names is not None and name not in names:
            raise ValueError(f"unknown {kind} {shown(name)}{did_you_mean(name, names)}")
        return name

    return AfterValidator(check)


def _expression(kind: str, scope: str = "event") -> AfterValidator:
    def check(text: str) -> str:
        try:
            compile_expression(text, kind=kind, scope=scope)
        except ExpressionError as error:
            raise ValueError(str(error)) from None
        return text

    return AfterValidator(check)


def _check_segment(text: str, info: ValidationInfo) -> str:
    try:
        segment_of(text)
    except ExpressionError as error:
        raise ValueError(str(error)) from None
    cohort = cohort_of_segment(text)
    names = ((info.context or {}).get("names") or {}).get("cohort")
    if cohort is not None and names is not None:
        if cohort not in names:
            raise ValueError(f"unknown cohort {shown(cohort)}{did_you_mean(cohort, names)}")
        if cohort in (info.context or {}).get("cohorts_of_personas", ()):
            raise ValueError(
                f"{NOT_SUPPORTED}a segment by {shown(cohort)}, a cohort of personas: they are "
                "made from segmented events"
            )
    return text


def _schema(**schema: Any) -> WithJsonSchema:
    return WithJsonSchema(schema)


DURATION_SCHEMA = {
    "type": ["string", "integer"],
    "pattern": r"^ *(0|\d{1,12} *(second|minute|hour|day|week)s?) *$",
    "examples": ["30 minutes", "7 days"],
}
_QUANTITY_SCHEMA = {"type": ["number", "string"], "pattern": r"^ *[-+]?\d+(\.\d+)? *%? *$"}

Text = Annotated[str, BeforeValidator(parse_text), Field(min_length=1)]
Name = Annotated[
    str,
    BeforeValidator(_name_parser(_NAME, "lower-case letters, digits and _")),
    _schema(type="string", pattern=f"^{_NAME.pattern}$"),
]
SourceName = Annotated[
    str,
    BeforeValidator(_name_parser(_SOURCE_NAME, "lower-case letters, digits, _ and -")),
    _schema(type="string", pattern=f"^{_SOURCE_NAME.pattern}$"),
]
Duration = Annotated[timedelta, BeforeValidator(parse_duration), _schema(**DURATION_SCHEMA)]
PositiveDuration = Annotated[
    timedelta, BeforeValidator(parse_positive_duration), _schema(**DURATION_SCHEMA)
]
SessionTimeout = Annotated[
    timedelta | dict[str, timedelta],
    BeforeValidator(parse_session_timeout),
    _schema(anyOf=[DURATION_SCHEMA, {"type": "object", "required": ["default"],
                                      "additionalProperties": DURATION_SCHEMA}]),
]  # fmt: skip
Number = Annotated[float, BeforeValidator(parse_number), _schema(type="number")]
Amount = Annotated[Quantity, BeforeValidator(parse_quantity), _schema(**_QUANTITY_SCHEMA)]
Limit = Annotated[float, BeforeValidator(parse_limit), _schema(**_QUANTITY_SCHEMA)]
Share = Annotated[float, BeforeValidator(parse_share), _schema(**_QUANTITY_SCHEMA)]
Zone = Annotated[
    str, BeforeValidator(parse_zone), _schema(type="string", examples=["UTC", "Europe/Berlin"])
]
Date = Annotated[date, BeforeValidator(parse_date), _schema(type="string", format="date")]
Flag = Annotated[bool, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=1, le=LARGEST_WHOLE_NUMBER)]
CountOrZero = Annotated[int, Field(strict=True, ge=0, le=LARGEST_WHOLE_NUMBER)]
ActiveEvents = Annotated[
    tuple[str, ...] | None,
    BeforeValidator(parse_active_events),
    _schema(anyOf=[{"const": "any"},
                   {"type": "array", "items": {"type": "string"}, "minItems": 1}]),
]  # fmt: skip
PropertyColumns = Annotated[
    tuple[str, ...] | None,
    BeforeValidator(parse_properties),
    _schema(anyOf=[{"const": "*"}, {"type": "array", "items": {"type": "string"}}]),
]
Texts = Annotated[tuple[Text, ...], AfterValidator(refuse_repeats)]
SomeTexts = Annotated[tuple[Text, ...], Field(min_length=1), AfterValidator(refuse_repeats)]
Condition = Annotated[Text, _expression("boolean")]
Scalar = Annotated[Text, _expression("scalar")]
NumberExpression = Annotated[Text, _expression("number")]
UserCondition = Annotated[Text, _expression("boolean", "user")]
Segment = Annotated[Text, AfterValidator(_check_segment)]
