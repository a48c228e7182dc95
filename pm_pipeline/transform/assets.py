"""The dbt models as assets, built by one call of dbt per run.

Belongs here: that call, and what the catalog shows of its results. Does not belong here: SQL.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import dbt_assets

from pm_pipeline.catalog import shown
from pm_pipeline.figures import last_week
from pm_pipeline.product import named_sha256s
from pm_pipeline.progress import step
from pm_pipeline.resources import RunResource
from pm_pipeline.transform.column_lineage import Lineage, column_lineage
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
            failed = [result for result in results if result.status not in GOOD | {"skipped"}]
            metadata = _metadata(context.assets_def, run, window.database, is_whole=not failed)
        yield from _shown(context.assets_def, parsed / MANIFEST, results, idle, metadata)
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
    metadata: Mapping[dg.AssetKey, Mapping[str, Any]],
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Return what dbt did as materializations and check results, parents first as Dagster asks.

    A table that was left out is shown as what it is: up to date, and empty.
    """
    keys = {spec.metadata[UNIQUE_ID]: spec.key for spec in assets.specs}
    checks = {check.metadata[UNIQUE_ID]: check for check in assets.check_specs}
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
            yield dg.MaterializeResult(asset_key=key, metadata=seconds | dict(metadata[key]))
        elif check is not None and result is not None and result.status != "skipped":
            is_warning = result.status == "warn"
            yield dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=result.status == "pass",
                severity=dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR,
                metadata={"failures": result.failures, "message": result.message},
            )


def _metadata(
    assets: dg.AssetsDefinition, run: RunResource, database: Path, *, is_whole: bool
) -> dict[dg.AssetKey, dict[str, Any]]:
    """Return what the catalog shows of each table: its rows; of a whole build all else too."""
    metadata: dict[dg.AssetKey, dict[str, Any]] = {spec.key: {} for spec in assets.specs}
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name, estimated_size from duckdb_tables()"
        ).fetchall()
        for schema, table, count in tables:
            metadata[dg.AssetKey([schema, table])] = {"dagster/row_count": count}
        if not is_whole:
            return metadata
        lineage = _lineage(run, connection)
        for spec in assets.specs:
            metadata[spec.key] |= _made_from(spec, lineage.get(spec.metadata[UNIQUE_ID], {}))
            metadata[spec.key] |= shown(connection, spec.key)
        figures = {f"last week: {figure.name}": figure.value for figure in last_week(connection)}
        for key in LAST_WEEK_ASSETS:
            metadata[key] |= figures
    return metadata


def _lineage(run: RunResource, connection: duckdb.DuckDBPyConnection) -> Lineage:
    made_from = f"{run.code_sha256[:16]}-{run.definitions_sha256[:16]}"
    return column_lineage(
        parsed_project(run.location) / MANIFEST,
        target_directory(run.location) / "compiled",
        connection,
        kept_as=run.location.dbt / "lineage" / f"{made_from}.json",
    )


def _made_from(spec: dg.AssetSpec, columns: Mapping[str, list[list[str]]]) -> dict[str, Any]:
    """Return the lineage of a table's columns, as far as they come from what it depends on."""
    parents = {dep.asset_key for dep in spec.deps}
    deps = {
        column: [
            dg.TableColumnDep(dg.AssetKey([schema, table]), source)
            for schema, table, source in sources
            if dg.AssetKey([schema, table]) in parents
        ]
        for column, sources in columns.items()
    }
    found = {column: sources for column, sources in deps.items() if sources}
    return {"dagster/column_lineage": dg.TableColumnLineage(found)} if found else {}
