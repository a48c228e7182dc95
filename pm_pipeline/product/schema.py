"""The JSON Schema of ``product.yml``, by which editors complete and explain keys.

Belongs here: making the packaged file from the models (``python -m pm_pipeline.product.schema``
writes it anew) and naming it. A ``product.yml`` uses it with a first line
``# yaml-language-server: $schema=<path of the file>``. Does not belong here: any rule of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pm_pipeline.product.models import Product

SCHEMA_FILE = Path(__file__).with_name("product.schema.json")
DIALECT = "http://json-schema.org/draft-07/schema#"  # what editors of YAML understand
MARKS = ("supported", "values_not_supported_yet")


def product_schema() -> dict[str, Any]:
    """Return the JSON Schema, made from the models."""
    schema = Product.model_json_schema(by_alias=True, mode="validation")
    for part in _parts(schema):
        _for_editors(part)
    return {"$schema": DIALECT, **schema, "title": "product.yml"}


def schema_text() -> str:
    """Return the content of the packaged file."""
    return json.dumps(product_schema(), indent=2, ensure_ascii=False) + "\n"


def _parts(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
        for inner in part.values():
            yield from _parts(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _parts(inner)


def _for_editors(part: dict[str, Any]) -> None:
    if part.get("supported") is False and "description" in part:
        part["description"] = f"Not supported yet. {part['description']}"
    for mark in MARKS:
        if not isinstance(part.get(mark), dict):  # a key of that name would be a dict
            part.pop(mark, None)
    if not part.get("default") or not isinstance(part["default"], dict):
        part.pop("default", None)  # durations would be shown in a form that is not accepted
    if isinstance(part.get("title"), str):
        part.pop("title")
    choices = part.get("anyOf")
    if isinstance(choices, list):  # a key may be left out, but not left empty
        kept = [choice for choice in choices if choice != {"type": "null"}]
        if len(kept) == 1 and len(choices) > 1:
            part.pop("anyOf")
            part.update({**kept[0], **part})
        else:
            part["anyOf"] = kept


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
