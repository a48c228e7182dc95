"""Which published tables hold dated numbers: read from what dbt knows of its models.

Belongs here: a table's key and the last day that a row can see, as the models declare them. Does
not belong here: comparing publications.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOM = "marts"
HISTORY = "quality"
KEY_TEST = "unique_key"
COMPLETE = "is_complete"
DATE = "date"
OPEN_ENDED = "_on_or_after_"
"""In the name of a column that counts up to as-of, whatever period its row is about."""


@dataclass(frozen=True)
class DatedTable:
    """An aggregate whose rows are about a stretch of days."""

    name: str
    """Schema and table."""
    key: tuple[str, ...]
    last_day: str
    """SQL over its columns: the last product day whose events a row can use. Where only
    ``is_complete`` tells, any day of it. NULL for what is about everything up to as-of."""
    sees_itself: bool = True
    """Whether ``last_day`` is the last whose events a row can use."""
    is_complete: str = "true"
    """SQL over its columns: whether a row stands, where its last day does not decide it."""
    moving: tuple[str, ...] = ()
    """Columns that go on changing with as-of when a row is complete: no number of them stands."""


def dated_tables(manifest: Path) -> tuple[DatedTable, ...]:
    """Return the dated tables of dbt's manifest, by name.

    A model of the marts is one when it says what its rows can see, by ``sees_until`` in its
    configuration (or in ``meta``, for one that is built as a whole or whose rule is no plain SQL),
    or else which of them are complete, by a column or in ``meta``; with both in ``meta`` the day is
    only the first from which a row may stand. A day that is NULL says that a row sums everything up
    to as-of: it stands as long as as-of does. A table about single people or
    events holds no number of the product, nor does a history.
    """
    content = json.loads(manifest.read_text(encoding="utf-8"))
    keys = dict(_keys(content["nodes"].values()))
    found = []
    for node in content["nodes"].values():
        if node["resource_type"] != "model" or node["fqn"][1] != ROOM:
            continue
        key = keys.get(node["unique_id"], ())
        if key and node["schema"] != HISTORY and not any(name.endswith("_id") for name in key):
            found.append(_dated(node, key))
    return tuple(sorted(filter(None, found), key=lambda table: table.name))


def _dated(node: Mapping[str, Any], key: tuple[str, ...]) -> DatedTable | None:
    config, columns = node["config"], node["columns"]
    name, meta = f"{node['schema']}.{node['alias']}", config["meta"]
    moving = tuple(column for column in columns if OPEN_ENDED in column)
    rule = meta.get("sees_until") or config.get("sees_until")
    if rule and "{{" not in rule and COMPLETE not in meta:
        return DatedTable(name, key, rule, moving=moving)
    days = [column for column in key if columns[column]["data_type"] == DATE]
    complete = meta.get(COMPLETE) or (COMPLETE if COMPLETE in columns else None)
    if days and complete:
        day = meta.get("sees_until", days[0])
        return DatedTable(name, key, day, sees_itself=False, is_complete=complete, moving=moving)
    return None


def _keys(nodes: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    for node in nodes:
        test = node.get("test_metadata") or {}
        if test.get("name") == KEY_TEST:
            yield node["attached_node"], tuple(test["kwargs"]["columns"])
