"""What dbt's tests found, in the shape of every other check.

Belongs here: reading ``run_results.json`` and ``manifest.json``. Does not belong here: running dbt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pm_pipeline.checks.results import CheckResult, Severity, Status, first_line, utc_now

_STATUSES: Mapping[str, Status] = {
    "pass": "pass",
    "success": "pass",
    "warn": "warn",
    "fail": "fail",
}


def dbt_check_results(
    target: Path, manifest: Path, *, checked_at: datetime | None = None
) -> list[CheckResult]:
    """Return one result of gate ``dbt`` for every data test that the last dbt run reports.

    ``target`` is dbt's target folder; without ``run_results.json`` in it no test ran. ``manifest``
    is the ``manifest.json`` of the project that was run. A test that
    broke, or was skipped because what it depends on did, has status ``error``: nobody knows whether
    it holds. ``checked_at`` (naive UTC) defaults to when dbt wrote its results. Raises ``OSError``
    or ``ValueError`` when a file is missing or is not dbt's.
    """
    run_results = target / "run_results.json"
    if not run_results.exists():
        return []
    report = _read(run_results, "results")
    nodes = _read(manifest, "nodes")["nodes"]
    moment = checked_at or _generated_at(report)
    return [
        _result(result, nodes, moment)
        for result in report["results"]
        if str(result.get("unique_id", "")).startswith("test.")
    ]


def _result(
    result: Mapping[str, Any], nodes: Mapping[str, Any], checked_at: datetime
) -> CheckResult:
    unique_id = str(result["unique_id"])
    node = nodes.get(unique_id, {})
    config = node.get("config") or {}
    severity: Severity = "warn" if str(config.get("severity", "")).lower() == "warn" else "error"
    dbt_status = str(result.get("status", ""))
    status = _STATUSES.get(dbt_status, "error")
    if status == "error":
        observed = first_line(str(result.get("message") or dbt_status or "not run"))
        if dbt_status == "skipped":
            observed = "skipped, because what it depends on failed"
    else:
        observed = f"{result.get('failures') or 0} failures"
    return CheckResult(
        gate="dbt",
        check_name=str(node.get("name") or unique_id.split(".")[2]),
        table_name=_table(node, nodes),
        severity=severity,
        status=status,
        observed=observed,
        expected=_expected(config),
        checked_at=checked_at,
    )


def _table(node: Mapping[str, Any], nodes: Mapping[str, Any]) -> str:
    """Return the schema and table that a test belongs to; several when it joins some."""
    attached = node.get("attached_node")
    parents = [attached] if attached else (node.get("depends_on") or {}).get("nodes") or []
    tables = [
        f"{nodes[parent].get('schema')}.{nodes[parent].get('alias') or nodes[parent]['name']}"
        if parent in nodes
        else ".".join(str(parent).split(".")[2:])  # a source
        for parent in parents
    ]
    return ", ".join(dict.fromkeys(tables)) or "?"


def _expected(config: Mapping[str, Any]) -> str:
    condition = str(config.get("error_if" if config.get("severity") != "warn" else "warn_if") or "")
    return "0 failures" if condition in ("", "!= 0") else f"not {condition} failures"


def _generated_at(report: Mapping[str, Any]) -> datetime:
    text = str((report.get("metadata") or {}).get("generated_at") or "")
    if not text:
        return utc_now()
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC).replace(tzinfo=None)


def _read(file: Path, key: str) -> dict[str, Any]:
    content = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or key not in content:
        raise ValueError(f"{file.name} has no {key}: it was not written by dbt")
    return content
