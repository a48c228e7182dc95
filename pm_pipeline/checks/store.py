"""The results of all runs, in the state database.

Belongs here: writing and reading ``check_results``. Does not belong here: judging anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields

from pm_pipeline.checks.results import CheckResult
from pm_pipeline.home import Home
from pm_pipeline.state import open_state

_COLUMNS = ", ".join(field.name for field in fields(CheckResult))
_PLACES = ", ".join("?" for _ in range(1 + len(fields(CheckResult))))


def store_results(home: Home, run_id: str, results: Sequence[CheckResult]) -> None:
    """Keep ``results`` of the run ``run_id``, in place of what it had of the same gates.

    One transaction. Raises ``duckdb.Error`` when the state cannot be written.
    """
    gates = sorted({result.gate for result in results})
    with open_state(home) as state:
        state.execute("begin")
        for gate in gates:
            state.execute("delete from check_results where run_id = ? and gate = ?", [run_id, gate])
        for result in results:
            state.execute(
                f"insert into check_results (run_id, {_COLUMNS}) values ({_PLACES})",
                [run_id, *astuple(result)],
            )
        state.execute("commit")


def last_failed(home: Home) -> list[CheckResult]:
    """Return what did not pass in the last run that was checked, blocking ones first.

    Empty when everything passed, or nothing was ever checked.
    """
    if not home.state_database.exists():
        return []
    with open_state(home, read_only=True) as state:
        rows = state.execute(
            f"""
            select {_COLUMNS}
            from check_results
            where
                run_id = (select run_id from check_results order by checked_at desc limit 1)
                and status <> 'pass'
            order by gate, check_name, table_name
            """
        ).fetchall()
    return sorted((CheckResult(*row) for row in rows), key=lambda result: not result.blocks)
