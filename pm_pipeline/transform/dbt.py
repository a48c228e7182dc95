"""One call of dbt per run, in this process: importing and parsing it twice would be the dear part.

Belongs here: that call and its outcome. Does not belong here: Dagster, and what a model computes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pm_pipeline.home import Home
from pm_pipeline.transform.project import PARSED, PROJECT_DIRECTORY, dbt_environment

GOOD = {"success", "pass", "warn", "no-op"}
TOLD = {"info", "warn", "error"}
"""The levels of what dbt says that go to standard output."""


@dataclass(frozen=True)
class NodeResult:
    """How one model or test ended."""

    unique_id: str
    name: str
    is_test: bool
    status: str
    """dbt's word: success, pass, warn, fail, error, skipped."""
    failures: int
    message: str
    seconds: float


def target_directory(home: Home) -> Path:
    """Return where dbt leaves compiled SQL and results of this home's last run."""
    return home.dbt / "target"


def build_models(
    home: Home,
    database: Path,
    parsed: Path,
    *,
    left_out: Collection[str] = (),
    progress: Callable[[int, int], None],
) -> list[NodeResult]:
    """Build and test every model into ``database``; call ``progress`` with models and tests done.

    Models with a tag that is ``left_out``, and their tests, stay as they are.
    Raises ``RuntimeError`` with dbt's words when dbt could not run at all; a model or a test that
    failed is in the results.
    """
    from dbt.adapters.duckdb import connections
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    os.environ.update(dbt_environment(home, database))
    manifest: Any = Manifest.from_msgpack(
        (parsed / PARSED).read_bytes(), decoder=extended_mashumuro_decoder
    )
    manifest.build_flat_graph()
    # An earlier run's results must not pass for this one's, should dbt end without any.
    results_file = target_directory(home) / "run_results.json"
    results_file.unlink(missing_ok=True)
    counts = {"model": 0, "test": 0}

    def listen(event: Any) -> None:
        if event.info.level in TOLD:
            sys.stdout.write(f"{event.info.ts.ToDatetime():%T}  {event.info.msg}\n")
        if event.info.name == "NodeFinished":
            kind = event.data.node_info.resource_type
            counts[kind] = counts.get(kind, 0) + 1
            progress(counts["model"], counts["test"])

    # dbt's own logs write out every event, also those of levels that they leave out; and of what
    # it leaves behind nothing is read but the results.
    arguments = ["--log-level", "none", "--log-level-file", "none", "--no-use-colors"]
    arguments += ["--no-write-json", "build", "--exclude-resource-type", "unit_test"]
    if left_out:
        arguments += ["--exclude", *(f"tag:{tag}" for tag in sorted(left_out))]
    for flag, path in {
        "--project-dir": PROJECT_DIRECTORY,
        "--profiles-dir": PROJECT_DIRECTORY,
        "--target-path": target_directory(home),
        "--log-path": target_directory(home),
    }.items():
        arguments += [flag, str(path)]
    try:
        ended = dbtRunner(manifest=manifest, callbacks=[listen]).invoke(arguments)
    finally:
        # dbt keeps its database open for the life of the process; the next step needs the file.
        manager: Any = connections.DuckDBConnectionManager
        manager.close_all_connections()
    if ended.exception is not None:
        raise RuntimeError(f"dbt could not run: {ended.exception}")
    results: Any = ended.result
    results.write(str(results_file))
    return [_result(result) for result in results]


def _result(result: Any) -> NodeResult:
    return NodeResult(
        unique_id=result.node.unique_id,
        name=result.node.name,
        is_test=result.node.resource_type == "test",
        status=str(result.status),
        failures=result.failures or 0,
        message=(result.message or "").strip(),
        seconds=result.execution_time,
    )
