"""For whom each asset is, and how old it may grow before the catalog marks it.

Belongs here: these statements, by the schema of a table. Does not belong here: what
a table holds, which its own description says.
"""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

DATA_ENGINEER = "the data engineer: what came in, and whether it can be trusted"
WORK_IN_BETWEEN = "the data engineer: a step of the way that is not published"
FOR_WHOM = {
    "lake": DATA_ENGINEER,
    "quality": DATA_ENGINEER,
    "staging": WORK_IN_BETWEEN,
    "intermediate": WORK_IN_BETWEEN,
    "core": "the analyst: events, people and sessions, to ask anything of",
    "engagement": "analyst and product manager: who is active, how often, with what",
    "funnels": "analyst and product manager: how far people get, and how fast",
    "retention": "analyst and product manager: who comes back, and after how long",
    "growth": "analyst and product manager: who came, stayed, left and returned",
    "experiments": "the product manager: what was tried, what came of it, what to do",
    "goals": "the product manager: what the product is to reach, and what stands in its way",
    "lifecycle": "the product manager: at which stage product, features and people are",
    "published": "everybody: the last audited state, as tables and as pages",
}
FRESHNESS = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(hours=26), fail_window=timedelta(hours=50)
)
"""The line runs every night: one may be missed before it is a failure."""


def for_readers(spec: dg.AssetSpec) -> dg.AssetSpec:
    """Return the asset with its readers and its freshness policy."""
    return spec.replace_attributes(
        metadata={**spec.metadata, "for": FOR_WHOM[spec.key.path[0]]},
        freshness_policy=FRESHNESS,
    )
