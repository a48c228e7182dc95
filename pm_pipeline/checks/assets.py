"""The gates as asset checks: what must hold before the next room may begin.

Belongs here: the step of each gate and how a result appears in the catalog. Does not belong here:
a rule (``gate_a``, ``gate_b``) or a dbt test (declared beside its model).
"""

from collections.abc import Iterable, Iterator, Sequence

import dagster as dg
import duckdb

from pm_pipeline.checks.check import Check
from pm_pipeline.checks.gate_a import run_gate_a
from pm_pipeline.checks.gate_b import count_lake_events_before, first_changed_day, run_gate_b
from pm_pipeline.checks.gate_c import run_gate_c
from pm_pipeline.checks.registry import checks_of
from pm_pipeline.checks.results import CheckResult
from pm_pipeline.checks.store import store_results
from pm_pipeline.options import midnight
from pm_pipeline.progress import step
from pm_pipeline.resources import RunResource


def check_specs(gate: str) -> list[dg.AssetCheckSpec]:
    """Return a gate's checks; all block, and which of them stop the line is their severity."""
    return [
        dg.AssetCheckSpec(
            check.name, asset=asset_key(check), description=check.description, blocking=True
        )
        for check in checks_of(gate)  # type: ignore[arg-type]
    ]


def asset_key(check: Check) -> dg.AssetKey:
    """Return the asset that a check judges; what ingest keeps is judged on the lake."""
    if check.gate == "A":
        return dg.AssetKey(["lake", "events"])
    return dg.AssetKey(check.table.split("."))


@dg.multi_asset_check(specs=check_specs("A"), name="gate_a")
def gate_a(
    context: dg.AssetCheckExecutionContext, run: RunResource
) -> Iterator[dg.AssetCheckResult]:
    """Judge all that is not yet published, before any model reads it."""
    with step("gate A") as current:
        results = run_gate_a(
            run.location,
            run.check_settings,
            now=run.now,
            earliest_event=midnight(
                run.product.product.earliest_event, run.product.product.timezone
            ),
        )
        store_results(run.location, context.run.run_id, results)
        current.say(summary_line(results))
    yield from shown(results, checks_of("A"))


@dg.multi_asset_check(specs=check_specs("B"), name="gate_b")
def gate_b(
    context: dg.AssetCheckExecutionContext, run: RunResource
) -> Iterator[dg.AssetCheckResult]:
    """Judge the marts against each other and against the lake, before anything is published."""
    window = run.window(context.run.run_id)
    with step("gate B") as current:
        with duckdb.connect(str(window.database), read_only=True) as connection:
            results = run_gate_b(
                connection,
                run.check_settings,
                as_of=window.as_of,
                lake_events_count=count_lake_events_before(run.location, window.as_of),
                restate_from=first_changed_day(connection),
                now=run.now,
            )
        store_results(run.location, context.run.run_id, results)
        current.say(summary_line(results))
    yield from shown(results, checks_of("B"))


@dg.multi_asset_check(specs=check_specs("C"), name="gate_c")
def gate_c(
    context: dg.AssetCheckExecutionContext, run: RunResource
) -> Iterator[dg.AssetCheckResult]:
    """Judge what was reasoned over the marts, before anything is published."""
    window = run.window(context.run.run_id)
    with step("gate C") as current:
        with duckdb.connect(str(window.database), read_only=True) as connection:
            results = run_gate_c(connection, run.check_settings)
        store_results(run.location, context.run.run_id, results)
        current.say(summary_line(results))
    yield from shown(results, checks_of("C"))


def shown(results: Iterable[CheckResult], checks: Iterable[Check]) -> Iterator[dg.AssetCheckResult]:
    """Return results as the catalog shows them; a rule that broke is an error, whatever it was."""
    by_name = {check.name: check for check in checks}
    for result in results:
        passed = result.status == "pass"
        blocks = result.severity == "error" or result.status == "error"
        yield dg.AssetCheckResult(
            check_name=result.check_name,
            asset_key=asset_key(by_name[result.check_name]),
            passed=passed,
            severity=dg.AssetCheckSeverity.ERROR if blocks else dg.AssetCheckSeverity.WARN,
            metadata={
                "observed": result.observed or "",
                "expected": result.expected or "",
                "status": result.status,
            },
        )


def summary_line(results: Sequence[CheckResult]) -> str:
    """Return how many checks passed, warned and failed."""
    counts = {
        status: sum(result.status == status for result in results)
        for status in ("pass", "warn", "fail", "error")
    }
    words = [f"{counts['pass']} passed"]
    words += [f"{counts['warn']} warned"] if counts["warn"] else []
    words += [f"{counts['fail']} failed"] if counts["fail"] else []
    words += [f"{counts['error']} broke"] if counts["error"] else []
    return ", ".join(words)
