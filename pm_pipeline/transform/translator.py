"""How a dbt model appears in the catalog.

Belongs here: asset key, group and description of a model. Does not belong here: which models run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings

LAKE_EVENTS = dg.AssetKey(["lake", "events"])


class FamilyTranslator(DagsterDbtTranslator):
    """Keys are ``<schema>/<table>``, groups are rooms, and every source is what ingest keeps."""

    def __init__(self) -> None:
        """Let all sources stand for one asset: the lake with its ledger."""
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return ``<schema>/<table>``."""
        if dbt_resource_props["resource_type"] == "source":
            return LAKE_EVENTS
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["alias"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the room: the first folder below ``models/``."""
        return str(dbt_resource_props["fqn"][1])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the model's own words, without its SQL."""
        return str(dbt_resource_props.get("description", ""))
