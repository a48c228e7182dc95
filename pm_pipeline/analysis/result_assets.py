"""What the assets of all analyses share: how a result table is declared, written and shown.

Belongs here: the words of Dagster around a ``ResultTable``. Does not belong here: any one analysis.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg
import duckdb

from pm_pipeline.analysis.tables import ResultTable
from pm_pipeline.catalog import shown

PRODUCT_TEAM, DATA_SCIENCE = "team:product", "team:data-science"


def result_spec(
    table: ResultTable, deps: Iterable[str], *, owner: str = PRODUCT_TEAM
) -> dg.AssetSpec:
    """Return the asset of a table that is concluded from the tables ``deps``, ``schema/table``."""
    return dg.AssetSpec(
        table.path,
        deps=[dg.AssetKey(dep.split("/")) for dep in deps],
        group_name="analysis",
        owners=[owner],
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


def write_results(
    connection: duckdb.DuckDBPyConnection,
    rows: Mapping[ResultTable, Sequence[tuple[Any, ...]]],
    numbers: Mapping[ResultTable, Mapping[str, int]] | None = None,
) -> list[dg.MaterializeResult[None]]:
    """Replace the tables by ``rows``, and return what the catalog shows of each.

    ``numbers`` are key figures of a table, which the catalog plots over the runs.
    """
    for table, own in rows.items():
        table.write(connection, list(own))
    results: list[dg.MaterializeResult[None]] = []
    for table, own in rows.items():
        key = dg.AssetKey(table.path)
        metadata = {"dagster/row_count": len(own), **(numbers or {}).get(table, {})}
        results.append(
            dg.MaterializeResult(asset_key=key, metadata=metadata | shown(connection, key))
        )
    return results
