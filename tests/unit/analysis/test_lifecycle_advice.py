"""Keep, kill or reboot: the whole truth table, and what would flip an advice.

``advice_golden.csv`` was written from the text of the rules, not by the code: five letters, each
true, false or unknown. It changes only when the rules do.
"""

from __future__ import annotations

import csv
from itertools import product
from pathlib import Path

import pytest

from pm_pipeline.analysis.lifecycle.advice import NAMES, Letters, advise, flips

GOLDEN = Path(__file__).with_name("advice_golden.csv")
TRUTHS = {"true": True, "false": False, "unknown": None}


def golden() -> dict[Letters, str]:
    with GOLDEN.open(encoding="utf-8") as file:
        return {
            Letters(**{name: TRUTHS[row[name]] for name in NAMES.values()}): row["advice"]
            for row in csv.DictReader(file)
        }


def test_the_golden_table_holds_every_state_once() -> None:
    states = {Letters(*values) for values in product((True, False, None), repeat=5)}
    assert set(golden()) == states
    assert len(states) == 243


def test_every_state_has_the_advice_of_the_golden_table() -> None:
    for state, expected in golden().items():
        advice = advise(state)
        found = advice.recommendation or "none"
        found += " at low confidence" if advice.is_low_confidence else ""
        assert found == expected, state
        assert advice.reason


def test_without_advice_the_reason_names_what_is_unknown() -> None:
    reason = advise(Letters(True, None, None, None, None)).reason
    for words in ("new ones stay away", "monthly_cost", "anything else"):
        assert words in reason
    assert "old users leave" not in reason


@pytest.mark.parametrize(
    ("letters", "flip", "then"),
    [
        # Old users leave, new ones lack, nobody depends on it: killed for what it may cost.
        (Letters(True, True, None, None, False), "V true", "keep"),
        (Letters(True, True, None, None, False), "D true", "keep"),
        (Letters(True, True, None, None, False), "O false", "reboot"),
        (Letters(True, True, None, None, False), "X true", "reboot"),
        (Letters(False, False, None, None, None), "N true", "reboot"),
        (Letters(False, True, None, None, None), "N false", "keep"),
        (Letters(True, None, None, None, False), "V false", "kill"),
    ],
)
def test_flips_say_what_would_change_the_advice(letters: Letters, flip: str, then: str) -> None:
    assert flips(letters)[flip] == then


def test_what_changes_nothing_is_no_flip() -> None:
    found = flips(Letters(True, True, False, None, False))
    assert "V false" not in found
    assert "N true" not in found
    assert "X false" not in found
