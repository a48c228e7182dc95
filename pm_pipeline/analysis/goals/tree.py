"""The metric tree day by day: values of its nodes, and what each added to its parent's change.

Belongs here: sums, products, ratios of inputs, and the split of a change among them. Does not
belong here: whether a tree is one (``product/models/tree.py``), whether its values reconcile (gate
C), reading or writing a table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pm_pipeline.analysis.goals.settings import TreeSettings

Days = Mapping[date, float]


@dataclass
class Node:
    """A metric or a name, and what it is made of or moved by."""

    name: str
    kind: str = "metric"
    """sum, product, ratio, influence, or metric: a leaf."""
    inputs: list[str] = field(default_factory=list)
    """Of an arithmetic node: other nodes."""
    influences: list[str] = field(default_factory=list)
    """Any words."""
    evidence: str | None = None
    why: str | None = None

    @property
    def influenced_by(self) -> str | None:
        """Return the edges of influence as text."""
        if not self.influences:
            return None
        evidence = self.evidence or "none"
        known = evidence if evidence in ("none", "correlation") else f"experiment {evidence}"
        text = f"{', '.join(self.influences)} (evidence: {known})"
        return f"{text}: {self.why}" if self.why else text


def tree_of(edges: Sequence[tuple[Any, ...]]) -> dict[str, Node]:
    """Return the nodes by name in the order of the file, each leaf after its parent."""
    nodes: dict[str, Node] = {}
    for name, kind, part, evidence, why in edges:
        node = nodes.setdefault(name, Node(name))
        node.kind = kind
        if kind == "influence":
            node.influences.append(part)
            node.evidence, node.why = evidence, why
        else:
            node.inputs.append(part)
            nodes.setdefault(part, Node(part))
    return nodes


def tree_rows(
    nodes: Mapping[str, Node], metrics: Mapping[str, Days], settings: TreeSettings
) -> list[tuple[Any, ...]]:
    """Return the rows in the order of the table's columns: roots before what they are made of."""
    values = {name: dict(metrics[name]) if name in metrics else None for name in nodes}
    for name in nodes:
        _value_of(name, nodes, values)
    parents = {part: node.name for node in nodes.values() for part in node.inputs}
    rows: list[tuple[Any, ...]] = []
    for place, (name, depth) in enumerate(_in_order(nodes, parents), start=1):
        node, parent = nodes[name], parents.get(name)
        days = values[name] or {}
        position = nodes[parent].inputs.index(name) + 1 if parent else None
        for day in sorted(days):
            before = date.fromordinal(day.toordinal() - settings.days_between)
            rows.append(
                (name, day, node.kind, days[day], days.get(before),
                 _contribution(name, parent, nodes, values, before, day),
                 parent, position, place, depth, node.influenced_by)
            )  # fmt: skip
    return rows


def _value_of(
    name: str, nodes: Mapping[str, Node], values: dict[str, dict[date, float] | None]
) -> dict[date, float]:
    """Return a node's days: the metric's own, else computed from its inputs."""
    known = values[name]
    if known is None:
        parts = [_value_of(part, nodes, values) for part in nodes[name].inputs]
        shared = set(parts[0]).intersection(*parts[1:]) if parts else set()
        found = {day: combined(nodes[name].kind, [part[day] for part in parts]) for day in shared}
        known = {day: value for day, value in found.items() if value is not None}
        values[name] = known
    return known


def combined(kind: str, parts: Sequence[float]) -> float | None:
    """Return what the inputs give; None of a ratio by nothing."""
    if kind == "sum":
        return math.fsum(parts)
    if kind == "product":
        return math.prod(parts)
    above, below = parts
    return above / below if below else None


def _in_order(nodes: Mapping[str, Node], parents: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Yield each node and its depth, a parent directly before all that it is made of."""

    def below(name: str, depth: int) -> Iterator[tuple[str, int]]:
        yield name, depth
        for part in nodes[name].inputs:
            yield from below(part, depth + 1)

    for name in nodes:
        if name not in parents:
            yield from below(name, 0)


def _contribution(
    name: str,
    parent: str | None,
    nodes: Mapping[str, Node],
    values: Mapping[str, Days | None],
    before: date,
    day: date,
) -> float | None:
    """Return a node's part in its parent's change; a root's is its own change."""
    own = values[name] or {}
    if before not in own:
        return None
    if parent is None:
        return own[day] - own[before]
    days = [values[part] or {} for part in nodes[parent].inputs]
    if any(when not in part for part in days for when in (before, day)):
        return None
    split = split_change(
        nodes[parent].kind, [part[before] for part in days], [part[day] for part in days]
    )
    return None if split is None else split[nodes[parent].inputs.index(name)]


def split_change(kind: str, old: Sequence[float], new: Sequence[float]) -> list[float] | None:
    """Return what each input adds to the change of a node; the parts add up to it exactly.

    Products and ratios by the logarithmic mean (LMDI): each input has its share of the change of
    the logarithm. None where a factor is not positive, which has no logarithm.
    """
    if kind == "sum":
        return [after - before for before, after in zip(old, new, strict=True)]
    if min(*old, *new) <= 0:
        return None
    signs = [1.0, -1.0] if kind == "ratio" else [1.0] * len(old)
    logs = [
        sign * math.log(after / before)
        for sign, before, after in zip(signs, old, new, strict=True)
    ]  # fmt: skip
    before, after = combined(kind, old), combined(kind, new)
    assert before is not None and after is not None
    mean = before if math.isclose(after, before) else (after - before) / math.log(after / before)
    return [mean * each for each in logs]
