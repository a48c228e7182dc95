"""The letters of evidence: what holds, what does not, and what is unknown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from lifecycle_series import MONDAY, SETTINGS, subject
from statsmodels.stats.proportion import proportions_ztest

from pm_pipeline.analysis.lifecycle.dispersion import panel_sigma, polli_cook
from pm_pipeline.analysis.lifecycle.letters import (
    Experiment,
    Share,
    cohorts_weaken,
    net_value,
    new_users_fall,
    new_users_lack,
    old_users_leave,
    two_proportions_p,
    users_of_nothing_else,
    validated_experiment,
)
from pm_pipeline.analysis.lifecycle.results import Decision, Followed, product_stages
from pm_pipeline.analysis.lifecycle.table import PRODUCT_STAGES

FALLING_MONTHS = [Share(200, kept) for kept in (180, 172, 165, 155, 149, 140)]
STEADY_MONTHS = [Share(200, kept) for kept in (160, 163, 159, 161, 160, 162)]
FALLING_NEW = [round(200 * 0.95**week) for week in range(13)]
STEADY_NEW = [100, 101] * 6 + [100]
ALIKE = [Share(100, 30)] * 12
WEAKER = [Share(100, 30)] * 6 + [Share(100, 15)] * 6


def test_old_users_leave_when_their_survival_certainly_falls() -> None:
    falling = old_users_leave(FALLING_MONTHS, SETTINGS)
    assert falling.holds is True
    assert falling.high is not None
    assert falling.high < 0
    assert falling.n == 200
    assert old_users_leave(STEADY_MONTHS, SETTINGS).holds is False
    assert old_users_leave([*FALLING_MONTHS, *STEADY_MONTHS], SETTINGS).holds is False


def test_survival_of_few_months_or_few_people_is_unknown() -> None:
    assert old_users_leave(FALLING_MONTHS[1:], SETTINGS).holds is None
    few = [*FALLING_MONTHS[:5], Share(99, 60)]
    assert old_users_leave(few, SETTINGS).holds is None
    assert old_users_leave([*FALLING_MONTHS[:5], Share(100, 60)], SETTINGS).holds is True


def test_new_users_lack_when_they_fall_or_come_back_less() -> None:
    assert new_users_lack(FALLING_NEW, ALIKE, SETTINGS).holds is True
    assert new_users_lack(STEADY_NEW, WEAKER, SETTINGS).holds is True
    assert new_users_lack(STEADY_NEW, ALIKE, SETTINGS).holds is False


def test_one_side_unknown_is_enough_to_hold_but_not_to_deny() -> None:
    assert new_users_lack(FALLING_NEW, [], SETTINGS).holds is True
    assert new_users_lack([], WEAKER, SETTINGS).holds is True
    assert new_users_lack(STEADY_NEW, [], SETTINGS).holds is None
    assert new_users_lack([], ALIKE, SETTINGS).holds is None
    assert new_users_lack([], [], SETTINGS).holds is None


def test_new_users_of_few_weeks_or_people_are_unknown() -> None:
    assert new_users_fall(FALLING_NEW[1:], SETTINGS).holds is None
    assert new_users_fall([7] * 13, SETTINGS).holds is None, "91 people"
    assert new_users_fall([8] * 13, SETTINGS).holds is False
    assert new_users_fall([*FALLING_NEW[:12], 0], SETTINGS).holds is None
    slight = [round(1e6 * 0.996**week) for week in range(13)]
    assert new_users_fall(slight, SETTINGS).holds is False, "0.4 % a week is no fall"


def test_cohorts_weaken_by_the_two_proportion_test() -> None:
    assert cohorts_weaken(WEAKER, SETTINGS).holds is True
    assert cohorts_weaken(list(reversed(WEAKER)), SETTINGS).holds is False, "they come back more"
    assert cohorts_weaken(WEAKER[1:], SETTINGS).holds is None, "eleven cohorts"
    few = [Share(16, 8)] * 6 + [Share(17, 1)] * 6
    assert cohorts_weaken(few, SETTINGS).holds is None, "96 people before"
    slight = [Share(100, 30)] * 6 + [Share(100, 29)] * 6
    assert cohorts_weaken(slight, SETTINGS).holds is False


def test_the_p_value_is_that_of_statsmodels() -> None:
    _, expected = proportions_ztest([90, 60], [300, 310])
    assert two_proportions_p(Share(300, 90), Share(310, 60)) == pytest.approx(expected)
    assert two_proportions_p(Share(10, 0), Share(10, 0)) == 1.0


def test_value_is_known_with_both_keys() -> None:
    assert net_value(5.0, 5.0).holds is True
    assert net_value(5.0, 6.0).holds is False
    assert net_value(5.0, 6.0).value == -1.0
    assert net_value(5.0, None).holds is None
    assert "monthly_cost" in net_value(5.0, None).note
    assert "monthly_value" in net_value(None, 2.0).note


def test_users_of_nothing_else_from_three_tenths() -> None:
    assert users_of_nothing_else(Share(100, 30), False, SETTINGS).holds is True
    assert users_of_nothing_else(Share(100, 29), False, SETTINGS).holds is False
    assert users_of_nothing_else(Share(99, 99), False, SETTINGS).holds is None
    assert users_of_nothing_else(None, False, SETTINGS).holds is None
    assert users_of_nothing_else(Share(100, 100), True, SETTINGS).holds is None


# The scale of Polli and Cook


def test_the_scale_needs_a_panel() -> None:
    rules = SETTINGS.dispersion
    quarters = 4
    long = [1000 + 50 * ((week * 7) % 13) for week in range(26 + 13 * quarters + 1)]
    assert panel_sigma([long] * 5, rules) is not None
    assert panel_sigma([long] * 4, rules) is None, "four subjects"
    assert panel_sigma([long[13:]] * 5, rules) is None, "fifteen quarters"


def test_the_scale_and_its_stage() -> None:
    rules = SETTINGS.dispersion
    changes = (0.1, -0.1, 0.2, -0.2, 0.0)
    series = []
    for change in changes:
        # Quarters by the same change, alternately up and down, after half a year without any.
        levels = [1000.0] * 27
        for quarter in range(4):
            levels += [levels[-1] * 2.718281828459045 ** (change * (-1) ** quarter)] * 13
        series.append([round(level * 1000) for level in levels])
    # Half of the twenty are +-0.1 or 0; their median absolute deviation from 0 is 0.1.
    assert panel_sigma(series, rules) == pytest.approx(0.14826, rel=1e-3)
    assert polli_cook([100] * 14, 0.2, rules)["stage"] == "maturity"
    assert polli_cook([100] * 13 + [112], 0.2, rules)["stage"] == "growth"
    assert polli_cook([100] * 13 + [89], 0.2, rules)["stage"] == "decline"
    assert polli_cook([3000, *[100] * 14], 0.2, rules)["stage"] == "introduction"
    assert polli_cook([100] * 14, None, rules) == {"change": 0.0, "sigma": None, "stage": None}
    assert polli_cook([100] * 13, 0.2, rules)["change"] is None


# Rows


def declining(**changes: object) -> Followed:
    users = [1000] * 26 + [round(1000 * 0.95**week) for week in range(1, 15)]
    feature = subject(users, kind="feature", name="radio", product_users=(5000,) * len(users))
    values: dict[str, object] = {
        "subject": feature,
        "new_users": (*[100] * 27, *FALLING_NEW),
        "quick_ratios": (1.0,) * len(users),
        "survival": [
            (date(2023, 3, 1) + timedelta(days=30 * month), share)
            for month, share in enumerate(FALLING_MONTHS)
        ],
        "exclusive": {feature.week(week): Share(500, 10) for week in range(len(users))},
    }
    return Followed(**values | changes)  # type: ignore[arg-type]


OTHER = Followed(
    subject([100] * 3, kind="feature", name="lyrics"), new_users=(1,) * 3, quick_ratios=(None,) * 3
)


def last_row(*followed: Followed) -> dict[str, object]:
    rows = [
        dict(zip([column.name for column in PRODUCT_STAGES.columns], row, strict=True))
        for row in product_stages(followed, SETTINGS)
    ]
    return [row for row in rows if row["subject_name"] == "radio"][-1]


def test_a_decline_is_advised_with_its_evidence() -> None:
    row = last_row(declining(), OTHER)
    assert (row["stage"], row["recommendation"], row["confidence"]) == ("decline", "kill", "low")
    assert "monthly_cost" in str(row["recommendation_reason"])
    evidence = json.loads(str(row["evidence"]))
    assert {letter: evidence[letter]["holds"] for letter in "ONVXD"} == {
        "O": True, "N": True, "V": None, "X": None, "D": False,
    }  # fmt: skip
    assert evidence["flips"] == {
        "D true": "keep", "N false": None, "O false": "reboot", "V true": "keep",
        "X true": "reboot",
    }  # fmt: skip
    assert evidence["D"]["value"] == pytest.approx(0.02)


def test_value_decides_where_it_is_known() -> None:
    paying = last_row(declining(monthly_value=5.0, monthly_cost=1.0), OTHER)
    assert paying["recommendation"] == "keep"
    costly = last_row(declining(monthly_value=1.0, monthly_cost=5.0), OTHER)
    assert (costly["recommendation"], costly["confidence"]) == ("kill", "low")


def test_evidence_is_of_the_weeks_up_to_the_rows_own() -> None:
    """Months that end later are unknown to an earlier week."""
    late = [(day + timedelta(days=365), share) for day, share in declining().survival]
    row = last_row(declining(survival=late), OTHER)
    assert json.loads(str(row["evidence"]))["O"]["holds"] is None
    assert row["recommendation"] is None
    assert "whether old users leave is unknown" in str(row["recommendation_reason"])


def test_who_is_new_and_who_returns_stands_beside_every_stage() -> None:
    """Six cohorts of 100 of whom 30 return; the seventh is known only after the week."""
    steady = subject([400] * 20)
    first = MONDAY + timedelta(weeks=10)
    cohorts = [(first + timedelta(weeks=week), Share(100, 30)) for week in range(6)]
    cohorts.append((MONDAY + timedelta(weeks=21), Share(100, 90)))
    followed = Followed(steady, (40,) * 20, (None,) * 20, cohorts=cohorts)
    names = [column.name for column in PRODUCT_STAGES.columns]
    rows = [dict(zip(names, row, strict=True)) for row in product_stages([followed], SETTINGS)]
    last, early = (json.loads(str(rows[week]["evidence"])) for week in (-1, 5))
    assert last["share_of_new"] == {"value": 0.1, "n": 400}
    assert last["week_4_retention"] == {"value": 0.3, "n": 600}
    assert early["week_4_retention"] == {"value": None, "n": 0}


def test_outside_of_decline_nothing_is_advised() -> None:
    rows = product_stages([OTHER], SETTINGS)
    names = [column.name for column in PRODUCT_STAGES.columns]
    for row in rows:
        shown = dict(zip(names, row, strict=True))
        assert shown["recommendation"] is shown["recommendation_reason"] is None
        assert set(json.loads(shown["evidence"])) == {
            "polli_cook", "share_of_new", "week_4_retention",
        }  # fmt: skip
        assert shown["period_start"] >= MONDAY


# People's decisions, experiments


def declining_weeks(**more: Any) -> list[dict[str, object]]:
    """Return the weeks of a feature that falls after 26 weeks, in decline at the end."""
    names = [column.name for column in PRODUCT_STAGES.columns]
    rows = product_stages([declining(**more)], SETTINGS)
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_what_people_decided_stands_beside_the_advice_from_its_day_on() -> None:
    """X is true, so that the advice is reboot; they keep it, decided on a Wednesday."""
    last = MONDAY + timedelta(weeks=39)
    tried = Experiment("new_radio", True, last - timedelta(weeks=20))
    decision = Decision("keep", last + timedelta(days=2), "the board", "We like it.")
    weeks = declining_weeks(decision=decision, experiments=(tried,))
    assert weeks[-1]["recommendation"] == "reboot"
    assert weeks[-1]["human_action"] == "keep"
    assert (weeks[-1]["human_by"], weeks[-1]["human_reason"]) == ("the board", "We like it.")
    assert weeks[-1]["is_contradicted"] is True
    assert weeks[-2]["human_action"] is None and weeks[-2]["is_contradicted"] is None
    followed = declining_weeks(decision=replace(decision, action="reboot"), experiments=(tried,))
    assert followed[-1]["is_contradicted"] is False


def test_a_validated_experiment_speaks_for_half_a_year_and_not_before_it_is_known() -> None:
    end = MONDAY + timedelta(weeks=40)
    known = [Experiment("e", True, MONDAY + timedelta(weeks=week)) for week in (14, 13, 41)]
    within, older, later = (validated_experiment([each], end, SETTINGS) for each in known)
    assert (within.holds, older.holds, later.holds) == (True, False, False)
    assert within.note == "e"
    refuted = Experiment("e", False, MONDAY + timedelta(weeks=39))
    assert validated_experiment([refuted], end, SETTINGS).holds is False
    assert validated_experiment([], end, SETTINGS).holds is None, "unknown"
