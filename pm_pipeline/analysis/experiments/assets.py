"""What is concluded of experiments, as assets.

Belongs here: the assets around ``evaluate``. Does not belong here: reasoning.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb

from pm_pipeline.analysis.experiments.evaluation import evaluate
from pm_pipeline.analysis.experiments.reading import (
    read_clock,
    read_overlaps,
    read_plans,
    read_reach,
    read_statistics,
)
from pm_pipeline.analysis.experiments.result_tables import (
    DECISIONS,
    HEALTH,
    RESULTS,
    TIMELINE,
    contradictions,
    decision_rows,
    health_rows,
    result_rows,
    timeline_rows,
)
from pm_pipeline.analysis.tables import ResultTable
from pm_pipeline.catalog import shown_pictures
from pm_pipeline.progress import step
from pm_pipeline.resources import RunResource

TABLES = (RESULTS, HEALTH, TIMELINE, DECISIONS)


def _spec(table: ResultTable) -> dg.AssetSpec:
    return dg.AssetSpec(
        table.path,
        deps=[
            dg.AssetKey(["experiments", name])
            for name in ("sufficient_statistics", "overlaps", "reach")
        ],
        group_name="analysis",
        owners=["team:data-science"],
        kinds={"python", "duckdb"},
        description=table.description,
        metadata={
            "dagster/column_schema": dg.TableSchema(
                columns=[
                    dg.TableColumn(column.name, column.kind, column.description)
                    for column in table.columns
                ]
            )
        },
    )


@dg.multi_asset(name="experiments", specs=[_spec(table) for table in TABLES])
def experiments(
    context: dg.AssetExecutionContext, run: RunResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Judge every experiment at as-of, from its sufficient statistics alone."""
    window = run.window(context.run.run_id)
    with step("experiments") as current, duckdb.connect(str(window.database)) as connection:
        clock = read_clock(connection)
        evaluations = [
            evaluate(
                planned,
                read_statistics(connection, planned.plan.name),
                clock,
                overlaps=read_overlaps(connection, planned.plan.name),
                reach=read_reach(connection, planned.plan.name),
            )
            for planned in read_plans(connection)
        ]
        rows: dict[ResultTable, list[tuple[Any, ...]]] = {
            RESULTS: result_rows(evaluations),
            HEALTH: health_rows(evaluations),
            TIMELINE: timeline_rows(evaluations),
            DECISIONS: decision_rows(evaluations, clock),
        }
        for table in TABLES:
            table.write(connection, rows[table])
        shown = {table: shown_pictures(connection, dg.AssetKey(table.path)) for table in TABLES}
        current.say(f"{len(evaluations)} experiments, {len(rows[RESULTS])} results")
    for table in TABLES:
        metadata: dict[str, Any] = {"dagster/row_count": len(rows[table])} | shown[table]
        if table is DECISIONS:
            metadata["contradictions"] = contradictions(rows[table])
            metadata["verdicts"] = dg.MetadataValue.md(_verdicts(rows[table]))
        yield dg.MaterializeResult(asset_key=table.path, metadata=metadata)


def _verdicts(rows: list[tuple[Any, ...]]) -> str:
    """Return verdict, advice and reason of every experiment, as a table for people."""
    lines = ["| experiment | verdict | advice | why |", "|---|---|---|---|"]
    for row in rows:
        if row[1] == "all":
            why = str(row[7]).replace("|", "\\|")
            lines.append(f"| {row[0]} | {row[4]} | {row[5]} | {why} |")
    return "\n".join(lines)
