"""What this version carries out, and the refusal of what it does not.

Belongs here: the markers that the models put on a key, and the one walk that finds marked keys and
values in a file. A key of later work is parsed and validated like any other and then refused:
never accepted and ignored. Does not belong here: which keys those are; the models say it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo

from pm_pipeline.product.faults import NOT_SUPPORTED, key_path, shown
from pm_pipeline.product.shape import Location, fields_by_key, inner_of

LATER: JsonDict = {"supported": False}


def later_values(*values: str) -> JsonDict:
    """Mark single values of a key as not carried out yet."""
    return {"values_not_supported_yet": list(values)}


def unsupported(model: type[BaseModel], data: Any) -> Iterator[tuple[Location, str]]:
    """Yield (location, message) for every key or value set in ``data`` that is of later work.

    The walk goes over the file's content, guided by the models, so that it also works on a file
    with other faults.
    """
    yield from _walk(model, data, ())


def _walk(shape: Any, data: Any, at: Location) -> Iterator[tuple[Location, str]]:
    shape, kind = inner_of(shape)
    if kind == "model" and isinstance(data, Mapping):
        fields = fields_by_key(shape)
        for key, value in data.items():
            if key in fields:
                yield from _walk_field(fields[key], value, (*at, key))
    elif kind == "map" and isinstance(data, Mapping):
        for key, value in data.items():
            yield from _walk(shape, value, (*at, key))
    elif kind == "list" and isinstance(data, list):
        for index, value in enumerate(data):
            yield from _walk(shape, value, (*at, index))


def _walk_field(field: FieldInfo, value: Any, at: Location) -> Iterator[tuple[Location, str]]:
    marks = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    values = marks.get("values_not_supported_yet")
    if marks.get("supported") is False:
        yield from _refuse(value, at)
    elif isinstance(values, list) and isinstance(value, str) and value in values:
        yield at, _message(value, at)
    else:
        yield from _walk(field.annotation, value, at)


def _refuse(value: Any, at: Location) -> Iterator[tuple[Location, str]]:
    """Refuse a key; of a section, name what stands in it, so that each thing has its line."""
    if isinstance(value, Mapping) and value:
        parts: list[tuple[str | int, Any]] = list(value.items())
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        parts = list(enumerate(value))
    else:
        yield at, _message(value, at)
        return
    for part, inner in parts:
        yield (*at, part), _message(inner, (*at, part))


def _message(value: Any, at: Location) -> str:
    path = key_path(at)
    if isinstance(value, Mapping | list):
        if not value:
            return f"{NOT_SUPPORTED}{path}: {'{}' if isinstance(value, Mapping) else '[]'}"
        if isinstance(value, Mapping) or any(isinstance(item, Mapping | list) for item in value):
            return f"{NOT_SUPPORTED}{path}"
        return f"{NOT_SUPPORTED}{path}: [{', '.join(_bare(item) for item in value)}]"
    return f"{NOT_SUPPORTED}{path}: {_bare(value)}"


def _bare(value: Any) -> str:
    return shown(value).strip("'")
