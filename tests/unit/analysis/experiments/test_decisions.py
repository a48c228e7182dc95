"""Decisions: the golden table of all combinations, several metrics, several arms."""

from __future__ import annotations

import csv
from itertools import product
from pathlib import Path

import pytest

from pm_pipeline.analysis.experiments.decisions import ArmInputs, Outcome, decide, decide_all

GOLDEN = Path(__file__).with_name("golden_decisions.csv")
YES = {"yes": True, "no": False}
SHIP = Outcome("validated", "ship", "6_success")
RUN = Outcome("inconclusive", "keep_running", "9_running")
FLAT = Outcome("no_meaningful_effect", "review", "7_no_meaningful_effect")
ROLL_BACK = Outcome("refuted", "roll_back", "5_primary_lost")
INVALID = Outcome("invalid", "review", "2_invalid")


def golden() -> list[dict[str, str]]:
    with GOLDEN.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_golden_table_has_every_combination_once() -> None:
    rows = [
        (row["primary"], row["guardrail"], row["is_valid"], row["is_ready"], row["has_ended"])
        for row in golden()
    ]
    assert len(rows) == 96
    assert set(rows) == set(product("WLFU", ("PASS", "FAIL", "OPEN"), YES, YES, YES))


def test_every_combination_decides_as_the_golden_table_says() -> None:
    faults = []
    for row in golden():
        outcome = decide(
            ArmInputs(
                primaries=(row["primary"],),  # type: ignore[arg-type]
                guardrails=(row["guardrail"],),  # type: ignore[arg-type]
                is_valid=YES[row["is_valid"]],
                is_ready=YES[row["is_ready"]],
                has_ended=YES[row["has_ended"]],
            )
        )
        found = (outcome.rule_id[0], outcome.verdict, outcome.action)
        if found != (row["line"], row["verdict"], row["action"]):
            faults.append((row, found))
    assert faults == []


def test_without_data_nothing_else_counts() -> None:
    inputs = ArmInputs(("U",), ("OPEN",), has_data=False, is_valid=False)
    assert decide(inputs) == Outcome("inconclusive", "keep_running", "1_no_data")


@pytest.mark.parametrize(
    ("primaries", "success", "verdict", "action"),
    [
        ("WU", "any", "validated", "ship"),
        ("WU", "all", "inconclusive", "keep_running"),
        ("WW", "all", "validated", "ship"),
        ("WL", "any", "refuted", "roll_back"),
        ("WF", "all", "inconclusive", "keep_running"),
        ("FF", "any", "no_meaningful_effect", "review"),
        ("FU", "any", "inconclusive", "keep_running"),
        ("", "all", "inconclusive", "keep_running"),
    ],
)
def test_several_primaries(primaries: str, success: str, verdict: str, action: str) -> None:
    outcome = decide(ArmInputs(tuple(primaries), success=success))  # type: ignore[arg-type]
    assert (outcome.verdict, outcome.action) == (verdict, action)


def test_one_open_guardrail_of_several_holds_the_launch() -> None:
    inputs = ArmInputs(("W",), ("PASS", "OPEN", "PASS"))
    assert decide(inputs) == Outcome("validated", "keep_running", "6_guardrail_open")
    assert decide(ArmInputs(("W",), ("PASS", "PASS"))) == SHIP
    assert decide(ArmInputs(("W",))) == SHIP
    assert decide(ArmInputs(("W",), ("OPEN", "FAIL"))).action == "roll_back"


def test_switchers_that_change_the_picture_are_looked_at() -> None:
    inputs = ArmInputs(("W",), switchers_disagree=True)
    assert decide(inputs) == Outcome("validated", "review", "switchers_disagree")
    failed = ArmInputs(("W",), ("FAIL",), switchers_disagree=True)
    assert decide(failed).action == "roll_back"
    invalid = ArmInputs(("W",), is_valid=False, switchers_disagree=True)
    assert decide(invalid) == INVALID


@pytest.mark.parametrize(
    ("outcomes", "expected", "variant"),
    [
        ({}, Outcome("inconclusive", "keep_running", "1_no_data"), None),
        ({"a": SHIP, "b": INVALID}, Outcome("invalid", "review", "all_invalid"), "b"),
        ({"a": SHIP, "b": ROLL_BACK}, Outcome("validated", "ship", "all_best_arm"), "a"),
        ({"a": SHIP, "b": SHIP}, Outcome("validated", "ship", "all_best_arm"), "b"),
        ({"a": SHIP, "c": SHIP}, Outcome("validated", "review", "all_arms_alike"), "c"),
        (
            {"a": RUN, "b": FLAT},
            Outcome("no_meaningful_effect", "review", "all_most_severe"),
            "b",
        ),
        ({"a": ROLL_BACK, "b": FLAT}, Outcome("refuted", "roll_back", "all_most_severe"), "a"),
        ({"a": RUN, "b": RUN}, Outcome("inconclusive", "keep_running", "all_most_severe"), "a"),
    ],
)
def test_all_arms(outcomes: dict[str, Outcome], expected: Outcome, variant: str | None) -> None:
    gains = {"a": 0.02, "b": 0.05, "c": 0.021}
    differ = {frozenset("ab"): True, frozenset("ac"): False}
    overall = decide_all(outcomes, gains, differ)
    assert overall.outcome == expected
    assert overall.variant == variant
