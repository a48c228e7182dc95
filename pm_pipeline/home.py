"""The home folder: where everything of one product lies.

Belongs here: the paths of a home and nothing else. Does not belong here: reading or writing
any of these files; each room does that for its own.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "PM_PIPELINE_HOME"
DEFAULT_HOME = Path("data")


@dataclass(frozen=True)
class Home:
    """The paths of one product's folder. Homes share no state."""

    root: Path

    @classmethod
    def locate(cls, directory: str | Path | None = None) -> Home:
        """Return the home named by ``directory``, else by ``PM_PIPELINE_HOME``, else ``data/``."""
        chosen = directory or os.environ.get(HOME_VARIABLE) or DEFAULT_HOME
        return cls(Path(chosen).expanduser().resolve())

    @property
    def product_file(self) -> Path:
        """What the product is and what to measure; written by the user."""
        return self.root / "product.yml"

    @property
    def landing(self) -> Path:
        """Raw event files of the user: read, never changed or deleted."""
        return self.root / "landing"

    @property
    def lake(self) -> Path:
        """Accepted events as immutable Parquet files under a manifest."""
        return self.root / "lake"

    @property
    def lake_manifest(self) -> Path:
        """The valid lake files, for engines other than this pipeline."""
        return self.lake / "manifest.json"

    @property
    def warehouse(self) -> Path:
        """The folder of the databases."""
        return self.root / "warehouse"

    @property
    def working_database(self) -> Path:
        """Where models are built; nobody else opens it."""
        return self.warehouse / "working.duckdb"

    @property
    def scratch_database(self) -> Path:
        """Where an earlier as-of is built; dbt knows a database by the name of its file."""
        return self.warehouse / ".scratch" / self.working_database.name

    @property
    def published_database(self) -> Path:
        """The published warehouse, replaced as a whole."""
        return self.warehouse / "product.duckdb"

    @property
    def state(self) -> Path:
        """What cannot be rebuilt from the lake."""
        return self.root / "state"

    @property
    def state_database(self) -> Path:
        """Ledger, lake manifest, publications and check results."""
        return self.state / "state.duckdb"

    @property
    def lock_file(self) -> Path:
        """Held by the one run that may write to this home."""
        return self.state / "run.lock"

    @property
    def report_page(self) -> Path:
        """The results as pictures."""
        return self.root / "report" / "index.html"

    @property
    def report_cache(self) -> Path:
        """The report's chart library and specifications, kept from run to run."""
        return self.root / ".report"

    @property
    def dagster(self) -> Path:
        """The Dagster instance of this home."""
        return self.root / ".dagster"

    @property
    def dbt(self) -> Path:
        """Target and logs of dbt for this home."""
        return self.root / ".dbt"
