"""Whole experiments: simulated units in, rows, states, decisions and sentences out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from pm_pipeline.analysis.experiments import (
    DayState,
    Effect,
    Facts,
    Health,
    Looks,
    Moments,
    Reading,
    Slice,
    SliceKey,
    compare,
    decide_experiment,
    merged,
    read_out,
    timeline,
)
from pm_pipeline.analysis.experiments.comparisons import Comparison
from tests.unit.analysis.experiments.simulated_experiments import (
    CRASHES,
    PER_SONG,
    SHARED,
    SONGS,
    Simulated,
    decided,
    plan_of,
)

GOOD = Simulated({"control": 4_000, "short": 4_000}, {"short": 0.4})


def test_a_real_effect_is_shipped_with_its_numbers() -> None:
    readout, decisions = decided(GOOD, plan_of(GOOD, SONGS, PER_SONG, CRASHES))
    row = readout.total("songs", "short")
    assert row is not None
    assert (row.status, row.method, row.family, row.primary_state) == ("ok", "cuped", "A", "W")
    assert row.variance_reduction_rate == pytest.approx(0.36, abs=0.04)
    assert row.difference == pytest.approx(0.4, abs=0.2)
    decision = decisions["short"]
    assert (decision.verdict, decision.action, decision.rule_id) == (
        "validated", "ship", "6_success",
    )  # fmt: skip
    assert decision.reason == (
        f"songs moved by {row.difference:+.4g} ({row.lift:+.2%}), 95% interval "
        f"{row.deciding_low:+.4g} to {row.deciding_high:+.4g}, adjusted p < 0.0001: "
        "better than control, and the guardrail holds."
    )
    assert decision.days_left is None
    assert decisions["all"].action == "ship"
    assert decisions["all"].reason.startswith("short: songs moved by")
    stored = json.loads(json.dumps(decision.inputs))
    assert stored["metrics"]["songs"]["state"] == "W"
    assert stored["primaries"] == ["W"]


def test_intervals_hold_their_estimates_and_the_deciding_one_is_wider() -> None:
    readout, _ = decided(GOOD, plan_of(GOOD))
    for row in readout.results:
        assert row.difference_low < row.difference < row.difference_high
        assert row.deciding_low < row.difference < row.deciding_high
        assert row.lift_low < row.lift < row.lift_high
        plain, wide = (
            row.difference_high - row.difference_low,
            row.deciding_high - row.deciding_low,
        )
        if row.family_size > 1:
            assert wide > plain
        else:
            assert wide == pytest.approx(plain)


def test_families_are_declared_by_role() -> None:
    three = Simulated({"control": 900, "a": 900, "b": 900})
    readout, _ = decided(three, plan_of(three))
    totals = [row for row in readout.results if row.segment_name == "all"]
    assert {(row.metric_name, row.family, row.family_size) for row in totals} == {
        ("songs", "A", 4),
        ("shared", "A", 4),
        ("seconds_per_song", "B", 2),
        ("crashes", "guardrails", 2),
    }
    primaries = sorted(
        (row.deciding_p_value, row.adjusted_p_value) for row in totals if row.family == "A"
    )
    running = 0.0
    for rank, (p, corrected) in enumerate(primaries):
        running = max(running, min(1.0, (4 - rank) * p))
        assert corrected == pytest.approx(running)
    slices = [row for row in readout.results if row.segment_name != "all"]
    assert {(row.family, row.family_size, row.adjusted_p_value) for row in slices} == {
        ("C", 1, None)
    }


def test_slices_show_a_p_only_where_they_differ() -> None:
    alike, _ = decided(GOOD, plan_of(GOOD, SONGS))
    uneven = replace(GOOD, effects={"short": 1.0}, ios_only=True)
    apart, _ = decided(uneven, plan_of(uneven, SONGS))
    for readout, differs in ((alike, False), (apart, True)):
        (test,) = readout.slice_tests
        assert (test.adjusted_p_value <= 0.05) == differs
        for row in readout.results:
            if row.segment_name == "platform":
                assert (row.p_value is not None) == differs
                assert (row.deciding_p_value is not None) == differs
                assert row.difference is not None


def test_small_slices_say_so() -> None:
    small = Simulated({"control": 120, "short": 120})
    readout, _ = decided(small, plan_of(small, SONGS))
    statuses = {row.segment_value: row.status for row in readout.results}
    assert statuses == {"all": "ok", "ios": "too_small", "web": "too_small"}


def test_a_harmed_guardrail_is_rolled_back() -> None:
    bad = replace(GOOD, harm={"short": 0.5})
    readout, decisions = decided(bad, plan_of(bad, SONGS, CRASHES))
    row = readout.total("crashes", "short")
    assert row is not None
    assert (row.guardrail_state, row.margin) == ("FAIL", 0.05)
    decision = decisions["short"]
    assert (decision.verdict, decision.action) == ("validated", "roll_back")
    assert decision.reason.startswith("Guardrail crashes moved by +0.")
    assert decision.reason.endswith("which is worse than its margin of 5% allows.")


def test_an_open_guardrail_holds_the_launch() -> None:
    few = Simulated({"control": 400, "short": 400}, {"short": 1.5})
    strict = replace(CRASHES, margin=Effect(0.001, is_relative=False))
    plan = plan_of(few, SONGS, strict, planned_users=2_000)
    _, decisions = decided(few, plan, units_per_day=100)
    decision = decisions["short"]
    assert (decision.verdict, decision.action) == ("validated", "keep_running")
    assert "but guardrail crashes moved by" in decision.reason
    assert decision.reason.endswith("may still be worse than its margin of 0.001.")
    assert decision.days_left == 14, "1,200 units at 100 a day, in whole weeks"
    _, ended = decided(few, plan, has_ended=True)
    assert ended["short"].action == "review"
    assert ended["all"].action == "review"


def test_nothing_found_waits_and_then_is_looked_at() -> None:
    null = Simulated({"control": 1_000, "short": 1_000}, seed=3)
    plan = plan_of(null, SONGS, minimum_effect=Effect(0.01, is_relative=True))
    _, decisions = decided(null, plan, units_per_day=150)
    decision = decisions["short"]
    assert decision.rule_id == "9_running"
    # 2.8 ^ 2 x 2 x 5.76 / 0.1 ^ 2 a control unit each: 9,042 an arm, 16,084 to come, 150 a day.
    assert decision.days_left == pytest.approx(112, abs=14)
    assert decision.reason.endswith(f"no answer yet; about {decision.days_left} days are left.")
    _, ended = decided(null, plan, has_ended=True)
    assert ended["short"].rule_id == "8_ended"
    _, alone = decided(null, plan_of(null, SONGS))
    assert alone["short"].days_left is None
    assert "unknown" in alone["short"].reason


def test_surely_nothing() -> None:
    null = Simulated({"control": 20_000, "short": 20_000}, seed=4)
    _, decisions = decided(
        null, plan_of(null, SONGS, minimum_effect=Effect(0.02, is_relative=True))
    )
    decision = decisions["short"]
    assert (decision.verdict, decision.action) == ("no_meaningful_effect", "review")
    assert decision.reason.endswith("surely less than the minimum effect of 2%.")


def test_failed_checks_speak_first() -> None:
    plan = plan_of(GOOD, SONGS)
    ratio = Health("sample_ratio", "fail", "verdict", "42.00% of 1,500 units saw control")
    early = Health("minimum_runtime", "fail", "readiness", "it ran 3 of at least 7 days")
    odd = Health("novelty:songs:short", "warn", "none", "change of the effect")
    _, invalid = decided(GOOD, plan, [odd, ratio, early])
    assert (invalid["short"].verdict, invalid["all"].verdict) == ("invalid", "invalid")
    assert invalid["short"].reason == (
        "The comparison is not valid: 42.00% of 1,500 units saw control (sample_ratio)."
    )
    _, soon = decided(GOOD, plan, [odd, early])
    assert soon["short"].reason == "Too early: it ran 3 of at least 7 days."
    assert soon["short"].action == "keep_running"
    assert soon["short"].inputs["failed_checks"] == ["minimum_runtime"]


def test_an_arm_that_nobody_saw() -> None:
    lone = Simulated({"control": 500, "short": 0})
    readout, decisions = decided(lone, plan_of(lone, SONGS, SHARED))
    assert {row.status for row in readout.results} == {"no_units"}
    assert decisions["short"].reason == "control and short have not both been shown to anybody yet."
    assert decisions["all"].action == "keep_running"


def test_two_arms_that_win_alike_are_not_ranked_by_chance() -> None:
    alike = Simulated({"control": 4_000, "a": 4_000, "b": 4_000}, {"a": 0.5, "b": 0.5})
    _, decisions = decided(alike, plan_of(alike, SONGS))
    assert (decisions["a"].action, decisions["b"].action) == ("ship", "ship")
    assert decisions["all"].action == "review"
    assert decisions["all"].reason.startswith("2 arms beat the control without differing; ")
    apart = replace(alike, effects={"a": 0.4, "b": 1.4})
    _, decisions = decided(apart, plan_of(apart, SONGS))
    assert decisions["all"].action == "ship"
    assert decisions["all"].inputs["follows"] == "b"


def test_switchers_that_change_the_sign_lead_to_a_review() -> None:
    plan = plan_of(GOOD, SONGS)
    slices = {key: part for key, part in GOOD.slices().items() if key.metric_name == "songs"}
    turned = slices[SliceKey("songs")].arms
    first = Slice({"control": turned["short"], "short": turned["control"]}, {})
    with_both = {**slices, SliceKey("songs", "first_variant"): first}
    readout = read_out(plan, with_both)
    facts = Facts(GOOD.units, GOOD.units, has_ended=False)
    decision = decide_experiment(plan, readout, [], with_both, facts)[0]
    assert (decision.action, decision.rule_id) == ("review", "switchers_disagree")
    assert decision.reason.startswith("Units that saw several variants change the picture")


def test_sequential_and_group_sequential_rows() -> None:
    sequential = plan_of(GOOD, SONGS, inference="sequential", planned_users=12_000)
    readout, decisions = decided(GOOD, sequential)
    row = readout.total("songs", "short")
    assert row is not None
    assert (row.deciding_p_value, row.deciding_low) == (row.sequential_p_value, row.sequential_low)
    assert row.sequential_low < row.difference_low
    assert decisions["short"].action == "ship"
    assert decisions["short"].inputs["tightest_at_units"] == 12_000
    three = Simulated({"control": 900, "short": 900, "long": 900})
    shared = plan_of(three, SONGS, inference="sequential", planned_users=9_000)
    inputs = decided(three, shared)[1]["short"].inputs
    assert inputs["tightest_at_units"] == pytest.approx(6_000), "of the two arms compared"
    unplanned = replace(sequential, planned_users=None)
    assert decided(GOOD, unplanned)[1]["short"].inputs["tightest_at_units"] == 10_000

    planned = plan_of(GOOD, SONGS, inference="group_sequential", planned_users=16_000)
    slices = {key: part for key, part in GOOD.slices().items() if key.metric_name == "songs"}
    before = read_out(planned, slices).total("songs", "short")
    assert before is not None
    assert (before.status, before.deciding_p_value) == ("before_first_look", None)
    assert before.p_value is not None
    at_half = read_out(planned, slices, Looks((0.25, 0.5))).total("songs", "short")
    assert at_half is not None
    assert at_half.status == "ok"
    assert at_half.deciding_low < at_half.difference_low
    assert at_half.p_value < at_half.deciding_p_value < 0.05


def test_a_small_sequential_experiment_is_not_read() -> None:
    few = Simulated({"control": 99, "short": 99}, {"short": 5.0})
    readout, decisions = decided(few, plan_of(few, SONGS, inference="sequential"))
    row = readout.total("songs", "short")
    assert row is not None
    assert (row.status, row.sequential_p_value, row.adjusted_p_value) == ("too_few", None, None)
    assert row.p_value is not None
    assert decisions["short"].verdict == "inconclusive"
    assert "not decided yet, too few units to be read at any time" in decisions["short"].reason


def test_minimum_detectable_effect_is_found_as_often_as_promised() -> None:
    readout, _ = decided(GOOD, plan_of(GOOD, SONGS))
    row = readout.total("songs", "short")
    assert row is not None
    assert row.minimum_detectable_effect == pytest.approx(2.8016 * row.standard_error, rel=1e-3)


def test_order_of_units_days_and_arms_does_not_matter() -> None:
    part = GOOD.slices()[SliceKey("songs")]
    control, short = part.arms["control"], part.arms["short"]
    both = [merged([control[0], short[0]])]
    one = compare(control, short, both, "mean", Reading())
    two = compare(control, short, [merged([short[0], Moments(), control[0]])], "mean", Reading())
    assert isinstance(one, Comparison) and isinstance(two, Comparison)
    assert one.difference.estimate == pytest.approx(two.difference.estimate, rel=1e-12)
    assert one.p_value() == pytest.approx(two.p_value(), rel=1e-9)


def test_a_plan_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="one role"):
        plan_of(GOOD, SONGS, replace(SONGS, role="guardrail"))
    with pytest.raises(ValueError, match="no share"):
        replace(plan_of(GOOD, SONGS), control="nobody")


def test_the_timeline_reads_each_day_as_if_it_were_today() -> None:
    days = [
        Simulated({"control": units, "short": units}, {"short": 0.4}, seed=units).slices()
        for units in (1, 300, 2_000)
    ]
    plan = plan_of(GOOD, SONGS, SHARED, CRASHES)
    kept = [
        {key: part for key, part in day.items() if key.metric_name != "seconds_per_song"}
        for day in days
    ]
    start = date(2026, 1, 5)
    states = {start + timedelta(days=n): DayState(day) for n, day in enumerate(kept)}
    rows = timeline(plan, states)
    assert len(rows) == 3 * 3
    songs = [row for row in rows if row.metric_name == "songs"]
    assert [row.as_of_date for row in songs] == sorted(states)
    assert [row.users_count for row in songs] == [1, 300, 2_000]
    assert songs[0].difference is None
    last = read_out(plan, kept[2]).total("songs", "short")
    assert last is not None
    assert (songs[2].difference, songs[2].deciding_low) == (last.difference, last.deciding_low)
    widths = [row.deciding_high - row.deciding_low for row in songs[1:]]
    assert widths[0] > 2 * widths[1]
