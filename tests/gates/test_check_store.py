"""The results of all runs are kept, and dbt's among them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pm_pipeline.checks.dbt_results import dbt_check_results
from pm_pipeline.checks.results import CheckResult, Severity, Status
from pm_pipeline.checks.store import last_failed, store_results
from pm_pipeline.home import Home
from pm_pipeline.state import open_state

AT = datetime(2026, 3, 1, 12)


def result(
    name: str, status: Status, severity: Severity = "error", gate: str = "A", minutes: int = 0
) -> CheckResult:
    moment = AT + timedelta(minutes=minutes)
    return CheckResult(gate, name, "t", severity, status, "seen", "wanted", moment)


def kept(home: Home) -> list[tuple[str, str, str]]:
    with open_state(home, read_only=True) as state:
        return state.execute(
            "select run_id, check_name, status from check_results order by all"
        ).fetchall()


def test_a_runs_results_replace_its_own_of_the_same_gate(tmp_path: Path) -> None:
    home = Home(tmp_path)
    store_results(home, "run 1", [result("a", "fail"), result("b", "pass")])
    store_results(home, "run 1", [result("c", "pass", gate="B")])
    store_results(home, "run 2", [result("a", "pass", minutes=5)])
    store_results(home, "run 1", [result("a", "pass")])
    assert kept(home) == [("run 1", "a", "pass"), ("run 1", "c", "pass"), ("run 2", "a", "pass")]


def test_a_result_comes_back_as_it_was(tmp_path: Path) -> None:
    home = Home(tmp_path)
    failed = replace(result("a", "fail"), observed="it's 3 of 4", expected=None)
    store_results(home, "run 1", [failed, result("b", "pass")])
    assert last_failed(home) == [failed]


def test_the_last_run_counts_and_what_blocks_comes_first(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert last_failed(home) == []
    store_results(home, "run 1", [result("old", "fail")])
    newer = [
        result("a", "warn", "warn", minutes=1),
        result("z", "error", "warn", gate="B", minutes=2),
        result("b", "pass", gate="B", minutes=2),
    ]
    store_results(home, "run 2", newer)
    assert [failed.check_name for failed in last_failed(home)] == ["z", "a"]
    store_results(home, "run 3", [result("a", "pass", minutes=3)])
    assert last_failed(home) == []


def test_nothing_to_keep_keeps_what_is_there(tmp_path: Path) -> None:
    home = Home(tmp_path)
    store_results(home, "run 1", [result("a", "pass")])
    store_results(home, "run 1", [])
    assert kept(home) == [("run 1", "a", "pass")]


NODES = {
    "model.p.users": {"schema": "core", "alias": "users", "name": "users"},
    "model.p.sessions": {"schema": "core", "alias": None, "name": "sessions"},
    "test.p.unique_users.1": {
        "name": "unique_users", "config": {"severity": "ERROR"}, "attached_node": "model.p.users",
    },
    "test.p.odd.2": {"name": "odd", "config": {"severity": "warn", "warn_if": ">10"},
                     "attached_node": None,
                     "depends_on": {"nodes": ["model.p.users", "model.p.sessions"]}},
    "test.p.on_source.3": {"name": "on_source", "config": {}, "attached_node": None,
                           "depends_on": {"nodes": ["source.p.state.files"]}},
}  # fmt: skip


def dbt_target(folder: Path, *results: dict[str, object]) -> Path:
    report = {"metadata": {"generated_at": "2026-03-01T12:00:00.5Z"}, "results": list(results)}
    (folder / "run_results.json").write_text(json.dumps(report), encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"nodes": NODES}), encoding="utf-8")
    return folder


def ran(
    unique_id: str, status: str, failures: int | None = 0, message: str = ""
) -> dict[str, object]:
    return {"unique_id": unique_id, "status": status, "failures": failures, "message": message}


def test_dbt_tests_become_results_and_models_do_not(tmp_path: Path) -> None:
    target = dbt_target(
        tmp_path,
        ran("model.p.users", "success", None),
        ran("test.p.unique_users.1", "fail", 3, "Got 3 results, configured to fail if != 0"),
        ran("test.p.odd.2", "warn", 12),
        ran("test.p.on_source.3", "pass"),
        ran("unit_test.p.users.x", "pass"),
    )
    assert dbt_check_results(target, target / "manifest.json") == [
        CheckResult("dbt", "unique_users", "core.users", "error", "fail", "3 failures",
                    "0 failures", AT + timedelta(seconds=0.5)),
        CheckResult("dbt", "odd", "core.users, core.sessions", "warn", "warn", "12 failures",
                    "not >10 failures", AT + timedelta(seconds=0.5)),
        CheckResult("dbt", "on_source", "state.files", "error", "pass", "0 failures",
                    "0 failures", AT + timedelta(seconds=0.5)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "message", "observed"),
    [("error", "Binder Error: no column\nLINE 1: secret", "Binder Error: no column"),
     ("skipped", "", "skipped, because what it depends on failed"),
     ("runtime error", "", "runtime error")],
)  # fmt: skip
def test_a_dbt_test_that_did_not_run_blocks(
    tmp_path: Path, status: str, message: str, observed: str
) -> None:
    target = dbt_target(tmp_path, ran("test.p.odd.2", status, None, message))
    (found,) = dbt_check_results(target, target / "manifest.json", checked_at=AT)
    assert (found.status, found.severity, found.observed) == ("error", "warn", observed)
    assert found.blocks


def test_without_a_dbt_run_there_are_no_results(tmp_path: Path) -> None:
    assert dbt_check_results(tmp_path, tmp_path / "manifest.json") == []
    (tmp_path / "run_results.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match="not written by dbt"):
        dbt_check_results(tmp_path, tmp_path / "manifest.json")
