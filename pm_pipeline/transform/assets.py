"""The dbt models as assets, built by one call of dbt per run.

Belongs here: that call, and what the catalog shows of its results. Does not belong here: SQL.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import dbt_assets

from pm_pipeline.figures import last_week
from pm_pipeline.product import named_sha256s
from pm_pipeline.progress import step
from pm_pipeline.resources import RunResource
from pm_pipeline.transform.dbt import GOOD, NodeResult, build_models, target_directory
from pm_pipeline.transform.idle_models import idle_models
from pm_pipeline.transform.project import MANIFEST, parents_first, parsed_project
from pm_pipeline.transform.run_window import plan_run, prepare_database
from pm_pipeline.transform.translator import FamilyTranslator

UNIQUE_ID = "dagster_dbt/unique_id"
LAST_WEEK_ASSETS = {
    dg.AssetKey(["core", "users"]),
    dg.AssetKey(["engagement", "active_users"]),
    dg.AssetKey(["engagement", "event_usage"]),
    dg.AssetKey(["growth", "accounting"]),
}


class ModelsFailed(Exception):
    """A model could not be built, or one of its tests failed."""


def build_dbt_assets(parsed: Path) -> dg.AssetsDefinition:
    """Return all models of the parsed project as assets, with their tests as checks."""

    @dbt_assets(
        manifest=parsed / MANIFEST,
        dagster_dbt_translator=FamilyTranslator(),
        exclude="resource_type:unit_test",
        name="models",
    )
    def models(context: dg.AssetExecutionContext, run: RunResource) -> Iterator[Any]:
        home, product = run.location, run.product
        with step("models") as current:
            window = plan_run(home, product, run.options, run_id=context.run.run_id, now=run.now)
            prepare_database(home, product, window)
            idle = idle_models(
                parsed / MANIFEST,
                window.database,
                {kind for kind, _ in named_sha256s(product)},
            )
            results = build_models(
                home,
                window.database,
                parsed_project(home),
                left_out=set(idle.values()),
                progress=lambda built, tested: current.say(
                    f"{built} tables built, {tested} tests done"
                ),
            )
            run.keep_dbt_results(context.run.run_id, target_directory(home), parsed / MANIFEST)
        yield from _shown(context.assets_def, parsed / MANIFEST, results, idle, window.database)
        failed = [result for result in results if result.status not in GOOD | {"skipped"}]
        if failed:
            raise ModelsFailed(
                "\n".join(f"{result.name}: {result.message or result.status}" for result in failed)
            )

    return models


def _shown(
    assets: dg.AssetsDefinition,
    manifest: Path,
    results: Sequence[NodeResult],
    idle: Mapping[str, str],
    database: Path,
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Return what dbt did as materializations and check results, parents first as Dagster asks.

    A table that was left out is shown as what it is: up to date, and empty.
    """
    keys = {spec.metadata[UNIQUE_ID]: spec.key for spec in assets.specs}
    checks = {check.metadata[UNIQUE_ID]: check for check in assets.check_specs}
    metadata = _metadata(database)
    done = {result.unique_id: result for result in results}
    for unique_id in parents_first(manifest):
        key, check, result = keys.get(unique_id), checks.get(unique_id), done.get(unique_id)
        if key is not None and unique_id in idle:
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={
                    "dagster/row_count": 0,
                    "empty": f"product.yml defines no {idle[unique_id]}",
                },
            )
        elif key is not None and result is not None and result.status in GOOD:
            seconds = {"seconds": round(result.seconds, 2)}
            yield dg.MaterializeResult(asset_key=key, metadata=seconds | metadata.get(key, {}))
        elif check is not None and result is not None and result.status != "skipped":
            is_warning = result.status == "warn"
            yield dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=result.status == "pass",
                severity=dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR,
                metadata={"failures": result.failures, "message": result.message},
            )


def _metadata(database: Path) -> dict[dg.AssetKey, dict[str, Any]]:
    """Return row counts of all tables, and the last week's figures for the marts they rest on."""
    metadata: dict[dg.AssetKey, dict[str, Any]] = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name, estimated_size from duckdb_tables()"
        ).fetchall()
        names = {f"{schema}.{table}" for schema, table, _ in tables}
        figures = last_week(connection) if "engagement.active_users" in names else []
    for schema, table, count in tables:
        metadata[dg.AssetKey([schema, table])] = {"dagster/row_count": count}
    for key in LAST_WEEK_ASSETS:
        for figure in figures:
            metadata.setdefault(key, {})[f"last week: {figure.name}"] = figure.value
    return metadata
