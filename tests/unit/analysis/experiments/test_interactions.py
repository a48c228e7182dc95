"""Effects that depend on another experiment, and effects at full roll-out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pm_pipeline.analysis.experiments import Moments
from pm_pipeline.analysis.experiments.evaluation import evaluate
from pm_pipeline.analysis.experiments.health import Health
from pm_pipeline.analysis.experiments.interactions import Overlap, interactions
from pm_pipeline.analysis.experiments.rollout import Reached, with_rollout
from tests.fixtures.counted_experiments import Made

PLAN = Made().planned().plan


def overlaps(effects: dict[str, float], units: int = 400, seed: int = 1) -> list[Overlap]:
    """Units of both arms in each arm of another experiment, with that effect there."""
    rng = np.random.default_rng(seed)
    return [
        Overlap(
            "other", "songs", variant, arm,
            Moments.of_values(rng.normal(10 + effect * (variant == "new"), 2, units)),
        )
        for arm, effect in effects.items()
        for variant in ("control", "new")
    ]  # fmt: skip


def asked(found: list[Overlap]) -> Health:
    (row,) = interactions(PLAN, found, 2_000)
    return row


def test_an_effect_that_the_other_experiment_turns_round_warns() -> None:
    row = asked(overlaps({"a": 1.0, "b": -1.0}))
    assert (row.check_name, row.status, row.blocks) == (
        "interaction:other:songs:new", "warn", "none",
    )  # fmt: skip
    assert row.observed == 0.8
    assert "1,600 of 2,000 units (80.0%) were in other too" in row.detail


def test_the_same_effect_everywhere_does_not_warn() -> None:
    statuses = [asked(overlaps({"a": 1.0, "b": 1.0}, seed=seed)).status for seed in range(20)]
    assert statuses.count("pass") >= 19
    assert asked(overlaps({"a": 1.0, "b": -1.0}, units=99)).status == "not_applicable"
    assert interactions(PLAN, [], 2_000) == []


def test_p_is_that_of_the_difference_of_two_effects() -> None:
    """With two arms Cochran's Q is the square of a z between two differences."""
    found = overlaps({"a": 0.4, "b": 0.1})
    means = {(one.variant, one.other_variant): one.moments for one in found}
    gap, variance = 0.0, 0.0
    for arm, sign in (("a", 1), ("b", -1)):
        for variant, side in (("new", 1), ("control", -1)):
            moments = means[variant, arm]
            gap += sign * side * moments.means[0]
            variance += moments.comoments[0][0] / (moments.count - 1) / moments.count
    from scipy import stats

    assert asked(found).p_value == pytest.approx(2 * stats.norm.sf(abs(gap) / variance**0.5))


def test_the_effect_at_full_roll_out_is_lift_by_share_by_volume() -> None:
    """Control's 100 people made 500 songs, the 300 treated 1,800, the product 10,000.

    As under control the 400 would have made 2,000 of 9,700: a share of 20.6 %.
    """
    made = Made()
    found = evaluate(made.planned(), made.cells(made.clock()), made.clock())
    reach = {
        ("songs", "control"): Reached(100, 500.0, 10_000.0),
        ("songs", "new"): Reached(300, 1_800.0, 10_000.0),
    }
    rows = with_rollout(found.readout.results, reach)
    (row,) = [row for row in rows if row.rollout_impact is not None]
    assert (row.metric_name, row.analysis_set, row.segment_name) == ("songs", "default", "all")
    assert row.lift is not None and row.lift_low is not None
    assert row.rollout_volume == pytest.approx(9_700)
    assert row.eligible_rate == pytest.approx(2_000 / 9_700)
    assert row.rollout_impact == pytest.approx(row.lift * 2_000)
    assert row.rollout_impact_low == pytest.approx(row.lift_low * 2_000)


def test_nothing_is_said_of_metrics_that_do_not_add_up_or_of_a_control_without_people() -> None:
    made = Made()
    results = evaluate(made.planned(), made.cells(made.clock()), made.clock()).readout.results
    nobody = {("songs", "control"): Reached(0, 0.0, 10.0), ("songs", "new"): Reached(3, 9.0, 10.0)}
    without_lift = [replace(row, lift=None) for row in results]
    known = {("songs", "control"): Reached(2, 4.0, 10.0)}
    for rows in (
        with_rollout(results, {}), with_rollout(results, nobody), with_rollout(without_lift, known)
    ):  # fmt: skip
        assert all(row.rollout_impact is None for row in rows)


def test_an_experiment_warns_of_what_it_shares_with_others() -> None:
    made = Made()
    found = evaluate(
        made.planned(), made.cells(made.clock()), made.clock(),
        overlaps=overlaps({"a": 1.0, "b": -1.0}, units=150),
    )  # fmt: skip
    assert "interaction:other:songs:new" in {row.check_name for row in found.health}
