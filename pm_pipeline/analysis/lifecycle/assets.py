"""The stages of product and features as an asset.

Belongs here: the asset around ``product_stages``. Does not belong here: reasoning.
"""

import dagster as dg
import duckdb

from pm_pipeline.analysis.lifecycle.reading import read_followed, read_settings
from pm_pipeline.analysis.lifecycle.results import product_stages
from pm_pipeline.analysis.lifecycle.table import PRODUCT_STAGES
from pm_pipeline.catalog import shown_pictures
from pm_pipeline.progress import step
from pm_pipeline.resources import RunResource


@dg.asset(
    key=PRODUCT_STAGES.path,
    deps=[
        # Verdicts, which the same step writes: gate C judges decisions and stages at once.
        dg.AssetKey(["experiments", "health"]),
        dg.AssetKey(["growth", "accounting"]),
        dg.AssetKey(["lifecycle", "survival"]),
        dg.AssetKey(["lifecycle", "cohort_return"]),
        dg.AssetKey(["lifecycle", "exclusive_use"]),
    ],
    group_name="analysis",
    owners=["team:product"],
    kinds={"python", "duckdb"},
    description=PRODUCT_STAGES.description,
    metadata={
        "dagster/column_schema": dg.TableSchema(
            columns=[
                dg.TableColumn(column.name, column.kind, column.description)
                for column in PRODUCT_STAGES.columns
            ]
        )
    },
)
def lifecycle_product_stages(
    context: dg.AssetExecutionContext, run: RunResource
) -> dg.MaterializeResult[None]:
    """Judge every complete week anew; a week's row uses only weeks up to its own."""
    window = run.window(context.run.run_id)
    with step("stages") as current, duckdb.connect(str(window.database)) as connection:
        followed = read_followed(connection)
        rows = product_stages(followed, read_settings(connection))
        PRODUCT_STAGES.write(connection, rows)
        shown = shown_pictures(connection, dg.AssetKey(PRODUCT_STAGES.path))
        current.say(f"{len(followed)} subjects, {len(rows)} weeks")
    return dg.MaterializeResult(metadata={"dagster/row_count": len(rows), **shown})
