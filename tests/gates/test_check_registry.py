"""Every check is declared once, has a poison and a clean twin, and can be set by its name."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from gate_c_poisons import GATE_C
from gate_poisons import GATE_A, GATE_B

import pm_pipeline.checks
from pm_pipeline.checks.registry import CHECKS, checks_of, known_check_names
from pm_pipeline.checks.results import CheckResult, Severity, Status, first_line
from pm_pipeline.checks.settings import CheckSettings, CheckSettingsError
from pm_pipeline.checks.sql_rules import rule_sql, rules_folder

TESTS = Path(__file__).parent


def test_every_registered_check_has_a_poison_and_no_poison_is_left_over() -> None:
    assert set(GATE_A) == {check.name for check in checks_of("A")}
    assert set(GATE_B) == {check.name for check in checks_of("B")}
    assert set(GATE_C) == {check.name for check in checks_of("C")}
    assert known_check_names() == {*GATE_A, *GATE_B, *GATE_C}


@pytest.mark.parametrize("gate", ["a", "b", "c"])
def test_every_check_has_a_clean_twin(gate: str) -> None:
    """The clean test of a gate compares with the registry: nothing can be left out of it."""
    tree = ast.parse((TESTS / f"test_gate_{gate}.py").read_text(encoding="utf-8"))
    clean = [
        node for node in ast.walk(tree)
        if (isinstance(node, ast.FunctionDef) and node.name.startswith("test_clean_"))
        or (isinstance(node, ast.FunctionDef) and node.name.startswith("test_a_clean_"))
    ]  # fmt: skip
    assert len(clean) == 1
    assert f"checks_of('{gate.upper()}')" in ast.unparse(clean[0])


def test_every_rule_file_has_a_check_and_a_comment() -> None:
    assert {file.stem for file in rules_folder("B").glob("*.sql")} == set(GATE_B)
    assert {file.stem for file in rules_folder("C").glob("*.sql")} == set(GATE_C)
    assert all(rule_sql("B", name).startswith("-- ") for name in GATE_B)
    assert all(rule_sql("C", name).startswith("-- ") for name in GATE_C)


def test_every_check_says_what_it_detects_and_what_to_do() -> None:
    for check in CHECKS.values():
        assert check.description.endswith("."), check.name
        assert check.description.count(":") + check.description.count(";") >= 1, check.name
        assert (check.limit is None) == (check.unit is None), check.name


def test_great_expectations_is_not_imported_with_the_gates() -> None:
    names = sorted(file.stem for file in Path(pm_pipeline.checks.__path__[0]).glob("*.py"))
    modules = [f"pm_pipeline.checks.{name}" for name in names if name not in ("assets", "__init__")]
    code = f"import {', '.join(modules)}, sys; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("severity", "status", "blocks"),
    [("error", "pass", False), ("error", "warn", False), ("error", "fail", True),
     ("error", "error", True), ("warn", "pass", False), ("warn", "warn", False),
     ("warn", "fail", False), ("warn", "error", True)],
)  # fmt: skip
def test_what_blocks(severity: Severity, status: Status, blocks: bool) -> None:
    assert CheckResult("A", "name", "table", severity, status, None, None).blocks is blocks


def test_a_problem_is_one_short_line() -> None:
    assert first_line(ValueError("a\nsecret")) == "ValueError: a"
    assert len(first_line("x" * 1000)) == 300


def test_defaults_are_the_registrys() -> None:
    settings = CheckSettings.from_product(None)
    assert settings.limit(CHECKS["rejected_share"]) == 0.05
    assert settings.severity(CHECKS["volume_drop"]) == "warn"
    assert settings.limit(CHECKS["growth_balances"]) == 0


@pytest.mark.parametrize(
    ("name", "limit", "read"),
    [("rejected_share", "5%", 0.05), ("rejected_share", 0.2, 0.2), ("rejected_share", 0, 0.0),
     ("rejected_share", "100 %", 1.0), ("rejected_share", 0.00001, 0.00001),
     ("last_event_is_fresh", "3 days", 3.0), ("last_event_is_fresh", "36 hours", 1.5),
     ("last_event_is_fresh", 7, 7.0), ("unread_files", 2, 2.0)],
)  # fmt: skip
def test_limits_are_read(name: str, limit: object, read: float) -> None:
    settings = CheckSettings.from_product({name: {"limit": limit, "severity": "warn"}})
    assert settings.limit(CHECKS[name]) == pytest.approx(read)
    assert settings.severity(CHECKS[name]) == "warn"


@pytest.mark.parametrize(
    ("name", "limit"),
    [("rejected_share", "120%"), ("rejected_share", -0.1), ("rejected_share", "much"),
     ("rejected_share", True), ("rejected_share", "nan"), ("last_event_is_fresh", "3 moons"),
     ("last_event_is_fresh", "inf"), ("unread_files", 1.5), ("growth_balances", 1)],
)  # fmt: skip
def test_limits_that_are_none_are_refused(name: str, limit: object) -> None:
    with pytest.raises(CheckSettingsError) as caught:
        CheckSettings.from_product({name: {"limit": limit}})
    assert [key for key, _ in caught.value.faults] == [f"checks.{name}.limit"]


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(CheckSettingsError) as caught:
        CheckSettings.from_product(
            {"rejected_shaer": {"limit": 1}, "rejected_share": {"limit": "x", "severity": "bad"}}
        )
    assert caught.value.faults == [
        ("checks.rejected_shaer", "unknown check, did you mean 'rejected_share'?"),
        ("checks.rejected_share.severity", "expected error or warn"),
        ("checks.rejected_share.limit", "expected a share such as 5% or 0.05"),
    ]
