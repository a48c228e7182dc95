"""The published warehouse and the report as assets: the end of the line.

Belongs here: the assets around ``warehouse`` and ``report``. Does not belong here: numbers.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC

import dagster as dg

from pm_pipeline.progress import step
from pm_pipeline.publish.report import write_report
from pm_pipeline.publish.warehouse import Publication, prepare_snapshot, publish_snapshot
from pm_pipeline.resources import RunResource

WAREHOUSE = dg.AssetKey(["published", "warehouse"])
REPORT = dg.AssetKey(["published", "report"])


def build_publish_assets(tables: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """Return the two things that people read, downstream of every table."""

    @dg.multi_asset(
        name="publish",
        specs=[
            dg.AssetSpec(
                WAREHOUSE,
                deps=tables,
                group_name="publish",
                owners=["team:data-engineering"],
                kinds={"duckdb"},
                description=(
                    "The audited warehouse that everybody reads, warehouse/product.duckdb: "
                    "replaced as a whole after every blocking check has passed, so it may be held "
                    "open at any time."
                ),
            ),
            dg.AssetSpec(
                REPORT,
                deps=[*tables, WAREHOUSE],
                group_name="publish",
                owners=["team:product"],
                kinds={"altair"},
                description=(
                    "How is the product doing? The same numbers as pictures on one page, "
                    "report/index.html, which works without a network."
                ),
            ),
        ],
    )
    def publish(
        context: dg.AssetExecutionContext, run: RunResource
    ) -> Iterator[dg.MaterializeResult[None]]:
        home, product = run.location, run.product
        window = run.window(context.run.run_id)
        publication = Publication(
            run_id=context.run.run_id,
            as_of=window.as_of,
            published_at=run.now,
            definitions_sha256=run.definitions_sha256,
            code_sha256=run.code_sha256,
            fingerprints=run.fingerprints,
            timezone=product.product.timezone,
        )
        with step("publish") as current:
            copy = prepare_snapshot(home, window.database, publication, run.dated_tables)
            write_report(
                copy,
                home.report_page,
                product_name=product.product.name,
                vision=product.product.vision,
                timezone=product.product.timezone,
                week_starts_on=product.product.week_starts_on,
                cache=home.report_cache,
            )
            publish_snapshot(home, copy, publication)
            if window.is_scratch:
                window.database.unlink()
            else:
                run.remember_built(window)
            current.say(f"as of {window.as_of.astimezone(UTC):%F %R} UTC")
        yield dg.MaterializeResult(
            asset_key=WAREHOUSE,
            metadata={
                "path": dg.MetadataValue.path(str(home.published_database)),
                "as of": dg.MetadataValue.timestamp(window.as_of),
                "megabytes": round(home.published_database.stat().st_size / 1e6, 1),
            },
        )
        yield dg.MaterializeResult(
            asset_key=REPORT,
            metadata={"path": dg.MetadataValue.path(str(home.report_page))},
        )

    return publish
