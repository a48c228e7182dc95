"""From a problem to what became of it: statuses, ages, moved goals, and what stands out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from pm_pipeline.analysis.goals.direction import (
    Hypothesis,
    Item,
    Known,
    Problem,
    Verdict,
    hypothesis_rows,
    problem_rows,
    roadmap_rows,
)
from pm_pipeline.analysis.goals.direction_tables import HYPOTHESES, PROBLEMS, ROADMAP
from pm_pipeline.analysis.goals.progress import Goal
from pm_pipeline.analysis.goals.series import Series
from pm_pipeline.analysis.goals.settings import DirectionSettings
from pm_pipeline.analysis.tables import ResultTable

SETTINGS = DirectionSettings()
LAST = date(2026, 6, 28)  # a Sunday: as-of is the Monday after it
MONDAY = date(2026, 1, 5)
DAY = timedelta(days=1)
SLOW = Problem("slow", "Loading takes long.", "new_people", "songs", baseline=30.0)
CACHE = Hypothesis("cache", "A cache helps.", "slow", "songs", "increase", 0.05, True)


def named(table: ResultTable, rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    columns = [column.name for column in table.columns]
    return [dict(zip(columns, row, strict=True)) for row in rows]


def hypothesis(known: Known, **changes: Any) -> dict[str, Any]:
    one = Hypothesis("h", "So it is.", **changes)
    return named(HYPOTHESES, hypothesis_rows([one], known, SETTINGS))[0]


def item(
    known: Known, *, hypotheses: tuple[Hypothesis, ...] = (), **changes: Any
) -> dict[str, Any]:
    one = Item("x", 1, **changes)
    return named(ROADMAP, roadmap_rows([one], [SLOW], hypotheses, known, SETTINGS))[0]


def songs(last: date = LAST) -> dict[str, Series]:
    """Return a metric of 10 a day that is 20 a day from June on."""
    days = [MONDAY + day * DAY for day in range((last - MONDAY).days + 1)]
    values = {day: 20.0 if day >= date(2026, 6, 1) else 10.0 for day in days}
    return {"songs": Series("songs", "sum", values, last)}


# Hypotheses


@pytest.mark.parametrize(
    ("verdict", "action", "status"),
    [
        ("validated", "ship", "validated"),
        ("refuted", "roll_back", "refuted"),
        ("inconclusive", "keep_running", "running"),
        ("inconclusive", "review", "inconclusive"),
        ("invalid", "review", "invalid"),
    ],
)
def test_the_status_is_that_of_the_experiment(verdict: str, action: str, status: str) -> None:
    known = Known(LAST, verdicts={"e": Verdict(verdict, action, "because", "ship", "we like it")})
    row = hypothesis(known, experiment="e")
    assert row["status"] == status
    assert (row["advised_action"], row["human_action"]) == (action, "ship"), "side by side"
    assert row["human_reason"] == "we like it"


def test_without_an_experiment_it_is_untested_and_stands_out() -> None:
    row = hypothesis(Known(LAST))
    assert (row["status"], row["attention"]) == ("untested", "untested: no experiment")
    assert hypothesis(Known(LAST), experiment="later")["attention"] == "untested"


def test_it_is_stale_after_a_quarter_without_a_verdict() -> None:
    """Ages count to as-of, which is the midnight after the last day that counts."""
    young = hypothesis(Known(LAST), stated_on=LAST + DAY - 89 * DAY)
    assert (young["age_days"], young["is_stale"]) == (89, False)
    old = hypothesis(Known(LAST), stated_on=LAST + DAY - 90 * DAY)
    assert (old["is_stale"], old["attention"]) == (True, "untested for 90 days")
    done = Known(LAST, verdicts={"e": Verdict("refuted", "roll_back")})
    assert not hypothesis(done, experiment="e", stated_on=MONDAY)["is_stale"]
    assert hypothesis(Known(LAST))["age_days"] is None


# Problems


def test_a_problem_counts_its_hypotheses_and_shows_its_evidence_today() -> None:
    known = Known(LAST, songs(), verdicts={"e": Verdict("validated", "ship")})
    tested = Hypothesis("queue", "A queue helps.", "slow", experiment="e")
    other = Hypothesis("other", "Else.", "noise")
    (row,) = named(PROBLEMS, problem_rows([SLOW], [CACHE, tested, other], known))
    assert (row["hypotheses_count"], row["tested_count"], row["validated_count"]) == (2, 1, 1)
    assert (row["evidence"], row["evidence_baseline"], row["evidence_value"]) == ("songs", 30, 140)
    assert row["attention"] is None


@pytest.mark.parametrize(
    ("hypotheses", "attention"),
    [((), "nobody has a hypothesis"), ((CACHE,), "no hypothesis is tested")],
)
def test_a_problem_that_nobody_works_on_stands_out(
    hypotheses: tuple[Hypothesis, ...], attention: str
) -> None:
    (row,) = named(PROBLEMS, problem_rows([SLOW], hypotheses, Known(LAST)))
    assert row["attention"] == attention


def test_the_evidence_may_be_a_step_of_a_funnel() -> None:
    problem = Problem("lost", "They get lost.", funnel="first_song", step="played", baseline=0.2)
    known = Known(LAST, step_rates={("first_song", "played"): 0.31})
    (row,) = named(PROBLEMS, problem_rows([problem], [], known))
    assert (row["evidence"], row["evidence_value"]) == ("first_song: played", 0.31)


# The roadmap


def test_a_release_shows_how_its_goal_moved_since() -> None:
    """70 songs in the week before June 1st, 140 in the last complete week."""
    goal = Goal("more", "songs", 200.0, None, MONDAY, date(2026, 9, 1), "week", False)
    known = Known(
        LAST,
        songs(),
        goals={"more": goal},
        progress={"more": (140.0, "at_risk")},
        stages={"radio": ("decline", "reboot")},
    )
    row = item(
        known, hypotheses=(CACHE,), status="released", released_on=date(2026, 6, 1),
        hypothesis="cache", feature="radio", goal="more",
    )  # fmt: skip
    assert (row["goal_value_before"], row["goal_value"], row["goal_moved"]) == (70, 140, 70)
    assert (row["goal_status"], row["feature_stage"], row["feature_advice"]) == (
        "at_risk", "decline", "reboot",
    )  # fmt: skip
    assert (row["problem_name"], row["evidence_value"]) == ("slow", 140)
    assert row["days_since_release"] == 28


@pytest.mark.parametrize(
    ("days", "verdict", "attention"),
    [
        (59, None, None),
        (60, None, "released 60 days ago, outcome not measured"),
        (60, Verdict("validated", "ship"), None),
        (60, Verdict("no_meaningful_effect", "review"), None),
        (60, Verdict("inconclusive", "review"), "released 60 days ago, outcome not measured"),
    ],
)
def test_a_release_without_a_measured_outcome_stands_out(
    days: int, verdict: Verdict | None, attention: str | None
) -> None:
    known = Known(LAST, verdicts={"e": verdict} if verdict else {})
    belief = Hypothesis("cache", "A cache helps.", experiment="e")
    row = item(
        known, hypotheses=(belief,), status="released", hypothesis="cache",
        released_on=LAST + DAY - days * DAY,
    )  # fmt: skip
    assert row["attention"] == attention


@pytest.mark.parametrize(
    ("status", "belief", "attention"),
    [
        ("discovery", "cache", None),
        ("discovery", None, "no hypothesis behind it"),
        ("building", "cache", "being built on an untested hypothesis"),
        ("dropped", None, None),
    ],
)
def test_what_is_built_on_nothing_stands_out(
    status: str, belief: str | None, attention: str | None
) -> None:
    row = item(Known(LAST), hypotheses=(CACHE,), status=status, hypothesis=belief)
    assert row["attention"] == attention


def test_items_keep_the_order_of_the_product_file() -> None:
    items = [Item("b", 1, "building"), Item("a", 2, "dropped")]
    rows = named(ROADMAP, roadmap_rows(items, [], [], Known(LAST), SETTINGS))
    assert [row["item_name"] for row in rows] == ["b", "a"]
