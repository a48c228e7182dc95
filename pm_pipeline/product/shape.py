"""Reading the models' own shape: which keys stand where, and what lies below a key.

Belongs here: following a location in the file through the models, for "did you mean" and for the
walk of ``support.py``. Does not belong here: any rule about values.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Location = tuple[str | int, ...]
Kind = Literal["model", "map", "list", "value"]


def fields_by_key(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a model by the key that the file uses for them."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def inner_of(shape: Any) -> tuple[Any, Kind]:
    """Return what a type holds: a model itself, the values of a map, the items of a list."""
    while get_origin(shape) is Annotated:
        shape = get_args(shape)[0]
    origin, arguments = get_origin(shape), get_args(shape)
    if origin in (Union, types.UnionType):
        kinds = [inner_of(argument) for argument in arguments if argument is not type(None)]
        return next((found for found in kinds if found[1] != "value"), (shape, "value"))
    if origin in (dict, Mapping):
        return arguments[1], "map"
    if origin in (tuple, list, Sequence):
        return arguments[0], "list"
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return shape, "model"
    return shape, "value"


def keys_allowed_at(model: type[BaseModel], location: Location) -> list[str]:
    """Return the keys of the mapping at ``location``, or none where the models leave it open."""
    shape: Any = model
    for part in location:
        inner, kind = inner_of(shape)
        if kind == "model":
            field = fields_by_key(inner).get(str(part))
            if field is None:
                return []
            shape = field.annotation
        else:
            shape = inner
    inner, kind = inner_of(shape)
    return list(fields_by_key(inner)) if kind == "model" else []
