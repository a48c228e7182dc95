"""What the steps of a run share: the home, its lock, the product, the options and the run window.

Belongs here: the one Dagster resource of the job, through which a room asks what another one
decided: rooms do not import each other. Does not belong here: what a step does with it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from pydantic import Field

from pm_pipeline.checks.dbt_results import dbt_check_results
from pm_pipeline.checks.registry import known_check_names
from pm_pipeline.checks.settings import CheckSettings
from pm_pipeline.checks.store import store_results
from pm_pipeline.home import Home
from pm_pipeline.instance import mark_orphans
from pm_pipeline.lock import hold_home
from pm_pipeline.options import parse_as_of, parse_date
from pm_pipeline.product import (
    Product,
    base_sha256,
    definitions_sha256,
    ingest_rules_sha256,
    load_product,
    named_sha256s,
)
from pm_pipeline.transform import run_window
from pm_pipeline.transform.dated_tables import DatedTable, dated_tables
from pm_pipeline.transform.project import MANIFEST, code_sha256, parsed_project
from pm_pipeline.transform.run_window import RunOptions, RunWindow


class RunResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """One run on the home named by ``PM_PIPELINE_HOME``; fields as the flags of the command."""

    as_of: str = Field(
        default="", description="Count only events before this time; empty for the default."
    )
    full_refresh: bool = Field(default=False, description="Build every table from nothing.")
    rebuild_from: str = Field(default="", description="Replace all rows from this product day on.")
    strict: bool = Field(default=False, description="A file that cannot be read fails the run.")

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["RunResource"]:
        """Hold the home while the run lasts; a run that was killed before it is marked failed."""
        with hold_home(self.location) as taken_now:
            if taken_now and context.instance and context.run:
                mark_orphans(context.instance, except_run=context.run.run_id)
            yield self

    @property
    def location(self) -> Home:
        """Return the home's paths."""
        return Home.locate()

    @property
    def product(self) -> Product:
        """Return ``product.yml``; raises ``ProductFileError`` with every fault."""
        return load_product(self.location.product_file, known_checks=known_check_names())

    @property
    def check_settings(self) -> CheckSettings:
        """Return what the product file changes about the checks."""
        return CheckSettings.from_product(self.product.checks)

    @property
    def options(self) -> RunOptions:
        """Return the options of this run; raises ``ValueError`` when one cannot be read."""
        zone = self.product.product.timezone
        return RunOptions(
            as_of=parse_as_of(self.as_of, zone) if self.as_of else None,
            full_refresh=self.full_refresh,
            rebuild_from=parse_date(self.rebuild_from) if self.rebuild_from else None,
            strict=self.strict,
        )

    @property
    def now(self) -> datetime:
        """Return the present instant, UTC."""
        return datetime.now(UTC)

    @property
    def definitions_sha256(self) -> str:
        """Return the hash of everything in ``product.yml`` that decides what tables hold."""
        return definitions_sha256(self.product)

    @property
    def fingerprints(self) -> dict[tuple[str, str], str]:
        """Return the fingerprint of each definition by kind and name; see ``publish``."""
        product = self.product
        sources = {
            ("source", source.name): ingest_rules_sha256(product, source)
            for source in product.sources
        }
        return {("base", ""): base_sha256(product), **sources, **named_sha256s(product)}

    @property
    def dated_tables(self) -> tuple[DatedTable, ...]:
        """Return the published tables that hold dated numbers."""
        return dated_tables(parsed_project(self.location) / MANIFEST)

    @property
    def code_sha256(self) -> str:
        """Return the hash of everything in the package that decides what tables hold."""
        return code_sha256()

    def is_up_to_date(self) -> bool:
        """Return whether the last publication already holds what this run would publish."""
        return run_window.is_up_to_date(self.location, self.product, self.options, now=self.now)

    def window(self, run_id: str) -> RunWindow:
        """Return what the models of a run were built for; raises ``LookupError`` before them."""
        return run_window.find_window(self.location, run_id)

    def remember_built(self, window: RunWindow) -> None:
        """Note in the database what it now stands for; called once it has been published."""
        run_window.remember_built(self.location, self.product, window)

    def keep_dbt_results(self, run_id: str, target: Path, manifest: Path) -> None:
        """Keep what dbt's tests found, from dbt's target folder and manifest, as check results."""
        store_results(self.location, run_id, dbt_check_results(target, manifest))
