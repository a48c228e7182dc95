"""The stages of product and features as an asset.

Belongs here: the asset around ``product_stages``. Does not belong here: reasoning.
"""

from collections.abc import Iterator

import dagster as dg
import duckdb

from pm_pipeline.analysis.lifecycle.reading import read_followed, read_settings
from pm_pipeline.analysis.lifecycle.results import product_stages
from pm_pipeline.analysis.lifecycle.table import PRODUCT_STAGES
from pm_pipeline.analysis.result_assets import result_spec, write_results
from pm_pipeline.progress import step
from pm_pipeline.resources import RunResource

BASED_ON = (
    "growth/accounting",
    "lifecycle/survival",
    "lifecycle/cohort_return",
    "lifecycle/exclusive_use",
    # Verdicts, which the same step writes: gate C judges decisions and stages at once.
    "experiments/health",
)


@dg.multi_asset(name="lifecycle__product_stages", specs=[result_spec(PRODUCT_STAGES, BASED_ON)])
def lifecycle_product_stages(
    context: dg.AssetExecutionContext, run: RunResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Judge every complete week anew; a week's row uses only weeks up to its own."""
    window = run.window(context.run.run_id)
    with step("stages") as current, duckdb.connect(str(window.database)) as connection:
        followed = read_followed(connection)
        rows = product_stages(followed, read_settings(connection))
        results = write_results(connection, {PRODUCT_STAGES: rows})
        current.say(f"{len(followed)} subjects, {len(rows)} weeks")
    yield from results
