"""The published sample against its planted truths, which the pipeline never reads.

Belongs here: whole tables compared with ``truths.json``. Does not belong here: whether the truths
themselves are right; ``tests/unit/simulate`` counts the written files independently.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from pm_pipeline.home import Home
from tests.conftest import command, published


def truths_of(home: Home) -> dict[str, Any]:
    truths: dict[str, Any] = json.loads((home.root / "truths.json").read_text(encoding="utf-8"))
    return truths


def assert_truths(home: Home) -> None:
    """Counts, persons, every day's actives, every week's growth and each feature's weeks."""
    truths = truths_of(home)
    with published(home) as connection:
        ledger = connection.execute(
            "select sum(records_count), sum(accepted_count), sum(duplicate_count),"
            " sum(rejected_count), sum(excluded_count), sum(events_count)"
            " from quality.ingested_files"
        ).fetchone()
        people = connection.execute(
            "select count(*), count(*) filter (where is_identified) from core.users"
        ).fetchone()
        usage = dict(
            connection.execute(
                "select event_name, sum(events_count)::bigint from engagement.event_usage"
                " where segment_name = 'all' group by event_name"
            ).fetchall()
        )
        daily = connection.execute(
            "select activity_date::varchar, daily_active_users, weekly_active_users,"
            " monthly_active_users, new_users, sessions_count, events_count"
            " from engagement.active_users where segment_name = 'all' order by activity_date"
        ).fetchall()
        weekly = connection.execute(
            "select period_start::varchar, active_users, new_users, retained_users,"
            " resurrected_users, churned_users from growth.accounting"
            " where subject_kind = 'product' and interval = 'week' order by period_start"
        ).fetchall()
        features = connection.execute(
            "select subject_name, period_start::varchar, active_users from growth.accounting"
            " where subject_kind = 'feature' and interval = 'week' and active_users > 0"
        ).fetchall()
    counts = truths["counts"]
    names = ("records", "accepted", "duplicate", "rejected", "excluded", "events")
    assert ledger == tuple(counts[name] for name in names)
    assert people == (truths["users"]["people"], truths["users"]["identified"])
    assert usage == truths["events_by_name"]
    assert daily == [tuple(day.values()) for day in truths["daily"]]
    assert weekly == [
        tuple(value for key, value in week.items() if key != "is_complete")
        for week in truths["weekly"]
    ]
    assert sorted(features) == sorted(
        (name, week["week_start"], week["users"])
        for name, feature in truths["features"].items()
        for week in feature["weekly"]
        if week["users"]
    )


def assert_surveys(home: Home) -> None:
    """Answers and score of every month are those planted, a score from ten answers on."""
    with published(home) as connection:
        found = connection.execute(
            "select period_start::varchar, answers_count, score from goals.survey_scores"
            " where segment_name = 'all' order by period_start"
        ).fetchall()
    planted = truths_of(home)["surveys"]["recommendation"]
    assert [row[:2] for row in found] == [
        (each["period_start"], each["answers"]) for each in planted
    ]
    for each, (_, answers, score) in zip(planted, found, strict=True):
        expected = pytest.approx(each["net_promoter_score"]) if answers >= 10 else None
        assert score == expected


def assert_experiments(home: Home) -> None:
    """Units, switchers and every mean are those that the simulation counts for itself."""
    for name, truth in truths_of(home)["experiments"].items():
        observed = truth["observed"]
        with published(home) as connection:
            reasons = dict(
                connection.execute(
                    "select exclusion_reason, count(*) from experiments.exposures"
                    " where experiment_name = $1 group by exclusion_reason",
                    [name],
                ).fetchall()
            )
            rows = connection.execute(
                "select analysis_set, metric_name, control, variant, control_users_count,"
                " users_count, open_users_count, control_mean, variant_mean"
                " from experiments.results where experiment_name = $1 and segment_name = 'all'"
                " and metric_name in ('songs', 'likes')",
                [name],
            ).fetchall()
            decisions = connection.execute(
                "select variant, verdict, action from experiments.decisions"
                " where experiment_name = $1",
                [name],
            ).fetchall()
        assert reasons.get("exposed_before_start", 0) == observed["exposed_before_start"]
        assert reasons.get("several_variants", 0) == observed["switchers"]
        assert len(rows) == 4
        for analysis_set, metric, control, variant, *counts, still_open, mean, other in rows:
            units = observed[analysis_set]["units"]
            assert sum(counts) + still_open == sum(units.values())
            if not still_open:
                assert counts == [units[control], units[variant]]
                means = observed[analysis_set][metric]["means"]
                assert [mean, other] == pytest.approx([means[control], means[variant]], abs=1e-6)
        assert {variant for variant, *_ in decisions} == {*truth["variants"], "all"} - {control}


def assert_found(home: Home) -> None:
    """The true average effect lies in every interval that decides, and nothing ships too early."""
    truths = truths_of(home)["experiments"]
    with published(home) as connection:
        intervals = connection.execute(
            "select experiment_name, metric_name, deciding_low, deciding_high"
            " from experiments.results where segment_name = 'all' and analysis_set = 'default'"
            " and metric_name in ('songs', 'likes') and deciding_low is not null"
        ).fetchall()
        actions = connection.execute("select distinct action from experiments.decisions").fetchall()
    assert len(intervals) == 6
    for name, metric, low, high in intervals:
        truth = truths[name]["potential_outcomes"][metric]["average_effect"]
        assert low <= truth <= high, (name, metric)
    assert actions == [("keep_running",)], "with some dozen people each it is too early"


def test_the_small_sample_has_its_planted_truths(demo_home: Home) -> None:
    """The fixture takes the truths away while the pipeline runs."""
    assert_truths(demo_home)
    assert_surveys(demo_home)
    assert_experiments(demo_home)


@pytest.mark.long
def test_the_whole_sample_has_its_planted_truths(home: Home) -> None:
    assert command("demo", home=home).code == 0
    ran = command("run", home=home)
    assert ran.code == 0, ran.output
    assert_truths(home)
    assert_surveys(home)
    assert_experiments(home)
    with published(home) as connection:
        decided = dict(
            connection.execute(
                "select experiment_name, verdict || ': ' || action from experiments.decisions"
                " where variant = 'all'"
            ).fetchall()
        )
        novelty = connection.execute(
            "select experiment_name from experiments.health"
            " where check_name like 'novelty:%' and status = 'warn'"
        ).fetchall()
    assert decided == {
        "short_onboarding": "validated: ship",
        "blue_button": "inconclusive: review",
        "new_player": "invalid: review",
        "autoplay": "validated: roll_back",
    }
    assert novelty == [("autoplay",)]
