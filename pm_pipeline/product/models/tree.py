"""What a metric is made of: the metric tree.

Belongs here: the keys of ``metric_tree:`` and what makes a tree one. Does not belong here: values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pm_pipeline.product.faults import did_you_mean, shown
from pm_pipeline.product.models.base import Section, only_with
from pm_pipeline.product.values import Text

RATIO_INPUTS = 2


class TreeNode(Section):
    """A metric, and what it is made of or moved by."""

    kind: Literal["sum", "product", "ratio", "influence"] = Field(
        description="How the inputs give the value: sum, product or ratio (the first by the "
        "second), which is checked on every day; influence only says what is believed to move it."
    )
    inputs: Annotated[tuple[Text, ...], Field(min_length=1)] = Field(
        description="Metrics or nodes of this tree; of an influence any words."
    )
    evidence: Text | None = Field(
        default=None,
        description="What an influence rests on: none, correlation, or the name of an experiment.",
    )
    why: Text | None = Field(default=None, description="The belief behind an influence.")

    @model_validator(mode="after")
    def _inputs_fit(self) -> Self:
        if len(set(self.inputs)) < len(self.inputs):
            raise ValueError("an input is there twice")
        if self.kind == "ratio" and len(self.inputs) != RATIO_INPUTS:
            raise ValueError("a ratio has two inputs: what stands above the line, what below")
        if self.kind in ("sum", "product") and len(self.inputs) < RATIO_INPUTS:
            raise ValueError(f"a {self.kind} has at least two inputs")
        if self.kind != "influence":
            only_with(self, "kind influence", "evidence", "why")
        return self


def check_tree(
    tree: Mapping[str, TreeNode], metrics: Collection[str], experiments: Collection[str]
) -> None:
    """Raise unless every input is known and has one parent, and nothing is made of itself."""
    parents: dict[str, str] = {}
    for name, node in tree.items():
        if node.kind == "influence":
            if name not in metrics:
                raise ValueError(f"{shown(name)} has no value: an influence is on a metric")
            known = {"none", "correlation", *experiments}
            if node.evidence is not None and node.evidence not in known:
                raise ValueError(
                    f"{shown(name)}: expected none, correlation or the name of an experiment, got "
                    f"{shown(node.evidence)}{did_you_mean(node.evidence, known)}"
                )
            continue
        nodes = {other for other in tree if tree[other].kind != "influence"}
        for part in node.inputs:
            if part not in metrics and part not in nodes:
                raise ValueError(
                    f"{shown(name)}: {shown(part)} is no metric and no node of this tree"
                    f"{did_you_mean(part, {*metrics, *nodes})}"
                )
            if part in parents:
                raise ValueError(
                    f"{shown(part)} is an input of {shown(parents[part])} and of {shown(name)}: "
                    "in a tree it has one place; use kind: influence for the other"
                )
            parents[part] = name
    for name in parents:
        if name in list(_above(name, parents)):
            raise ValueError(f"{shown(name)} is made of itself")


def _above(name: str, parents: Mapping[str, str]) -> Iterator[str]:
    """Yield the parents of a node upwards, at most once around."""
    for _ in parents:
        if name not in parents:
            return
        name = parents[name]
        yield name
