"""Running the job from the command line: the same job that Dagster runs.

Belongs here: executing it on a home and saying how it ended. Does not belong here: steps, or how
the outcome is printed.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pm_pipeline.home import Home
from pm_pipeline.instance import mark_orphans, prepare_instance


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    run_id: str
    succeeded: bool
    published: bool
    """False when there was nothing new, or when the run failed."""
    failures: tuple[tuple[str, str], ...]
    """Step and message of what broke; empty when checks alone stopped the run."""


def execute(home: Home, settings: dict[str, object]) -> Outcome:
    """Execute the job on ``home``, whose lock the caller holds; ``settings`` as the run's config.

    What dbt and Dagster print goes to ``.dagster/last_run.log`` in the home.
    """
    prepare_instance(home)
    atexit.register(_end_in_silence)
    with _printed_to(home.dagster / "last_run.log"):
        import dagster as dg

        from pm_pipeline.definitions import defs
        from pm_pipeline.jobs import JOB_NAME
        from pm_pipeline.publish.assets import WAREHOUSE

        with dg.DagsterInstance.get() as instance:
            mark_orphans(instance)
            result = defs.resolve_job_def(JOB_NAME).execute_in_process(
                instance=instance,
                raise_on_error=False,
                run_config={
                    "resources": {"run": {"config": settings}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
            )
            published = WAREHOUSE in {
                event.asset_key for event in result.get_asset_materialization_events()
            }
            failures = tuple(
                (event.step_key or "run", _message(event))
                for event in result.all_events
                if event.event_type == dg.DagsterEventType.STEP_FAILURE
                and "DagsterAssetCheckFailedError" not in str(event.step_failure_data.error)
            )
    return Outcome(result.run_id, result.success, result.success and published, failures)


def _message(event: object) -> str:
    """Return the innermost message of a step's failure, without a traceback."""
    error = event.step_failure_data.error  # type: ignore[attr-defined]
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip() if error is not None else "unknown"


@contextlib.contextmanager
def _printed_to(path: Path) -> Iterator[None]:
    """Send what libraries print or warn of to a file, so that the terminal shows the run alone."""
    with (
        path.open("w", encoding="utf-8") as file,
        contextlib.redirect_stdout(file),
        contextlib.redirect_stderr(file),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


def _end_in_silence() -> None:
    """Keep what native libraries print while the interpreter is taken apart off the terminal."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
