"""Everything that Dagster knows of, put together in the order of the flow.

Belongs here: assembly. Does not belong here: asset bodies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from pm_pipeline.analysis.experiments.assets import experiments
from pm_pipeline.analysis.goals.assets import direction, goals_anomalies, goals_progress
from pm_pipeline.analysis.lifecycle.assets import lifecycle_product_stages
from pm_pipeline.catalog import for_readers
from pm_pipeline.checks.assets import gate_a, gate_b, gate_c
from pm_pipeline.home import Home
from pm_pipeline.ingest.assets import lake_events
from pm_pipeline.jobs import daily_schedule, new_landing_files, pipeline_job
from pm_pipeline.publish.assets import build_publish_assets
from pm_pipeline.resources import RunResource
from pm_pipeline.transform.assets import build_dbt_assets
from pm_pipeline.transform.project import parsed_project

MARTS_GROUP = "marts"
ANALYSES = [lifecycle_product_stages, goals_progress, goals_anomalies, experiments]
"""What is reasoned over the marts, in the order of the flow; published like them."""
CONCLUSIONS = [direction]
"""What only puts together what passed gate C."""


def build_definitions(overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """Return the definitions; ``overrides`` replaces resources by name, for tests."""
    models = build_dbt_assets(parsed_project(Home.locate()))
    marts = sorted(spec.key for spec in models.specs if spec.group_name == MARTS_GROUP)
    analysed = sorted(key for analysis in [*ANALYSES, *CONCLUSIONS] for key in analysis.keys)
    resources: dict[str, Any] = {"run": RunResource()}
    return dg.Definitions(
        assets=[
            asset.map_asset_specs(for_readers)
            for asset in (
                lake_events,
                models,
                *ANALYSES,
                *CONCLUSIONS,
                build_publish_assets([*marts, *analysed]),
            )
        ],
        asset_checks=[gate_a, gate_b, gate_c],
        jobs=[pipeline_job],
        schedules=[daily_schedule],
        sensors=[new_landing_files],
        resources=resources | dict(overrides or {}),
        executor=dg.in_process_executor,
    )


defs = build_definitions()
