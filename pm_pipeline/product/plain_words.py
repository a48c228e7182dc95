"""What pydantic found, said in plain words.

Belongs here: one sentence per kind of validation error. Does not belong here: the rules.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from pm_pipeline.product.faults import closest, did_you_mean, one_of, shown
from pm_pipeline.product.shape import Location, keys_allowed_at

EXPECTED = {
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
}
BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def location_of(error: ErrorDetails) -> Location:
    """Return where the error stands; an error about a key itself stands at that key."""
    return tuple(part for part in error["loc"] if part != "[key]")


def misspelled(model: type[BaseModel], errors: list[ErrorDetails]) -> set[Location]:
    """Return the required keys that are there under a wrong spelling: one fault, not two."""
    found = set()
    for error in errors:
        if error["type"] == "extra_forbidden":
            *around, key = location_of(error)
            meant = closest(key, keys_allowed_at(model, tuple(around)))
            if meant:
                found.add((*around, meant))
    return found


def is_long_enough(error: ErrorDetails) -> bool:
    """Say whether a list is too short only because pydantic left its wrong entries out."""
    written = error["input"]
    return isinstance(written, list) and len(written) >= error["ctx"]["min_length"]


def in_plain_words(model: type[BaseModel], error: ErrorDetails) -> str:
    """Return what was expected, what was found, and the closest right word."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return "this key is required, but not there"
    if kind == "extra_forbidden":
        location = location_of(error)
        allowed = keys_allowed_at(model, location[:-1])
        hint = did_you_mean(location[-1], allowed)
        return f"unknown key{hint or f'; expected {one_of(allowed)}'}"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", error["msg"]))
    if kind == "literal_error":
        return _choice(str(context.get("expected", "")), value)
    if kind in BOUNDS:
        words, name = BOUNDS[kind]
        return f"expected {words} {context[name]}, got {shown(value)}"
    if kind in ("too_short", "too_long"):
        bound = context.get("min_length", context.get("max_length"))
        words = "at least" if kind == "too_short" else "at most"
        entries = "entry" if bound == 1 else "entries"
        return f"expected {words} {bound} {entries}, got {context.get('actual_length')}"
    if kind in EXPECTED:
        return f"expected {EXPECTED[kind]}, got {shown(value)}"
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}, got {shown(value)}"


def _choice(expected: str, value: Any) -> str:
    choices = [part.strip("' ") for part in expected.replace(" or ", ", ").split(",")]
    return f"expected {one_of(choices)}, got {shown(value)}{did_you_mean(value, choices)}"
